"""Findings of other vendors' imaging measurement reports (TID 1500).

Comprehensive 3D, Comprehensive and Enhanced SR. Vendors deviate: groups are missing and their
items lie flat, relationships are others than the template's, codes are of older schemes,
tracking is left out. Such documents are read as far as they can be understood, and what could
not be is said. CAD reports (TID 4000, 4100, 4120) are of another shape and are refused.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from pydicom.dataset import Dataset
from pydicom.sr.coding import Code

from core.errors import NotReadError
from dicom_sr import concepts
from dicom_sr.content_tree import Node, read_tree
from dicom_sr.content_values import Instance, code_of, instances_of, text_of
from dicom_sr.foreign_finding import (
    Algorithm,
    Evaluation,
    ForeignFinding,
    ForeignFindings,
    counted,
)
from dicom_sr.foreign_group import GROUP_STARTS, algorithm_of, finding_of

CAD_REPORTS: Final = (
    Code("111036", "DCM", "Mammography CAD Report"),
    Code("112000", "DCM", "Chest CAD Report"),
    Code("112220", "DCM", "Colon CAD Report"),
)
_SINGLE: Final = frozenset({"SCOORD", "NUM"})
_NO_GROUPS: Final = (concepts.IMAGE_LIBRARY, concepts.QUALITATIVE_EVALUATIONS)
"""Containers whose items are no finding's."""


def read_foreign_findings(document: Dataset) -> ForeignFindings:
    """Read the findings of a document.

    Parameters
    ----------
    document
        A structured report of any origin.

    Raises
    ------
    UnreadableObjectError
        If it has no content, or is deeper or larger than any report.
    NotReadError
        If it is a CAD report, or holds no imaging measurements.
    """
    root = read_tree(document)
    if root.is_named(*CAD_REPORTS):
        message = f"a CAD report is not read: {root.name and root.name.meaning}"
        raise NotReadError(message)
    left_out: list[str] = []
    groups = list(_groups(root))
    measured = any(node.is_named(concepts.IMAGING_MEASUREMENTS) for node in root.walk())
    if not groups and not measured:
        title = "without a title" if root.name is None else root.name.meaning
        message = f"no imaging measurement report: {title}"
        raise NotReadError(message)
    everyone = algorithm_of(root.children) or Algorithm()
    images = _images(root)
    findings = [
        _with_only_image(finding, images)
        for members in groups
        if (finding := finding_of(members, left_out, everyone)) is not None
    ]
    left_out += ["a group that tells of nothing"] * (len(groups) - len(findings))
    return ForeignFindings(
        title=root.name,
        findings=tuple(findings),
        evaluations=tuple(_overall(root)),
        images=images,
        comments=tuple(words for node in root.named(concepts.COMMENT) if (words := text_of(node))),
        left_out=counted(left_out),
    )


def _groups(node: Node) -> Iterator[tuple[Node, ...]]:
    """Give the items of each group: of its container, or of a run of items that lie flat."""
    if node.is_named(*_NO_GROUPS):
        return
    if node.is_named(concepts.MEASUREMENT_GROUP):
        nested = node.named(concepts.MEASUREMENT_GROUP)
        yield tuple(
            child for child in node.children if not child.is_named(concepts.MEASUREMENT_GROUP)
        )
    else:
        yield from _flat_groups(node)
        nested = tuple(child for child in node.children if child.value_type == "CONTAINER")
    for child in nested:
        yield from _groups(child)


def _flat_groups(container: Node) -> Iterator[tuple[Node, ...]]:
    """Divide items that lie beside each other where what a group has once comes again."""
    group: list[Node] = []
    starts: set[tuple[str, str]] = set()
    for node in container.children:
        if node.value_type == "CONTAINER":
            continue
        if node.is_named(*GROUP_STARTS) and node.name is not None:
            start = node.name.value, node.value_type
            if start in starts:
                yield from _told(group)
                group, starts = [], set()
            starts.add(start)
        group.append(node)
    yield from _told(group)


def _told(group: list[Node]) -> Iterator[tuple[Node, ...]]:
    """Give a run of items where it tells of a finding or a place, and is no mere heading."""
    finding = any(node.is_named(concepts.FINDING) and node.value_type == "CODE" for node in group)
    placed = any(node.value_type in _SINGLE for member in group for node in member.walk())
    if finding or placed:
        yield tuple(group)


def _overall(root: Node) -> Iterator[Evaluation]:
    """Give the statements under the root's Qualitative Evaluations, or directly under the root."""
    containers = root.named(concepts.QUALITATIVE_EVALUATIONS)
    for node in (child for container in containers for child in container.children):
        value = code_of(node)
        if value is not None and node.name is not None:
            yield Evaluation(node.name, value)


def _images(root: Node) -> tuple[Instance, ...]:
    found: Iterable[Instance] = (
        instance
        for node in root.walk()
        if node.value_type == "IMAGE"
        for instance in instances_of(node)
    )
    return tuple(dict.fromkeys(found))


def _with_only_image(finding: ForeignFinding, images: tuple[Instance, ...]) -> ForeignFinding:
    """Place regions whose image is not told on the document's only one."""
    if len(images) != 1 or all(region.image is not None for region in finding.regions):
        return finding
    regions = (
        replace(region, image=images[0]) if region.image is None else region
        for region in finding.regions
    )
    return replace(finding, regions=tuple(regions))
