"""The worker process itself: one model, one desk.

Started by `worker.run` as `python -m worker.child`, with its order on the standard input.
"""

import signal
import socket
import sys
from collections.abc import Callable

import structlog

from core.broker import celery_app
from core.errors import DatabaseAwayError, FirstReadError
from core.library_logs import tame
from core.logs import configure_logs
from core.reading import ModelIdentity
from core.worker_settings import WorkerSettings
from db.engine import Database
from db.leases import Attempts, release_lost
from db.standings import note_model
from db.workers import SignOfLife
from reader.protocol import OnText, Reader
from reader.quality.weights import load as load_gate
from reader.second_reader import models_of
from reader.self_test import require_sight
from worker.bell import Bell
from worker.chat import Talker
from worker.desk import WORK, Desk
from worker.draft import Drafter
from worker.heartbeat import Heartbeat
from worker.interruptions import Interruptions
from worker.model import load_model
from worker.order import Order
from worker.pulse import Pulse

_log = structlog.get_logger()


def load(settings: WorkerSettings, on_text: OnText) -> Reader:
    """Load the model that the settings name, and see that it looks at its pictures.

    Parameters
    ----------
    settings
        Which model, and whether that is to be seen.
    on_text
        Hears every token of the test.

    Raises
    ------
    ModelFolderError
        If the model does not look at its pictures, or the quality gate's files are missing or
        altered; and whatever `worker.model.load_model` raises.
    """
    if settings.quality_gate != "off":
        load_gate()  # a gate that is broken fails the worker, not each of its films
    reader = load_model(settings)
    if settings.self_test:
        for model in models_of(reader):
            require_sight(model, on_text)
    return reader


def serve(order: Order, begin: Callable[[WorkerSettings, OnText], Reader] = load) -> None:
    """Read films until SIGTERM or SIGINT; a film in hand then goes back to the queue.

    Raises
    ------
    ModelFolderError
        If the model may not be used.
    """
    settings = order.settings
    configure_logs(settings.log)
    db = Database(settings.database_url)
    _release_predecessors(db, settings.worker)
    with Pulse(order.pulse) as pulse:
        pulse.begin()
        reader = begin(settings.worker, lambda _text: pulse.beat())
        _log.info("model_loaded", model=reader.identity.uid, device=reader.identity.device)
        sign = SignOfLife.of(socket.gethostname(), reader.identity)
        _tell_of_model(db, reader.identity, sign.name)
        heartbeat = Heartbeat(db, pulse, sign, settings.worker)
        talker = Talker(db, reader, settings, heartbeat, sign.name)
        interruptions = Interruptions(talker.answer_one)
        drafter = Drafter(
            db, reader, settings, heartbeat, sign.name, interruptions, talker.make_room
        )
        desk = Desk(db, talker, drafter, pulse, settings.worker)

        def heard() -> None:
            interruptions.ring()
            desk.ring()

        def end(_number: int, _frame: object) -> None:
            heartbeat.stop_soon()
            desk.stop()

        signal.signal(signal.SIGTERM, end)
        signal.signal(signal.SIGINT, end)
        with heartbeat, Bell(celery_app(settings), heard):
            desk.run()
        db.close()


def _tell_of_model(db: Database, model: ModelIdentity, worker: str) -> None:
    """Have the model listed before its first film, for an administrator to say a word on it."""
    try:
        standing = note_model(db, model, actor=worker)
    except DatabaseAwayError:
        # The first film's flags do the same.
        _log.warning("database_away")
    else:
        _log.info("model_standing", model=model.uid, standing=standing)


def _release_predecessors(db: Database, settings: WorkerSettings) -> None:
    """Put back what a killed worker of this machine held: another one may do it meanwhile."""
    try:
        released = release_lost(db, Attempts(films=settings.maximum_attempts), WORK)
    except DatabaseAwayError:
        _log.warning("database_away")
    else:
        _log.info("worker_starting", released=released)


def main() -> None:
    """Serve the order on the standard input; exit with 1 where the worker cannot begin."""
    tame()
    try:
        serve(Order.model_validate_json(sys.stdin.read()))
    except FirstReadError as error:
        _log.error("worker_cannot_work", error=type(error).__name__, reason=str(error))
        raise SystemExit(1) from error


if __name__ == "__main__":
    main()
