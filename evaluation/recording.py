"""Looks over a model's shoulder: which questions it was asked, and whether it made sense."""

from collections.abc import Iterator, Mapping, Sequence

from core.labels import Label
from reader.answers import BoxesAnswer, DetectionAnswer, LabelsAnswer
from reader.calibration import Calibration
from reader.families.family import Task
from reader.protocol import Look
from reader.wishes import Reply, Wish


class RecordingLook:
    """A look that counts, and asks no question twice; implements `reader.protocol.Look`.

    Parameters
    ----------
    look
        The model's own.
    """

    def __init__(self, look: Look) -> None:
        self._look = look
        self._replies: dict[Wish, Reply] = {}

    @property
    def tasks(self) -> frozenset[Task]:
        """What the model may be asked for."""
        return self._look.tasks

    @property
    def calibration(self) -> Calibration | None:
        """The site's calibration of the model's scores."""
        return self._look.calibration

    @property
    def asked(self) -> int:
        """Number of questions."""
        return len(self._replies)

    @property
    def parsed(self) -> int:
        """Number of answers that made sense.

        A list or denial of labels, a whole report of words, a place with at least one box and
        nothing that had to be dropped.
        """
        return sum(_made_sense(reply) for reply in self._replies.values())

    def ask(self, wishes: Sequence[Wish]) -> Iterator[Reply]:
        """Ask what was not asked before; what was is replied first, in its words of then."""
        for wish in wishes:
            if wish in self._replies:
                yield self._replies[wish]
        for reply in self._look.ask([wish for wish in wishes if wish not in self._replies]):
            self._replies[reply.wish] = reply
            yield reply

    def scores(self, listed: Sequence[Label]) -> Mapping[Label, float]:
        """Give the model's probability for each label; no question, and not counted."""
        return self._look.scores(listed)


def _made_sense(reply: Reply) -> bool:
    match reply.told:
        case None:
            return False
        case LabelsAnswer():
            return not reply.told.unknown
        case BoxesAnswer():
            return reply.told.well_formed
        case DetectionAnswer():
            return reply.told.understood and not reply.told.unknown
    return reply.complete
