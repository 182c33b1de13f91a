"""What `firstread doctor` says of the reading room: who reaches it, and who may sign in."""

from collections.abc import Iterator
from functools import partial
from importlib.util import find_spec
from ipaddress import ip_address

from sqlalchemy import func, select

from commands.check import Check, Verdict, attempt
from commands.tls_checks import certificate_check
from core.settings import Settings
from core.web_settings import OidcSettings, WebSettings
from db.engine import Database
from db.models import Account


def web_checks(settings: Settings) -> Iterator[Check]:
    """Look at the reading room's door, its accounts and its identity provider."""
    ours = settings.web
    yield attempt("reading room", partial(_door, ours))
    yield attempt("accounts", partial(_accounts, settings))
    if ours.oidc.issuer is not None:
        yield attempt("identity provider", partial(_provider, ours.oidc))


def _door(ours: WebSettings) -> Check:
    name, where = "reading room", f"{ours.host}:{ours.port}"
    if find_spec("fastapi") is None:
        return Check(name, Verdict.UNKNOWN, "no FastAPI here: this machine serves no pages")
    if ours.certificate_file is not None and ours.key_file is not None:
        return certificate_check(name, ours.certificate_file, ours.key_file, f"{where}, over TLS")
    if ours.public_url is not None and ours.public_url.scheme == "https":
        words = f"{where}, unencrypted, for a proxy that serves {ours.public_url}"
        if _is_loopback(ours.host) or ours.proxies:
            return Check(name, Verdict.OK, words)
        more = "; without web.proxies all browsers seem to be one, whose wrong passwords add up"
        return Check(name, Verdict.REMARK, words + more)
    if _is_loopback(ours.host):
        return Check(name, Verdict.OK, f"{where}, for browsers of this machine")
    words = f"{where} speaks no TLS: browsers of other machines keep no session cookie; see "
    return Check(name, Verdict.WRONG, words + "web.certificate_file and web.public_url")


def _accounts(settings: Settings) -> Check:
    db = Database(settings.database_url)
    try:
        with db.read() as session:
            count = session.scalars(
                select(func.count()).select_from(Account).where(Account.enabled)
            ).one()
    finally:
        db.close()
    if count or settings.web.oidc.issuer is not None:
        return Check("accounts", Verdict.OK, f"{count} may sign in")
    words = "nobody may sign in to the reading room: `firstread users add`"
    return Check("accounts", Verdict.REMARK, words)


def _provider(oidc: OidcSettings) -> str | Check:
    if find_spec("authlib") is None:
        words = "no Authlib here: this machine serves no pages"
        return Check("identity provider", Verdict.UNKNOWN, words)
    from web.access.provider import Provider  # noqa: PLC0415 - other machines have no Authlib

    return f"{Provider(oidc).name()} answers, and says where to sign in"


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
