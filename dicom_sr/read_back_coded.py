"""Our coded result (TID 1500) read back: all of a reading but its timings."""

from collections.abc import Iterable

from core.errors import NotReadError, UnreadableObjectError
from core.labels import Side, Site
from core.reading import Box, DraftReport, Finding, Flag, Given, ModelIdentity
from dicom_sr import concepts, items
from dicom_sr.code_table import CodeTable
from dicom_sr.content_tree import Node
from dicom_sr.content_values import code_of, instances_of, number_of, uid_of
from dicom_sr.read_back_items import (
    label_of,
    presence_of,
    region_of,
    remarks_of,
    sentences_of,
    share_of,
    side_of,
    site_of,
    words_of,
)
from dicom_sr.read_back_part import NO_SIZE, ReadBack, Size

_LARGEST_SIDE = 65535
Key = tuple[str, str]
"""Tracking identifier and tracking UID."""


def library_size(root: Node) -> Size | None:
    """Give rows and columns of the film as the image library states them."""
    entry = _film_entry(root)
    if entry is None:
        return None
    sides = []
    for name in (concepts.PIXEL_DATA_ROWS, concepts.PIXEL_DATA_COLUMNS):
        node = entry.first(name)
        number = None if node is None else number_of(node)
        if number is None or not (number.value.is_integer() and 1 <= number.value <= _LARGEST_SIDE):
            return None
        sides.append(int(number.value))
    return sides[0], sides[1]


def coded_part(root: Node, codes: CodeTable, size: Size | None) -> ReadBack:
    """Read the coded result.

    Parameters
    ----------
    root
        Its content.
    codes
        The table in force where it was made.
    size
        Rows and columns of the film; None leaves boxes out and says so.

    Raises
    ------
    NotReadError
        If it has no record of a reading: an earlier release of ours, or another program, made it.
    UnreadableObjectError
        If it is not as ours are.
    """
    record = root.first(concepts.RECORD)
    if record is None:
        message = "the coded result holds no record of a reading"
        raise NotReadError(message)
    entry = _film_entry(root)
    groups = _groups(root.first(concepts.IMAGING_MEASUREMENTS))
    evaluations = root.first(concepts.QUALITATIVE_EVALUATIONS)
    flags = () if evaluations is None else evaluations.children
    placed = any(one.first(concepts.IMAGE_REGION) for some in groups.values() for one in some)
    sentences = record.first(concepts.SENTENCES_SECTION)
    placed = placed or (
        sentences is not None
        and any(one.first(concepts.IMAGE_REGION) for one in sentences.children)
    )
    quality, checks = remarks_of(record.first(concepts.QUALITY_SECTION))
    device = root.first(concepts.DEVICE_OBSERVER_UID)
    return ReadBack(
        film_uid=None if entry is None else instances_of(entry)[0].sop_instance_uid,
        # Not of the model that is read: its UID was made of words as they were before cleaning.
        model_uid=None if device is None else uid_of(device),
        reading_id=words_of(record.first(concepts.READING_ID)),
        model=_model(record.first(concepts.MODEL), codes),
        flags=tuple(_flag(node, codes) for node in flags if not node.is_named(concepts.NORMALITY)),
        findings=tuple(_finding(key, some, codes, size) for key, some in groups.items()),
        report=DraftReport(
            words_of(record.first(concepts.FINDING)), words_of(record.first(concepts.IMPRESSION))
        ),
        quality=quality,
        checks=checks,
        given=Given(
            *(
                words_of(record.first(name)) or None
                for name in (concepts.HISTORY, concepts.TECHNIQUE, concepts.COMPARISON_SECTION)
            )
        ),
        sentences=sentences_of(sentences, size),
        missing=(NO_SIZE,) if placed and size is None else (),
    )


def _film_entry(root: Node) -> Node | None:
    library = root.first(concepts.IMAGE_LIBRARY)
    group = None if library is None else library.first(concepts.IMAGE_LIBRARY_GROUP)
    entries = () if group is None else group.children
    return next((one for one in entries if one.value_type == "IMAGE" and instances_of(one)), None)


