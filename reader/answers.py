"""What came back from a model: raw words, and the parsed forms of them."""

from dataclasses import dataclass

from core.labels import Label
from core.reading import Box, DraftReport


@dataclass(frozen=True, slots=True)
class Answer:
    """The model's words to one question.

    Parameters
    ----------
    text
        The words, without the turn's own marks.
    complete
        Whether the model ended by itself; False where the limit of new tokens cut it.
    """

    text: str
    complete: bool


@dataclass(frozen=True, slots=True)
class LabelsAnswer:
    """The parsed answer to the classification question.

    Parameters
    ----------
    labels
        The labels that are listed, each once, in the order of `core.labels.Label`; empty for an
        explicit "nothing found", never for an answer that was not understood.
    uncertain
        Labels that are named with a doubt.
    unknown
        Listed names that are no label, as they were written.
    """

    labels: tuple[Label, ...]
    uncertain: tuple[Label, ...] = ()
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BoxesAnswer:
    """The parsed answer to a grounding question.

    Parameters
    ----------
    boxes
        The boxes that are fit to be drawn, in the order given.
    dropped
        What looked like a box and is none, as it was written.
    """

    boxes: tuple[Box, ...]
    dropped: tuple[str, ...] = ()

    @property
    def well_formed(self) -> bool:
        """Whether there is a box, and nothing had to be dropped."""
        return bool(self.boxes) and not self.dropped


@dataclass(frozen=True, slots=True)
class PlacedText:
    """A sentence or a phrase of the model, with the places it gave along with it.

    Parameters
    ----------
    text
        The words.
    place
        The boxes in the text's own answer; None where the answer does not ground this text.
    """

    text: str
    place: BoxesAnswer | None = None


@dataclass(frozen=True, slots=True)
class ReportAnswer:
    """The parsed answer to the question for a report.

    Parameters
    ----------
    report
        The sections, without any mark-up of places.
    placed
        The sentences that the answer itself grounds, in its order; empty for most families.
    """

    report: DraftReport
    placed: tuple[PlacedText, ...] = ()


@dataclass(frozen=True, slots=True)
class DetectionAnswer:
    """The parsed answer to the question for everything at once.

    Parameters
    ----------
    places
        What was named with a place, by label, in the order of `core.labels.Label`; empty for an
        explicit "nothing found".
    unknown
        Names that are no label, as they were written.
    understood
        Whether the answer was a list of places or an explicit denial; where it was neither, it
        says nothing.
    """

    places: dict[Label, BoxesAnswer]
    unknown: tuple[str, ...] = ()
    understood: bool = True
