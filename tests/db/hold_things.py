"""A process that takes one of everything under long leases and then waits to be killed."""

import sys

from core.process_mark import process_name
from core.states import JobKind, Purpose
from db import jobs, retrievals
from db.due import take_peer
from db.engine import Database

_LONG = 36_000.0


def main(url: str, peer_id: int) -> None:
    """Hold a draft, a publish job, a fetch and a peer; tell when."""
    db, name = Database(url), process_name()
    for kind in (JobKind.DRAFT, JobKind.PUBLISH):
        held = jobs.claim(db, [kind], worker=f"{name}:1a2b3c4d", lease_seconds=_LONG)
        assert held is not None
    fetch = retrievals.claim(db, list(Purpose), worker=name, lease_seconds=_LONG)
    assert fetch is not None
    with db.write() as session:
        assert take_peer(session, peer_id, worker=name, seconds=_LONG)
    sys.stdout.write("held\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
