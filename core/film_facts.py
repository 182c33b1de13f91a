"""What may be judged of a film from its header, in the words that a policy uses.

`gateway` judges, `core.policy` asks for the verdicts.
"""

from enum import StrEnum
from typing import Final


class Part(StrEnum):
    """What is on a film, as far as its header says."""

    CHEST = "chest"
    OTHER = "other"
    """Another part, or the chest together with another part."""
    UNKNOWN = "unknown"
    """The header is silent."""
    CONTRADICTED = "contradicted"
    """Two attributes say different things."""


class View(StrEnum):
    """From which side a film was taken, as far as its header says; the first three are frontal."""

    PA = "PA"
    AP = "AP"
    FRONTAL = "frontal"
    """Frontal, and not said from which side."""
    LATERAL = "lateral"
    OBLIQUE = "oblique"
    DECUBITUS = "decubitus"
    """Lying on one side."""
    LORDOTIC = "lordotic"
    OTHER = "other"
    """A view that has a code or a name which is none of these."""
    UNKNOWN = "unknown"
    """The header is silent, or names a frontal and a lateral view in one breath."""
    CONTRADICTED = "contradicted"
    """Two attributes say different things of frontal or not."""

    @property
    def is_frontal(self) -> bool:
        """Whether it is a view that is read."""
        return self in {View.PA, View.AP, View.FRONTAL}


class Source(StrEnum):
    """Which attributes a verdict on the body part or the view was taken from, by their weight."""

    VIEW_CODE = "ViewCodeSequence"
    VIEW_POSITION = "ViewPosition"
    BODY_PART = "BodyPartExamined"
    REGION = "AnatomicRegionSequence"
    FILM_TEXTS = "film texts"
    """Texts on this one film, such as Series Description."""
    ORIENTATION = "PatientOrientation"
    STUDY_TEXTS = "study texts"
    """Texts on the examination, which may hold films of other views and parts."""
    TEXTS = "texts"
    """Any of them."""
    NONE = "nothing"


class Orientation(StrEnum):
    """How a film is stored, as far as Patient Orientation says."""

    UPRIGHT = "upright"
    NOT_UPRIGHT = "not upright"
    UNKNOWN = "unknown"


class Species(StrEnum):
    """Whose film it is, as far as the header says."""

    HUMAN = "human"
    ANIMAL = "animal"
    UNKNOWN = "unknown"


CLASS_UIDS: Final = {
    "CR": "1.2.840.10008.5.1.4.1.1.1",
    "DX": "1.2.840.10008.5.1.4.1.1.1.1",
    "DX FOR PROCESSING": "1.2.840.10008.5.1.4.1.1.1.1.1",
    "SC": "1.2.840.10008.5.1.4.1.1.7",
}
"""The storage classes in which plain films come (PS3.4 section B.5), by the names that a policy
may use for them."""
FILM_CLASSES: Final = frozenset(CLASS_UIDS.values())
"""Nothing of another class is ever read."""
