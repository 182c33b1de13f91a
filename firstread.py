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

from core.errors import FirstReadError, WrongArgumentError

ATTENTION = 1
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
model_app = typer.Typer(help="Look at a model folder, or make one.", no_args_is_help=True)
convert_app = typer.Typer(
    help="Make a model folder of what its publisher gives out.", no_args_is_help=True
)
db_app = typer.Typer(help="Keep the database.", no_args_is_help=True)
peers_app = typer.Typer(help="Import, export and test the peers.", no_args_is_help=True)
policy_app = typer.Typer(help="Say which films are read, and see why.", no_args_is_help=True)
app.add_typer(model_app, name="model")
model_app.add_typer(convert_app, name="convert")
app.add_typer(db_app, name="db")
app.add_typer(peers_app, name="peers")
app.add_typer(policy_app, name="policy")


def _whole(paths: Path | list[Path] | None) -> Path | list[Path] | None:
    """Refuse a pipe or a device: it may never end, or never begin."""
    for path in paths if isinstance(paths, list) else [paths]:
        if path is not None and path.exists() and not (path.is_file() or path.is_dir()):
            message = f"neither a file nor a folder, but a pipe or a device: {path}"
            raise WrongArgumentError(message)
    return paths


Json = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of tables.")]
Films = Annotated[
    list[Path], typer.Argument(help="DICOM files.", exists=True, dir_okay=False, callback=_whole)
]
SettingsFile = Annotated[
    Path | None,
    typer.Option(
        "--settings",
        envvar="FIRSTREAD_SETTINGS",
        help="Settings file; without it firstread.toml of this folder, where there is one.",
    ),
]


@app.callback()
def _front_door(context: typer.Context, settings: SettingsFile = None) -> None:
    context.obj = settings


def _exit(healthy: bool) -> None:  # noqa: FBT001 - the one thing that it says
    raise typer.Exit(0 if healthy else ATTENTION)


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
    as_json: Json = False,
) -> None:
    """Send eight phantom objects through the whole loop and show what came back."""
    from commands.demo import demo as run

    _exit(run(keep, as_json=as_json))


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
def read(
    context: typer.Context,
    files: Films,
    out: Annotated[Path, typer.Option(help="Folder for the results; made where it is missing.")],
    locate: Annotated[
        list[str] | None,
        typer.Option(help="Abnormality, region or sentence (with its full stop) to be shown."),
    ] = None,
    *,
    detect: Annotated[bool, typer.Option("--detect", help="Ask for all at once, too.")] = False,
    as_json: Json = False,
) -> None:
    """Read films without any service: SR, GSPS, a picture and the reading as JSON."""
    from commands.read import Wanted
    from commands.read import read as run

    _exit(run(context.obj, files, out, Wanted(tuple(locate or ()), detect), as_json=as_json))


@app.command()
def chat(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(help="A DICOM film.", exists=True, dir_okay=False, callback=_whole)
    ],
) -> None:
    """Ask about one film, several turns; questions come from the terminal or from a pipe."""
    from commands.chat import chat as run

    run(context.obj, file)


@app.command()
def status(context: typer.Context, *, as_json: Json = False) -> None:
    """Show films, jobs, deliveries, workers and peers."""
    from commands.status import status as run

    _exit(run(context.obj, as_json=as_json))


@app.command()
def doctor(context: typer.Context, *, as_json: Json = False) -> None:
    """Check settings, database, broker, spool, model, peers and the clock against the world."""
    from commands.doctor import doctor as run

    _exit(run(context.obj, as_json=as_json))


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


@model_app.command("check")
def model_check(
    path: Annotated[Path, typer.Argument(help="Model folder.", exists=True, file_okay=False)],
    *,
    as_json: Json = False,
) -> None:
    """Load a model folder, test it and print its card."""
    from commands.model import check as run

    _exit(run(path, as_json=as_json))


