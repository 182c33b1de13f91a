"""The day's replay: what is sent, what counts as growth, and a small day from end to end."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from pydicom import dcmread

from evaluation.day.__main__ import grown, main
from evaluation.day.samples import Process, Sample
from evaluation.day.studies import HOURS, Department, hours

_BEFORE = Sample({"gateway": Process(100.0, 10, 20)}, 50, 500.0, 30)
_LEFT = replace(_BEFORE, spool_files=10, spool_mb=0.1)


def test_a_whole_day_is_1500_studies_and_300_in_its_busiest_hour() -> None:
    assert (sum(HOURS), max(HOURS), len(HOURS)) == (1500, 300, 24)
    assert hours(1500) == list(HOURS)


@pytest.mark.parametrize("studies", [1, 7, 100, 3001])
def test_other_days_are_spread_alike(studies: int) -> None:
    spread = hours(studies)
    assert sum(spread) == studies
    assert (
        max(abs(count - studies * hour / 1500) for count, hour in zip(spread, HOURS, strict=True))
        <= 1
    )


def test_each_study_is_of_one_patient_and_has_a_frontal(tmp_path: Path) -> None:
    seen: set[str] = set()
    for films in Department(tmp_path, 1, frontals=1, laterals=1).studies(12):
        headers = [dcmread(path, stop_before_pixels=True) for path in films]
        assert len({(film.StudyInstanceUID, film.PatientID) for film in headers}) == 1
        assert any(film.ViewPosition in {"PA", "AP"} for film in headers)
        seen |= {film.SOPInstanceUID for film in headers} | {
            film.StudyInstanceUID for film in headers
        }
        assert all(
            film.file_meta.MediaStorageSOPInstanceUID == film.SOPInstanceUID for film in headers
        )
    assert len(seen) >= 24


def test_what_stays_as_it_was_did_not_grow() -> None:
    assert grown(_BEFORE, _BEFORE, _LEFT, films=10) == []


@pytest.mark.parametrize(
    ("after", "left", "told"),
    [
        (Process(161.0, 10, 20), _LEFT, "memory of gateway"),
        (Process(100.0, 23, 20), _LEFT, "threads of gateway"),
        (Process(100.0, 10, 33), _LEFT, "descriptors of gateway"),
        (Process(100.0, 10, 20), _BEFORE, "files in the spool beyond retention"),
    ],
)
def test_what_grew_is_named(after: Process, left: Sample, told: str) -> None:
    end = replace(_BEFORE, processes={"gateway": after})
    assert grown(_BEFORE, end, left, films=10) == [told]


def test_files_beside_the_spool_count_too() -> None:
    end = replace(_BEFORE, other_files=231)
    assert grown(_BEFORE, end, _LEFT, films=10) == ["files outside of the spool"]


@pytest.mark.slow
def test_a_small_day_goes_through(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--studies", "8", "--form", "embedded", "--json"])
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (ended.value.code, found["grew"]) == (0, [])
    assert found["studies"] == 8
    assert sum(found["ends"].values()) == found["films"]
