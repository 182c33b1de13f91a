"""Serves a populated reading room: `python -m evaluation.room --folder DIR [--port N]`.

Prints for each role the cookie of a session, and goes on until it is interrupted.
"""

import argparse
from pathlib import Path

from core.accounts import AccountRole
from core.library_logs import tame
from core.stopping import stop_signal
from evaluation.room.house import make_house, serving
from evaluation.room.stage import fill
from evaluation.room.surroundings import surround


def main() -> None:
    """Fill a new folder, and serve it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="a new or empty folder")
    parser.add_argument("--port", type=int, default=0, help="of the pages; 0 takes a free one")
    parser.add_argument("--small", action="store_true", help="small films, which are made sooner")
    parser.add_argument("--beside", nargs="*", default=[], help="further services, such as worker")
    wanted = parser.parse_args()
    tame()
    house = make_house(wanted.folder, port=wanted.port)
    db = house.database()
    fill(db, house.spool(), longest_side=768 if wanted.small else None)
    if not wanted.beside:
        # Its peers are nobody's: a service that calls peers would call them.
        surround(db, house.spool())
    db.close()
    with stop_signal() as stop, serving(house, *wanted.beside) as services:
        print(f"pages: {services.address}")
        for role in AccountRole:
            print(f"{role.value}: __Host-firstread={house.sign_in(role.value, role)}")
        print(flush=True)
        stop.wait()


if __name__ == "__main__":
    main()
