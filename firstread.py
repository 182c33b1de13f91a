"""The front door: the `firstread` command.

Each subcommand is a declaration here and a module of `commands` that is imported only when it is
called, so that `firstread --help` answers at once and a listener's machine never imports torch.

Exit codes: 0 it is as it should be; 1 it ran, and something is not as it should be (a film was
not read, a check failed); 2 wrong arguments; 3 it could not run, and the last line says why.
"""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from commands.arguments import Films, Json, SettingsFile, conclude, whole
from commands.delivery_groups import results_app
from commands.groups import (
    codes_app,
    db_app,
    model_app,
    peers_app,
    policy_app,
    review_app,
)
from commands.triage_groups import triage_app
from commands.upkeep_groups import audit_app, jobs_app
from commands.users_groups import users_app
from core.errors import FirstReadError, WrongArgumentError
from core.library_logs import kinds_and_places, tame
from core.private_files import keep_private

WRONG_ARGUMENTS = 2
COULD_NOT_RUN = 3

app = typer.Typer(
    name="firstread",
    help="Drafts reports for frontal chest radiographs, beside the PACS. "
    "Exit codes: 0 well, 1 something needs attention, 2 wrong arguments, 3 could not run.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
for _name, _group in (
    ("model", model_app),
    ("db", db_app),
    ("peers", peers_app),
    ("policy", policy_app),
    ("triage", triage_app),
    ("codes", codes_app),
    ("review", review_app),
    ("results", results_app),
    ("jobs", jobs_app),
    ("audit", audit_app),
    ("users", users_app),
):
    app.add_typer(_group, name=_name)


@app.callback()
def _front_door(context: typer.Context, settings: SettingsFile = None) -> None:
    context.obj = settings


@app.command()
def up(context: typer.Context) -> None:
    """Run the whole of FirstRead on this machine: gateway, delivery and one worker."""
    from commands.up import up as run

    run(context.obj)


@app.command()
def demo(
    *,
    keep: Annotated[
        Path | None, typer.Option(help="Folder for everything; default a new temporary one.")
    ] = None,
    stay: Annotated[
        bool, typer.Option("--stay", help="Keep it running, to look at the worklist.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Send eight phantom objects through the whole loop and show what came back."""
    from commands.demo import demo as run

    conclude(run(keep, stay=stay, as_json=as_json))


@app.command()
def gateway(context: typer.Context) -> None:
    """Run the DICOM listener."""
    from commands.services import gateway as run

    run(context.obj)


@app.command()
def deliver(context: typer.Context) -> None:
    """Build result objects and send them to the peers."""
    from commands.services import deliver as run

    run(context.obj)


@app.command()
def worker(context: typer.Context) -> None:
    """Run a worker that reads films, under its watchdog."""
    from commands.services import worker as run

    run(context.obj)


@app.command()
def web(context: typer.Context) -> None:
    """Run the reading room: worklist, viewer, review and operations in a browser."""
    from commands.services import web as run

    run(context.obj)


@app.command()
def read(
    context: typer.Context,
    files: Films,
    out: Annotated[Path, typer.Option(help="Folder for the results; made where it is missing.")],
    locate: Annotated[
        list[str] | None,
        typer.Option(help="Abnormality, region or sentence (with its full stop) to be shown."),
    ] = None,
    *,
    kinds: Annotated[
        list[str] | None,
        typer.Option(help="Further results: secondary_capture, key_objects, pdf, oru."),
    ] = None,
    detect: Annotated[bool, typer.Option("--detect", help="Ask for all at once, too.")] = False,
    as_json: Json = False,
) -> None:
    """Read films without any service: SR, GSPS, a picture and the reading as JSON."""
    from commands.read import Wanted
    from commands.read import read as run

    wanted = Wanted(tuple(locate or ()), detect, tuple(kinds or ()))
    conclude(run(context.obj, files, out, wanted, as_json=as_json))


@app.command()
def chat(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(help="A DICOM film.", exists=True, dir_okay=False, callback=whole)
    ],
) -> None:
    """Ask about one film, several turns; questions come from the terminal or from a pipe."""
    from commands.chat import chat as run

    run(context.obj, file)


@app.command()
def status(context: typer.Context, *, as_json: Json = False) -> None:
    """Show films, jobs, deliveries, workers and peers."""
    from commands.status import status as run

    conclude(run(context.obj, as_json=as_json))


@app.command()
def doctor(context: typer.Context, *, as_json: Json = False) -> None:
    """Check settings, database, broker, spool, model, peers and the clock against the world."""
    from commands.doctor import doctor as run

    conclude(run(context.obj, as_json=as_json))


@app.command()
def phantom(
    out: Annotated[Path, typer.Option(help="Folder for the films and their truth.")],
    count: Annotated[int, typer.Option(min=1, help="Number of films.")],
    seed: Annotated[int, typer.Option(min=0, help="The same seed makes the same films.")],
    finding: Annotated[
        list[str] | None, typer.Option(help="A label that every film shows; may be repeated.")
    ] = None,
    *,
    as_json: Json = False,
) -> None:
    """Make synthetic chest films as DICOM, with their truth as JSON."""
    from commands.phantom import phantom as run

    run(out, count, seed, finding or [], as_json=as_json)


@app.command()
def evaluate(
    context: typer.Context,
    phantoms: Annotated[int, typer.Option(min=1, help="Number of unseen phantoms.")],
    seed: Annotated[int, typer.Option(min=0, help="Which unseen phantoms.")] = 0,
    *,
    hard: Annotated[bool, typer.Option("--hard", help="The harder setting.")] = False,
    scores: Annotated[
        Path | None, typer.Option(help="File for each score beside the truth, as JSON lines.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Measure the model on phantoms that it has not seen."""
    from commands.evaluate import evaluate as run

    run(context.obj, phantoms, seed, hard=hard, scores=scores, as_json=as_json)


@app.command()
def send(
    context: typer.Context,
    paths: Annotated[
        list[Path],
        typer.Argument(help="DICOM files, or folders of such.", exists=True, callback=whole),
    ],
    to: Annotated[
        str, typer.Option(help="AET@host:port, or a peer's name; default this gateway.")
    ] = "",
    calling_ae: Annotated[str, typer.Option(help="Our AE title in it.")] = "",
    *,
    as_json: Json = False,
) -> None:
    """Send DICOM files by C-STORE, with each one's answer."""
    from commands.send import send as run

    conclude(run(context.obj, paths, to, calling_ae, as_json=as_json))


@app.command()
def backfill(
    context: typer.Context,
    *,
    peer: Annotated[str, typer.Option(help="Name of the archive's peer.")],
    begin: Annotated[str, typer.Option("--from", help="First study date, YYYY-MM-DD.")],
    end: Annotated[str, typer.Option("--to", help="Last study date, YYYY-MM-DD.")],
    modality: Annotated[
        list[str] | None, typer.Option(help="May be repeated; default CR and DX.")
    ] = None,
    name: Annotated[
        str, typer.Option(help="Of the backfill; default made of peer, dates and modalities.")
    ] = "",
    per_minute: Annotated[float, typer.Option(min=0.1, help="Studies a minute at most.")] = 30.0,
    most: Annotated[int, typer.Option(min=1, help="Studies at most.")] = 10_000,
    as_json: Json = False,
) -> None:
    """Fetch past studies for an audit: read in shadow, neither delivered nor flagged.

    Run again after an interruption, it goes on where it was.
    """
    from commands.backfill import Backfill
    from commands.backfill import backfill as run

    wish = Backfill(peer, begin, end, tuple(modality or ("CR", "DX")), name, per_minute, most)
    conclude(run(context.obj, wish, as_json=as_json))


@app.command()
def retention(
    context: typer.Context,
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Count what would be removed, also while it is off.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Remove the files of films and results that the rule of retention lets go."""
    from commands.retention import retention as run

    run(context.obj, dry_run=dry_run, as_json=as_json)


@app.command()
def study(
    context: typer.Context,
    uid: Annotated[str, typer.Argument(help="Study Instance UID.")],
    *,
    as_json: Json = False,
) -> None:
    """Show one study: its films and why they are as they are, drafts, results, priors, reports."""
    from commands.study import study as run

    conclude(run(context.obj, uid, as_json=as_json))


@app.command()
def show(
    context: typer.Context,
    file: Annotated[
        Path,
        typer.Argument(
            help="A DICOM file of any kind.", exists=True, dir_okay=False, callback=whole
        ),
    ],
    film: Annotated[
        Path | None,
        typer.Option(
            help="The film that it is of; default it is looked for beside FILE and in the spool.",
            exists=True,
            dir_okay=False,
            callback=whole,
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="The picture's file; default FILE with .png.")
    ] = None,
    *,
    as_json: Json = False,
) -> None:
    """Draw a film with its marks as PNG, and print a structured report as text."""
    from commands.show import show as run

    conclude(run(context.obj, file, film, out, as_json=as_json))


def main() -> None:
    """Run the command line; whatever goes wrong is one line on standard error.

    Files that it makes, and those of the services that it runs, are this account's alone.

    An error that nobody foresaw is shown with its words and its traceback where
    FIRSTREAD_TRACEBACK is set; else without, since they may quote a patient's values.
    """
    keep_private()
    tame()
    try:
        app()
    except WrongArgumentError as error:
        _end(str(error), WRONG_ARGUMENTS)
    except (FirstReadError, OSError) as error:
        _end(str(error) or type(error).__name__, COULD_NOT_RUN)
    except Exception as error:
        if os.environ.get("FIRSTREAD_TRACEBACK"):
            raise
        _end(f"internal error: {kinds_and_places(error)}", COULD_NOT_RUN)


def _end(words: str, code: int) -> None:
    line = " ".join(words.split())
    printable = "".join(
        char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in line
    )
    typer.echo(f"firstread: {printable}", err=True)
    sys.exit(code)


if __name__ == "__main__":
    main()
