"""The two services of the edge, each in the foreground of its own process."""

import gc
from contextlib import ExitStack

import structlog

from core.broker import celery_app
from core.port_file import published_port
from core.ringer import Ringer
from core.settings import Settings
from core.stopping import stop_signal
from db.engine import Database
from db.leases import Attempts
from db.spool import Spool
from db.sweeper import Sweeper
from gateway.echoes import Echoes
from gateway.listener import Listener
from gateway.priors import PriorSearcher
from gateway.releases import Releases
from gateway.retriever import Retriever
from gateway.watch_thread import Watcher

_log = structlog.get_logger()
_SWEEP_SECONDS = 5.0


def run_gateway(settings: Settings) -> None:
    """Listen until SIGTERM or SIGINT, do what was asked for, ring the doorbell, and sweep.

    Parameters
    ----------
    settings
        The whole tree; the database is of the newest revision.

    Raises
    ------
    SettingsError
        If the port cannot be listened on.
    """
    db = Database(settings.database_url)
    spool = Spool.of(settings)
    spool.prepare()
    # What killed listeners left half received.
    swept = spool.sweep()
    _log.info("gateway_starting", orphans_removed=swept)
    try:
        with (
            stop_signal() as stop,
            Ringer(celery_app(settings)) as ringer,
            Sweeper(
                db,
                spool,
                ringer.ring,
                _SWEEP_SECONDS,
                attempts=Attempts.of(settings),
            ),
            Listener(settings, db, spool, ringer.ring) as listener,
            PriorSearcher(settings, db),
            Retriever(settings, db),
            Echoes(settings, db),
            Releases(settings, db, spool, ringer.ring),
            ExitStack() as doors,
        ):
            for name, port in listener.ports.items():
                doors.enter_context(published_port(settings.data, port, name))
            _open_other_doors(doors, settings, db, spool, ringer)
            # Associations are cycles, and their server collects them all the time: what has been
            # loaded until here is no part of them, and looking at it would stop every thread.
            gc.freeze()
            stop.wait()
    finally:
        db.close()
    _log.info("gateway_stopped")


def _open_other_doors(
    doors: ExitStack, settings: Settings, db: Database, spool: Spool, ringer: Ringer
) -> None:
    if settings.dicomweb.enabled:
        # A listener without this door needs no HTTP server.
        from gateway.dicomweb import open_dicomweb  # noqa: PLC0415 - as said

        doors.enter_context(open_dicomweb(settings, db, spool, ringer.ring))
    if settings.watch.enabled:
        doors.enter_context(Watcher(settings, db, spool, ringer.ring))


def run_deliver(settings: Settings) -> None:
    """Build results, send them and ask whether they are kept, until SIGTERM or SIGINT.

    It needs no broker. Files that are needed no more are removed here as well.

    Parameters
    ----------
    settings
        The whole tree; the database is of the newest revision.
    """
    from gateway.commitment.service import Commitments  # noqa: PLC0415 - as below
    from gateway.deliver import Deliverer  # noqa: PLC0415 - a listener needs no builders
    from gateway.tidying import Tidier  # noqa: PLC0415 - nor whoever decodes

    db = Database(settings.database_url)
    spool = Spool.of(settings)
    try:
        with (
            stop_signal() as stop,
            Commitments(settings, db),
            Tidier(settings, db, spool),
            Deliverer(settings, db, spool) as deliverer,
        ):
            deliverer.run(stop)
    finally:
        db.close()
    _log.info("deliver_stopped")
