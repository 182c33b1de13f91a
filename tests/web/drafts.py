"""Films with drafts, for the tests of the review: each sentence of a draft states its finding."""

from dataclasses import dataclass, replace

from sqlalchemy import update

from core.labels import Label
from core.reading import DraftReport, Finding, Presence, Reading, ReportSentence, finding_id
from db.models import ReadingRow
from tests.db.builders import film, read_next, reading
from tests.web.room import Room

STUDY = "1.2.3"
FILM = "1.2.3.4.100"
PANEL = f"/studies/{STUDY}/films/{FILM}/review"
CALLS = f"/api/v1{PANEL}"


@dataclass(frozen=True)
class Drafted:
    """A film's draft."""

    said: Reading
    version_id: str


def said_of(*present: Label, denied: Label | None = Label.EDEMA) -> Reading:
    """Give a reading whose text holds a sentence for each finding."""
    plain = reading(*present)
    findings = plain.findings
    if denied is not None:
        place = finding_id(plain.id, len(findings))
        words = f"No {denied.value} is seen."
        findings = (*findings, Finding(place, denied, Presence.ABSENT, 0.02, sentence=words))
    sentences = tuple(ReportSentence(one.sentence or "", (one.id,), one.boxes) for one in findings)
    text = " ".join(one.text for one in sentences) or "The lungs are clear."
    return replace(
        plain, findings=findings, sentences=sentences, report=DraftReport(text, "As above.")
    )


def drafted(
    room: Room,
    *present: Label,
    uid: str = FILM,
    study: str = STUDY,
    said: Reading | None = None,
    shadow: bool = False,
) -> Drafted:
    """Take in a film, and let it be read."""
    film(room.db, room.spool, uid=uid, study=study)
    whole = said or said_of(*present)
    version_id = read_next(room.db, whole)
    with room.db.write() as session:
        session.execute(update(ReadingRow).where(ReadingRow.id == whole.id).values(shadow=shadow))
    return Drafted(whole, version_id)
