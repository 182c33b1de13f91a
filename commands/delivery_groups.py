"""Commands about what goes out: how peers are sent to, and a study's results.

Declarations only, as in the front door: a command's module is imported when it is called.
"""

from typing import Annotated

import typer

from commands.arguments import Json, conclude
from commands.groups import peers_app
from core.states import SendingMode

results_app = typer.Typer(
    help="Send a study's results again, or take them back.", no_args_is_help=True
)
PeerName = Annotated[str, typer.Argument(help="The peer's name.")]
StudyUid = Annotated[str, typer.Argument(help="Its Study Instance UID.")]
OnePeer = Annotated[
    str | None, typer.Option("--peer", help="Name of one peer; default every one that has any.")
]


@peers_app.command("list")
def peers_list(context: typer.Context, *, as_json: Json = False) -> None:
    """List the peers: mode, what waits, last success, last error, next attempt."""
    from commands.sending import list_ as run

    run(context.obj, as_json=as_json)


@peers_app.command("pause")
def peers_pause(context: typer.Context, peer: PeerName, *, as_json: Json = False) -> None:
    """Send nothing to a peer until it is resumed; its results wait."""
    from commands.sending import change as run

    run(context.obj, peer, SendingMode.PAUSE, as_json=as_json)


@peers_app.command("resume")
def peers_resume(context: typer.Context, peer: PeerName, *, as_json: Json = False) -> None:
    """Send to a peer as ever; what was only rehearsed is not sent by this."""
    from commands.sending import change as run

    run(context.obj, peer, SendingMode.SEND, as_json=as_json)


@peers_app.command("drain")
def peers_drain(context: typer.Context, peer: PeerName, *, as_json: Json = False) -> None:
    """Send a peer what waits now, and let wait what is made from now on."""
    from commands.sending import change as run

    run(context.obj, peer, SendingMode.DRAIN, as_json=as_json)


@peers_app.command("dry-run")
def peers_dry_run(context: typer.Context, peer: PeerName, *, as_json: Json = False) -> None:
    """Do everything for a peer but the sending: its results become rehearsed."""
    from commands.sending import change as run

    run(context.obj, peer, SendingMode.DRY_RUN, as_json=as_json)


@results_app.command("send")
def results_send(
    context: typer.Context, study: StudyUid, *, peer: OnePeer = None, as_json: Json = False
) -> None:
    """Send a study's results again, whatever became of them, save what was overtaken."""
    from commands.results import send as run

    conclude(run(context.obj, study, peer, as_json=as_json))


@results_app.command("retract")
def results_retract(
    context: typer.Context,
    study: StudyUid,
    reason: Annotated[str, typer.Option(help="Why, in words; peers are told.")],
    *,
    peer: OnePeer = None,
    as_json: Json = False,
) -> None:
    """Take a study's results back; exit code 1 where they remain at a peer."""
    from commands.results import retract as run

    conclude(run(context.obj, study, reason, peer, as_json=as_json))
