"""One measurement group of a document of any origin (TID 1410, 1411, 1420, 1501 and their kin)."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, TypeVar

from pydicom.sr.coding import Code

from core.reading import Presence
from dicom_sr import concepts
from dicom_sr.content_tree import Coded, Node
from dicom_sr.content_values import (
    Instance,
    Number,
    code_of,
    graphic_of,
    instances_of,
    number_of,
    text_of,
    uid_of,
)
from dicom_sr.foreign_finding import (
    Algorithm,
    Evaluation,
    ForeignFinding,
    Measurement,
    Region,
)

Value = TypeVar("Value")

PROBABILITIES: Final = (
    concepts.CERTAINTY_OF_FINDING,
    Code("111011", "DCM", "Certainty of Feature"),
    Code("111047", "DCM", "Probability of cancer"),
)
"""Names of numbers that say how sure the writer is."""
PRESENCE_NAMES: Final = (
    concepts.FINDING,
    Code("705057003", "SCT", "Presence"),
)
"""Names, beside the finding's own, under which a value of CID 240 is stated."""
PRESENCE_VALUES: Final = (
    (Code("52101004", "SCT", "Present"), Presence.PRESENT),
    (Code("272519000", "SCT", "Absent"), Presence.ABSENT),
    (Code("373068000", "SCT", "Undetermined"), Presence.UNCERTAIN),
    (Code("373066001", "SCT", "Yes"), Presence.PRESENT),
    (Code("373067005", "SCT", "No"), Presence.ABSENT),
    (Code("261665006", "SCT", "Unknown"), Presence.UNCERTAIN),
)
"""CID 240 and CID 230."""
TOPOGRAPHICAL_MODIFIER: Final = Code("106233006", "SCT", "Topographical modifier")
GROUP_STARTS: Final = (concepts.TRACKING_IDENTIFIER, concepts.TRACKING_UID, concepts.FINDING)
"""What a group has once: where such an item comes again in a flat tree, another group begins."""
_PLUMBING: Final = (
    concepts.FINDING_SITE,
    concepts.LATERALITY,
    TOPOGRAPHICAL_MODIFIER,
    concepts.FINDING,
    Code("276214006", "SCT", "Finding category"),
    Code("370129005", "SCT", "Measurement Method"),
    Code("121401", "DCM", "Derivation"),
    Code("121060", "DCM", "History"),
    concepts.LANGUAGE,
    concepts.OBSERVER_TYPE,
)
"""Coded items of a group that are no evaluations."""
_SEGMENTS: Final = (
    Code("121191", "DCM", "Referenced Segment"),
    Code("121214", "DCM", "Referenced Segmentation Frame"),
)
_ALGORITHM: Final = (
    concepts.ALGORITHM_NAME,
    concepts.ALGORITHM_VERSION,
    concepts.ALGORITHM_PARAMETERS,
)
_PERCENT_UNITS: Final = frozenset({"%", "percent"})


def finding_of(
    members: Sequence[Node], left_out: list[str], fallback: Algorithm
) -> ForeignFinding | None:
    """Read a group.

    Parameters
    ----------
    members
        Its items; their relationships are not looked at, since vendors differ in them.
    left_out
        What is not understood is added to it, in words.
    fallback
        Who found it where the group itself does not say.

    Returns
    -------
    ForeignFinding
        None where the items tell of nothing.
    """
    every = [node for member in members for node in member.walk()]
    finding = _value(members, concepts.FINDING, code_of)
    evaluations = [(one, _presence_of(one, finding)) for one in _evaluations(every)]
    stated = [presence for _, presence in evaluations if presence is not None]
    certainty, measurements = _numbers(every, left_out)
    read = ForeignFinding(
        finding=finding,
        words=_words(members),
        site=_value(members, concepts.FINDING_SITE, code_of),
        laterality=_laterality(members),
        presence=stated[0] if stated else None,
        certainty=certainty,
        tracking_identifier=_value(members, concepts.TRACKING_IDENTIFIER, text_of) or "",
        tracking_uid=_value(members, concepts.TRACKING_UID, uid_of),
        evaluations=tuple(one for one, presence in evaluations if presence is None),
        measurements=measurements,
        regions=tuple(_regions(members, left_out)),
        images=_images(members),
        algorithm=algorithm_of(members) or fallback,
    )
    said = (read.finding, read.words, read.site, read.evaluations, read.measurements, read.regions)
    return read if any(said) or read.presence is not None or read.tracking_uid else None


