"""Searches and exports of the audit; each of them is an event of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

from core.days import start_of
from core.errors import FirstReadError, WrongArgumentError
from core.settings import Settings
from core.uids import is_uid
from db.audit import record
from db.audit_lines import lines_of
from db.audit_search import AuditQuestion, FoundEvent, find_events
from db.audit_trail import open_trail
from db.engine import Database
from db.models import AuditAction
from web.access.who import Who
from web.operations.lists import AT_ONCE, chosen

LONGEST_PERSON: Final = 128
JSON_LINES: Final = "application/jsonl"
"""Media type of exports."""


@dataclass(frozen=True, slots=True)
class AuditWords:
    """What somebody looks for, as a form or an address says it.

    Parameters
    ----------
    person, study, action
        Part of a name, a Study Instance UID, and a value of `AuditAction`; empty is any.
    begin, end
        First and last day, YYYY-MM-DD in the site's zone; empty is open.
    """

    person: str = ""
    study: str = ""
    action: str = ""
    begin: str = ""
    end: str = ""

    def question(self, settings: Settings, before_id: int | None) -> AuditQuestion:
        """Give the question.

        Raises
        ------
        WrongArgumentError
            If a day is none, the study no UID, or there is no such action.
        """
        if self.study and not is_uid(self.study):
            message = "a Study Instance UID is wanted"
            raise WrongArgumentError(message)
        zone = ZoneInfo(settings.site.timezone)
        return AuditQuestion(
            person=self.person[:LONGEST_PERSON],
            study_uid=self.study,
            action=chosen(AuditAction, self.action),
            first_at=start_of(self.begin, zone),
            before=start_of(self.end, zone, days=1),
            before_id=before_id,
        )

    def told(self) -> dict[str, Any]:
        """Give what is kept of it in the audit; a search for a study is no event of that study."""
        words = {
            "person": self.person[:LONGEST_PERSON],
            "study": self.study,
            "searched": self.action,
            "begin": self.begin,
            "end": self.end,
        }
        return {name: text for name, text in words.items() if text}


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Some events, the newest first.

    Parameters
    ----------
    events
        They.
    before_id
        Where the next page begins; None where there are no older ones.
    """

    events: tuple[FoundEvent, ...]
    before_id: int | None


def search(
    db: Database, settings: Settings, who: Who, words: AuditWords, before_id: int | None
) -> AuditPage:
    """Find events.

    Raises
    ------
    WrongArgumentError
        If the question makes no sense.
    """
    question = words.question(settings, before_id)
    with db.write() as session:
        record(session, AuditAction.AUDIT_SEARCHED, actor=who.name, **words.told())
    with db.read() as session:
        found, more = find_events(session, question, limit=AT_ONCE)
    return AuditPage(tuple(found), found[-1].event_id if more else None)


def export(db: Database, settings: Settings, who: Who, begin: str, end: str) -> Iterator[str]:
    """Give the audit, or the run of it between two days, as the lines of a file.

    That it was exported is an event, and the last one of an export without days.

    Raises
    ------
    WrongArgumentError
        If a day is none; at once, before the first line is asked for.
    """
    zone = ZoneInfo(settings.site.timezone)
    span = start_of(begin, zone), start_of(end, zone, days=1)
    with db.write() as session:
        record(session, AuditAction.AUDIT_EXPORTED, actor=who.name, begin=begin, end=end)

    def lines() -> Iterator[str]:
        with open_trail(db, *span) as trail:
            if trail is None:
                message = "the audit has no head: `firstread audit verify` tells more"
                raise FirstReadError(message)
            yield from lines_of(trail, begin, end)

    return lines()
