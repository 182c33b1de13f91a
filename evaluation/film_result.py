"""One phantom: what the model made of it, beside the truth."""

import time
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from core.errors import UnparseableAnswerError
from core.labels import Label
from core.reading import NOTHING_GIVEN, Box, Presence, Reading
from evaluation.recording import RecordingLook
from reader.answers import BoxesAnswer
from reader.families.family import Task
from reader.one_reading import OneReading, read_film
from reader.protocol import Reader, ignore
from reader.wishes import Wish
from training.phantom import Phantom

_LONG_SIDE: Final = 512


@dataclass(frozen=True, slots=True)
class FilmResult:
    """What came of one film.

    Parameters
    ----------
    reading
        The whole reading; None where it failed.
    truth
        True boxes by label; a label that is not there is not true.
    placed
        The boxes that the model gave when asked for each true label.
    asked, parsed
        Number of questions, and of answers that made sense.
    seconds
        Duration of the reading and of the questions beyond it, without drawing the phantom.
    """

    reading: Reading | None
    truth: dict[Label, tuple[Box, ...]]
    placed: dict[Label, tuple[Box, ...]]
    asked: int
    parsed: int
    seconds: float

    def flagged(self, label: Label) -> bool:
        """Whether the model lists a label; a failed reading lists nothing."""
        flags = self.reading.flags if self.reading is not None else ()
        return any(flag.label is label and flag.presence is Presence.PRESENT for flag in flags)

    def score(self, label: Label) -> float | None:
        """Give the label's score; None where the reading failed or the model gives none."""
        flags = self.reading.flags if self.reading is not None else ()
        return next((flag.score for flag in flags if flag.label is label), None)

    def found(self, label: Label) -> tuple[float, tuple[Box, ...]]:
        """Give the confidence and the boxes of a finding that the reading states as present.

        The confidence is the label's score, 1 where the model gives none; without a finding
        there are no boxes.
        """
        for finding in self.reading.present if self.reading is not None else ():
            if finding.label is label:
                return (1.0 if finding.score is None else finding.score), finding.boxes
        return 0.0, ()


def film_result(reader: Reader, phantom: Phantom) -> FilmResult:
    """Read one phantom, and ask for the place of each label that is truly there.

    Parameters
    ----------
    reader
        The model.
    phantom
        The film with its truth.
    """
    picture = rendered(phantom)
    truth = {
        Label(finding.label): tuple(Box(*box) for box in finding.boxes)
        for finding in phantom.findings
    }
    start = time.perf_counter()
    look = RecordingLook(reader.look(picture))
    reading: Reading | None = None
    try:
        reading_id = f"phantom-{phantom.seed}-{phantom.index}"
        making = OneReading(reader.identity, reading_id, NOTHING_GIVEN, ignore)
        reading = read_film(lambda: look, making, ignore)
    except UnparseableAnswerError:
        # Counted by the look as a question without a sensible answer; the film has no result.
        pass
    placing = Task.ABNORMALITY in look.tasks
    wishes = [Wish(Task.ABNORMALITY, label.value) for label in truth if placing]
    placed: dict[Label, tuple[Box, ...]] = dict.fromkeys(truth, ())
    placed |= {
        Label(reply.wish.subject): reply.told.boxes
        for reply in look.ask(wishes)
        if isinstance(reply.told, BoxesAnswer)
    }
    seconds = time.perf_counter() - start
    return FilmResult(reading, truth, placed, look.asked, look.parsed, seconds)


def rendered(phantom: Phantom) -> npt.NDArray[np.uint8]:
    """Draw a phantom, its long side 512 pixels: uint8 [rows, columns]."""
    columns = min(_LONG_SIDE, round(_LONG_SIDE * phantom.aspect))
    rows = min(_LONG_SIDE, round(_LONG_SIDE / phantom.aspect))
    return (phantom.render(columns, rows) * 255 + 0.5).astype(np.uint8)
