"""Checks the installation against the world."""

from collections.abc import Iterator
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from zoneinfo import ZoneInfo

from commands.check import Check, Verdict, attempt
from commands.doors import dicomweb, watch
from commands.output import print_json, print_table
from commands.policy import policy_for
from commands.standing_checks import standings, triage
from commands.system_clock import clock_is_synchronised
from commands.tls_checks import calls_check, listener_checks, peer_files_check
from commands.web_checks import web_checks
from core.broker import celery_app
from core.errors import FirstReadError
from core.settings import Settings, load_settings
from core.worker_settings import WorkerSettings
from db.audit_trail import audit_end_broken
from db.engine import Database
from db.peers import enabled_peers
from db.spool import Spool
from db.upgrade import pending_revisions
from gateway.carrier import Address
from gateway.reach import reach
from gateway.site_context import site_context
from reader.engines.remote_address import allowed_addresses
from reader.engines.remote_client import RemoteClient
from reader.model_folder import DEMO_MODEL, open_folder
from reader.registry import family_of
from worker.endpoint import remote_options


def doctor(path: Path | None, *, as_json: bool) -> bool:
    """Look at every part and print what is wrong.

    Returns
    -------
    bool
        Whether nothing is wrong; remarks and what could not be told count as not wrong, and are
        shown.
    """
    settings = load_settings(path)
    checks = list(_examine(settings))
    healthy = all(check.verdict is not Verdict.WRONG for check in checks)
    if as_json:
        rows = [{"check": c.name, "verdict": c.verdict, "words": c.words} for c in checks]
        print_json({"healthy": healthy, "checks": rows})
    else:
        print_table(
            "FirstRead's health",
            ("part", "verdict", "what was seen"),
            [(check.name, check.verdict, check.words) for check in checks],
        )
    return healthy


def _examine(settings: Settings) -> Iterator[Check]:
    yield attempt("database", lambda: _database(settings))
    yield attempt("audit", lambda: _audit(settings))
    yield attempt("policy", lambda: _policy(settings))
    yield attempt("triage", lambda: triage(settings))
    yield attempt("standing", lambda: standings(settings))
    yield attempt("spool", lambda: _spool(settings))
    yield attempt("broker", lambda: _broker(settings))
    yield from listener_checks(settings)
    yield attempt("dicomweb", lambda: dicomweb(settings))
    yield attempt("watched folder", lambda: watch(settings))
    yield from web_checks(settings)
    yield _model(settings)
    yield attempt("time zone", lambda: _zone(settings))
    yield attempt("words and codes", lambda: _words(settings))
    yield _clock()
    yield from _peers(settings)


def _database(settings: Settings) -> str:
    pending = pending_revisions(settings.database_url)
    if pending:
        message = f"{len(pending)} schema changes wait: run `firstread db upgrade`"
        raise FirstReadError(message)
    return "answers, with this version's schema"


def _audit(settings: Settings) -> str:
    broken = audit_end_broken(Database(settings.database_url))
    if broken:
        message = f"{broken}: see `firstread audit verify`"
        raise FirstReadError(message)
    return "its head names its last event, and its triggers stand"


def _policy(settings: Settings) -> str:
    policy = policy_for(settings)
    origin = "built in" if policy.version == 0 else f"version {policy.version}"
    return f"{origin}, {len(policy.policy.rule)} rules"


def _spool(settings: Settings) -> str:
    spool = Spool.of(settings)
    spool.check_room()
    temporary = spool.temporary()
    temporary.touch()
    temporary.unlink()
    return f"{settings.spool_folder} can be written and has room"


def _broker(settings: Settings) -> str:
    try:
        with celery_app(settings).connection_for_write() as connection:
            connection.ensure_connection(max_retries=1, timeout=2)
    except Exception as error:  # kombu raises whatever a wrong URL leads to
        message = f"no answer: {type(error).__name__}"
        raise FirstReadError(message) from error
    return "answers" if settings.broker.url else "a folder of this machine"


def _model(settings: Settings) -> Check:
    if settings.worker.engine == "remote":
        return attempt("model", lambda: _endpoint(settings.worker))
    if find_spec("torch") is None:
        return Check("model", Verdict.UNKNOWN, "no torch here: this machine runs no worker")
    return attempt("model", lambda: _model_folder(settings.worker.model))


def _model_folder(path: Path | None) -> str:
    folder = open_folder(path or DEMO_MODEL)
    family = family_of(folder)
    licence = folder.declaration.licence or family.licence
    return f"{folder.declaration.name or folder.path.name}, family {family.key}, {licence}"


def _endpoint(settings: WorkerSettings) -> str:
    options = remote_options(settings)
    allowed_addresses(options.endpoint, options.networks)
    models = RemoteClient(options).models()
    name, endpoint = options.model, options.endpoint
    listed = any(entry.get("id") == name for entry in models)
    way = "over TLS" if endpoint.tls else "unencrypted"
    return (
        f"{endpoint.host}:{endpoint.port} answers {way} and "
        f"{'lists' if listed else 'does not list'} {name}, whose weights nobody can check from here"
    )


def _zone(settings: Settings) -> str:
    return str(ZoneInfo(settings.site.timezone))


def _words(settings: Settings) -> str:
    context = site_context(settings)
    origin = "of the site" if settings.site.codes else "built in"
    return f"codes {origin}, headings in {context.wording.language.meaning}"


def _clock() -> Check:
    synchronised = clock_is_synchronised()
    if synchronised is None:
        return Check("clock", Verdict.UNKNOWN, "this system does not say whether it is in step")
    if synchronised:
        return Check("clock", Verdict.OK, "the kernel says that it is in step")
    return Check("clock", Verdict.WRONG, "not synchronised: DICOM times will be wrong; set up NTP")


def _peers(settings: Settings) -> Iterator[Check]:
    try:
        with Database(settings.database_url).read() as session:
            peers = enabled_peers(session)
            addresses = [Address.of(peer) for peer in peers]
            calls = [calls_check(peer, settings) for peer in peers]
    except FirstReadError as error:
        yield Check("peers", Verdict.WRONG, str(error))
        return
    if not addresses:
        yield Check("peers", Verdict.WRONG, "none: results go nowhere; `firstread peers import`")
    yield from filter(None, calls)
    for address in addresses:
        yield attempt(f"peer {address.name}", partial(reach, address, settings))
        files = peer_files_check(address, settings)
        if files is not None:
            yield files
