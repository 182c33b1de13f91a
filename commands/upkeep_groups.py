"""Commands that keep an installation in order: jobs, retention, the audit.

Declarations only, as in the front door: a command's module is imported when it is called.
"""

from pathlib import Path
from typing import Annotated

import typer

from commands.arguments import LARGEST, Json, conclude, whole
from core.errors import WrongArgumentError
from core.states import JobState

jobs_app = typer.Typer(
    help="See what is queued and what failed, have it tried anew, call it off.",
    no_args_is_help=True,
)

audit_app = typer.Typer(
    help="See whether the audit is as it was written, and take it elsewhere.",
    no_args_is_help=True,
)


@audit_app.command("export")
def audit_export(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="New file, or - for standard output.")],
    *,
    begin: Annotated[str, typer.Option("--from", help="First day, YYYY-MM-DD.")] = "",
    end: Annotated[str, typer.Option("--to", help="Last day, YYYY-MM-DD.")] = "",
) -> None:
    """Write the audit's events as JSON lines, with the head, which belongs on another machine."""
    from commands.audit import export as run

    run(context.obj, file, begin, end)


@audit_app.command("verify")
def audit_verify(
    context: typer.Context,
    file: Annotated[
        Path | None,
        typer.Argument(
            help="An exported file; default the database.",
            exists=True,
            dir_okay=False,
            callback=whole,
        ),
    ] = None,
    *,
    head: Annotated[
        str, typer.Option(help="Hash of an earlier head that was kept, to be found in it.")
    ] = "",
    as_json: Json = False,
) -> None:
    """Name the first event that was changed, removed or put in; exit code 1 where there is one."""
    from commands.audit import verify as run

    conclude(run(context.obj, file, head, as_json=as_json))


@audit_app.command("repair")
def audit_repair(context: typer.Context) -> None:
    """Let the head name the last event again, as the tables' owner; the audit says that it was."""
    from commands.audit import repair as run

    run(context.obj)


@jobs_app.command("list")
def jobs_list(
    context: typer.Context,
    *,
    state: Annotated[
        JobState | None, typer.Option(help="Default all but those that are done.")
    ] = None,
    as_json: Json = False,
) -> None:
    """List jobs, those that failed first, with attempts and reasons; exit code 1 where any did."""
    from commands.jobs import list_ as run

    conclude(run(context.obj, state, as_json=as_json))


@jobs_app.command("retry")
def jobs_retry(
    context: typer.Context,
    job: Annotated[int | None, typer.Argument(help="Its number.", min=1, max=LARGEST)] = None,
    *,
    every: Annotated[bool, typer.Option("--all", help="All that failed.")] = False,
    as_json: Json = False,
) -> None:
    """Have a job that failed or was called off tried anew, with all its attempts."""
    from commands.jobs import retry as run

    if every == (job is not None):
        message = "name one job, or --all"
        raise WrongArgumentError(message)
    conclude(run(context.obj, job, as_json=as_json))


@jobs_app.command("cancel")
def jobs_cancel(
    context: typer.Context,
    job: Annotated[int, typer.Argument(help="Its number.", min=1, max=LARGEST)],
) -> None:
    """Call a job off: its film is not read, or its study's results are not built."""
    from commands.jobs import cancel as run

    run(context.obj, job)