def _groups(measurements: Node | None) -> dict[Key, list[Node]]:
    """Put the groups of one finding together, each finding where its first group stands."""
    found: dict[Key, list[Node]] = {}
    children = () if measurements is None else measurements.named(concepts.MEASUREMENT_GROUP)
    for group in children:
        node = group.first(concepts.TRACKING_UID)
        uid = None if node is None else uid_of(node)
        if uid is None:
            message = "a measurement group without a tracking UID"
            raise UnreadableObjectError(message)
        key = words_of(group.first(concepts.TRACKING_IDENTIFIER)), uid
        found.setdefault(key, []).append(group)
    return found


def _finding(key: Key, groups: list[Node], codes: CodeTable, size: Size | None) -> Finding:
    """Read a finding: what its groups share of the first of them, a box of each."""
    group = groups[0]
    named = group.first(concepts.FINDING)
    code = None if named is None else code_of(named)
    presence = next((node for node in group.children if node.name == code and code), None)
    if presence is None:
        message = f"a finding without its presence: {key[0]}"
        raise UnreadableObjectError(message)
    stated = presence_of(presence, codes)
    name = items.score_name(stated)
    score = presence.first(name) or group.first(name)
    site, side = _place(group, codes)
    return Finding(
        id=key[1],
        label=label_of(code, codes),
        presence=stated,
        score=share_of(score),
        site=site,
        side=side,
        boxes=() if size is None else tuple(_boxes(groups, size)),
        sentence=words_of(group.first(concepts.COMMENT)) or None,
    )


def _place(group: Node, codes: CodeTable) -> tuple[Site | None, Side | None]:
    """Read site and side; a site that was only the label's usual one was not the model's."""
    said = side_of(group.first(concepts.SAID_SIDE), codes)
    node = group.first(concepts.FINDING_SITE)
    if node is None:
        return None, said
    side = side_of(node.first(concepts.LATERALITY), codes)
    site = None if node.first(concepts.SITE_BASIS) is not None else site_of(node, codes)
    return site, side or said


def _boxes(groups: Iterable[Node], size: Size) -> Iterable[Box]:
    for group in groups:
        for region in group.named(concepts.IMAGE_REGION):
            yield region_of(region, size)


def _flag(node: Node, codes: CodeTable) -> Flag:
    presence = presence_of(node, codes)
    return Flag(
        label=label_of(node.name, codes),
        presence=presence,
        score=share_of(node.first(items.score_name(presence))),
        own_score=share_of(node.first(concepts.OWN_SCORE)),
    )


def _model(node: Node | None, codes: CodeTable) -> ModelIdentity:
    if node is None:
        message = "the record of the reading names no model"
        raise UnreadableObjectError(message)
    demo = node.first(concepts.MODEL_DEMO)
    answer = None if demo is None else code_of(demo)
    if answer is None or not (answer.means(concepts.YES) or answer.means(concepts.NO)):
        message = "the record of the reading does not say whether its model is a demonstration's"
        raise UnreadableObjectError(message)
    return ModelIdentity(
        family=words_of(node.first(concepts.MODEL_FAMILY)),
        name=words_of(node.first(concepts.ALGORITHM_NAME)),
        version=words_of(node.first(concepts.ALGORITHM_VERSION)),
        weights_sha256=words_of(node.first(concepts.MODEL_WEIGHTS)),
        dtype=words_of(node.first(concepts.MODEL_DTYPE)),
        device=words_of(node.first(concepts.MODEL_DEVICE)),
        prompt_version=words_of(node.first(concepts.MODEL_PROMPT)),
        licence=words_of(node.first(concepts.MODEL_LICENCE)),
        intended_use=words_of(node.first(concepts.MODEL_USE)),
        demo=answer.means(concepts.YES),
        labels=tuple(label_of(code_of(one), codes) for one in node.named(concepts.MODEL_LABEL)),
        calibration=words_of(node.first(concepts.MODEL_CALIBRATION)),
    )
