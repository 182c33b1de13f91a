"""A process that claims draft jobs until none is left and prints each.

Run as `python -m tests.db.claim_loop URL WORKER`; it waits for a line on its standard input, so
that several can begin together.
"""

import sys

from core.states import JobKind
from db.engine import Database
from db.jobs import claim


def main(url: str, worker: str) -> None:
    """Claim until nothing waits."""
    db = Database(url)
    print("ready", flush=True)  # noqa: T201 - read by the test
    sys.stdin.readline()
    while held := claim(db, [JobKind.DRAFT], worker=worker, lease_seconds=60):
        print(held.instance_id, flush=True)  # noqa: T201
    db.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
