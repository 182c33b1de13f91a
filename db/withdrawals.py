"""Drafts that a radiologist rejected: nothing of them leaves any more, what left is taken back."""

from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.states import ReviewState
from db.models import ReadingRow, ResultObject, ReviewRow
from db.obsolete import make_obsolete

UNFIT: Final = "113001"
"""Rejected for quality reasons (CID 7010, DCM)."""
HARMFUL: Final = "113037"
"""Rejected for patient safety reasons (CID 7010, DCM)."""
DRAFT_REJECTED: Final = "the draft was rejected"
"""What becomes of a delivery that had not left: its words."""


def withdraw(session: Session, reading: ReadingRow, code: str) -> None:
    """Withdraw a reading of a locked study: it is no longer current, and never becomes so again.

    What had not left becomes obsolete. What had left is taken back when the study is published.
    """
    reading.current = False
    reading.withdrawn_code = code
    session.flush()
    make_obsolete(session, DRAFT_REJECTED, ResultObject.reading_id == reading.id)


def rejection_of(session: Session, reading_id: str) -> ReviewRow:
    """Give the review by which a withdrawn reading was rejected."""
    return session.scalars(
        select(ReviewRow)
        .where(ReviewRow.reading_id == reading_id, ReviewRow.act == ReviewState.REJECTED)
        .order_by(ReviewRow.id)
        .limit(1)
    ).one()
