"""Presentation states of any origin become plain marks.

Covers: our own states of all readings, equal to the marks that they were made of; units, turned and
cut-out displays, every graphic type, line styles, layers, texts with and without a box; which film
an annotation is on; what is left out; hostile values. Not covered: shutters, overlays and compound
graphics beyond that they are counted.
"""

import math
from io import BytesIO
from typing import Any

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset

from core.errors import UnreadableObjectError
from core.marks import Marks, Point
from core.reading import Reading
from core.states import ResultKind
from dicom_sr.build import build_all, encoded
from dicom_sr.context import BuildContext
from dicom_sr.presentation_marks import MOST_MARKS, ReadMarks, films_of, read_marks
from dicom_sr.source import read_source
from tests.dicom_sr.headers import film_header
from tests.dicom_sr.readings import READINGS, draft_of

FILM = "1.2.3"
ROWS, COLUMNS = 200, 100


@pytest.mark.parametrize("reading", READINGS.values(), ids=READINGS)
def test_our_own_marks_come_back(reading: Reading) -> None:
    header = film_header()
    version, context = draft_of(reading), BuildContext()
    state = build_all(reading, version, header, context)[ResultKind.GSPS]
    film = read_source(header).film
    again = dcmread(BytesIO(encoded(state)))
    assert films_of(again) == (film.sop_instance_uid,)
    read = read_marks(again, film.sop_instance_uid, rows=film.rows, columns=film.columns)
    assert read.left_out == ()
    drawn = [outline.tracking_uid for outline in read.marks.outlines]
    boxes = [finding.id for finding in reading.findings for _ in finding.boxes]
    assert [uid for uid in drawn if uid is not None] == boxes
    assert read.marks.texts[0].words.startswith("AI draft")


def named(uid: str = FILM, **values: Any) -> Dataset:
    item = Dataset()
    item.ReferencedSOPInstanceUID = uid
    for keyword, value in values.items():
        setattr(item, keyword, value)
    return item


def graphic(sort: str, *numbers: float, unit: str = "PIXEL", **values: Any) -> Dataset:
    item = Dataset()
    item.GraphicAnnotationUnits, item.GraphicType = unit, sort
    item.GraphicData = list(numbers)
    for keyword, value in values.items():
        setattr(item, keyword, value)
    return item


def text(words: str, **values: Any) -> Dataset:
    item = Dataset()
    item.UnformattedTextValue = words
    for keyword, value in values.items():
        setattr(item, keyword, value)
    return item


def annotation(
    *things: Dataset, layer: str = "ONE", images: list[Dataset] | None = None
) -> Dataset:
    item = Dataset()
    item.GraphicLayer = layer
    if images is not None:
        item.ReferencedImageSequence = images
    item.GraphicObjectSequence = [one for one in things if "GraphicType" in one]
    item.TextObjectSequence = [one for one in things if "GraphicType" not in one]
    return item


def state_of(*annotations: Dataset, **values: Any) -> Dataset:
    state, series = Dataset(), Dataset()
    series.ReferencedImageSequence = [named()]
    state.ReferencedSeriesSequence = [series]
    state.GraphicAnnotationSequence = list(annotations)
    for keyword, value in values.items():
        setattr(state, keyword, value)
    return state


def read(state: Dataset) -> ReadMarks:
    return read_marks(state, FILM, rows=ROWS, columns=COLUMNS)


def line(state: Dataset) -> tuple[Point, ...]:
    (outline,) = read(state).marks.outlines
    return outline.points


def area(left: int, top: int, right: int, bottom: int) -> Dataset:
    item = Dataset()
    item.DisplayedAreaTopLeftHandCorner = [left, top]
    item.DisplayedAreaBottomRightHandCorner = [right, bottom]
    return item


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, (25.0, 20.0)),
        ({"DisplayedAreaSelectionSequence": [area(11, 21, 50, 120)]}, (20.0, 30.0)),
        ({"ImageHorizontalFlip": "Y"}, (75.0, 20.0)),
        ({"ImageRotation": 90}, (10.0, 150.0)),
        ({"ImageRotation": 180}, (75.0, 180.0)),
        ({"ImageRotation": 270}, (90.0, 50.0)),
        (
            {
                "ImageRotation": 180,
                "DisplayedAreaSelectionSequence": [area(100, 200, 1, 1)],
            },
            (75.0, 180.0),
        ),
    ],
    ids=["whole", "cut out", "flipped", "quarter", "half", "three quarters", "half, as written"],
)
def test_units_of_the_display(values: dict[str, Any], expected: Point) -> None:
    made = graphic("POLYLINE", 0.25, 0.1, 0.25, 0.1, unit="DISPLAY")
    assert line(state_of(annotation(made), **values)) == (expected, expected)


def test_circles_and_ellipses_are_lines_around_their_middle() -> None:
    circle = line(state_of(annotation(graphic("CIRCLE", 50, 60, 53, 64))))
    assert circle[0] == circle[-1]
    assert all(math.isclose(math.dist(point, (50, 60)), 5.0) for point in circle)
    ellipse = line(state_of(annotation(graphic("ELLIPSE", 10, 50, 50, 50, 30, 40, 30, 60))))
    assert all(math.isclose(((x - 30) / 20) ** 2 + ((y - 50) / 10) ** 2, 1.0) for x, y in ellipse)


