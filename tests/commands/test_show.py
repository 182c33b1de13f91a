"""`firstread show`: what a person sees of a film, of marks and of reports.

Covers: films alone and with results beside them, presentation states in their own grey scale,
reports of ours and of others, key objects, pictures in colour, pages; where a film is looked for,
the spool among it; what is missing, hostile names and files, and what is never written over.
Not covered: how marks are drawn (tests/imaging), and viewers.
"""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pydicom import dcmread
from pydicom.dataset import Dataset

from commands.show import show
from commands.show_search import MOST_FILES
from core.errors import UnreadableObjectError, WrongArgumentError
from core.reading_json import reading_from_json
from core.states import DRAFT_KINDS, EXTRA_KINDS, ResultKind
from dicom_sr.as_written import as_written
from dicom_sr.build import build_all, encoded
from dicom_sr.context import BuildContext
from dicom_sr.picture import Picture
from tests.commands.shell import firstread
from tests.dicom_sr.foreign_documents import by_highdicom
from tests.dicom_sr.readings import ORDINARY, draft_of

_YELLOW = np.array([255, 200, 0])


@dataclass(frozen=True)
class Shown:
    """What one call told."""

    well: bool
    told: dict[str, Any]

    @property
    def picture(self) -> np.ndarray[Any, Any]:
        """The picture that was written."""
        return np.asarray(Image.open(self.told["picture"]).convert("RGB"))


Show = Callable[..., Shown]


