"""Marks as items of a presentation state, PS3.3 C.10.5 (annotations) and C.10.7 (layers)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import numpy as np
from highdicom.color import CIELabColor
from highdicom.pr import GraphicLayer, GraphicObject, TextObject
from pydicom.dataset import Dataset

from core.marks import Layer, Marks, Outline, TextMark
from dicom_sr.elements import put, reference
from dicom_sr.source import Film
from dicom_sr.wording_table import Word, Wording

_WHITE: Final = 0xFFFF
_DASHES: Final = 0x00FF00FF
"""Line Pattern: half of the line is drawn."""
_BLACK: Final = CIELabColor(0, 0, 0)
_COLOURS: Final[Mapping[str, CIELabColor]] = {
    Layer.NOTICE: CIELabColor(100, 0, 0),
    Layer.FINDINGS: CIELabColor(83, 6, 85),
    Layer.UNCERTAIN: CIELabColor(76, -17, -34),
    Layer.SENTENCES: CIELabColor(82, 23, -19),
}
"""White, amber, sky blue and lilac: told apart by all who see colours differently."""
_DESCRIPTIONS: Final[Mapping[str, Word]] = {
    Layer.FINDINGS: Word.LAYER_PRESENT,
    Layer.UNCERTAIN: Word.LAYER_UNCERTAIN,
    Layer.SENTENCES: Word.LAYER_SENTENCES,
}


def annotation_items(marks: Marks, film: Film, names: Mapping[str, str]) -> list[Dataset]:
    """Give the items of the Graphic Annotation Sequence.

    One for each finding and layer, in the order of the marks: the notice's first.

    Parameters
    ----------
    marks
        What is drawn.
    film
        The film below them.
    names
        The tracking identifier of each tracking UID that the marks have.
    """
    grouped: dict[tuple[str, str | None], tuple[list[TextObject], list[GraphicObject]]] = {}
    for text in marks.texts:
        side = "RIGHT" if marks.beside_left(text) else "LEFT"
        grouped.setdefault(_key(text), ([], []))[0].append(_text(text, names, side))
    for outline in marks.outlines:
        grouped.setdefault(_key(outline), ([], []))[1].append(_graphic(outline, names))
    return [
        _item(layer, texts, graphics, film) for (layer, _), (texts, graphics) in grouped.items()
    ]


def layer_items(marks: Marks, notice: str, wording: Wording) -> list[Dataset]:
    """Give the items of the Graphic Layer Sequence: the layers in use, the notice's lowest."""
    used = {text.layer for text in marks.texts} | {outline.layer for outline in marks.outlines}
    descriptions = {
        Layer.NOTICE.value: notice,
        **{layer: wording.word(word) for layer, word in _DESCRIPTIONS.items()},
    }
    items: list[Dataset] = []
    for order, layer in enumerate((one for one in Layer if one in used), start=1):
        item = GraphicLayer(layer.value, order, descriptions[layer], _COLOURS[layer])
        put(item, "GraphicLayerRecommendedDisplayGrayscaleValue", _WHITE)
        items.append(item)
    return items


def _key(thing: Outline | TextMark) -> tuple[str, str | None]:
    """Give what shares an item: one finding's marks; the notice's lines stay together."""
    return thing.layer, None if thing.layer == Layer.NOTICE else thing.tracking_uid


def _item(
    layer: str,
    texts: Sequence[TextObject],
    graphics: Sequence[GraphicObject],
    film: Film,
) -> Dataset:
    item = Dataset()
    put(item, "ReferencedImageSequence", [reference(film.sop_class_uid, film.sop_instance_uid)])
    put(item, "GraphicLayer", layer)
    if texts:
        put(item, "TextObjectSequence", texts)
    if graphics:
        put(item, "GraphicObjectSequence", graphics)
    return item


def _text(mark: TextMark, names: Mapping[str, str], side: str) -> TextObject:
    uid = mark.tracking_uid
    return TextObject(
        # Legal in VR ST, where highdicom refuses it.
        mark.words.replace("\\", "/"),
        "PIXEL",
        bounding_box=(mark.left, mark.top, mark.right, mark.bottom),
        anchor_point=mark.anchor,
        text_justification=side,
        tracking_id=names[uid] if uid else None,
        tracking_uid=uid,
    )


def _graphic(outline: Outline, names: Mapping[str, str]) -> GraphicObject:
    uid = outline.tracking_uid
    graphic = GraphicObject(
        "POLYLINE",
        np.array(outline.points),
        "PIXEL",
        tracking_id=names[uid] if uid else None,
        tracking_uid=uid,
    )
    if outline.dashed:
        put(graphic, "LineStyleSequence", [_dashed(_COLOURS[outline.layer])])
    return graphic


def _dashed(colour: CIELabColor) -> Dataset:
    """Give the style of a broken line, PS3.3 C.10.5 and its Line Style Sequence.

    The standard has all of it or none, so that a thickness and a shadow are said, too.
    """
    style = Dataset()
    values: Iterable[tuple[str, object]] = (
        ("ShadowStyle", "OFF"),
        ("ShadowOffsetX", 0.0),
        ("ShadowOffsetY", 0.0),
        ("ShadowColorCIELabValue", list(_BLACK.value)),
        ("ShadowOpacity", 0.0),
        ("PatternOnColorCIELabValue", list(colour.value)),
        ("PatternOnOpacity", 1.0),
        ("LineThickness", 1.0),
        ("LineDashingStyle", "DASHED"),
        ("LinePattern", _DASHES),
    )
    for keyword, value in values:
        put(style, keyword, value)
    return style
