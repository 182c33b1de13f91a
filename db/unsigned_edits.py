"""What a person typed and did not sign: kept at each pause, so that no crash loses it.

One text for each person and reading. A page names itself and counts what it sends; so a save whose
answer was lost is known again, one that comes late changes nothing, and what another page of the
same person wrote meanwhile is never overwritten without that person's word. A text's revisions
begin at random: a page that knows one which was signed or given up does not take its successor for
it.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core.clock import now
from core.errors import ReviewConflictError, ReviewRefusedError
from db.insert import insert_if_absent
from db.models import ReadingRow, ReportVersionRow, UnsignedEdit
from db.reviews import LONGEST_SECTION

_FIRST_REVISIONS: Final = 1 << 30
"""Half of what the column holds; the other half is there to count on."""


class OtherPageError(ReviewConflictError):
    """Another page of the same person wrote meanwhile; nothing was changed."""


@dataclass(frozen=True, slots=True)
class TypedText:
    """What stands in the editor of a page.

    Parameters
    ----------
    base_version_id
        The version that the person began from.
    findings, impression
        The two sections, as typed.
    page
        Which page it is, by a word of the page's own making.
    step
        The page's own count of what it sent, from 1.

    Raises
    ------
    ReviewRefusedError
        If a section is longer than a report may be, or the page does not say which it is.
    """

    base_version_id: str
    findings: str
    impression: str
    page: str
    step: int

    def __post_init__(self) -> None:
        longest = max(len(self.findings), len(self.impression))
        if longest > LONGEST_SECTION:
            message = f"a section has {longest} characters, more than {LONGEST_SECTION}"
            raise ReviewRefusedError(message)
        if not self.page:
            message = "the page that saves a text must name itself"
            raise ReviewRefusedError(message)


@dataclass(frozen=True, slots=True)
class KeptEdit:
    """What is kept of a person's text.

    Parameters
    ----------
    reading_id, base_version_id
        What the person began from.
    findings, impression
        The text.
    revision
        At least 1, begun at random and counted up by each save.
    page
        Which of the person's pages saved it last.
    saved_at
        When that was.
    """

    reading_id: str
    base_version_id: str
    findings: str
    impression: str
    revision: int
    page: str
    saved_at: datetime


def keep_edit(
    session: Session, reading_id: str, account_id: int, text: TypedText, *, known_revision: int
) -> KeptEdit:
    """Keep what a person typed so far.

    Parameters
    ----------
    session
        A writing session.
    reading_id, account_id
        Of what, and whose.
    text
        The text.
    known_revision
        The last that the page heard of; 0 where it knows of none.

    Raises
    ------
    ReviewRefusedError
        If the version that the person began from is none of that reading.
    OtherPageError
        If another page of the person saved another text, which this one does not know.
    """
    base = session.get(ReportVersionRow, text.base_version_id)
    if base is None or base.reading_id != reading_id:
        message = "the text began from a version of another draft"
        raise ReviewRefusedError(message)
    insert_if_absent(
        session,
        UnsignedEdit,
        reading_id=reading_id,
        account_id=account_id,
        base_version_id=base.id,
        findings=text.findings,
        impression=text.impression,
        revision=secrets.randbelow(_FIRST_REVISIONS),
        page=text.page,
        step=0,
    )
    row = session.scalars(
        select(UnsignedEdit)
        .where(UnsignedEdit.reading_id == reading_id, UnsignedEdit.account_id == account_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    if row.page == text.page and text.step <= row.step:
        return _kept(row)
    if row.page != text.page and row.revision != known_revision:
        if (row.base_version_id, row.findings, row.impression) == (
            base.id,
            text.findings,
            text.impression,
        ):
            # A page that is loaded anew sends what the one before it sent while it went.
            return _kept(row)
        message = "another of your windows saved another text of this report meanwhile"
        raise OtherPageError(message)
    row.base_version_id = base.id
    row.findings = text.findings
    row.impression = text.impression
    row.page = text.page
    row.step = text.step
    row.revision += 1
    row.saved_at = now()
    session.flush()
    return _kept(row)


def edits_of(session: Session, film_id: int, account_id: int) -> Sequence[KeptEdit]:
    """List what a person typed of a film's readings and never signed, the newest first.

    What was typed of a reading that another one replaced is among it.
    """
    rows = session.scalars(
        select(UnsignedEdit)
        .join(ReadingRow, ReadingRow.id == UnsignedEdit.reading_id)
        .where(ReadingRow.instance_id == film_id, UnsignedEdit.account_id == account_id)
        .order_by(UnsignedEdit.saved_at.desc(), UnsignedEdit.id.desc())
    )
    return [_kept(row) for row in rows]


def discard_edit(session: Session, reading_id: str, account_id: int, revision: int) -> None:
    """Forget a person's text, since it was signed or the person gave it up.

    Parameters
    ----------
    session, reading_id, account_id
        As of `keep_edit`.
    revision
        Of the text that the person saw; another one stays.

    Raises
    ------
    OtherPageError
        If another text is kept by now.
    """
    row = session.scalars(
        select(UnsignedEdit)
        .where(UnsignedEdit.reading_id == reading_id, UnsignedEdit.account_id == account_id)
        .with_for_update()
    ).one_or_none()
    if row is None:
        return
    if row.revision != revision:
        message = "another text of this report was saved meanwhile"
        raise OtherPageError(message)
    session.execute(delete(UnsignedEdit).where(UnsignedEdit.id == row.id))


def _kept(row: UnsignedEdit) -> KeptEdit:
    return KeptEdit(
        reading_id=row.reading_id,
        base_version_id=row.base_version_id,
        findings=row.findings,
        impression=row.impression,
        revision=row.revision,
        page=row.page,
        saved_at=row.saved_at,
    )
