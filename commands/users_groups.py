"""Commands that say who may use the reading room.

Declarations only, as in the front door: a command's module is imported when it is called.
"""

from importlib.util import find_spec
from typing import Annotated

import typer

from commands.arguments import Json
from core.accounts import AccountRole
from core.errors import SettingsError

users_app = typer.Typer(
    help="Say who may use the reading room, and which studies only some may open.",
    no_args_is_help=True,
)
_LONGEST_MINUTES = 7 * 24 * 60
_MOST_DAYS = 366

Name = Annotated[str, typer.Argument(help="By which the person signs in.")]
Roles = Annotated[
    list[AccountRole], typer.Option("--role", help="What for; may be repeated.", show_default=False)
]
Study = Annotated[str, typer.Argument(help="Its Study Instance UID.")]
Reason = Annotated[str, typer.Option("--reason", help="Why, in words.")]


@users_app.callback()
def _needs_web() -> None:
    """Say who may use the reading room, and which studies only some may open."""
    if find_spec("argon2") is None:
        message = "no argon2 is installed here: accounts need the extra firstread[web]"
        raise SettingsError(message)


@users_app.command("add")
def users_add(
    context: typer.Context,
    name: Name,
    person: Annotated[str, typer.Option(help="DICOM person name, Family^Given.")],
    role: Roles,
    *,
    password: Annotated[
        bool,
        typer.Option(
            "--password/--no-password",
            help="Ask for a password (or read one line of standard input); else make a link later.",
        ),
    ] = True,
) -> None:
    """Enter a person; there is no account before the first one, and no default password."""
    from commands.users import add as run

    run(context.obj, name, person, role, with_password=password)


@users_app.command("list")
def users_list(context: typer.Context, *, as_json: Json = False) -> None:
    """List all accounts with their roles."""
    from commands.users import list_ as run

    run(context.obj, as_json=as_json)


@users_app.command("roles")
def users_roles(context: typer.Context, name: Name, role: Roles) -> None:
    """Change what a person may do; the person signs in anew."""
    from commands.users import roles as run

    run(context.obj, name, role)


@users_app.command("password")
def users_password(context: typer.Context, name: Name) -> None:
    """Give a person another password, asked for or read from standard input."""
    from commands.users import password as run

    run(context.obj, name)


@users_app.command("disable")
def users_disable(context: typer.Context, name: Name) -> None:
    """Let a person in no more; sessions and tokens end at once."""
    from commands.users import enable as run

    run(context.obj, name, enabled=False)


@users_app.command("enable")
def users_enable(context: typer.Context, name: Name) -> None:
    """Let a person in again."""
    from commands.users import enable as run

    run(context.obj, name, enabled=True)


@users_app.command("link")
def users_link(
    context: typer.Context,
    name: Name,
    *,
    minutes: Annotated[
        float, typer.Option(min=1, max=_LONGEST_MINUTES, help="How long it is good.")
    ] = 30.0,
    as_json: Json = False,
) -> None:
    """Print a link that signs a person in once: for a first password, or a lost one."""
    from commands.users import link as run

    run(context.obj, name, minutes, as_json=as_json)


@users_app.command("token")
def users_token(
    context: typer.Context,
    name: Name,
    label: Annotated[str, typer.Option(help="What it is for.")],
    *,
    days: Annotated[int, typer.Option(min=1, max=_MOST_DAYS, help="How long it is good.")] = 90,
    as_json: Json = False,
) -> None:
    """Print a token by which a program does what a person may; it is shown once."""
    from commands.users import token as run

    run(context.obj, name, label, days, as_json=as_json)


@users_app.command("tokens")
def users_tokens(context: typer.Context, *, as_json: Json = False) -> None:
    """List the tokens of all persons' programs that are good."""
    from commands.users import tokens as run

    run(context.obj, as_json=as_json)


@users_app.command("revoke")
def users_revoke(
    context: typer.Context,
    number: Annotated[int, typer.Argument(help="Of the token, as `users tokens` says.")],
) -> None:
    """Make a token useless."""
    from commands.users import revoke as run

    run(context.obj, number)


@users_app.command("restrict")
def users_restrict(
    context: typer.Context,
    study: Study,
    name: Annotated[
        list[str], typer.Option("--only", help="Account that may open it; may be repeated.")
    ],
    reason: Reason,
) -> None:
    """Let only named persons open a study; others may break the glass, which the audit shows."""
    from commands.users import restrict as run

    run(context.obj, study, name, reason)


@users_app.command("unrestrict")
def users_unrestrict(context: typer.Context, study: Study, reason: Reason) -> None:
    """Let every radiologist open a study again."""
    from commands.users import unrestrict as run

    run(context.obj, study, reason)
