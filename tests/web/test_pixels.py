"""Films kept in memory for the screen: decoded once, within the limit, and failures are no memory.

What is sent of them is tested in test_films.py.
"""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from weakref import ref

import numpy as np
import pytest

from core.errors import UnreadableObjectError
from imaging import display
from imaging.bits import Cells
from imaging.display import DisplayFilm, load_display
from imaging.places import places_of
from tests.imaging import making
from tests.waiting import wait_until
from web import pixels
from web.pixels import PixelStore, StoredFilm


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Files in the order in which they were decoded."""
    paths: list[Path] = []

    def counting(path: Path) -> DisplayFilm:
        paths.append(path)
        return load_display(path)

    monkeypatch.setattr(pixels, "load_display", counting)
    return paths


def test_a_film_is_decoded_once_however_many_ask(tmp_path: Path, decoded: list[Path]) -> None:
    store = PixelStore(1 << 30)
    path = making.film(tmp_path / "film.dcm", making.smooth(1200, 1000))
    start = threading.Barrier(6)

    def ask() -> StoredFilm:
        start.wait()
        return store.get(path)

    with ThreadPoolExecutor(6) as asking:
        answers = [one.result() for one in [asking.submit(ask) for _ in range(6)]]
    assert decoded == [path]
    assert len(set(map(id, answers))) == 1


def test_the_film_that_was_asked_for_longest_ago_goes(tmp_path: Path, decoded: list[Path]) -> None:
    first, second, third = (making.film(tmp_path / f"{name}.dcm") for name in "abc")
    store = PixelStore(int(2.5 * PixelStore(0).get(first).size))
    decoded.clear()
    for path in (first, second, first, third, first, second):
        store.get(path)
    assert decoded == [first, second, third, second]


def test_a_film_larger_than_the_limit_is_given_and_not_kept(
    tmp_path: Path, decoded: list[Path]
) -> None:
    path = making.film(tmp_path / "film.dcm")
    store = PixelStore(0)
    assert len(store.get(path).whole) == 2 * 96 * 80
    store.get(path)
    assert decoded == [path, path]


def test_what_failed_is_tried_again(tmp_path: Path) -> None:
    store = PixelStore(1 << 30)
    path = tmp_path / "film.dcm"
    with pytest.raises(UnreadableObjectError, match="cannot be read"):
        store.get(path)
    making.film(path)
    assert len(store.get(path).whole) == 2 * 96 * 80


def test_the_reason_of_a_failure_keeps_no_pixels(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored: list[ref[Cells]] = []

    def noted(cells: Cells, low: int) -> Cells:
        stored.append(ref(cells))
        return places_of(cells, low)

    monkeypatch.setattr(display, "places_of", noted)
    path = making.film(tmp_path / "film.dcm", np.full((96, 80), 7, dtype=np.uint16))
    with pytest.raises(UnreadableObjectError, match="constant") as failure:
        PixelStore(1 << 30).get(path)
    assert failure.value.__traceback__ is not None
    assert [one() for one in stored] == [None]


def test_a_warm_film_is_decoded_before_it_is_asked_for(tmp_path: Path, decoded: list[Path]) -> None:
    store = PixelStore(1 << 30)
    path = making.film(tmp_path / "film.dcm")
    store.warm(path)
    wait_until(lambda: decoded == [path])
    store.get(path)
    assert decoded == [path]


@pytest.mark.parametrize("reason", [UnreadableObjectError("of a film"), ValueError("unforeseen")])
def test_a_film_that_cannot_be_warmed_troubles_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reason: Exception
) -> None:
    asked: list[Path] = []

    def refusing(path: Path) -> DisplayFilm:
        asked.append(path)
        raise reason

    monkeypatch.setattr(pixels, "load_display", refusing)
    store = PixelStore(1 << 30)
    store.warm(tmp_path / "first.dcm")
    wait_until(lambda: len(asked) == 1)

    def warmed() -> bool:
        store.warm(tmp_path / "second.dcm")
        return len(asked) > 1

    wait_until(warmed)
