"""How one finding is recognised in every object made of a reading.

A finding's id is a UID. It stands, with the same words beside it, as

- the Tracking Unique Identifier (112040) of each of its measurement groups in the TID 1500
  report, one group for each of its boxes;
- the Tracking Unique Identifier among the properties of its coded statement in the TID 2000
  report;
- the Tracking UID (0062,0021) of each of its graphics and labels in the presentation state
  (PS3.3 C.10.5), standard attributes, so that nothing private is needed.
"""

from dataclasses import dataclass

from pydicom.dataset import Dataset

from core.labels import UNPAIRED, Side
from core.reading import Finding, Presence, Reading
from dicom_sr import concepts, items
from dicom_sr.wording_table import Word, Wording


@dataclass(frozen=True, slots=True)
class TrackedFinding:
    """A finding with the words by which a person tells it from the others.

    Parameters
    ----------
    finding
        What the model said.
    number
        Its position in the reading, from 1.
    """

    finding: Finding
    number: int

    @property
    def identifier(self) -> str:
        """Tracking Identifier: number and label, unique within the reading."""
        return f"{self.number} {self.finding.label.value}"

    @property
    def side(self) -> Side | None:
        """The side, where it says something of this label."""
        return None if self.finding.label in UNPAIRED else self.finding.side

    def caption(self, wording: Wording) -> str:
        """Give what is written beside it on the film: label, side and percent."""
        words = self.finding.label.value
        if self.side is not None:
            words += f", {self.side.value}"
        if self.finding.score is not None:
            words += f" {100.0 * self.finding.score:.0f} %"
        uncertain = self.finding.presence is Presence.UNCERTAIN
        return f"{wording.word(Word.UNCERTAIN)}: {words}" if uncertain else words


def tracked(reading: Reading) -> tuple[TrackedFinding, ...]:
    """Give a reading's findings in their order, each with its number."""
    return tuple(
        TrackedFinding(finding, number) for number, finding in enumerate(reading.findings, start=1)
    )


def tracking(finding: TrackedFinding, relationship: items.Relationship) -> list[Dataset]:
    """Give the two content items by which a finding is recognised."""
    return [
        items.text(concepts.TRACKING_IDENTIFIER, finding.identifier, relationship),
        items.uid(concepts.TRACKING_UID, finding.finding.id, relationship),
    ]
