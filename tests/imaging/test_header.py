"""Headers of whole, damaged and hostile files.

Every damage must end in `UnreadableObjectError`. Not covered: pixels (`test_decode`).
"""

import contextlib
import functools
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom.dataset import Dataset, FileDataset
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEGLSLossless,
)

from core.errors import UnreadableObjectError
from imaging import header
from imaging.header import read_header, read_whole
from tests.imaging.making import dataset, film, save

SYNTAXES = [
    ImplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    DeflatedExplicitVRLittleEndian,
    JPEGLSLossless,
]


MANY = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60
)


@functools.cache
def encoded(syntax: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        return film(Path(folder) / "film.dcm", syntax=syntax).read_bytes()


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_stops_before_pixels(tmp_path: Path, syntax: str) -> None:
    path = film(tmp_path / "film.dcm", syntax=syntax, PatientName="Müller^Änne")
    found = read_header(path)
    assert found.Rows == 96
    assert found.file_meta.TransferSyntaxUID == syntax
    assert "PixelData" not in found
    assert len(read_whole(path).PixelData) > 0


def test_header_without_pixels_or_uids_is_read(tmp_path: Path) -> None:
    path = film(tmp_path / "film.dcm", PixelData=None)
    assert "StudyInstanceUID" not in read_header(path)


def test_private_and_nested_elements_are_passed(tmp_path: Path) -> None:
    made = dataset()
    inner = Dataset()
    inner.add_new("CodeMeaning", "LO", "innermost")
    item = Dataset()
    item.ConceptCodeSequence = [inner]
    made.ViewCodeSequence = [item]
    made["ViewCodeSequence"].is_undefined_length = True
    found = read_header(save(made, tmp_path / "film.dcm"))
    assert found.ViewCodeSequence[0].ConceptCodeSequence[0].CodeMeaning == "innermost"


@pytest.mark.parametrize("syntax", SYNTAXES)
@settings(MANY)
@given(share=st.floats(0.0, 0.999))
def test_cut_off_files_never_pass_for_whole(tmp_path: Path, syntax: str, share: float) -> None:
    whole = encoded(syntax)
    cut = tmp_path / "cut.dcm"
    cut.write_bytes(whole[: int(share * len(whole))])
    # A cut between two elements leaves a whole file; what is missing is then missed by name.
    with contextlib.suppress(UnreadableObjectError):
        assert "PixelData" not in read_whole(cut)


@settings(MANY)
@given(data=st.data(), syntax=st.sampled_from(SYNTAXES))
def test_flipped_bytes_never_raise_anything_else(
    tmp_path: Path, data: st.DataObject, syntax: str
) -> None:
    content = bytearray(encoded(syntax))
    for _ in range(data.draw(st.integers(1, 20))):
        content[data.draw(st.integers(0, 700))] = data.draw(st.integers(0, 255))
    damaged = tmp_path / "damaged.dcm"
    damaged.write_bytes(content)
    with contextlib.suppress(UnreadableObjectError):
        assert "TransferSyntaxUID" in read_header(damaged).file_meta


@pytest.mark.parametrize("content", [b"", b"DICM", bytes(128) + b"DICM", bytes(4000)])
def test_files_that_are_none_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "film.dcm"
    path.write_bytes(content)
    with pytest.raises(UnreadableObjectError, match="not a readable DICOM file"):
        read_header(path)


@pytest.mark.parametrize("syntax", SYNTAXES[:3])
def test_cut_inside_an_element_is_refused(tmp_path: Path, syntax: str) -> None:
    whole = encoded(syntax)
    needle = b"MONOCHROME2 "
    place = whole.index(needle)
    cut = tmp_path / "cut.dcm"
    # In its value, in its length or VR, in its tag.
    for end in (place + 3, place - 1, place - 6):
        cut.write_bytes(whole[:end])
        with pytest.raises(UnreadableObjectError, match=r"cut off|not a readable"):
            read_header(cut)


def test_disk_that_fails_is_no_unreadable_film(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_header(tmp_path / "absent.dcm")
    with pytest.raises(IsADirectoryError):
        read_header(tmp_path)


def test_error_quotes_no_value_of_the_file(tmp_path: Path) -> None:
    whole = film(tmp_path / "film.dcm", PatientName="Geheim^Gerda").read_bytes()
    path = tmp_path / "cut.dcm"
    path.write_bytes(whole[: whole.index(b"Gerda") + 2])
    with pytest.raises(UnreadableObjectError) as caught:
        read_header(path)
    assert "Geheim" not in str(caught.value)


@pytest.mark.parametrize("read", [read_header, read_whole])
def test_deflated_data_are_looked_through_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, read: Callable[[Path], FileDataset]
) -> None:
    path = film(tmp_path / "film.dcm", syntax=DeflatedExplicitVRLittleEndian)
    assert read(path).Rows == 96
    monkeypatch.setattr(header, "MAXIMUM_INFLATED_BYTES", 10_000)
    with pytest.raises(UnreadableObjectError, match="more than 10000 bytes"):
        read(path)
