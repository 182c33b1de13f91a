"""The regions of other writers' findings as marks over a film.

Covers: each kind of region, what is said beside it and in which layer; findings without a place,
absent ones, regions of other images, and regions that make no line. Not covered: where labels go
(tests of `dicom_sr.label_places`).
"""

import pytest

from core.marks import Layer
from core.reading import Presence
from dicom_sr.content_tree import Coded
from dicom_sr.content_values import Instance
from dicom_sr.finding_marks import NO_PLACE, UNSTATED_LAYER, marks_of_findings
from dicom_sr.foreign_finding import ForeignFinding, ForeignFindings, Region
from dicom_sr.presentation_marks import ReadMarks
from dicom_sr.source import read_source
from tests.dicom_sr.headers import film_header

FILM = read_source(film_header()).film
HERE = Instance(FILM.sop_class_uid, FILM.sop_instance_uid)
NODULE = Coded("27925004", "SCT", "Nodule")
LEFT = Coded("7771000", "SCT", "Left")
SQUARE = Region("POLYLINE", ((100.0, 100.0), (300.0, 100.0), (300.0, 300.0)), HERE)


def marks(*findings: ForeignFinding, notices: tuple[str, ...] = ()) -> ReadMarks:
    return marks_of_findings(ForeignFindings(None, findings), FILM, notices)


def test_a_place_is_drawn_with_what_is_said_of_it() -> None:
    finding = ForeignFinding(
        NODULE,
        laterality=LEFT,
        presence=Presence.PRESENT,
        certainty=0.875,
        tracking_uid="1.2.3",
        regions=(SQUARE,),
    )
    drawn = marks(finding).marks
    (outline,), (text,) = drawn.outlines, drawn.texts
    assert (outline.points, outline.tracking_uid) == (SQUARE.points, "1.2.3")
    assert (text.words, text.tracking_uid) == ("Nodule, left 88 %", "1.2.3")


@pytest.mark.parametrize(
    ("presence", "layer", "dashed"),
    [
        (Presence.PRESENT, Layer.FINDINGS, False),
        (Presence.UNCERTAIN, Layer.UNCERTAIN, True),
        (None, UNSTATED_LAYER, False),
    ],
)
def test_layers_say_what_is_stated(presence: Presence | None, layer: str, *, dashed: bool) -> None:
    (outline,) = marks(ForeignFinding(NODULE, presence=presence, regions=(SQUARE,))).marks.outlines
    assert (outline.layer, outline.dashed) == (layer, dashed)


def test_an_absent_finding_is_not_drawn_and_said() -> None:
    read = marks(ForeignFinding(NODULE, presence=Presence.ABSENT, regions=(SQUARE, SQUARE)))
    assert read.marks.outlines == ()
    assert read.left_out == ("the place of a finding that is stated as absent (2 x)",)


def test_what_has_no_place_is_named_below_the_notices() -> None:
    placeless = ForeignFinding(None, words="Rib is broken.\r\nMore.")
    absent = ForeignFinding(NODULE, presence=Presence.ABSENT)
    texts = marks(placeless, absent, notices=("Report",)).marks.texts
    assert [(text.words, text.layer) for text in texts] == [
        ("Report", Layer.NOTICE),
        (f"{NO_PLACE}Rib is broken.", Layer.NOTICE),
    ]
    many = marks(*[placeless] * 40).marks.texts
    assert len(many) == 10
    assert many[-1].words == "31 more in the report"


def test_points_are_a_cross_each() -> None:
    region = Region("MULTIPOINT", ((10.0, 20.0), (30.0, 40.0)), HERE)
    assert len(marks(ForeignFinding(NODULE, regions=(region,))).marks.outlines) == 2


def test_regions_elsewhere_are_not_of_this_film() -> None:
    other = Region("POLYLINE", SQUARE.points, Instance("1.2", "1.2.99"))
    unknown = Region("POLYLINE", SQUARE.points, None)
    read = marks(ForeignFinding(NODULE, regions=(other, unknown)))
    assert read.marks.outlines == ()
    assert read.left_out == ("a region of which no image is told",)


@pytest.mark.parametrize(
    "region",
    [
        Region("POLYLINE", ((1e9, 0.0), (0.0, 0.0)), HERE),
        Region("CIRCLE", ((1.0, 1.0),), HERE),
        Region("BLOB", ((1.0, 1.0), (2.0, 2.0)), HERE),
    ],
    ids=["far off", "half a circle", "unknown"],
)
def test_regions_that_make_no_line_are_counted(region: Region) -> None:
    assert marks(ForeignFinding(NODULE, regions=(region,))).left_out == (
        "a region that is not understood",
    )
