"""Every object stands before the validators that hospitals use.

Covers: dciodvfy on all kinds, dsrdump on the reports, dcmpschk on the presentation states, over
odd readings, odd headers and real films. dciodvfy's complaint on the Device UID of contributing
equipment is the only one let through (its tables are older). dcmpschk knows no UTF-8, so its
complaints on such names do not count. Not covered: PixelMed's validator, viewers.
"""

from pathlib import Path
from typing import Any

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset

from core.reading import Reading
from core.states import ResultKind
from dicom_sr.build import build_all, encoded
from dicom_sr.context import BuildContext, Variant
from tests.dicom_sr.headers import NASTY, film_header
from tests.dicom_sr.readings import ORDINARY, READINGS, draft_of
from tests.peers.dcmtk import dcmpschk, dsrdump
from tests.peers.dicom3tools import dciodvfy

CONTEXT = BuildContext(institution="General Hospital", timezone="Europe/Berlin")
_OF_PATIENTS = (
    "PatientBirthDate (0010,0030)",
    "patientName absent",
)
REAL = (
    "dicom/RG1_J2KI.dcm",
    "dicom/cr_chest_pa_no_pixels_jp.dcm",
    "derived/dx_ap_injection_names.dcm",
    "derived/dx_pa_signed_two_windows.dcm",
    "derived/dx_pa_voi_lut_sequence.dcm",
    "derived/cr_ap_no_view_no_bodypart.dcm",
)


def complaints(
    reading: Reading, header: Dataset, context: BuildContext, folder: Path
) -> dict[ResultKind, list[str]]:
    """Build all objects and give what the validators say of each, where they say anything."""
    found = {}
    for kind, dataset in build_all(reading, draft_of(reading), header, context).items():
        path = folder / f"{kind}.dcm"
        path.write_bytes(encoded(dataset))
        lines = dciodvfy(path)
        if kind is ResultKind.GSPS:
            lines += _judged(dcmpschk(path))
        else:
            lines += [line for line in dsrdump(path).complaints if "ISO_IR 192" not in line]
        if lines:
            found[kind] = lines
    return found


def _judged(lines: list[str]) -> list[str]:
    """Take out what dcmpschk says of UTF-8, of old birth dates and of patients without a name."""
    blocks = [block for block in "\n".join(lines).split("\nE: \n") if block.isascii()]
    kept = [block for block in blocks if not any(words in block for words in _OF_PATIENTS)]
    return [block for block in kept if block not in {"", "W: Test failed - one or more errors."}]


@pytest.mark.parametrize("name", READINGS)
def test_odd_readings(name: str, tmp_path: Path) -> None:
    assert complaints(READINGS[name], film_header(), CONTEXT, tmp_path) == {}


@pytest.mark.parametrize("changes", NASTY.values(), ids=NASTY)
def test_odd_headers(changes: dict[str, Any], tmp_path: Path) -> None:
    assert complaints(ORDINARY, film_header(**changes), CONTEXT, tmp_path) == {}


@pytest.mark.parametrize("name", REAL)
def test_real_headers(name: str, real_data: Path, tmp_path: Path) -> None:
    header = dcmread(real_data / name, stop_before_pixels=True)
    assert complaints(ORDINARY, header, CONTEXT, tmp_path) == {}


@pytest.mark.parametrize("authorised", [False, True])
def test_comprehensive_sr(authorised: bool, tmp_path: Path) -> None:  # noqa: FBT001
    context = BuildContext(Variant(sr_class="comprehensive"), authorised=authorised)
    assert complaints(ORDINARY, film_header(), context, tmp_path) == {}


def test_the_validators_would_complain(tmp_path: Path) -> None:
    path = tmp_path / "broken.dcm"
    objects = build_all(ORDINARY, draft_of(ORDINARY), film_header(), CONTEXT)
    report = objects[ResultKind.REPORT_SR]
    del report.CompletionFlag
    path.write_bytes(encoded(report))
    assert dciodvfy(path)
    assert dsrdump(path).complaints
