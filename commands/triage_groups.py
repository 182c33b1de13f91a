"""Groups of commands: the triage policy, and the standing of models.

Declarations only, as in the front door: a command's module is imported when it is called.
"""

from pathlib import Path
from typing import Annotated

import typer

from commands.arguments import LARGEST, Json, whole
from commands.groups import model_app
from core.states import Standing

triage_app = typer.Typer(help="Say which studies are to be read sooner.", no_args_is_help=True)
_Document = Annotated[
    Path, typer.Argument(help="TOML file.", exists=True, dir_okay=False, callback=whole)
]


@triage_app.command("show")
def triage_show(context: typer.Context, *, as_json: Json = False) -> None:
    """Show the triage policy in force."""
    from commands.triage import show as run

    run(context.obj, as_json=as_json)


@triage_app.command("import")
def triage_import(
    context: typer.Context,
    file: _Document,
    note: Annotated[
        str, typer.Option(help="Why, for whoever reads the history; at most 500 characters.")
    ] = "",
    after: Annotated[
        int | None,
        typer.Option(
            min=0, max=LARGEST, help="Only if this version is still in force; default whatever is."
        ),
    ] = None,
) -> None:
    """Put the triage policy of a TOML file in force, as a new version."""
    from commands.triage import import_ as run

    run(context.obj, file, note, after)


@triage_app.command("export")
def triage_export(
    context: typer.Context,
    version: Annotated[
        int | None,
        typer.Option(
            min=0, max=LARGEST, help="Which; default the one in force, 0 the built-in one."
        ),
    ] = None,
) -> None:
    """Print a triage policy as TOML."""
    from commands.triage import export as run

    run(context.obj, version)


@triage_app.command("history")
def triage_history(context: typer.Context, *, as_json: Json = False) -> None:
    """List the versions of the triage policy."""
    from commands.triage import history as run

    run(context.obj, as_json=as_json)


@triage_app.command("preview")
def triage_preview(
    context: typer.Context,
    file: _Document,
    last: Annotated[
        int, typer.Option(min=1, max=10_000, help="Number of studies, newest first.")
    ] = 1000,
    *,
    as_json: Json = False,
) -> None:
    """Show what a triage policy would have done to the last studies; nothing is changed."""
    from commands.triage import preview as run

    run(context.obj, file, last, as_json=as_json)


@model_app.command("list")
def model_list(context: typer.Context, *, as_json: Json = False) -> None:
    """List the models that workers loaded here, each with its standing."""
    from commands.standings import list_ as run

    run(context.obj, as_json=as_json)


@model_app.command("standing")
def model_standing(
    context: typer.Context,
    model: Annotated[str, typer.Argument(help="Its UID, as `firstread model list` tells it.")],
    standing: Annotated[Standing, typer.Argument(help="What its readings are used for.")],
    basis: Annotated[
        str, typer.Option(help="On what basis, for the record; at most 500 characters.")
    ],
) -> None:
    """Let a model out of the shadow, record its authorisation, or take either back."""
    from commands.standings import standing as run

    run(context.obj, model, standing, basis)
