"""What some of our results say of a reading; what they do not say is None."""

from dataclasses import dataclass
from typing import Final

from core.errors import UnreadableObjectError
from core.labels import Label
from core.reading import (
    DraftReport,
    Finding,
    Flag,
    Given,
    ModelIdentity,
    Reading,
    Remark,
    ReportSentence,
)

Size = tuple[int, int]
"""Rows and columns of a film."""
NO_SIZE: Final = "boxes: the size of the film is nowhere said"


@dataclass(frozen=True, slots=True)
class ReadBack:
    """Parts of a reading.

    Parameters
    ----------
    film_uid
        SOP Instance UID of the film.
    model_uid
        Device UID of the model.
    reading_id, model, flags, findings, report, quality, checks, given, sentences
        As in `Reading`; None where nobody says.
    missing
        What the documents do not hold, in words.
    """

    film_uid: str | None = None
    model_uid: str | None = None
    reading_id: str | None = None
    model: ModelIdentity | None = None
    flags: tuple[Flag, ...] | None = None
    findings: tuple[Finding, ...] | None = None
    report: DraftReport | None = None
    quality: tuple[Remark, ...] | None = None
    checks: tuple[Remark, ...] | None = None
    given: Given | None = None
    sentences: tuple[ReportSentence, ...] | None = None
    missing: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether all of a reading but its timings is there."""
        return not self._lacking()

    def reading(self) -> Reading:
        """Give the reading; its timings are nowhere written and are empty.

        Raises
        ------
        UnreadableObjectError
            If not all of it is there.
        """
        lacking = self._lacking()
        if (
            self.reading_id is None
            or self.model is None
            or self.flags is None
            or self.findings is None
            or self.report is None
            or self.given is None
            or lacking
        ):
            message = f"not all of the reading is there: {', '.join(lacking)}"
            raise UnreadableObjectError(message)
        return Reading(
            id=self.reading_id,
            model=self.model,
            flags=self.flags,
            findings=self.findings,
            report=self.report,
            quality=self.quality or (),
            checks=self.checks or (),
            indication=self.given.indication,
            technique=self.given.technique,
            comparison=self.given.comparison,
            sentences=self.sentences or (),
        )

    def _lacking(self) -> tuple[str, ...]:
        wanted = ("reading_id", "model", "flags", "findings", "report", "quality", "checks")
        lacking = [name for name in (*wanted, "given", "sentences") if getattr(self, name) is None]
        return (*lacking, *([NO_SIZE] if NO_SIZE in self.missing else []))


def label_in(identifier: str) -> Label | None:
    """Give the label that a Tracking Identifier of ours names, such as "3 edema"."""
    number, _, word = identifier.partition(" ")
    return Label(word) if number.isdigit() and word in set(Label) else None
