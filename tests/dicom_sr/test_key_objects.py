"""The key object selection: when there is one, what it names and what it says.

Covers: references in content and evidence, description, UIDs, validators. All odd headers are
tests/conformance's, and which peer gets it is the gateway's.
"""

from pathlib import Path
from typing import Any

import pytest
from pydicom.dataset import Dataset

from core.labels import Label
from core.reading import Flag, Presence, Reading
from core.states import ResultKind
from dicom_sr.build import build_all, encoded
from dicom_sr.context import BuildContext
from dicom_sr.key_objects import build_key_objects
from tests.dicom_sr.headers import NASTY, film_header
from tests.dicom_sr.pictures import picture
from tests.dicom_sr.readings import (
    ABSENT_AND_UNCERTAIN,
    DEMO,
    HOSTILE,
    NO_FINDING,
    ORDINARY,
    draft_of,
    make_reading,
)
from tests.peers.pixelmed import pixelmed
from tests.peers.validators import complaints

ALL = tuple(ResultKind)


def built(reading: Reading, kinds: tuple[ResultKind, ...] = ALL, **header: Any) -> Dataset:
    shown = picture(64, 55)
    return build_all(
        reading,
        draft_of(reading),
        film_header(**header),
        BuildContext(),
        kinds=kinds,
        picture=shown,
    )[ResultKind.KEY_OBJECTS]


def items(selection: Dataset, *types: str) -> list[Dataset]:
    return [item for item in selection.ContentSequence if item.ValueType in types]


def evidence(selection: Dataset) -> set[str]:
    (study,) = selection.CurrentRequestedProcedureEvidenceSequence
    return {
        reference.ReferencedSOPInstanceUID
        for series in study.ReferencedSeriesSequence
        for reference in series.ReferencedSOPSequence
    }


def description(selection: Dataset) -> str:
    (text,) = (
        item
        for item in items(selection, "TEXT")
        if item.ConceptNameCodeSequence[0].CodeValue == "113012"
    )
    return str(text.TextValue)


def test_it_is_of_interest_and_names_the_film() -> None:
    selection = built(ORDINARY, (ResultKind.KEY_OBJECTS,))
    (title,) = selection.ConceptNameCodeSequence
    assert (title.CodeValue, title.CodingSchemeDesignator) == ("113000", "DCM")
    (image,) = items(selection, "IMAGE")
    (named,) = image.ReferencedSOPSequence
    assert named.ReferencedSOPInstanceUID == film_header().SOPInstanceUID
    assert "ConceptNameCodeSequence" not in image
    assert evidence(selection) == {film_header().SOPInstanceUID}
    assert not items(selection, "COMPOSITE")


def test_it_names_the_other_results_as_far_as_they_are_there() -> None:
    header, shown = film_header(), picture(64, 55)
    objects = build_all(
        ORDINARY, draft_of(ORDINARY), header, BuildContext(), kinds=ALL, picture=shown
    )
    selection = objects[ResultKind.KEY_OBJECTS]
    film, burned = items(selection, "IMAGE")
    (named,) = film.ReferencedSOPSequence
    (marks,) = named.ReferencedSOPSequence
    uids = {kind: dataset.SOPInstanceUID for kind, dataset in objects.items()}
    assert marks.ReferencedSOPInstanceUID == uids[ResultKind.GSPS]
    (capture,) = burned.ReferencedSOPSequence
    assert capture.ReferencedSOPInstanceUID == uids[ResultKind.SECONDARY_CAPTURE]
    reports = [
        item.ReferencedSOPSequence[0].ReferencedSOPInstanceUID
        for item in items(selection, "COMPOSITE")
    ]
    assert reports == [uids[ResultKind.FINDINGS_SR], uids[ResultKind.REPORT_SR]]
    unnamed = {ResultKind.KEY_OBJECTS, ResultKind.PDF}
    assert evidence(selection) == {header.SOPInstanceUID} | {
        uid for kind, uid in uids.items() if kind not in unnamed
    }


def test_what_names_other_things_is_another_object() -> None:
    alone = built(ORDINARY, (ResultKind.KEY_OBJECTS,))
    beside = built(ORDINARY, (ResultKind.KEY_OBJECTS, ResultKind.GSPS))
    again = built(ORDINARY, (ResultKind.KEY_OBJECTS, ResultKind.GSPS))
    assert alone.SOPInstanceUID != beside.SOPInstanceUID
    assert encoded(beside) == encoded(again)


def test_it_says_what_was_flagged_under_the_banner() -> None:
    words = description(built(ORDINARY))
    assert words.startswith("AI draft, research use, not a medical device. Flagged: ")
    assert "pleural effusion, left 88 %" in words
    assert "DEMO MODEL" in description(built(DEMO))
    unsure = description(built(ABSENT_AND_UNCERTAIN))
    assert "uncertain: pneumonia" in unsure
    assert "pneumothorax" not in unsure


def test_a_flag_without_a_statement_is_named() -> None:
    flags = [Flag(Label.EDEMA, Presence.PRESENT, 0.9), Flag(Label.FRACTURE, Presence.UNCERTAIN)]
    words = description(built(make_reading(flags=flags)))
    assert words.endswith("Flagged: edema; uncertain: fracture")


def test_nothing_flagged_gives_no_key_image() -> None:
    objects = build_all(
        NO_FINDING,
        draft_of(NO_FINDING),
        film_header(),
        BuildContext(),
        kinds=ALL,
        picture=picture(64, 55),
    )
    assert ResultKind.KEY_OBJECTS not in objects
    assert ResultKind.PDF in objects
    with pytest.raises(ValueError, match="nothing was flagged"):
        build_key_objects(NO_FINDING, draft_of(NO_FINDING), film_header(), BuildContext(), {})


@pytest.mark.parametrize("name", ["sound", "nearly everything missing", "korean"])
def test_odd_headers(name: str, tmp_path: Path) -> None:
    path = tmp_path / "selection.dcm"
    path.write_bytes(encoded(built(ORDINARY, **NASTY[name])))
    assert complaints(path) == []


def test_hostile_words(tmp_path: Path) -> None:
    path = tmp_path / "selection.dcm"
    path.write_bytes(encoded(built(HOSTILE)))
    assert complaints(path) == []


@pytest.mark.slow
def test_pixelmed(tmp_path: Path) -> None:
    path = tmp_path / "selection.dcm"
    path.write_bytes(encoded(built(ORDINARY)))
    assert pixelmed(path) == []
