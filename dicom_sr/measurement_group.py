"""Measurement groups: what the model said of one finding.

A finding with a place gives one TID 1410 group for each of its boxes, since that template holds
one region; all of them carry the finding's tracking UID. A finding without a place gives one
TID 1501 group. Its certainty hangs below the statement of presence there: a group with a number
and no coordinates, legal as it is, breaks OHIF.
"""

from pydicom.dataset import Dataset

from core.labels import DEFAULT_SITE, UNPAIRED
from core.reading import Box, ModelIdentity
from dicom_sr import concepts, items
from dicom_sr.context import BuildContext
from dicom_sr.graphics import closed_polyline, pixel_rectangle
from dicom_sr.linkage import TrackedFinding, tracking
from dicom_sr.observers import algorithm, in_own_language
from dicom_sr.source import Film
from dicom_sr.text import paragraphs

PLACED_TEMPLATE = "1410"
PLACELESS_TEMPLATE = "1501"


def measurement_groups(
    tracked: TrackedFinding, model: ModelIdentity, film: Film, context: BuildContext
) -> list[Dataset]:
    """Give the groups of one finding: one for each box, or one without a place."""
    if not tracked.finding.boxes:
        return [_placeless_group(tracked, model, context)]
    return [_placed_group(tracked, box, model, film, context) for box in tracked.finding.boxes]


def _placed_group(
    tracked: TrackedFinding, box: Box, model: ModelIdentity, film: Film, context: BuildContext
) -> Dataset:
    rectangle = pixel_rectangle(box, film.rows, film.columns)
    region = items.polyline(concepts.IMAGE_REGION, closed_polyline(rectangle), items.CONTAINS)
    children = [
        *_opening(tracked, model, context),
        items.with_children(region, [items.image(film, items.SELECTED_FROM)]),
    ]
    score, presence = tracked.finding.score, tracked.finding.presence
    if score is not None:
        children.append(items.certainty(score, presence, items.CONTAINS))
    children += [_presence(tracked, context), *_words(tracked, context)]
    return items.container(concepts.MEASUREMENT_GROUP, children, template=PLACED_TEMPLATE)


def _placeless_group(
    tracked: TrackedFinding, model: ModelIdentity, context: BuildContext
) -> Dataset:
    score, presence = tracked.finding.score, tracked.finding.presence
    below = [] if score is None else [items.certainty(score, presence, items.HAS_PROPERTIES)]
    children = [
        *_opening(tracked, model, context),
        items.with_children(_presence(tracked, context), below),
        *_words(tracked, context),
    ]
    return items.container(concepts.MEASUREMENT_GROUP, children, template=PLACELESS_TEMPLATE)


def _opening(tracked: TrackedFinding, model: ModelIdentity, context: BuildContext) -> list[Dataset]:
    label = context.codes.label(tracked.finding.label)
    return [
        *tracking(tracked, items.HAS_OBS_CONTEXT),
        items.code(concepts.FINDING, label, items.CONTAINS),
        *_site(tracked, context),
        *algorithm(model),
    ]


def _site(tracked: TrackedFinding, context: BuildContext) -> list[Dataset]:
    """Give the site that was named, else the label's usual one, which says so."""
    codes = context.codes
    site = tracked.finding.site or DEFAULT_SITE[tracked.finding.label]
    if site is None and tracked.side is None:
        return []
    region = codes.chest if site is None else codes.site(site)
    item = items.code(concepts.FINDING_SITE, region, items.HAS_CONCEPT_MOD)
    below: list[Dataset] = []
    if tracked.side is not None:
        side = codes.side(tracked.side)
        below.append(items.code(concepts.LATERALITY, side, items.HAS_CONCEPT_MOD))
    if tracked.finding.site is None:
        basis = items.code(concepts.SITE_BASIS, concepts.FROM_LABEL, items.HAS_CONCEPT_MOD)
        below.append(basis)
    return [items.with_children(item, below)]


def _presence(tracked: TrackedFinding, context: BuildContext) -> Dataset:
    label = context.codes.label(tracked.finding.label)
    presence = context.codes.presence(tracked.finding.presence)
    return items.code(label, presence, items.CONTAINS)


def _words(tracked: TrackedFinding, context: BuildContext) -> list[Dataset]:
    """Give the sentence, and the side that words name where the structure has none."""
    found: list[Dataset] = []
    words = paragraphs(tracked.finding.sentence or "")
    if words:
        comment = items.text(concepts.COMMENT, words, items.CONTAINS)
        found.append(in_own_language(comment, context))
    if tracked.finding.side is not None and tracked.finding.label in UNPAIRED:
        side = context.codes.side(tracked.finding.side)
        found.append(items.code(concepts.SAID_SIDE, side, items.CONTAINS))
    return found
