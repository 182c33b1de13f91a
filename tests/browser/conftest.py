"""Debian's Chromium, and a reading room with the cast in it.

The cast is filled in once for all of pytest's processes and copied for each test; files are shared,
and nothing changes one.
"""

import fcntl
import os
import pickle
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from core.accounts import AccountRole
from evaluation.room.browser import bring_cookie, open_chromium
from evaluation.room.house import RoomHouse, Services, make_house, serving
from evaluation.room.stage import Placed, fill
from evaluation.room.surroundings import surround
from tests.browser.watched import Visitor, Watch
from tests.peers.programs import skipped_without_programs

_LONGEST_SIDE = 640


@dataclass(frozen=True)
class Populated:
    """The cast as it was filled in, to be copied."""

    folder: Path
    placed: list[Placed]


@dataclass
class Guests:
    """A served reading room and those who look at it."""

    house: RoomHouse
    services: Services
    placed: list[Placed]
    chromium: Browser
    leaving: ExitStack
    watches: list[Watch] = field(default_factory=list)

    def study(self, surname: str) -> Placed:
        """The study of a patient of the cast."""
        (found,) = (one for one in self.placed if one.patient.name.startswith(f"{surname}^"))
        return found

    def enter(
        self,
        name: str = "",
        *roles: AccountRole,
        size: tuple[int, int] = (1920, 1080),
        **more: Any,
    ) -> Visitor:
        """Let somebody in, signed in where a name is given, with a browser of their own."""
        context = self.chromium.new_context(
            viewport={"width": size[0], "height": size[1]}, reduced_motion="reduce", **more
        )
        self.leaving.callback(context.close)
        if name:
            token = self.house.sign_in(name, *roles)
            bring_cookie(context, self.services.address, token)
        watch = Watch(context, self.services.address)
        self.watches.append(watch)
        return Visitor(context.new_page(), self.services.address, watch)

    def complaints(self) -> list[str]:
        """What pages complained of, and nobody expected."""
        return [one for watch in self.watches for one in watch.unexpected]


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """A browser without a window."""
    with skipped_without_programs(), open_chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def populated(tmp_path_factory: pytest.TempPathFactory) -> Populated:
    """The cast, filled in by whichever of pytest's processes is first."""
    own = tmp_path_factory.getbasetemp()
    common = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "populated-room"
    common.mkdir(exist_ok=True)
    with (common / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        kept = common / "placed.pickle"
        if not kept.exists():
            shutil.rmtree(common / "house", ignore_errors=True)
            house = make_house(common / "house")
            db = house.database()
            placed = fill(db, house.spool(), longest_side=_LONGEST_SIDE)
            db.close()
            kept.write_bytes(pickle.dumps(placed))
        # Written a moment ago by ourselves.
        return Populated(common / "house", pickle.loads(kept.read_bytes()))  # noqa: S301


@pytest.fixture
def more_settings() -> str:
    """Further sections of the settings; a module may give its own."""
    return ""


@pytest.fixture
def beside() -> tuple[str, ...]:
    """Further services that run beside the pages; a module may give its own."""
    return ()


@pytest.fixture
def guests(
    chromium: Browser,
    populated: Populated,
    more_settings: str,
    beside: tuple[str, ...],
    tmp_path: Path,
) -> Iterator[Guests]:
    """A reading room of its own, served; whatever a page complains of fails the test."""
    with open_guests(chromium, populated, tmp_path, more=more_settings, beside=beside) as opened:
        yield opened
        complaints = opened.complaints()
    assert complaints == []


@pytest.fixture(scope="module")
def onlookers(
    chromium: Browser, populated: Populated, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Guests]:
    """A reading room for all tests of a module, which only look and ask for complaints."""
    with open_guests(chromium, populated, tmp_path_factory.mktemp("onlookers")) as opened:
        db = opened.house.database()
        surround(db, opened.house.spool())
        db.close()
        yield opened


@contextmanager
def open_guests(
    chromium: Browser,
    populated: Populated,
    folder: Path,
    *,
    more: str = "",
    beside: tuple[str, ...] = (),
) -> Iterator[Guests]:
    """Serve a copy of the populated reading room."""
    data = folder / "house" / "data"
    data.mkdir(parents=True)
    shutil.copy(populated.folder / "data" / "firstread.db", data)
    house = make_house(folder / "house", spool=populated.folder / "spool", more=more)
    with ExitStack() as opened:
        services = opened.enter_context(serving(house, *beside))
        yield Guests(house, services, populated.placed, chromium, opened)
