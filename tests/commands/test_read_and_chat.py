"""`firstread read` and `firstread chat` without any service, with the demonstration model.

Covered: what is written for a film that is read, what is said of one that is not, and a
conversation of several turns. How good the answers are is measured by `firstread evaluate`.
"""

import json
from pathlib import Path

import pytest
from PIL import Image
from pydicom import dcmread

from core.reading_json import reading_from_json
from tests.commands.shell import firstread
from tests.peers.dicom3tools import dciodvfy


def test_a_film_becomes_results_and_a_lateral_a_reason(
    film: Path, lateral: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.dcm"
    broken.write_bytes(film.read_bytes()[:20_000])
    out = tmp_path / "out"
    run = firstread("read", str(broken), str(film), str(lateral), "--out", str(out), "--json")
    assert run.returncode == 1, run.stderr
    quarantined, read, not_read = json.loads(run.stdout)["films"]
    assert read["state"] == "read"
    assert (not_read["state"], not_read["folder"]) == ("not_read", None)
    assert "lateral" in not_read["reason"]
    assert (quarantined["state"], quarantined["folder"]) == ("quarantined", None)
    assert [path.name for path in out.iterdir()] == [str(dcmread(film).SOPInstanceUID)]


def test_the_results_of_a_film_belong_together(film: Path, tmp_path: Path) -> None:
    run = firstread("read", str(film), "--out", str(tmp_path), "--json")
    assert run.returncode == 0, run.stderr
    (row,) = json.loads(run.stdout)["films"]
    folder = Path(row["folder"])
    written = {path.name for path in folder.iterdir()}
    objects = {"findings_sr.dcm", "gsps.dcm", "report_sr.dcm"}
    assert written == objects | {"reading.json", "findings.png"}
    reading = reading_from_json(json.loads((folder / "reading.json").read_text()))
    source = dcmread(film, stop_before_pixels=True)
    for name in objects:
        assert dciodvfy(folder / name) == []
        result = dcmread(folder / name)
        assert result.StudyInstanceUID == source.StudyInstanceUID
        assert result.PatientID == source.PatientID
    groups = str(dcmread(folder / "findings_sr.dcm"))
    assert all(finding.id in groups for finding in reading.findings)
    with Image.open(folder / "findings.png") as picture:
        assert max(picture.size) >= max(source.Rows, source.Columns)


@pytest.mark.slow
def test_further_kinds_of_results_are_written_where_they_are_asked_for(
    film: Path, tmp_path: Path
) -> None:
    kinds = ("--kinds", "secondary_capture,pdf", "--kinds", "oru")
    run = firstread("read", str(film), "--out", str(tmp_path), *kinds, "--json")
    assert run.returncode == 0, run.stderr
    folder = Path(json.loads(run.stdout)["films"][0]["folder"])
    assert {"secondary_capture.dcm", "pdf.dcm", "oru.hl7"} < {one.name for one in folder.iterdir()}
    picture = dcmread(folder / "secondary_capture.dcm")
    with Image.open(folder / "findings.png") as drawn:
        assert (picture.Columns, picture.Rows) == drawn.size
    assert (folder / "oru.hl7").read_bytes().startswith(b"MSH|")


def test_a_kind_of_result_that_is_none_is_told(film: Path, tmp_path: Path) -> None:
    run = firstread("read", str(film), "--out", str(tmp_path / "out"), "--kinds", "gif")
    assert run.returncode == 2
    assert "no kind of result: gif; there are findings_sr, report_sr" in run.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_several_turns_about_one_film(film: Path) -> None:
    questions = ["Is there a pneumothorax?", "Where is it?", "What is your impression?"]
    run = firstread("chat", str(film), stdin="\n".join(questions) + "\n")
    assert run.returncode == 0, run.stderr
    answers = run.stdout.splitlines()
    assert len(answers) == len(questions)
    assert all(answer.strip() for answer in answers)
    assert "Demonstration" in run.stderr


@pytest.mark.slow
def test_what_is_asked_for_is_placed(film: Path, tmp_path: Path) -> None:
    asked = ["left lung", "pneumothorax", "There is a pneumothorax."]
    options = [part for name in asked for part in ("--locate", name)]
    out = tmp_path / "out"
    run = firstread("read", str(film), "--out", str(out), "--detect", "--json", *options)
    assert run.returncode == 0, run.stderr
    (one,) = json.loads(run.stdout)["films"]
    places = json.loads((Path(one["folder"]) / "places.json").read_text())
    assert [entry["name"] for entry in places["located"]] == asked
    ((left, top, right, bottom),) = places["located"][0]["boxes"]
    assert 0.4 < left < right <= 1
    assert 0 <= top < bottom <= 1
    assert isinstance(places["detected"], dict)


def test_chat_about_no_film_says_so(tmp_path: Path) -> None:
    text = tmp_path / "notes.dcm"
    text.write_text("no film at all")
    run = firstread("chat", str(text), stdin="hello\n")
    assert run.returncode == 3
    assert "not a readable DICOM file" in run.stderr


@pytest.mark.slow
def test_two_films_of_one_uid_do_not_share_a_folder(film: Path, tmp_path: Path) -> None:
    twin = tmp_path / "twin.dcm"
    twin.write_bytes(film.read_bytes())
    run = firstread("read", str(film), str(twin), "--out", str(tmp_path / "out"), "--json")
    first, second = json.loads(run.stdout)["films"]
    assert run.returncode == 1
    assert first["state"] == "read"
    assert (second["state"], second["folder"]) == ("not_read", None)
    assert str(film) in second["reason"]


def test_an_out_folder_that_cannot_be_made_is_one_line(film: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    run = firstread("read", str(film), "--out", str(tmp_path / "file" / "out"))
    assert run.returncode == 3
    assert run.stderr.count("\n") == 1


@pytest.mark.slow
def test_what_cannot_be_asked_does_not_end_a_conversation(film: Path) -> None:
    run = firstread("chat", str(film), stdin="<image><image>\nIs there a pneumothorax?\n")
    assert run.returncode == 0, run.stderr
    assert "not asked" in run.stderr
    assert run.stdout.splitlines()[-1].strip()
