"""Takes the reports of peers on requests for storage commitment: N-EVENT-REPORT.

A report comes on the association of its request or on one that the peer opens; both end here. It
is answered once what it says is committed in the database: a peer reports once, and forgets.
"""

import os
import threading
from collections.abc import Collection
from typing import Final

import structlog
from pydicom.dataset import Dataset
from pynetdicom import evt
from pynetdicom.dimse_primitives import N_EVENT_REPORT

from core.commitment_settings import CommitmentSettings
from core.errors import DatabaseAwayError, UnreadableObjectError
from db.commitment_answers import Taken, take_report
from db.engine import Database
from gateway.commitment.model import PUSH_MODEL, PUSH_MODEL_INSTANCE
from gateway.commitment.statuses import ReportStatus
from gateway.commitment.wire import ALL_COMMITTED, FAILURES_EXIST, report_of

_log = structlog.get_logger()
_LONGEST_INFORMATION: Final = 1 << 19
"""Bytes; a reference takes less than 200."""
_AT_ONCE: Final = 4
"""Reports that are noted at one time: each comes in a thread of its own, whoever sends them."""
_PATIENCE_SECONDS: Final = 5.0
_STATUS_OF: Final = {
    Taken.NOTED: ReportStatus.SUCCESS,
    # A refusal would have the peer send it again, whose first report may have lost its answer.
    Taken.REPEATED: ReportStatus.SUCCESS,
    Taken.UNKNOWN: ReportStatus.INVALID_ARGUMENT,
    Taken.CONTRADICTED: ReportStatus.INVALID_ARGUMENT,
}


class ReportTaker:
    """Notes reports; safe to share between threads.

    Parameters
    ----------
    db
        Where the requests are.
    rules
        How often peers are sent to and asked again.
    """

    def __init__(self, db: Database, rules: CommitmentSettings) -> None:
        self._db = db
        self._rules = rules
        self._room = threading.BoundedSemaphore(_AT_ONCE)

    def answer(
        self, event: evt.Event, calling_ae: str, peer_ids: Collection[int]
    ) -> tuple[int, None]:
        """Note one report, and give the status that answers it.

        Parameters
        ----------
        event
            The N-EVENT-REPORT.
        calling_ae
            AE title of the peer that it comes from.
        peer_ids
            The peers that it may be from, which may report.
        """
        status = self._status(event, calling_ae, peer_ids)
        if status is not ReportStatus.SUCCESS:
            _log.warning("commitment_report_refused", calling_ae=calling_ae, status=int(status))
        return int(status), None

    def _status(self, event: evt.Event, calling_ae: str, peer_ids: Collection[int]) -> ReportStatus:
        request = event.request
        if not isinstance(request, N_EVENT_REPORT) or event.context.abstract_syntax != PUSH_MODEL:
            return ReportStatus.UNRECOGNISED_OPERATION
        fault = _fault(request)
        if fault is not None:
            return fault
        if not self._room.acquire(timeout=_PATIENCE_SECONDS):
            return ReportStatus.RESOURCE_LIMITATION
        try:
            return self._noted(event, calling_ae, peer_ids)
        finally:
            self._room.release()

    def _noted(self, event: evt.Event, calling_ae: str, peer_ids: Collection[int]) -> ReportStatus:
        try:
            report = report_of(_information(event), event.event_type)
        except UnreadableObjectError as error:
            _log.warning("commitment_report_malformed", calling_ae=calling_ae, error=str(error))
            return ReportStatus.INVALID_ARGUMENT
        try:
            with self._db.write() as session:
                taken = take_report(session, peer_ids, report, self._rules)
        except DatabaseAwayError:
            return ReportStatus.PROCESSING_FAILURE
        _log.info(
            "commitment_reported",
            calling_ae=calling_ae,
            transaction_uid=report.transaction_uid,
            outcome=taken.value,
            committed=len(report.kept),
            failed=len(report.failed),
        )
        return _STATUS_OF[taken]


def _fault(request: N_EVENT_REPORT) -> ReportStatus | None:
    """Find what is wrong with a report before its information is looked at."""
    information = request.EventInformation
    length = 0
    if information is not None:
        length = information.seek(0, os.SEEK_END)
        information.seek(0)
    faults = (
        (request.AffectedSOPClassUID != PUSH_MODEL, ReportStatus.NO_SUCH_CLASS),
        (request.AffectedSOPInstanceUID != PUSH_MODEL_INSTANCE, ReportStatus.NO_SUCH_INSTANCE),
        (request.EventTypeID not in {ALL_COMMITTED, FAILURES_EXIST}, ReportStatus.NO_SUCH_EVENT),
        (length == 0, ReportStatus.INVALID_ARGUMENT),
        (length > _LONGEST_INFORMATION, ReportStatus.RESOURCE_LIMITATION),
    )
    return next((status for wrong, status in faults if wrong), None)


def _information(event: evt.Event) -> Dataset:
    try:
        return event.event_information
    except Exception as error:
        message = f"Event Information cannot be decoded ({type(error).__name__})"
        raise UnreadableObjectError(message) from error
