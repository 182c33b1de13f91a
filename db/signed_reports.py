"""Reports that a person signed in another system: what is preliminary stays here from then on.

A version that was signed here while FirstRead was the hospital's reporting system is a final report
itself, and always leaves.
"""

from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from core.states import DeliveryState
from db.audit import record
from db.insert import insert_if_absent
from db.models import (
    AuditAction,
    Delivery,
    Instance,
    ReportVersionRow,
    ResultObject,
    SignedReport,
    Study,
)
from db.obsolete import make_obsolete
from db.positive_flags import wait_again
from db.received import ReceivedObject

AFTER_REPORT = "a signed report of the study is known"
"""Why a result did not leave: the words of its delivery."""


def take_report(
    session: Session, study: Study, document: Instance, received: ReceivedObject
) -> None:
    """Note a signed report of a locked study; what is preliminary and had not left is obsolete.

    Anything else than a signed report, and one that a rejection note names, is nothing.
    """
    if received.signed is None or document.rejection_code is not None:
        return
    entered = insert_if_absent(
        session,
        SignedReport,
        study_id=study.id,
        uid=document.uid,
        instance_id=document.id,
        title=received.signed.title,
        verified_at=received.signed.verified_at,
    )
    if not entered:
        return
    # Who signed it has looked at the films.
    study.unseen_since = None
    record(
        session,
        AuditAction.REPORT_SIGNED,
        actor=received.calling_ae,
        study_id=study.id,
        instance_id=document.id,
        uid=document.uid,
    )
    final = select(ReportVersionRow.id).where(ReportVersionRow.final)
    make_obsolete(
        session,
        AFTER_REPORT,
        ResultObject.study_id == study.id,
        ResultObject.version_id.not_in(final),
    )


def withdraw_report(session: Session, study: Study, document: Instance) -> bool:
    """Forget the signed report that a rejected instance of a locked study was, if it was one.

    Where no other is left, what it had stopped and no peer stored is to be built once more, and
    flags that nobody saw wait again.

    Returns
    -------
    bool
        Whether the study is to be published for that.
    """
    gone = session.scalars(
        delete(SignedReport)
        .where(SignedReport.instance_id == document.id)
        .returning(SignedReport.id)
    ).all()
    if not gone or signed_since(session, study.id) is not None:
        return False
    wait_again(session, study)
    stopped = (
        select(ResultObject.version_id)
        .join(Delivery, Delivery.result_id == ResultObject.id)
        .where(
            ResultObject.study_id == study.id,
            Delivery.state == DeliveryState.OBSOLETE,
            Delivery.words == AFTER_REPORT,
            Delivery.sent_at.is_(None),
        )
    )
    session.execute(
        update(ReportVersionRow).where(ReportVersionRow.id.in_(stopped)).values(published_at=None)
    )
    return True


def signed_since(session: Session, study_id: int) -> datetime | None:
    """Give since when a signed report of a study is known here; None where there is none."""
    return session.scalars(
        select(func.min(SignedReport.received_at)).where(SignedReport.study_id == study_id)
    ).one()
