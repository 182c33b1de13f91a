"""Commands that keep an installation in order: jobs, retention.

Declarations only, as in the front door: a command's module is imported when it is called.
"""

from typing import Annotated

import typer

from commands.arguments import Json, conclude
from core.errors import WrongArgumentError
from core.states import JobState

jobs_app = typer.Typer(
    help="See what is queued and what failed, have it tried anew, call it off.",
    no_args_is_help=True,
)


@jobs_app.command("list")
def jobs_list(
    context: typer.Context,
    *,
    state: Annotated[
        JobState | None, typer.Option(help="Default all but those that are done.")
    ] = None,
    as_json: Json = False,
) -> None:
    """List jobs with their attempts and what they failed of; exit code 1 where one failed."""
    from commands.jobs import list_ as run

    conclude(run(context.obj, state, as_json=as_json))


@jobs_app.command("retry")
def jobs_retry(
    context: typer.Context,
    job: Annotated[int | None, typer.Argument(help="Its number.", min=1)] = None,
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
    context: typer.Context, job: Annotated[int, typer.Argument(help="Its number.", min=1)]
) -> None:
    """Call a job off: its film is not read, or its study's results are not built."""
    from commands.jobs import cancel as run

    run(context.obj, job)
