"""How the smallest parts of our documents are read back: words, shares, boxes, coded words."""

import numpy as np

from core.errors import UnreadableObjectError
from core.labels import Label, Side, Site
from core.marks import Point
from core.reading import Box, Presence, Remark, ReportSentence
from dicom_sr import concepts
from dicom_sr.code_table import CodeTable, Group
from dicom_sr.content_tree import Coded, Node
from dicom_sr.content_values import code_of, graphic_of, number_of, text_of, uid_of
from dicom_sr.read_back_part import Size

_PERCENT = 100.0


def words_of(node: Node | None) -> str:
    """Give a text with line feeds between its lines; empty where there is none."""
    return "" if node is None else text_of(node).replace("\r\n", "\n")


def share_of(node: Node | None) -> float | None:
    """Give a percentage as a share; None where there is none.

    Raises
    ------
    UnreadableObjectError
        If the item has no number.
    """
    if node is None:
        return None
    number = number_of(node)
    if number is None:
        message = "a certainty without a number"
        raise UnreadableObjectError(message)
    return number.value / _PERCENT


def label_of(code: Coded | None, codes: CodeTable) -> Label:
    """Give the label that a code stands for.

    Raises
    ------
    UnreadableObjectError
        If it stands for none.
    """
    return Label(_word(code, Group.LABELS, codes))


def presence_of(node: Node, codes: CodeTable) -> Presence:
    """Give the presence that a CODE states; raises as `label_of`."""
    return Presence(_word(code_of(node), Group.PRESENCES, codes))


def side_of(node: Node | None, codes: CodeTable) -> Side | None:
    """Give the side that a CODE states, None where there is none; raises as `label_of`."""
    return None if node is None else Side(_word(code_of(node), Group.SIDES, codes))


def site_of(node: Node, codes: CodeTable) -> Site:
    """Give the site that a CODE states; raises as `label_of`."""
    return Site(_word(code_of(node), Group.SITES, codes))


def _word(code: Coded | None, group: Group, codes: CodeTable) -> str:
    found = None if code is None else codes.word_of(group, code.value, code.scheme)
    if found is None:
        what = "nothing" if code is None else f"{code.value} of {code.scheme}"
        message = f"no word of ours for a code of {group.value}: {what}"
        raise UnreadableObjectError(message)
    return found


def box_of(points: tuple[Point, ...], size: Size) -> Box:
    """Give the box of a closed outline of ours.

    A box that is thinner than single precision can tell, and came out as a line, is as thick as
    the least step of that precision.

    Raises
    ------
    UnreadableObjectError
        If the outline is no rectangle on the film.
    """
    rows, columns = size
    across, down = ([point[axis] for point in points] for axis in (0, 1))
    left, right = _apart(min(across), max(across), columns)
    top, bottom = _apart(min(down), max(down), rows)
    try:
        return Box(left / columns, top / rows, right / columns, bottom / rows)
    except ValueError as error:
        message = f"a region that is no box on the film: {error}"
        raise UnreadableObjectError(message) from error


def _apart(low: float, high: float, limit: int) -> tuple[float, float]:
    if low != high:
        return low, high
    if high < limit:
        return low, float(np.nextafter(np.float32(high), np.float32(np.inf)))
    return float(np.nextafter(np.float32(low), np.float32(-np.inf))), high


def region_of(node: Node, size: Size) -> Box:
    """Give the box of an SCOORD; raises as `box_of`."""
    graphic = graphic_of(node)
    if graphic is None or graphic.sort != "POLYLINE":
        message = "a region of ours is a polyline"
        raise UnreadableObjectError(message)
    return box_of(graphic.points, size)


def remarks_of(section: Node | None) -> tuple[tuple[Remark, ...], tuple[Remark, ...]]:
    """Give the remarks of a quality section: on the picture, and on the answer."""
    if section is None:
        return (), ()
    quality, checks = (
        tuple(
            Remark(words_of(node.first(concepts.REMARK_CODE)), words_of(node))
            for node in section.named(name)
        )
        for name in (concepts.QUALITY_FINDING, concepts.CHECK)
    )
    return quality, checks


def sentences_of(section: Node | None, size: Size | None) -> tuple[ReportSentence, ...]:
    """Give the sentences of their section; without the film's size they have no boxes."""
    if section is None:
        return ()
    return tuple(
        ReportSentence(
            words_of(node),
            tuple(
                uid
                for link in node.named(concepts.TRACKING_UID)
                if (uid := uid_of(link)) is not None
            ),
            ()
            if size is None
            else tuple(region_of(one, size) for one in node.named(concepts.IMAGE_REGION)),
        )
        for node in section.named(concepts.FINDING)
    )
