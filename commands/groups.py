"""Groups of commands: the model, the database, peers, policy, codes, reviews.

Declarations only, as in the front door: a command's module is imported when it is called.
"""

from pathlib import Path
from typing import Annotated

import typer

from commands.arguments import LARGEST, Json, conclude, whole

model_app = typer.Typer(help="Look at a model folder, or make one.", no_args_is_help=True)
convert_app = typer.Typer(
    help="Make a model folder of what its publisher gives out.", no_args_is_help=True
)
model_app.add_typer(convert_app, name="convert")
db_app = typer.Typer(help="Keep the database.", no_args_is_help=True)
peers_app = typer.Typer(help="Import, export and test the peers, send again.", no_args_is_help=True)
policy_app = typer.Typer(help="Say which films are read, and see why.", no_args_is_help=True)
codes_app = typer.Typer(help="See and check the table of codes.", no_args_is_help=True)
review_app = typer.Typer(
    help="Say what a radiologist made of a draft: accepted, edited, rejected.",
    no_args_is_help=True,
)


@model_app.command("check")
def model_check(
    path: Annotated[Path, typer.Argument(help="Model folder.", exists=True, file_okay=False)],
    *,
    as_json: Json = False,
) -> None:
    """Load a model folder, test it and print its card."""
    from commands.model import check as run

    conclude(run(path, as_json=as_json))


@model_app.command("calibrate")
def model_calibrate(
    path: Annotated[Path, typer.Argument(help="Model folder.", exists=True, file_okay=False)],
    scores: Annotated[
        Path,
        typer.Option(
            help="Its scores with the truth, as JSON lines.",
            exists=True,
            dir_okay=False,
            callback=whole,
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


@db_app.command("roles")
def db_roles(
    context: typer.Context,
    prefix: Annotated[str, typer.Option(help="Of the roles' names.")] = "firstread",
    *,
    apply: Annotated[bool, typer.Option("--apply", help="Run it, not only print it.")] = False,
) -> None:
    """Print the SQL that makes PostgreSQL's roles: each process may do what it needs, no more."""
    from commands.database import roles as run

    run(context.obj, prefix, apply=apply)


@peers_app.command("import")
def peers_import(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(help="TOML file.", exists=True, dir_okay=False, callback=whole)
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
    """Ask each enabled peer whether it is there: C-ECHO, or a connection where it speaks HL7."""
    from commands.peers import echo as run

    conclude(run(context.obj, as_json=as_json))


@peers_app.command("resend")
def peers_resend(
    context: typer.Context,
    peer: Annotated[str, typer.Argument(help="Its name.")],
    *,
    study: Annotated[
        str | None, typer.Option("--study", help="Study Instance UID; default all studies.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Send again what a peer refused for good, unless something took its place since."""
    from commands.peers import resend as run

    run(context.obj, peer, study, as_json=as_json)


@policy_app.command("import")
def policy_import(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(help="TOML file.", exists=True, dir_okay=False, callback=whole)
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
        int | None,
        typer.Option(
            min=0, max=LARGEST, help="Which; default the one in force, 0 the built-in one."
        ),
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
        Path, typer.Argument(help="A DICOM file.", exists=True, dir_okay=False, callback=whole)
    ],
    calling_ae: Annotated[str, typer.Option(help="As if this AE title had sent it.")] = "",
    policy: Annotated[
        Path | None, typer.Option(help="TOML file instead of the policy in force.", callback=whole)
    ] = None,
    *,
    as_json: Json = False,
) -> None:
    """Show what a file's header says, each rule that was looked at, and what becomes of it."""
    from commands.policy import explain as run

    conclude(run(context.obj, file, calling_ae, policy, as_json=as_json))


@policy_app.command("test")
def policy_test(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(help="TOML file.", exists=True, dir_okay=False, callback=whole)
    ],
    last: Annotated[
        int, typer.Option(min=1, max=LARGEST, help="Number of objects, newest first.")
    ] = 1000,
    *,
    as_json: Json = False,
) -> None:
    """Show what a policy would change for the last objects; nothing is changed."""
    from commands.policy import test as run

    run(context.obj, file, last, as_json=as_json)


@codes_app.command("list")
def codes_list(context: typer.Context, *, as_json: Json = False) -> None:
    """Print the table of codes in force: the built-in one under the site's own file."""
    from commands.codes import list_ as run

    run(context.obj, as_json=as_json)


@codes_app.command("check")
def codes_check(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(help="TOML file.", exists=True, dir_okay=False, callback=whole)
    ],
    *,
    as_json: Json = False,
) -> None:
    """Check a site's file of codes and show what it would change."""
    from commands.codes import check as run

    conclude(run(context.obj, file, as_json=as_json))


Study = Annotated[str, typer.Argument(help="Its Study Instance UID.")]
Reader = Annotated[str, typer.Option("--by", help="Who: a DICOM person name, Family^Given.")]
Film = Annotated[
    str | None,
    typer.Option("--film", help="SOP Instance UID of the film; default the preferred one."),
]
Version = Annotated[
    int | None,
    typer.Option(
        "--version",
        min=1,
        help="Number of the version that was read; refused if it is no longer the latest. "
        "Without it only a draft of the model that no person reviewed.",
    ),
]


@review_app.command("accept")
def review_accept(
    context: typer.Context,
    study: Study,
    reader: Reader,
    *,
    film: Film = None,
    version: Version = None,
    as_json: Json = False,
) -> None:
    """Accept a draft as it stands."""
    from commands.review import Draft
    from commands.review import accept as run

    run(context.obj, Draft(study, film, version, reader), as_json=as_json)


@review_app.command("edit")
def review_edit(
    context: typer.Context,
    study: Study,
    reader: Reader,
    text: Annotated[
        Path,
        typer.Option(
            help="Text file with the sections FINDINGS: and IMPRESSION:.",
            exists=True,
            dir_okay=False,
            callback=whole,
        ),
    ],
    *,
    film: Film = None,
    version: Version = None,
    as_json: Json = False,
) -> None:
    """Put a reader's own words in the place of a draft's."""
    from commands.review import Draft
    from commands.review import edit as run

    run(context.obj, Draft(study, film, version, reader), text, as_json=as_json)


@review_app.command("reject")
def review_reject(
    context: typer.Context,
    study: Study,
    reader: Reader,
    reason: Annotated[str, typer.Option(help="Why, in words.")],
    *,
    film: Film = None,
    version: Version = None,
    harmful: Annotated[
        bool, typer.Option("--harmful", help="It could hurt the patient (113037, not 113001).")
    ] = False,
    as_json: Json = False,
) -> None:
    """Reject a draft: what left of it is taken back where peers can be told so."""
    from commands.review import Draft
    from commands.review import reject as run

    draft = Draft(study, film, version, reader)
    run(context.obj, draft, reason, harmful=harmful, as_json=as_json)
