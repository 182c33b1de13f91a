"""The OHIF viewer takes our coded results.

Covers: all readings through what OHIF's extension does with a TID 1500 report: it takes the report,
finds the film, lists each finding once, draws each placed one on the film, and does not take it for
measurements of its own. Not covered: the viewer itself in a browser. Known of the viewer: of
several boxes of one finding it draws the first, since it puts groups of one tracking UID together.
"""

from collections.abc import Callable
from io import BytesIO

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset

from core.reading import Reading
from core.states import ResultKind
from dicom_sr.build import build_all, encoded
from dicom_sr.context import BuildContext, SrClass, Variant
from dicom_sr.graphics import closed_polyline, pixel_rectangle
from tests.dicom_sr import ohif
from tests.dicom_sr.headers import COLUMNS, ROWS, film_header
from tests.dicom_sr.readings import ABSENT_AND_UNCERTAIN, EDGES, ORDINARY, READINGS, draft_of

_FILM = film_header()


def written(
    reading: Reading,
    kind: ResultKind = ResultKind.FINDINGS_SR,
    sr_class: SrClass = "comprehensive3d",
) -> Dataset:
    context = BuildContext(Variant(sr_class=sr_class))
    objects = build_all(reading, draft_of(reading), _FILM, context)
    return dcmread(BytesIO(encoded(objects[kind])))


def loaded(document: Dataset) -> ohif.Loaded:
    taken = ohif.load(document)
    assert taken is not None
    return taken


@pytest.mark.parametrize("sr_class", ["comprehensive3d", "comprehensive"])
@pytest.mark.parametrize("reading", READINGS.values(), ids=READINGS)
def test_every_reading_is_taken(reading: Reading, sr_class: SrClass) -> None:
    taken = loaded(written(reading, sr_class=sr_class))
    assert taken.images == ((_FILM.SOPClassUID, _FILM.SOPInstanceUID),)
    assert [one.tracking_uid for one in taken.measurements] == [
        finding.id for finding in reading.findings
    ]
    for measurement, finding in zip(taken.measurements, reading.findings, strict=True):
        assert len(measurement.coordinates) == min(len(finding.boxes), 1)
        for drawn in measurement.coordinates:
            assert drawn.graphic_type == "POLYLINE"
            assert drawn.sop_class_uid == _FILM.SOPClassUID
            assert drawn.sop_instance_uid == _FILM.SOPInstanceUID
            corners = closed_polyline(pixel_rectangle(finding.boxes[0], ROWS, COLUMNS))
            assert drawn.points == tuple(value for corner in corners for value in corner)
    assert not taken.rehydratable


def test_the_list_says_how_certain_and_where() -> None:
    first = loaded(written(ORDINARY)).measurements[0]
    assert first.tracking_identifier == "1 pleural effusion"
    assert ("Certainty of Finding", "87.50 %") in first.labels
    assert (ohif.FINDING_SITE, "Pleura") in first.labels


def test_of_several_boxes_the_first_is_drawn() -> None:
    assert len(EDGES.findings[1].boxes) == 2
    assert len(loaded(written(EDGES)).measurements[1].coordinates) == 1


def test_the_worded_report_is_left_to_other_viewers() -> None:
    assert ohif.load(written(ORDINARY, ResultKind.REPORT_SR)) is None


def _without(name: str) -> Callable[[Dataset], None]:
    def spoil(document: Dataset) -> None:
        document.ContentSequence = [
            item
            for item in document.ContentSequence
            if item.ConceptNameCodeSequence[0].CodeValue != name
        ]

    return spoil


def _number_without_coordinates(document: Dataset) -> None:
    container = next(
        item
        for item in document.ContentSequence
        if item.ConceptNameCodeSequence[0].CodeValue == ohif.MEASUREMENTS
    )
    for group in container.ContentSequence:
        for item in list(group.ContentSequence):
            for below in item.get("ContentSequence", ()):
                if below.ValueType == "NUM":
                    group.ContentSequence.append(below)


@pytest.mark.parametrize(
    "spoil",
    [_without(ohif.LIBRARY), _without(ohif.MEASUREMENTS), _number_without_coordinates],
    ids=["no image library", "no imaging measurements", "a number without coordinates"],
)
def test_what_breaks_the_viewer_is_noticed(spoil: Callable[[Dataset], None]) -> None:
    document = written(ABSENT_AND_UNCERTAIN)
    spoil(document)
    with pytest.raises(ohif.OhifError):
        ohif.load(document)
