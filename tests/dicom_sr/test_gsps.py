"""The presentation state.

Covers: coordinates, labels, what is drawn and what is named, layers, displayed area, grey scale,
references and refusals; through dcmtk's dcmp2pgm, that a bright bone stays bright. The validators
judge it in test_validators. Not covered: how viewers draw it.
"""

import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian

from core.errors import UnreadableObjectError
from core.labels import Label
from core.marks import Layer
from core.reading import Box, Reading, ReportSentence
from core.states import ResultKind
from dicom_sr.build import build_all, encoded
from dicom_sr.context import BuildContext, PresentationLutShape, Variant
from dicom_sr.elements import put
from dicom_sr.gsps import build_gsps
from dicom_sr.wording_table import Word, built_in_wording
from tests.dicom_sr.headers import COLUMNS, ROWS, film_header, lut_item
from tests.dicom_sr.readings import (
    ABSENT_AND_UNCERTAIN,
    EDGES,
    EVERY_LABEL,
    NO_FINDING,
    ORDINARY,
    PLACELESS,
    READINGS,
    THIRTY,
    draft_of,
    make_reading,
)
from tests.peers.programs import program


def built(reading: Reading, shape: PresentationLutShape = "auto", **header: Any) -> Dataset:
    context = BuildContext(Variant(presentation_lut_shape=shape))
    return build_gsps(reading, draft_of(reading), film_header(**header), context)


def texts(gsps: Dataset) -> list[Dataset]:
    return [
        text
        for annotation in gsps.GraphicAnnotationSequence
        for text in annotation.get("TextObjectSequence", ())
    ]


def graphics(gsps: Dataset) -> list[Dataset]:
    return [
        graphic
        for annotation in gsps.GraphicAnnotationSequence
        for graphic in annotation.get("GraphicObjectSequence", ())
    ]


def rectangle(text: Dataset) -> tuple[float, float, float, float]:
    left, top = text.BoundingBoxTopLeftHandCorner
    right, bottom = text.BoundingBoxBottomRightHandCorner
    return left, top, right, bottom


