"""Requests and reports of storage commitment as data sets (PS3.4 tables J.3-1 and J.3-2)."""

from collections.abc import Sequence
from typing import Final

from pydicom.dataset import Dataset

from core.commitment_report import CommitmentReport, Reference
from core.errors import UnreadableObjectError
from core.uids import is_uid
from db.commitment_requests import Request
from db.commitments import StoredObject
from gateway.headers import text

ALL_COMMITTED: Final = 1
FAILURES_EXIST: Final = 2
"""Event Type IDs."""
_MOST_REFERENCES: Final = 10_000


def information_of(request: Request) -> Dataset:
    """Give the Action Information of a request."""
    information = Dataset()
    information.TransactionUID = request.transaction_uid
    information.ReferencedSOPSequence = [_item(one) for one in request.objects]
    return information


def report_of(information: Dataset, event_type: int | None) -> CommitmentReport:
    """Read the Event Information of a report.

    Parameters
    ----------
    information
        As it came, nothing of it looked at yet.
    event_type
        1 or 2.

    Returns
    -------
    CommitmentReport
        What it says.

    Raises
    ------
    UnreadableObjectError
        If it cannot be read, names no transaction, or contradicts itself or its event type. The
        text names attributes, and no value but UIDs.
    """
    try:
        transaction_uid = text(information, "TransactionUID")
        kept = frozenset(map(_reference, _items(information, "ReferencedSOPSequence")))
        failed = {
            _reference(item): int(item.FailureReason)
            for item in _items(information, "FailedSOPSequence")
        }
    except UnreadableObjectError:
        raise
    except Exception as error:
        # Elements are decoded only here, from whatever was sent.
        message = f"Event Information cannot be read ({type(error).__name__})"
        raise UnreadableObjectError(message) from error
    if not is_uid(transaction_uid):
        message = "TransactionUID is empty or malformed"
        raise UnreadableObjectError(message)
    if bool(failed) != (event_type == FAILURES_EXIST):
        message = f"{len(failed)} failures in an event of type {event_type}"
        raise UnreadableObjectError(message)
    try:
        return CommitmentReport(transaction_uid, kept, failed)
    except ValueError as error:
        raise UnreadableObjectError(str(error)) from error


def _items(information: Dataset, keyword: str) -> Sequence[Dataset]:
    items: Sequence[Dataset] = information.get(keyword) or ()
    if len(items) > _MOST_REFERENCES:
        message = f"{keyword} has {len(items)} items"
        raise UnreadableObjectError(message)
    return items


def _item(stored: StoredObject) -> Dataset:
    item = Dataset()
    item.ReferencedSOPClassUID = stored.sop_class_uid
    item.ReferencedSOPInstanceUID = stored.uid
    return item


def _reference(item: Dataset) -> Reference:
    reference = Reference(
        text(item, "ReferencedSOPClassUID"), text(item, "ReferencedSOPInstanceUID")
    )
    if not (is_uid(reference.sop_class_uid) and is_uid(reference.uid)):
        message = "a reference has an empty or malformed UID"
        raise UnreadableObjectError(message)
    return reference