def test_a_curve_goes_through_its_points() -> None:
    points = (10.0, 10.0), (20.0, 30.0), (40.0, 20.0)
    curve = line(state_of(annotation(graphic("INTERPOLATED", 10, 10, 20, 30, 40, 20))))
    assert set(points) <= set(curve)
    assert len(curve) > len(points)


def test_a_point_is_a_cross_over_it() -> None:
    assert (50.0, 60.0) in line(state_of(annotation(graphic("POINT", 50, 60))))


def test_layers_are_drawn_in_their_order_and_dashes_are_seen() -> None:
    lower, upper, style = Dataset(), Dataset(), Dataset()
    lower.GraphicLayer, lower.GraphicLayerOrder = "LOW", 1
    upper.GraphicLayer, upper.GraphicLayerOrder = "HIGH", 2
    style.LineDashingStyle = "DASHED"
    dashed = graphic("POLYLINE", 1, 1, 2, 2, LineStyleSequence=[style], TrackingUID="1.2.9")
    marks = read(
        state_of(
            annotation(graphic("POLYLINE", 1, 1, 2, 2), layer="HIGH"),
            annotation(dashed, layer="LOW"),
            GraphicLayerSequence=[upper, lower],
        )
    ).marks
    assert [(one.layer, one.dashed, one.tracking_uid) for one in marks.outlines] == [
        ("LOW", True, "1.2.9"),
        ("HIGH", False, None),
    ]


def test_texts_have_room_in_their_box_or_at_their_anchor() -> None:
    boxed = text(
        "one\r\n\x1b[2Jtwo",
        BoundingBoxAnnotationUnits="PIXEL",
        BoundingBoxTopLeftHandCorner=[10, 20],
        BoundingBoxBottomRightHandCorner=[60, 40],
        AnchorPointAnnotationUnits="PIXEL",
        AnchorPoint=[5, 5],
        AnchorPointVisibility="Y",
    )
    anchored = text("here", AnchorPointAnnotationUnits="DISPLAY", AnchorPoint=[0.5, 0.5])
    first, second, third = read(state_of(annotation(boxed, anchored))).marks.texts
    assert (first.words, first.top, first.bottom, first.anchor) == ("one", 20, 30, (5.0, 5.0))
    assert (second.words, second.top, second.bottom, second.anchor) == ("[2Jtwo", 30, 40, None)
    assert (third.words, third.left, third.top) == ("here", 50.0, 100.0)


@pytest.mark.parametrize(
    ("images", "seen"),
    [
        (None, True),
        ([named()], True),
        ([named(ReferencedFrameNumber=1)], True),
        ([named(ReferencedFrameNumber=[2, 3])], False),
        ([named("1.2.4")], False),
    ],
    ids=["all", "this film", "its only frame", "other frames", "another film"],
)
def test_an_annotation_is_on_the_images_that_it_names(
    images: list[Dataset] | None, *, seen: bool
) -> None:
    made = annotation(graphic("POLYLINE", 1, 1, 2, 2), images=images)
    assert bool(read(state_of(made)).marks.outlines) is seen


@pytest.mark.parametrize(
    "made",
    [
        graphic("POLYLINE", 1, 1, 2),
        graphic("POLYLINE", 1, 1),
        graphic("POLYLINE", float("nan"), 1, 2, 2),
        graphic("POLYLINE", 1e30, 1, 2, 2),
        graphic("CIRCLE", 1, 1, 2, 2, 3, 3),
        graphic("ELLIPSE", 1, 1, 2, 2),
        graphic("RULER", 1, 1, 2, 2),
        graphic("POLYLINE", 1, 1, 2, 2, unit="MATRIX"),
    ],
    ids=["odd", "one", "no number", "far off", "circle", "ellipse", "type", "unit"],
)
def test_what_makes_no_line_is_counted(made: Dataset) -> None:
    assert read(state_of(annotation(made, made))) == ReadMarks(
        Marks(ROWS, COLUMNS), ("a graphic that is not understood (2 x)",)
    )


def test_what_a_mark_cannot_say_is_counted() -> None:
    made = annotation(text("nowhere"), graphic("POLYLINE", 1, 1, 2, 2))
    made.CompoundGraphicSequence = [Dataset()]
    left_out = read(state_of(made, ShutterShape="CIRCULAR")).left_out
    assert set(left_out) == {"a text without a place", "a compound graphic", "a shutter"}


def test_a_state_of_another_film_is_refused() -> None:
    with pytest.raises(UnreadableObjectError, match="not of this film"):
        read_marks(state_of(), "1.2.4", rows=ROWS, columns=COLUMNS)


def test_more_marks_than_any_film_has_are_refused() -> None:
    made = annotation(*[graphic("POLYLINE", 1, 1, 2, 2)] * (MOST_MARKS + 1))
    with pytest.raises(UnreadableObjectError, match="more than"):
        read(state_of(made))


@pytest.mark.parametrize(
    ("keyword", "value"),
    [
        ("GraphicAnnotationSequence", "words"),
        ("GraphicLayerSequence", "words"),
        ("DisplayedAreaSelectionSequence", "words"),
    ],
)
def test_words_for_sequences_never_crash(keyword: str, value: str) -> None:
    state = state_of(annotation(graphic("POLYLINE", 1, 1, 2, 2)))
    state.add_new(keyword, "LO", value)
    read(state)
