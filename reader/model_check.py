"""A model's card, and the self-test that tells whether it looks at its pictures at all.

A known failure of such models is an answer that ignores the image: a blank picture gets the same
report as a film. Then something is broken (a projector that did not load, a wrong image token),
however fluent the words are.
"""

import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from core.errors import UnparseableAnswerError
from core.labels import Label
from core.reading import new_reading_id
from reader.families.family import Task
from reader.load import load_reader
from reader.picture import Picture
from reader.protocol import Look, Reader
from reader.wishes import Wish

_SIDE: Final = 512
_REFUSED: Final = "refused: "
_SAME_SCORE: Final = 0.01
"""Scores that differ by less are the same: half precision alone moves them by a thousandth."""


@dataclass(frozen=True, slots=True)
class SelfTest:
    """What a model makes of a blank picture and of a drawn chest.

    Parameters
    ----------
    blank_says, chest_says
        The labels listed, "nothing", or why the answer was refused.
    same_report
        Whether both got the very same report.
    largest_score_change
        Largest difference of a label's score between the two; None where there are no scores.
    seconds
        Duration of the reading of the drawn chest.
    """

    blank_says: str
    chest_says: str
    same_report: bool
    largest_score_change: float | None
    seconds: float

    @property
    def looked(self) -> bool:
        """Whether the model looked at its picture: its report or its scores differ."""
        change = self.largest_score_change
        return not self.same_report or (change is not None and change >= _SAME_SCORE)

    @property
    def passed(self) -> bool:
        """Whether the model looked, and what it says of the chest makes sense."""
        return self.looked and not self.chest_says.startswith(_REFUSED)


def check_model(path: Path, *, device: str = "auto", dtype: str = "auto") -> dict[str, Any]:
    """Load a folder, test the model and give its card.

    Parameters
    ----------
    path
        The model's folder.
    device, dtype
        As in `reader.load.load_reader`.

    Returns
    -------
    dict
        Plain values: the identity's fields, `parameters`, `load_seconds`, those of `SelfTest`,
        and `passed`.

    Raises
    ------
    ModelFolderError, SettingsError, OutOfMemoryError
        As `reader.load.load_reader` does.
    """
    start = time.perf_counter()
    reader = load_reader(path, device=device, dtype=dtype)
    load_seconds = time.perf_counter() - start
    test = self_test(reader)
    identity = asdict(reader.identity) | {
        "labels": [label.value for label in reader.identity.labels]
    }
    return {
        **identity,
        "parameters": reader.parameters,
        "load_seconds": round(load_seconds, 3),
        **asdict(test),
        "passed": test.passed,
    }


def self_test(reader: Reader) -> SelfTest:
    """Show a model a blank picture and a drawn chest and compare what it says."""
    blank = np.full((_SIDE, _SIDE), 128, np.uint8)
    chest = drawn_chest()
    start = time.perf_counter()
    chest_says = _says(reader, chest)
    seconds = time.perf_counter() - start
    before, after = reader.look(blank), reader.look(chest)
    scores = before.scores(()), after.scores(())
    common = scores[0].keys() & scores[1].keys()
    change = max((abs(scores[0][label] - scores[1][label]) for label in common), default=None)
    return SelfTest(
        blank_says=_says(reader, blank),
        chest_says=chest_says,
        same_report=_report(before) == _report(after),
        largest_score_change=None if change is None else round(change, 4),
        seconds=round(seconds, 3),
    )


def drawn_chest() -> npt.NDArray[np.uint8]:
    """Draw two dark lungs in a bright body, by a formula: uint8 [512, 512]."""
    y, x = np.mgrid[0:_SIDE, 0:_SIDE] / _SIDE
    left = ((x - 0.32) / 0.15) ** 2 + ((y - 0.48) / 0.33) ** 2
    right = ((x - 0.68) / 0.15) ** 2 + ((y - 0.48) / 0.33) ** 2
    body = ((x - 0.5) / 0.46) ** 2 + ((y - 0.62) / 0.75) ** 2
    grey = 200 * (body < 1) - 140 * ((left < 1) | (right < 1)) + 20 * np.sin(40 * y) * (body < 1)
    return np.asarray(np.clip(grey + 20, 0, 255), dtype=np.uint8)


def _report(look: Look) -> list[str]:
    return [reply.text for reply in look.ask([Wish(Task.REPORT)])]


def _says(reader: Reader, picture: Picture) -> str:
    try:
        reading = reader.read(picture, reading_id=new_reading_id())
    except UnparseableAnswerError as error:
        return f"{_REFUSED}{error}"
    labels: list[Label] = [finding.label for finding in reading.present]
    return ", ".join(label.value for label in labels) or "nothing"
