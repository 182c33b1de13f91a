"""From a file to a reading; the decoding itself is tested with imaging.

The quality gate is off here: `test_quality` covers what it does to a reading.
"""

from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import OutOfMemoryError, UnreadableObjectError
from core.reading import NOTHING_GIVEN, Flag, Given, Reading, Remark
from reader.picture import Picture
from reader.protocol import OnFlags, OnText, ignore
from tests.worker.house import film_dataset, smooth_picture
from tests.worker.odd_reader import FLAGS, OddReader
from worker import film
from worker.film import read_film

_OWN = Remark("dark", "The picture is dark.")


class _Remarking(OddReader):
    def read(
        self,
        image: Picture,
        *,
        reading_id: str,
        given: Given = NOTHING_GIVEN,
        on_flags: OnFlags = ignore,
        on_progress: OnText = ignore,
    ) -> Reading:
        reading = super().read(
            image,
            reading_id=reading_id,
            given=given,
            on_flags=on_flags,
            on_progress=on_progress,
        )
        return replace(reading, quality=(_OWN,))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    saved = tmp_path / "film.dcm"
    film_dataset(smooth_picture(96, 80)).save_as(saved, enforce_file_format=True)
    return saved


def test_the_model_is_shown_the_whole_stored_matrix_and_told_what_is_known(path: Path) -> None:
    reader = OddReader()
    stages: list[str] = []
    flags: list[tuple[Flag, ...]] = []
    reading = read_film(
        path,
        reader,
        reading_id="r1",
        given=Given("cough"),
        quality_gate="off",
        on_flags=flags.append,
        on_progress=stages.append,
    )
    assert reader.seen == [(96, 80)]
    assert (reading.id, reading.indication) == ("r1", "cough")
    assert stages == ["decoding", "quality", "flags", "report"]
    assert flags == [FLAGS]


def test_remarks_on_the_picture_come_before_the_models_own(path: Path) -> None:
    reading = read_film(path, _Remarking(), reading_id="r1", quality_gate="off")
    assert [remark.code for remark in reading.quality] == ["window_estimated", "dark"]


def test_an_unreadable_object_never_reaches_the_model(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:2000])
    reader = OddReader()
    with pytest.raises(UnreadableObjectError):
        read_film(path, reader, reading_id="r1")
    assert reader.seen == []


def test_a_file_that_cannot_be_opened_is_no_unreadable_object(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_film(tmp_path / "none.dcm", OddReader(), reading_id="r1")


def test_memory_that_runs_out_while_decoding_is_told_as_such(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_memory(_path: Path, **_options: object) -> None:
        raise MemoryError

    monkeypatch.setattr(film, "load_film", no_memory)
    with pytest.raises(OutOfMemoryError, match="while decoding"):
        read_film(path, OddReader(), reading_id="r1")
