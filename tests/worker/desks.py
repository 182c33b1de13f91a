"""A desk at work in a thread, with everything around it but the process."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from db.engine import Database
from db.workers import SignOfLife
from reader.protocol import ignore
from tests.worker.house import House
from tests.worker.odd_reader import Act, OddReader
from worker.chat import Talker
from worker.desk import Desk
from worker.draft import Drafter
from worker.heartbeat import Heartbeat
from worker.pulse import Pulse


def make_desk(
    house: House,
    pulse: Pulse,
    act: Act = ignore,
    *,
    look_seconds: float = 600.0,
    name: str = "w1",
) -> Desk:
    """Build the desk of a worker; it looks at the start, and then only when rung."""
    db: Database = house.db
    heartbeat = Heartbeat(db, pulse, SignOfLife(name, 1), house.settings.worker)
    reader = OddReader(act)
    talker = Talker(db, reader, house.settings, heartbeat, name)
    drafter = Drafter(db, reader, house.settings, heartbeat, name)
    return Desk(db, talker, drafter, pulse, house.settings.worker, look_seconds=look_seconds)


@contextmanager
def working(desk: Desk) -> Iterator[None]:
    """Let a desk work in a thread."""
    thread = threading.Thread(target=desk.run)
    thread.start()
    try:
        yield
    finally:
        desk.stop()
        thread.join(30.0)
        assert not thread.is_alive()
