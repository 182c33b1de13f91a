"""Measurement groups: what the model said of one finding.

A finding with a place gives one TID 1410 group for each of its boxes, since that template holds
one region; all of them carry the finding's tracking UID. A finding without a place gives one
TID 1501 group. Its certainty hangs below the statement of presence there: a group with a number
and no coordinates, legal as it is, breaks OHIF.
"""

from highdicom.sr import ContainerContentItem, ContentItem

from core.labels import DEFAULT_SITE
from core.reading import Box, ModelIdentity
from dicom_sr import concepts, items
from dicom_sr.codes import CHEST, LABELS, PRESENCES, SIDES, SITES
from dicom_sr.graphics import closed_polyline, pixel_rectangle
from dicom_sr.linkage import TrackedFinding, tracking
from dicom_sr.observers import algorithm
from dicom_sr.source import Film
from dicom_sr.text import paragraphs

PLACED_TEMPLATE = "1410"
PLACELESS_TEMPLATE = "1501"


def measurement_groups(
    tracked: TrackedFinding, model: ModelIdentity, film: Film
) -> list[ContainerContentItem]:
    """Give the groups of one finding: one for each box, or one without a place."""
    if not tracked.finding.boxes:
        return [_placeless_group(tracked, model)]
    return [_placed_group(tracked, box, model, film) for box in tracked.finding.boxes]


def _placed_group(
    tracked: TrackedFinding, box: Box, model: ModelIdentity, film: Film
) -> ContainerContentItem:
    rectangle = pixel_rectangle(box, film.rows, film.columns)
    region = items.polyline(concepts.IMAGE_REGION, closed_polyline(rectangle), items.CONTAINS)
    children = [
        *_opening(tracked, model),
        items.with_children(region, [items.image(film, items.SELECTED_FROM)]),
    ]
    if tracked.finding.score is not None:
        children.append(items.certainty(tracked.finding.score, items.CONTAINS))
    children += [_presence(tracked), *_sentence(tracked)]
    return items.container(concepts.MEASUREMENT_GROUP, children, template=PLACED_TEMPLATE)


def _placeless_group(tracked: TrackedFinding, model: ModelIdentity) -> ContainerContentItem:
    score = tracked.finding.score
    below = [] if score is None else [items.certainty(score, items.HAS_PROPERTIES)]
    children = [
        *_opening(tracked, model),
        items.with_children(_presence(tracked), below),
        *_sentence(tracked),
    ]
    return items.container(concepts.MEASUREMENT_GROUP, children, template=PLACELESS_TEMPLATE)


def _opening(tracked: TrackedFinding, model: ModelIdentity) -> list[ContentItem]:
    label = LABELS[tracked.finding.label].code
    return [
        *tracking(tracked, items.HAS_OBS_CONTEXT),
        items.code(concepts.FINDING, label, items.CONTAINS),
        *_site(tracked),
        *algorithm(model),
    ]


def _site(tracked: TrackedFinding) -> list[ContentItem]:
    site = tracked.finding.site or DEFAULT_SITE[tracked.finding.label]
    if site is None and tracked.side is None:
        return []
    entry = CHEST if site is None else SITES[site]
    item = items.code(concepts.FINDING_SITE, entry.code, items.HAS_CONCEPT_MOD)
    if tracked.side is not None:
        side = SIDES[tracked.side].code
        items.with_children(item, [items.code(concepts.LATERALITY, side, items.HAS_CONCEPT_MOD)])
    return [item]


def _presence(tracked: TrackedFinding) -> ContentItem:
    label = LABELS[tracked.finding.label].code
    return items.code(label, PRESENCES[tracked.finding.presence].code, items.CONTAINS)


def _sentence(tracked: TrackedFinding) -> list[ContentItem]:
    words = paragraphs(tracked.finding.sentence or "")
    return [items.text(concepts.COMMENT, words, items.CONTAINS)] if words else []
