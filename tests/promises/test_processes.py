"""Promises on processes of ours that end, hang, or run out of memory.

Covered: the whole way of a film through each of these. Not covered here: each step at which a
process may die (`tests/db`, `tests/worker`, `tests/gateway`, the chaos tool).
"""

import resource
import signal
from pathlib import Path
from threading import Thread

from core.states import FilmState
from evaluation.chaos.account import account
from evaluation.chaos.holdings import of_orthanc, of_storescp
from evaluation.chaos.inside import wait_for_rest
from evaluation.chaos.moments import Logs, Moment, new_file
from evaluation.chaos.processes import Kind
from tests.promises.place import SUCCESS, Place
from tests.waiting import wait_until

_SLACK_BYTES = 8 << 20
"""More than the process needs for itself, and less than a film of 60 megabytes takes."""


def test_any_process_is_killed_with_9_at_any_moment(place: Place) -> None:
    films = [place.film() for _ in range(3)]
    logs = Logs(place.house.logs)
    stored = logs.next("object_stored")
    room = Thread(target=place.send, args=films)
    room.start()
    _kill(place, Kind.GATEWAY, stored)
    room.join()
    read, arrived = logs.next("film_read"), new_file(place.around.storing.folder)
    for film in films:
        place.send_until_taken(film)
    # The process that holds the model dies with its watchdog.
    _kill(place, Kind.WORKER, read)
    _kill(place, Kind.DELIVER, arrived)
    assert wait_for_rest(place.db, 120.0) is not None
    peers = {
        "orthanc": of_orthanc(place.around.orthanc),
        "storescp": of_storescp(place.around.storing),
    }
    assert account([film.uid for film in films], peers).balanced


def test_the_model_hangs_or_dies(place: Place) -> None:
    film = place.film()
    hanging = place.signal(Kind.READING, signal.SIGSTOP)
    assert place.send(film) == [SUCCESS]
    place.wait_for_results(film)
    assert hanging not in place.pids(Kind.READING)
    dying, another = place.film(), place.film()
    assert place.send(dying, another) == [SUCCESS, SUCCESS]
    wait_until(lambda: place.state(dying) is FilmState.READING, 60.0, "its reading to begin")
    place.signal(Kind.READING, signal.SIGSEGV)
    place.wait_for_results(dying, another)


def test_the_model_runs_out_of_memory(place: Place) -> None:
    first, large, last = place.film(), place.film(times=12), place.film()
    assert place.send(first) == [SUCCESS]
    place.wait_for_results(first)
    (reading,) = place.pids(Kind.READING)
    soft, hard = resource.prlimit(reading, resource.RLIMIT_AS)
    resource.prlimit(reading, resource.RLIMIT_AS, (_size(reading) + _SLACK_BYTES, hard))
    assert place.send(large) == [SUCCESS]
    wait_until(lambda: place.state(large) is FilmState.FAILED, 60.0, "the large film to fail")
    resource.prlimit(reading, resource.RLIMIT_AS, (soft, hard))
    assert "memory" in (place.row(large).reason or "")
    assert place.held_by_orthanc(large) == 0
    assert place.send(last) == [SUCCESS]
    place.wait_for_results(last)
    assert place.pids(Kind.READING) == [reading]


def _kill(place: Place, kind: Kind, moment: Moment) -> None:
    wait_until(moment, 60.0, f"the moment to kill the {kind}")
    place.signal(kind, signal.SIGKILL)


def _size(pid: int) -> int:
    """Give the bytes of a process's address space."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[0])
    return pages * resource.getpagesize()
