"""Every file of the real data set ends as its manifest asks: header, decoding, quality gate.

No model reads them and no listener takes them in: `python -m evaluation.film_set` does it all.
"""

import csv
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydicom import dcmread

from core.errors import NotReadError, UnreadableObjectError
from core.policy_toml import built_in
from core.states import FilmState
from core.worker_settings import QualityGate
from gateway.eligibility import decide
from imaging.film import load_film
from imaging.header import read_header
from worker.quality import quality_remarks

AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
READ, NOT_READ, BROKEN = "read", "not read", "broken"
BY_EXPECTED = {
    "frontal_cxr": {READ},
    "not_chest": {NOT_READ},
    "not_radiograph": {NOT_READ},
    "not_frontal_human": {NOT_READ},
    "not_image_to_read": {NOT_READ},
    "review": {NOT_READ},
    "skip_or_review": {NOT_READ},
    "broken": {BROKEN, NOT_READ},
    "no_pixel_data": {BROKEN, NOT_READ},
}
REMARKED = "derived/dx_pa_mirrored.dcm"
"""Mirroring is remarked on: a heart on the right may be the patient's own."""


def ending(path: Path, gate: QualityGate = "refuse") -> tuple[str, str]:
    """Give what becomes of a file, and why or with which remarks."""
    try:
        said = decide(read_header(path), built_in(), None)
        if said.state is not FilmState.QUEUED:
            return NOT_READ, said.reason or ""
        remarks = quality_remarks(load_film(path).pixels, gate, asked=said.asked_of_pixels)
    except NotReadError as error:
        return NOT_READ, str(error)
    except UnreadableObjectError as error:
        return BROKEN, str(error)
    return READ, " ".join(remark.code for remark in remarks)


def test_each_file_ends_as_expected(real_data: Path) -> None:
    wrong: dict[str, tuple[str, str]] = {}
    seen = 0
    with (real_data / "MANIFEST.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            name, wanted = row["file"], BY_EXPECTED.get(row["expected"])
            if wanted is None or not name.endswith(".dcm") or "empty_studyuid" in name:
                # What has no identity is refused by the listener before anybody looks at it.
                continue
            seen += 1
            found, words = ending(real_data / name)
            remarked = name == REMARKED and (found, words) == (READ, "perhaps_mirrored")
            if found not in wanted and not remarked:
                wrong[name] = found, words
    assert seen > 35
    assert wrong == {}


@pytest.mark.parametrize(
    ("name", "begins"),
    [
        ("derived/dx_chest_labelled_hand.dcm", "not a chest film by its BodyPartExamined"),
        ("derived/cr_leg_labelled_chest_pa.dcm", "body part uncertain:"),
        ("dicom/highdicom_dx_dog_lateral.dcm", "the patient is an animal"),
        ("derived/sc_rgb_chest.dcm", "a secondary capture of no plain film"),
    ],
)
def test_the_reason_says_what_is_wrong(real_data: Path, name: str, begins: str) -> None:
    assert ending(real_data / name)[1].startswith(begins)


@pytest.mark.parametrize("gate", ["refuse", "remark", "off"])
def test_a_silent_header_is_asked_of_the_pixels_whatever_the_gate_is_set_to(
    real_data: Path, tmp_path: Path, gate: QualityGate
) -> None:
    assert ending(real_data / "derived/cr_ap_no_view_no_bodypart.dcm", gate)[0] == READ
    assert ending(real_data / "dicom/nih_00000002_000_as_sc.dcm", gate)[0] == READ
    silent = dcmread(real_data / "dicom/RG3_J2KI.dcm")
    for keyword in (
        "BodyPartExamined",
        "ViewPosition",
        "StudyDescription",
        "AcquisitionDeviceProcessingDescription",
    ):
        delattr(silent, keyword)
    leg = tmp_path / "leg.dcm"
    silent.save_as(leg)
    found, words = ending(leg, gate)
    assert found == NOT_READ
    assert words.startswith("body part and view uncertain: ")
