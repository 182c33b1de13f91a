"""Every object stands before the validators that hospitals use.

Covers: dciodvfy on all kinds, dsrdump on the reports, dcmpschk on the presentation states, over
odd readings, odd headers and real films; tests/peers/leftovers.toml says what is let through, and
why. Not covered: PixelMed's validator and the other kinds (tests/conformance), viewers.
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
from tests.peers.validators import complaints

CONTEXT = BuildContext(institution="General Hospital", timezone="Europe/Berlin")
REAL = (
    "dicom/RG1_J2KI.dcm",
    "dicom/cr_chest_pa_no_pixels_jp.dcm",
    "derived/dx_ap_injection_names.dcm",
    "derived/dx_pa_signed_two_windows.dcm",
    "derived/dx_pa_voi_lut_sequence.dcm",
    "derived/cr_ap_no_view_no_bodypart.dcm",
)


def judged(
    reading: Reading, header: Dataset, context: BuildContext, folder: Path
) -> dict[ResultKind, list[str]]:
    """Build all objects and give what the validators say of each, where they say anything."""
    found = {}
    for kind, dataset in build_all(reading, draft_of(reading), header, context).items():
        path = folder / f"{kind}.dcm"
        path.write_bytes(encoded(dataset))
        if lines := complaints(path):
            found[kind] = lines
    return found


@pytest.mark.parametrize("name", READINGS)
def test_odd_readings(name: str, tmp_path: Path) -> None:
    assert judged(READINGS[name], film_header(), CONTEXT, tmp_path) == {}


@pytest.mark.parametrize("changes", NASTY.values(), ids=NASTY)
def test_odd_headers(changes: dict[str, Any], tmp_path: Path) -> None:
    assert judged(ORDINARY, film_header(**changes), CONTEXT, tmp_path) == {}


@pytest.mark.parametrize("name", REAL)
def test_real_headers(name: str, real_data: Path, tmp_path: Path) -> None:
    header = dcmread(real_data / name, stop_before_pixels=True)
    assert judged(ORDINARY, header, CONTEXT, tmp_path) == {}


@pytest.mark.parametrize("authorised", [False, True])
def test_comprehensive_sr(authorised: bool, tmp_path: Path) -> None:  # noqa: FBT001
    context = BuildContext(Variant(sr_class="comprehensive"), authorised=authorised)
    assert judged(ORDINARY, film_header(), context, tmp_path) == {}


def test_the_validators_would_complain(tmp_path: Path) -> None:
    path = tmp_path / "broken.dcm"
    objects = build_all(ORDINARY, draft_of(ORDINARY), film_header(), CONTEXT)
    report = objects[ResultKind.REPORT_SR]
    del report.CompletionFlag
    path.write_bytes(encoded(report))
    assert {line.split(":")[0] for line in complaints(path)} == {"dciodvfy", "dsrdump"}