@pytest.fixture
def shown(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Show:
    """Run the command in this process."""
    for name in [name for name in os.environ if name.startswith("FIRSTREAD_")]:
        monkeypatch.delenv(name)

    def run(file: Path, film: Path | None = None, out: Path | None = None) -> Shown:
        well = show(None, file, film, out, as_json=True)
        return Shown(well, json.loads(capsys.readouterr().out))

    return run


@pytest.fixture
def folder(tmp_path: Path, film: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Hold a film and what was made of it, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    place = tmp_path / "folder"
    place.mkdir()
    (place / "film.dcm").write_bytes(film.read_bytes())
    header = dcmread(film, stop_before_pixels=True)
    picture = Picture(np.zeros((64, 48, 3), dtype=np.uint8), 64, 48)
    context = BuildContext()
    kinds = (*DRAFT_KINDS, *EXTRA_KINDS)
    objects = build_all(ORDINARY, draft_of(ORDINARY), header, context, kinds=kinds, picture=picture)
    for kind, made in objects.items():
        (place / f"{kind}.dcm").write_bytes(encoded(made))
    return place


def marked(picture: np.ndarray[Any, Any]) -> bool:
    return bool((np.abs(picture.astype(int) - _YELLOW).sum(axis=2) < 30).sum() > 200)


def test_a_film_with_its_results_beside_it(shown: Show, folder: Path) -> None:
    seen = shown(folder / "film.dcm")
    assert seen.well
    assert marked(seen.picture)
    assert seen.told["picture"] == str(folder / "film.png")
    texts = [one["text"] for one in seen.told["texts"]]
    assert len(texts) == 2
    assert any("Impression: No acute finding." in text for text in texts)
    assert any("with the marks of" in remark for remark in seen.told["remarks"])


def test_a_film_alone(shown: Show, folder: Path) -> None:
    for kind in (*DRAFT_KINDS, *EXTRA_KINDS):
        (folder / f"{kind}.dcm").unlink()
    seen = shown(folder / "film.dcm")
    assert seen.well
    assert not marked(seen.picture)
    assert seen.told["texts"] == []


@pytest.mark.parametrize("kind", [*DRAFT_KINDS, ResultKind.KEY_OBJECTS])
def test_each_result_is_shown_on_its_film(shown: Show, folder: Path, kind: ResultKind) -> None:
    seen = shown(folder / f"{kind}.dcm")
    assert seen.well, seen.told["missing"]
    assert seen.told["film"] == str(folder / "film.dcm")
    assert marked(seen.picture)
    assert bool(seen.told["texts"]) is (kind is not ResultKind.GSPS)
    assert bool(seen.told["reading"]) is (kind is ResultKind.FINDINGS_SR)


def test_coded_results_name_what_has_no_place(shown: Show, folder: Path) -> None:
    (folder / f"{ResultKind.GSPS}.dcm").unlink()
    seen = shown(folder / f"{ResultKind.FINDINGS_SR}.dcm")
    with_strip = seen.picture.shape[0]
    (folder / f"{ResultKind.FINDINGS_SR}.dcm").unlink()
    (folder / f"{ResultKind.REPORT_SR}.dcm").unlink()
    assert shown(folder / "film.dcm").picture.shape[0] < with_strip


def test_the_grey_scale_is_the_presentation_states(shown: Show, folder: Path) -> None:
    path = folder / f"{ResultKind.GSPS}.dcm"
    before = shown(path, out=folder / "before.png").picture.astype(int)
    state = dcmread(path)
    was = state.PresentationLUTShape
    state.PresentationLUTShape = "IDENTITY" if was == "INVERSE" else "INVERSE"
    state.save_as(path)
    after = shown(path, out=folder / "after.png").picture.astype(int)
    turned = np.abs(before + after - 255).max(axis=2) <= 2
    assert turned.mean() > 0.7, "all but strips and marks is the other way round"


def test_a_picture_in_colour_is_shown_as_it_is(shown: Show, folder: Path) -> None:
    path = folder / f"{ResultKind.SECONDARY_CAPTURE}.dcm"
    seen = shown(path)
    dataset = dcmread(path)
    assert seen.well
    assert seen.picture.shape == (dataset.Rows, dataset.Columns, 3)


def test_marks_on_a_picture_in_colour_are_missed(shown: Show, folder: Path) -> None:
    document = by_highdicom()
    path = folder / f"{ResultKind.SECONDARY_CAPTURE}.dcm"
    _refer_to(document, str(dcmread(path).SOPInstanceUID))
    document.save_as(folder / "foreign.dcm", enforce_file_format=True)
    seen = shown(folder / "foreign.dcm")
    assert not seen.well
    assert any("in colour" in one for one in seen.told["missing"])


def test_a_rejection_note_is_read_out(shown: Show, folder: Path) -> None:
    (folder / "film.dcm").unlink()
    (folder / f"{ResultKind.SECONDARY_CAPTURE}.dcm").unlink()
    seen = shown(folder / f"{ResultKind.KEY_OBJECTS}.dcm")
    assert seen.well
    assert seen.told["picture"] is None
    assert seen.told["remarks"] == ["no picture that it names was found"]


def test_a_page_is_written_as_it_is(shown: Show, folder: Path) -> None:
    seen = shown(folder / f"{ResultKind.PDF}.dcm")
    assert seen.well
    assert seen.told["picture"] == str(folder / "pdf.pdf")
    assert Path(seen.told["picture"]).read_bytes().startswith(b"%PDF-")


def test_a_coded_result_gives_the_reading(shown: Show, folder: Path) -> None:
    path = folder / f"{ResultKind.FINDINGS_SR}.dcm"
    header = dcmread(folder / "film.dcm", stop_before_pixels=True)
    reading = reading_from_json(shown(path).told["reading"])
    assert reading == as_written(ORDINARY, rows=header.Rows, columns=header.Columns)


def test_a_result_that_was_tampered_with_is_said(shown: Show, folder: Path) -> None:
    path = folder / f"{ResultKind.FINDINGS_SR}.dcm"
    document = dcmread(path)
    for element in document.iterall():
        if element.keyword == "GraphicData":
            element.value = [-9.0] * 10
    document.save_as(path)
    seen = shown(path)
    assert not seen.well
    assert any(one.startswith("the reading: ") for one in seen.told["missing"])
    assert seen.told["picture"]
    assert seen.told["reading"] is None


def test_a_report_without_evidence_is_of_the_images_that_it_names(
    shown: Show, folder: Path
) -> None:
    path = folder / f"{ResultKind.FINDINGS_SR}.dcm"
    document = dcmread(path)
    del document.CurrentRequestedProcedureEvidenceSequence
    document.save_as(path)
    assert shown(path).told["film"] == str(folder / "film.dcm")


def test_another_vendors_report(shown: Show, folder: Path) -> None:
    film = folder / "film.dcm"
    document = by_highdicom()
    uid = str(dcmread(film, stop_before_pixels=True).SOPInstanceUID)
    _refer_to(document, uid)
    document.save_as(folder / "foreign.dcm", enforce_file_format=True)
    for kind in (*DRAFT_KINDS, *EXTRA_KINDS):
        (folder / f"{kind}.dcm").unlink()
    seen = shown(folder / "foreign.dcm")
    assert seen.well, seen.told["missing"]
    assert marked(seen.picture)
    assert "Finding: Nodule" in seen.told["texts"][0]["text"]


def _refer_to(document: Dataset, uid: str) -> None:
    for element in document.iterall():
        if element.keyword == "ReferencedSOPInstanceUID":
            element.value = uid


def test_the_film_may_be_named(shown: Show, folder: Path, tmp_path: Path) -> None:
    far = tmp_path / "far.dcm"
    (folder / "film.dcm").rename(far)
    path = folder / f"{ResultKind.GSPS}.dcm"
    alone = shown(path)
    assert not alone.well
    assert alone.told["missing"] == ["the film was not found: name it by --film"]
    assert alone.told["picture"] is None
    assert marked(shown(path, far).picture)


def test_another_film_is_refused(shown: Show, folder: Path, lateral: Path) -> None:
    with pytest.raises(WrongArgumentError, match="another than the one"):
        shown(folder / f"{ResultKind.GSPS}.dcm", lateral)
    with pytest.raises(WrongArgumentError, match="no film, but a structured report"):
        shown(folder / f"{ResultKind.GSPS}.dcm", folder / f"{ResultKind.REPORT_SR}.dcm")
    with pytest.raises(WrongArgumentError, match="no picture"):
        shown(folder / "film.dcm", lateral)


def test_nothing_else_is_written_over(shown: Show, folder: Path) -> None:
    film = folder / "film.dcm"
    path, before = folder / f"{ResultKind.GSPS}.dcm", film.read_bytes()
    for out in (film, path):
        with pytest.raises(WrongArgumentError, match="take the place of what is read"):
            shown(path, out=out)
    (folder / "notes.png").write_text("notes")
    with pytest.raises(WrongArgumentError, match="no PNG"):
        shown(path, out=folder / "notes.png")
    with pytest.raises(WrongArgumentError, match="no file can be written there"):
        shown(path, out=folder)
    link = folder / "link.png"
    link.hardlink_to(film)
    with pytest.raises(WrongArgumentError, match="take the place of what is read"):
        shown(path, out=link)
    assert film.read_bytes() == before
    assert (folder / "notes.png").read_text() == "notes"
    shown(path)
    assert shown(path).well


def test_a_damaged_film_leaves_the_words(shown: Show, folder: Path) -> None:
    film = dcmread(folder / "film.dcm")
    film.PixelData = film.PixelData[:1000]
    film.save_as(folder / "film.dcm")
    seen = shown(folder / f"{ResultKind.REPORT_SR}.dcm")
    assert not seen.well
    assert seen.told["texts"]
    assert any("no picture of" in one for one in seen.told["missing"])


def test_a_folder_of_junk_is_searched_within_bounds(
    shown: Show, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(folder / "a pipe")
    (folder / "a folder").mkdir()
    (folder / "broken").symlink_to("nowhere")
    (folder / "junk.dcm").write_bytes(b"\0" * 128 + b"DICM" + b"\xff" * 100)
    path = folder / f"{ResultKind.GSPS}.dcm"
    assert shown(path).well
    monkeypatch.setattr("commands.show_search.MOST_FILES", 3)
    assert MOST_FILES > 3
    seen = shown(path)
    assert any("not all were looked at" in one for one in seen.told["remarks"])


def test_a_file_that_is_no_dicom(shown: Show, folder: Path) -> None:
    (folder / "words.txt").write_text("no DICOM")
    with pytest.raises(UnreadableObjectError):
        shown(folder / "words.txt")


def test_a_file_of_a_million_items_is_refused(shown: Show, folder: Path) -> None:
    path = folder / f"{ResultKind.REPORT_SR}.dcm"
    path.write_bytes(path.read_bytes() + b"\xfe\xff\x00\xe0\0\0\0\0" * 1_000_000)
    with pytest.raises(UnreadableObjectError, match="items of sequences"):
        shown(path)


def test_the_terminal_sees_no_control_characters_and_the_exit_code_tells(
    folder: Path, tmp_path: Path
) -> None:
    odd = folder / "a\x1b[2Jb.dcm"
    (folder / f"{ResultKind.REPORT_SR}.dcm").rename(odd)
    done = firstread("show", str(odd))
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stdout + done.stderr
    assert "Impression: No acute finding." in done.stdout
    assert "UNVERIFIED, PRELIMINARY" in done.stdout
    (folder / "film.dcm").rename(tmp_path / "gone.dcm")
    assert firstread("show", str(odd)).returncode == 1
    (folder / "words.txt").write_text("no DICOM")
    done = firstread("show", str(folder / "words.txt"))
    assert done.returncode == 3
    assert "not a readable DICOM file" in done.stderr
