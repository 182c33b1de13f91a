"""Kinds of results for each peer by itself, over real associations.

Covered: peers that share objects though they get other kinds, key object selections that name what
the very peer gets, the window that a film was looked at through, and pixels that cannot be had now
or ever. Not covered: real archives (tests/integration) and what the objects say (tests/dicom_sr).
"""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from weakref import ref

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from sqlalchemy import select

from core.errors import NotReadError, OutOfMemoryError, UnreadableObjectError
from core.settings import Settings
from core.states import DRAFT_KINDS, EXTRA_KINDS, DeliveryState, JobKind, ResultKind
from db.engine import Database
from db.models import Job
from db.spool import Spool
from gateway import pictures
from gateway.pictures import FilmPicture
from imaging import film as film_loading
from imaging.bits import Cells
from imaging.film import Film, load_film
from imaging.plausibility import check_plausible
from tests.gateway.edge import add_peer, make_settings, prepare_database
from tests.gateway.objects import film_file
from tests.gateway.outgoing import ResultPeer, deliveries, read_film, results, running
from tests.integration.reviewed_hospital import named, picture
from tests.waiting import wait_until

SENT = DeliveryState.SENT


class House:
    """A database, a spool and a deliverer's settings."""

    def __init__(self, folder: Path) -> None:
        self.settings: Settings = make_settings(folder)
        prepare_database(self.settings)
        self.db = Database(self.settings.database_url)
        self.spool = Spool(self.settings.spool_folder, 0)

    def deliver(self, number: int) -> None:
        """Deliver until so many objects were sent."""
        with running(self.settings, self.db, self.spool):
            wait_until(lambda: len(deliveries(self.db, SENT)) >= number, 60.0, "the results")
        assert len(deliveries(self.db, SENT)) == number

    def built(self, kind: ResultKind) -> list[Dataset]:
        """Give the objects of a kind, oldest first."""
        return [dcmread(row.path) for row in results(self.db) if row.kind is kind]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    opened = House(tmp_path)
    yield opened
    opened.db.close()


def kinds_at(house: House, peer: str) -> set[ResultKind]:
    return {row.result.kind for row in deliveries(house.db, SENT, peer=peer)}


def test_each_peer_gets_its_kinds_and_its_own_selection(house: House) -> None:
    wanted: dict[str, tuple[ResultKind, ...]] = {
        "all": (*DRAFT_KINDS, *EXTRA_KINDS),
        "codes": (ResultKind.FINDINGS_SR, ResultKind.KEY_OBJECTS),
        "alike": (ResultKind.KEY_OBJECTS, ResultKind.FINDINGS_SR),
        "nothing": (),
    }
    with ExitStack() as stack:
        peers = {name: stack.enter_context(ResultPeer()) for name in wanted}
        for name, peer in peers.items():
            add_peer(
                house.db,
                name,
                port=peer.port,
                takes_results=True,
                result_kinds=[kind.value for kind in wanted[name]],
            )
        of, _said = read_film(house.db, house.spool, **picture(1))
        house.deliver(10)
    for name, kinds in wanted.items():
        assert kinds_at(house, name) == set(kinds)
        had = {str(item.SOPInstanceUID) for item in peers[name].stored}
        selections = [item for item in peers[name].stored if item.Modality == "KO"]
        for selection in selections:
            assert named(selection) - {of.SOPInstanceUID} <= had
    # One of each object for all that share it, and two selections.
    assert len(results(house.db)) == 7
    assert peers["codes"].tried != peers["all"].tried
    assert sorted(peers["codes"].tried) == sorted(peers["alike"].tried)


def test_what_the_film_was_looked_at_through_is_in_its_marks(house: House) -> None:
    # A window far beyond all values shows a black film.
    read_film(house.db, house.spool, **picture(2), WindowCenter=60000, WindowWidth=10)
    with ResultPeer() as pacs:
        add_peer(house.db, "pacs", port=pacs.port, takes_results=True)
        house.deliver(3)
    (marks,) = house.built(ResultKind.GSPS)
    (voi,) = marks.SoftcopyVOILUTSequence
    assert float(voi.WindowCenter) < 4096


@pytest.mark.parametrize("error", [OutOfMemoryError("no memory"), OSError("no process")])
def test_pixels_that_cannot_be_had_now_are_waited_for(
    house: House, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    left = [error]

    def load_later(*arguments: Any, **keywords: Any) -> Film:
        if left:
            raise left.pop()
        return load_film(*arguments, **keywords)

    monkeypatch.setattr(pictures, "load_film", load_later)
    with ResultPeer() as pacs:
        add_peer(
            house.db, "pacs", port=pacs.port, takes_results=True, result_kinds=["secondary_capture"]
        )
        read_film(house.db, house.spool, **picture(3))
        house.deliver(1)
    with house.db.read() as session:
        (job,) = session.scalars(select(Job).where(Job.kind == JobKind.PUBLISH))
    assert job.attempts == 2


def test_a_film_is_decoded_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[Path] = []

    def count(path: Path, **keywords: Any) -> Film:
        loaded.append(path)
        return load_film(path, **keywords)

    monkeypatch.setattr(pictures, "load_film", count)
    path = film_file(tmp_path, **picture(4))
    one = FilmPicture(path, maximum_pixels=10**6, font=None)
    assert one.grey_scale is not None
    assert one.film() is one.film()
    small = film_file(tmp_path)
    broken = FilmPicture(small, maximum_pixels=10**6, font=None)
    assert broken.grey_scale is None
    with pytest.raises(NotReadError):
        broken.film()
    assert len(loaded) == 2


def test_a_film_that_cannot_be_read_keeps_no_pixels(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded: list[ref[Cells]] = []

    def noted(stored: Cells) -> None:
        decoded.append(ref(stored))
        check_plausible(stored)

    monkeypatch.setattr(film_loading, "check_plausible", noted)
    noise = np.random.default_rng(0).integers(0, 4096, (256, 256), dtype=np.uint16)
    path = film_file(tmp_path, Rows=256, Columns=256, PixelData=noise.tobytes())
    broken = FilmPicture(path, maximum_pixels=10**6, font=None)
    assert broken.grey_scale is None
    with pytest.raises(UnreadableObjectError):
        broken.film()
    assert [one() for one in decoded] == [None]


def test_a_film_without_a_frontals_size_gets_marks_by_its_header(house: House) -> None:
    # Too small to be looked at again: its marks fall back on what its header says.
    read_film(house.db, house.spool, WindowCenter=1000, WindowWidth=500)
    with ResultPeer() as pacs:
        add_peer(house.db, "pacs", port=pacs.port, takes_results=True)
        house.deliver(3)
    (marks,) = house.built(ResultKind.GSPS)
    assert float(marks.SoftcopyVOILUTSequence[0].WindowCenter) == 1000