def overlap(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    return max(width, 0.0) * max(height, 0.0)


def test_coordinates_are_those_of_the_pixels_edges() -> None:
    graphic = graphics(built(EDGES))[0]
    assert graphic.GraphicAnnotationUnits == "PIXEL"
    assert graphic.NumberOfGraphicPoints == 5
    expected = [0, 0, COLUMNS, 0, COLUMNS, ROWS, 0, ROWS, 0, 0]
    assert list(graphic.GraphicData) == expected


def test_marks_lie_where_the_reports_regions_do() -> None:
    objects = build_all(EDGES, draft_of(EDGES), film_header(), BuildContext())
    regions = [
        element.value
        for element in objects[ResultKind.FINDINGS_SR].iterall()
        if element.keyword == "GraphicData"
    ]
    assert [list(g.GraphicData) for g in graphics(objects[ResultKind.GSPS])] == [
        list(region) for region in regions
    ]


@pytest.mark.parametrize("name", ["thirty", "edges", "placeless", "no finding"])
@pytest.mark.parametrize("size", [(ROWS, COLUMNS), (3000, 512), (64, 65535), (16, 16)])
def test_labels_lie_inside_the_film(name: str, size: tuple[int, int]) -> None:
    rows, columns = size
    for text in texts(built(READINGS[name], Rows=rows, Columns=columns)):
        left, top, right, bottom = rectangle(text)
        assert 0 <= left < right <= columns
        assert 0 <= top < bottom <= rows


@pytest.mark.parametrize("reading", [ORDINARY, THIRTY, EDGES], ids=["few", "thirty", "edges"])
def test_labels_cover_neither_one_another_nor_their_box(reading: Reading) -> None:
    gsps = built(reading)
    places = [rectangle(text) for text in texts(gsps)]
    for index, place in enumerate(places):
        assert all(overlap(place, other) < 1 for other in places[index + 1 :])
    for annotation in gsps.GraphicAnnotationSequence[1:]:
        pairs = zip(annotation.GraphicObjectSequence, annotation.TextObjectSequence, strict=True)
        for graphic, text in pairs:
            left, top, _, _, right, bottom, *_ = graphic.GraphicData
            if (right - left, bottom - top) != (COLUMNS, ROWS):
                assert overlap(rectangle(text), (left, top, right, bottom)) < 1


def test_a_label_apart_from_its_box_is_tied_to_it_by_a_line() -> None:
    anchored = [text for text in texts(built(EVERY_LABEL)) if "AnchorPoint" in text]
    assert anchored
    boxes = [graphic.GraphicData for graphic in graphics(built(EVERY_LABEL))]
    for text in anchored:
        column, row = text.AnchorPoint
        assert text.AnchorPointVisibility == "Y"
        assert any(box[0] <= column <= box[4] and box[1] <= row <= box[5] for box in boxes)
    assert not [text for text in texts(built(ORDINARY)) if "AnchorPoint" in text]


def test_words_left_of_their_box_end_at_it() -> None:
    for annotation in built(THIRTY).GraphicAnnotationSequence[1:]:
        (graphic,), (text,) = annotation.GraphicObjectSequence, annotation.TextObjectSequence
        left = rectangle(text)[2] <= graphic.GraphicData[0]
        beside = rectangle(text)[1] <= graphic.GraphicData[5] and (
            rectangle(text)[3] >= graphic.GraphicData[1]
        )
        side = text.BoundingBoxTextHorizontalJustification
        assert side == ("RIGHT" if left and beside else "LEFT")
    sides = {text.BoundingBoxTextHorizontalJustification for text in texts(built(THIRTY))}
    assert sides == {"LEFT", "RIGHT"}


def test_captions_say_label_side_and_percent() -> None:
    words = [text.UnformattedTextValue for text in texts(built(ORDINARY))]
    assert "pleural effusion, left 88 %" in words
    assert "cardiomegaly 88 %" in words
    uncertain = [text.UnformattedTextValue for text in texts(built(ABSENT_AND_UNCERTAIN))]
    assert "uncertain: atelectasis" in uncertain


def test_absent_findings_are_neither_drawn_nor_named() -> None:
    gsps = built(ABSENT_AND_UNCERTAIN)
    assert len(graphics(gsps)) == 1
    assert not any("pneumothorax" in text.UnformattedTextValue for text in texts(gsps))


def test_what_has_no_place_is_named() -> None:
    words = [text.UnformattedTextValue for text in texts(built(ORDINARY))]
    assert "AI, place not given: consolidation, right 88 %" in words
    many = [text.UnformattedTextValue for text in texts(built(PLACELESS))]
    assert many[-1] == "AI: 6 more in the report"
    assert len(many) == 1 + 8


def test_nothing_found_is_said_and_not_drawn() -> None:
    gsps = built(NO_FINDING)
    assert texts(gsps)[1].UnformattedTextValue == built_in_wording().word(Word.NOTHING_MARKED)
    assert not graphics(gsps)
    assert len(gsps.GraphicLayerSequence) == 1


def test_what_is_uncertain_is_dashed_and_in_a_layer_of_its_own() -> None:
    gsps = built(ABSENT_AND_UNCERTAIN)
    (graphic,) = graphics(gsps)
    (style,) = graphic.LineStyleSequence
    assert (style.LineDashingStyle, style.LinePattern) == ("DASHED", 0x00FF00FF)
    assert not any("LineStyleSequence" in graphic for graphic in graphics(built(ORDINARY)))
    layers = {layer.GraphicLayer: layer for layer in gsps.GraphicLayerSequence}
    assert list(layers) == [Layer.NOTICE, Layer.UNCERTAIN]
    colour = layers[Layer.UNCERTAIN].GraphicLayerRecommendedDisplayCIELabValue
    assert list(style.PatternOnColorCIELabValue) == list(colour)


def test_layers_are_told_apart_and_drawn_in_their_order() -> None:
    reading = replace(
        make_reading(
            [
                replace(ABSENT_AND_UNCERTAIN.findings[2], label=Label.EDEMA),
                ORDINARY.findings[0],
            ]
        ),
        sentences=(ReportSentence("A line.", (), (Box(0.1, 0.1, 0.2, 0.2),)),),
    )
    gsps = built(reading)
    layers = gsps.GraphicLayerSequence
    assert [layer.GraphicLayer for layer in layers] == list(Layer)
    assert [layer.GraphicLayerOrder for layer in layers] == [1, 2, 3, 4]
    colours = {tuple(layer.GraphicLayerRecommendedDisplayCIELabValue) for layer in layers}
    assert len(colours) == 4
    annotations = gsps.GraphicAnnotationSequence
    assert [annotation.GraphicLayer for annotation in annotations] == list(Layer)
    (sentence,) = annotations[3].GraphicObjectSequence
    assert "TrackingUID" not in sentence


def test_each_mark_is_tied_to_its_finding() -> None:
    finding = ORDINARY.findings[0]
    annotation = built(ORDINARY).GraphicAnnotationSequence[1]
    for mark in (*annotation.GraphicObjectSequence, *annotation.TextObjectSequence):
        assert mark.TrackingUID == finding.id
        assert mark.TrackingID == "1 pleural effusion"


@pytest.mark.parametrize("name", READINGS)
def test_short_values_are_short(name: str) -> None:
    gsps = built(READINGS[name])
    layers = [layer.GraphicLayer for layer in gsps.GraphicLayerSequence]
    assert all(len(value) <= 16 for value in [gsps.ContentLabel, *layers])
    assert {a.GraphicLayer for a in gsps.GraphicAnnotationSequence} == set(layers)
    assert all(len(text.UnformattedTextValue) <= 1024 for text in texts(gsps))
    assert "^" in str(gsps.ContentCreatorName)


@pytest.mark.parametrize(
    ("photometric", "shape", "expected"),
    [
        ("MONOCHROME1", "auto", "INVERSE"),
        ("MONOCHROME2", "auto", "IDENTITY"),
        ("MONOCHROME1", "IDENTITY", "IDENTITY"),
        ("MONOCHROME2", "INVERSE", "INVERSE"),
    ],
)
def test_presentation_lut_shape(
    photometric: str, shape: PresentationLutShape, expected: str
) -> None:
    # The film's own shape says what the photometric interpretation says already.
    gsps = built(
        ORDINARY, shape, PhotometricInterpretation=photometric, PresentationLUTShape="INVERSE"
    )
    assert gsps.PresentationLUTShape == expected


def test_displayed_area_is_counted_from_1_and_holds_the_film() -> None:
    area = built(ORDINARY).DisplayedAreaSelectionSequence[0]
    assert list(area.DisplayedAreaTopLeftHandCorner) == [1, 1]
    assert list(area.DisplayedAreaBottomRightHandCorner) == [COLUMNS, ROWS]
    assert list(area.PresentationPixelAspectRatio) == [1, 1]
    assert "PresentationPixelSpacing" not in area


def test_pixels_that_are_not_square_keep_their_shape() -> None:
    wide = built(ORDINARY, ImagerPixelSpacing=["0.2", "0.1"]).DisplayedAreaSelectionSequence[0]
    vertical, horizontal = wide.PresentationPixelAspectRatio
    assert vertical == 2 * horizontal


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ({}, (2048, 4096)),
        ({"WindowCenter": ["9", "1500"], "WindowWidth": ["0", "2000"]}, (1500, 2000)),
        (
            {"WindowWidth": "0", "SmallestImagePixelValue": 0, "LargestImagePixelValue": 99},
            (50, 100),
        ),
        (
            {
                "WindowWidth": None,
                "SmallestImagePixelValue": 10,
                "LargestImagePixelValue": 19,
                "RescaleSlope": "-2",
                "RescaleIntercept": "100",
            },
            (71.5, 19),
        ),
    ],
    ids=["one", "the first sound one", "from the range", "from the range, rescaled"],
)
def test_one_window(header: dict[str, Any], expected: tuple[float, float]) -> None:
    (voi,) = built(ORDINARY, **header).SoftcopyVOILUTSequence
    assert (voi.WindowCenter, voi.WindowWidth) == expected