@model_app.command("calibrate")
def model_calibrate(
    path: Annotated[Path, typer.Argument(help="Model folder.", exists=True, file_okay=False)],
    scores: Annotated[
        Path,
        typer.Option(
            help="Its scores with the truth, as JSON lines.",
            exists=True,
            dir_okay=False,
            callback=_whole,
        ),
    ],
    out: Annotated[Path, typer.Option(help="The calibration's file.")],
    dtype: Annotated[str, typer.Option(help="Arithmetic that the scores were made in.")] = "auto",
    *,
    system_prompt: Annotated[
        bool, typer.Option("--system-prompt", help="They were made with the system turn.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Fit the site's calibration of a model's scores."""
    from commands.model import calibrate as run

    run(path, scores, out, dtype=dtype, system_prompt=system_prompt, as_json=as_json)


@convert_app.command("llava-rad")
def convert_llava_rad(
    adapter: Annotated[
        Path, typer.Option(help="The published folder of LLaVA-Rad.", exists=True, file_okay=False)
    ],
    base: Annotated[
        Path, typer.Option(help="The folder of Vicuna 7B v1.5.", exists=True, file_okay=False)
    ],
    out: Annotated[Path, typer.Option(help="The folder to be made.")],
) -> None:
    """Put LLaVA-Rad's adapter, projector and tower together with its base model."""
    from commands.model import convert_llava_rad as run

    run(adapter, base, out)


@db_app.command("upgrade")
def db_upgrade(context: typer.Context) -> None:
    """Bring the database to this version's schema."""
    from commands.database import upgrade as run

    run(context.obj)


@peers_app.command("import")
def peers_import(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(help="TOML file.", exists=True, dir_okay=False, callback=_whole)
    ],
) -> None:
    """Take the peers of a TOML file into the database; a peer of the same name is replaced."""
    from commands.peers import import_ as run

    run(context.obj, file)


@peers_app.command("export")
def peers_export(context: typer.Context) -> None:
    """Print the peers as TOML."""
    from commands.peers import export as run

    run(context.obj)


@peers_app.command("echo")
def peers_echo(context: typer.Context, *, as_json: Json = False) -> None:
    """Send a C-ECHO to each enabled peer."""
    from commands.peers import echo as run

    _exit(run(context.obj, as_json=as_json))


@policy_app.command("import")
def policy_import(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(help="TOML file.", exists=True, dir_okay=False, callback=_whole)
    ],
    note: Annotated[
        str, typer.Option(help="Why, for whoever reads the history; at most 500 characters.")
    ] = "",
) -> None:
    """Put the policy of a TOML file in force, as a new version."""
    from commands.policy import import_ as run

    run(context.obj, file, note)


@policy_app.command("export")
def policy_export(
    context: typer.Context,
    version: Annotated[
        int | None, typer.Option(min=0, help="Which; default the one in force, 0 the built-in one.")
    ] = None,
) -> None:
    """Print a policy as TOML."""
    from commands.policy import export as run

    run(context.obj, version)


@policy_app.command("history")
def policy_history(context: typer.Context, *, as_json: Json = False) -> None:
    """List the versions of the policy."""
    from commands.policy import history as run

    run(context.obj, as_json=as_json)


@policy_app.command("explain")
def policy_explain(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(help="A DICOM file.", exists=True, dir_okay=False, callback=_whole)
    ],
    calling_ae: Annotated[str, typer.Option(help="As if this AE title had sent it.")] = "",
    policy: Annotated[
        Path | None, typer.Option(help="TOML file instead of the policy in force.", callback=_whole)
    ] = None,
    *,
    as_json: Json = False,
) -> None:
    """Show what a file's header says, each rule that was looked at, and what becomes of it."""
    from commands.policy import explain as run

    _exit(run(context.obj, file, calling_ae, policy, as_json=as_json))


@policy_app.command("test")
def policy_test(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(help="TOML file.", exists=True, dir_okay=False, callback=_whole)
    ],
    last: Annotated[int, typer.Option(min=1, help="Number of objects, newest first.")] = 1000,
    *,
    as_json: Json = False,
) -> None:
    """Show what a policy would change for the last objects; nothing is changed."""
    from commands.policy import test as run

    run(context.obj, file, last, as_json=as_json)


@app.command()
def send(
    context: typer.Context,
    paths: Annotated[
        list[Path],
        typer.Argument(help="DICOM files, or folders of such.", exists=True, callback=_whole),
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

    _exit(run(context.obj, paths, to, calling_ae, as_json=as_json))


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
    _exit(run(context.obj, wish, as_json=as_json))


@app.command()
def study(
    context: typer.Context,
    uid: Annotated[str, typer.Argument(help="Study Instance UID.")],
    *,
    as_json: Json = False,
) -> None:
    """Show one study: its films and why they are as they are, drafts, results, priors, reports."""
    from commands.study import study as run

    _exit(run(context.obj, uid, as_json=as_json))


def main() -> None:
    """Run the command line; whatever goes wrong is one line on standard error.

    An error that nobody foresaw is shown with its traceback where FIRSTREAD_TRACEBACK is set.
    """
    try:
        app()
    except WrongArgumentError as error:
        _end(str(error), WRONG_ARGUMENTS)
    except (FirstReadError, OSError) as error:
        _end(str(error) or type(error).__name__, COULD_NOT_RUN)
    except Exception as error:
        if os.environ.get("FIRSTREAD_TRACEBACK"):
            raise
        _end(f"internal error, {type(error).__name__}: {error}", COULD_NOT_RUN)


def _end(words: str, code: int) -> None:
    line = " ".join(words.split())
    printable = "".join(
        char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in line
    )
    typer.echo(f"firstread: {printable}", err=True)
    sys.exit(code)


if __name__ == "__main__":
    main()
