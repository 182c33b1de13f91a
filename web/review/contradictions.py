"""Where a text that is about to be signed does not agree with what its signer said of findings."""

from dataclasses import dataclass

from core.labels import Label
from core.states import Verdict
from web.review.panel import Panel


@dataclass(frozen=True, slots=True)
class Contradictions:
    """What the signer is asked to look at once more; nothing of it is forbidden.

    Parameters
    ----------
    still_stated
        Labels that the person called wrong, and whose sentence still stands in the text.
    not_named
        Labels that the person added as missed, and that the text does not name.
    """

    still_stated: tuple[Label, ...]
    not_named: tuple[Label, ...]

    def __bool__(self) -> bool:
        return bool(self.still_stated or self.not_named)


def contradictions(panel: Panel, findings: str, impression: str) -> Contradictions:
    """Compare a text with the verdicts of who looks at the panel."""
    text = f"{findings}\n{impression}"
    reading = panel.review.reading
    said = {one.id: one.sentence for one in reading.findings} if reading else {}
    own = [(line, line.own.verdict) for line in panel.findings if line.own is not None]
    wrong = [line for line, verdict in own if verdict is Verdict.WRONG]
    missed = [line for line, verdict in own if verdict is Verdict.MISSED]
    return Contradictions(
        still_stated=tuple(line.label for line in wrong if (said.get(line.id) or "\0") in text),
        not_named=tuple(line.label for line in missed if line.label.value not in text.lower()),
    )