def test_a_table_goes_before_a_window() -> None:
    (voi,) = built(ORDINARY, VOILUTSequence=[lut_item()]).SoftcopyVOILUTSequence
    assert list(voi.VOILUTSequence[0].LUTDescriptor) == [4096, 0, 16]
    assert "WindowCenter" not in voi


def test_no_grey_scale_is_invented() -> None:
    assert "SoftcopyVOILUTSequence" not in built(ORDINARY, WindowCenter=None, WindowWidth="0")


def test_a_colour_film_gets_no_grey_presentation_state() -> None:
    header = film_header(PhotometricInterpretation="RGB", SamplesPerPixel=3)
    objects = build_all(ORDINARY, draft_of(ORDINARY), header, BuildContext())
    assert set(objects) == {ResultKind.FINDINGS_SR, ResultKind.REPORT_SR}
    with pytest.raises(ValueError, match="needs a grey film"):
        build_gsps(ORDINARY, draft_of(ORDINARY), header, BuildContext())


def test_a_header_without_a_size_is_refused() -> None:
    with pytest.raises(UnreadableObjectError, match="no usable Rows"):
        built(ORDINARY, Rows=0)


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
@pytest.mark.parametrize("table", [False, True], ids=["window", "modality table"])
def test_dcmtk_shows_a_bright_bone_bright(
    photometric: str,
    table: bool,  # noqa: FBT001
    tmp_path: Path,
) -> None:
    """A film whose left half is bone: bright in the rendering, whatever its polarity."""
    pixels = np.zeros((64, 64), np.uint16)
    pixels[:, :32] = 4095
    if photometric == "MONOCHROME1":
        pixels = 4095 - pixels
    film = film_header(
        Rows=64,
        Columns=64,
        PhotometricInterpretation=photometric,
        ModalityLUTSequence=[lut_item("ModalityLUTType")] if table else None,
    )
    put(film, "PixelData", pixels.tobytes())
    put(film, "SmallestImagePixelValue", None)
    film["PixelData"].VR = "OW"
    film.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    film.file_meta.MediaStorageSOPClassUID = film.SOPClassUID
    film.file_meta.MediaStorageSOPInstanceUID = film.SOPInstanceUID
    film.save_as(tmp_path / "film.dcm", implicit_vr=False, little_endian=True)
    gsps = build_gsps(ORDINARY, draft_of(ORDINARY), film, BuildContext())
    (tmp_path / "gsps.dcm").write_bytes(encoded(gsps))
    files = [tmp_path / name for name in ("gsps.dcm", "film.dcm", "shown.pgm")]
    subprocess.run([program("dcmp2pgm", "dcmtk"), "-p", *files], check=True, timeout=60)
    shown = np.asarray(Image.open(tmp_path / "shown.pgm"))
    assert shown.shape == (64, 64)
    assert shown[:, :32].min() > 200
    assert shown[:, 32:].max() < 50