def algorithm_of(members: Iterable[Node]) -> Algorithm | None:
    """Read TID 4019 among some items; None where no algorithm is named."""
    found = list(members)
    name = _value(found, concepts.ALGORITHM_NAME, text_of) or ""
    version = _value(found, concepts.ALGORITHM_VERSION, text_of) or ""
    if not name and not version:
        return None
    parameters = (text_of(node) for node in found if node.is_named(concepts.ALGORITHM_PARAMETERS))
    return Algorithm(name, version, tuple(one for one in parameters if one))


def _first(members: Iterable[Node], name: Code) -> Node | None:
    return next((node for node in members if node.is_named(name)), None)


def _value(
    members: Iterable[Node], name: Code, read: Callable[[Node], Value | None]
) -> Value | None:
    node = _first(members, name)
    return None if node is None else read(node)


def _words(members: Iterable[Node]) -> str:
    """Join what the group says in words, the algorithm's and the tracking's left out."""
    silent = (*_ALGORITHM, concepts.TRACKING_IDENTIFIER)
    said = (
        text_of(node)
        for node in members
        if node.value_type == "TEXT" and not node.is_named(*silent)
    )
    return "\r\n".join(words for words in said if words)


def _laterality(members: Iterable[Node]) -> Coded | None:
    """Give the side: below the site, where the template has it, or beside it."""
    found = list(members)
    site = _first(found, concepts.FINDING_SITE)
    below = () if site is None else site.children
    return _value((*below, *found), concepts.LATERALITY, code_of)


def _images(members: Iterable[Node]) -> tuple[Instance, ...]:
    """Give the images that a group as a whole refers to, each once."""
    found = (one for node in members if node.value_type == "IMAGE" for one in instances_of(node))
    return tuple(dict.fromkeys(found))


def _numbers(
    nodes: Iterable[Node], left_out: list[str]
) -> tuple[float | None, tuple[Measurement, ...]]:
    """Give the first certainty that is stated, and what is measured."""
    certainties: list[Number] = []
    measured = []
    for node in nodes:
        if node.value_type != "NUM":
            continue
        number = number_of(node)
        if number is None or node.name is None:
            left_out.append("a number without a usable value or a name")
        elif node.is_named(*PROBABILITIES):
            certainties.append(number)
        else:
            measured.append(Measurement(node.name, number))
    return _share(certainties[0], left_out) if certainties else None, tuple(measured)


def _evaluations(nodes: Iterable[Node]) -> Iterator[Evaluation]:
    for node in nodes:
        value = code_of(node)
        if value is None or node.name is None:
            continue
        if node.is_named(*_PLUMBING) and not (node.is_named(concepts.FINDING) and _cid_240(value)):
            continue
        yield Evaluation(node.name, value)


def _presence_of(evaluation: Evaluation, finding: Coded | None) -> Presence | None:
    """Give what an evaluation says of the finding itself; None where it is of something else."""
    own = finding is not None and evaluation.name == finding
    named = any(evaluation.name.means(name) for name in PRESENCE_NAMES)
    return _cid_240(evaluation.value) if own or named else None


def _cid_240(value: Coded) -> Presence | None:
    return next((presence for code, presence in PRESENCE_VALUES if value.means(code)), None)


def _share(number: Number, left_out: list[str]) -> float | None:
    """Give a certainty in [0, 1], of percents or of a plain share."""
    percent = number.unit is not None and number.unit.value.lower() in _PERCENT_UNITS
    share = number.value / 100.0 if percent else number.value
    if 0.0 <= share <= 1.0:
        return share
    left_out.append("a certainty that is no share")
    return None


def _regions(members: Iterable[Node], left_out: list[str]) -> Iterator[Region]:
    """Give all places of a group, those below its numbers (TID 300) among them."""
    found = list(members)
    beside = [
        instance for node in found if node.value_type == "IMAGE" for instance in instances_of(node)
    ]
    for member in found:
        for node in member.walk():
            if node.value_type == "SCOORD3D":
                left_out.append("coordinates in space (SCOORD3D)")
            if node.is_named(*_SEGMENTS):
                left_out.append("a region of a segmentation")
            if node.value_type != "SCOORD":
                continue
            graphic = graphic_of(node)
            if graphic is None:
                left_out.append("coordinates that are no pairs of numbers")
                continue
            own = [one for child in node.children for one in instances_of(child)]
            images = own or beside
            yield Region(graphic.sort, graphic.points, images[0] if images else None)
