"""What a store request is answered with: the Store Instances Response Module (PS3.18 annex I.2)."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

from pydicom.dataset import Dataset

from gateway.statuses import StoreStatus
from gateway.store import Answer


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one part.

    Parameters
    ----------
    sop_class_uid, sop_instance_uid
        As its data set says; "" where it could not be read.
    answer
        As a C-STORE would be answered.
    too_large
        Whether it was cut since it is larger than allowed.
    """

    sop_class_uid: str
    sop_instance_uid: str
    answer: Answer
    too_large: bool = False

    @property
    def stored(self) -> bool:
        """Whether it is safe here."""
        return self.answer.status is StoreStatus.SUCCESS


def http_status(outcomes: Sequence[Outcome], body_fault: HTTPStatus | None) -> HTTPStatus:
    """Give the status of the whole request (PS3.18 table 10.5.3-1).

    Parameters
    ----------
    outcomes
        Of all parts that came in whole.
    body_fault
        What was wrong with the body as such; None where nothing was.

    Returns
    -------
    http.HTTPStatus
        200 where everything was stored, 202 where some was. Where nothing was: the body's fault,
        413 where an object was too large, 503 where it may be sent again later, else 409.
    """
    stored = sum(outcome.stored for outcome in outcomes)
    if stored:
        whole = stored == len(outcomes) and body_fault is None
        return HTTPStatus.OK if whole else HTTPStatus.ACCEPTED
    if body_fault is not None:
        return body_fault
    if not outcomes:
        return HTTPStatus.BAD_REQUEST
    if any(outcome.too_large for outcome in outcomes):
        return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    later = {StoreStatus.OUT_OF_RESOURCES, StoreStatus.PROCESSING_FAILURE}
    if any(outcome.answer.status in later for outcome in outcomes):
        return HTTPStatus.SERVICE_UNAVAILABLE
    return HTTPStatus.CONFLICT


def response_module(outcomes: Sequence[Outcome], body_fault: HTTPStatus | None) -> bytes:
    """Write the module in the DICOM JSON model (PS3.18 annex F).

    Retrieve URLs are left out, as nothing can be fetched here, and so are warnings: what is
    stored is stored as it came. Parts whose data set could not be read, and a body that broke off,
    stand in Other Failures Sequence.
    """
    module = Dataset()
    stored: list[Dataset] = []
    failed: list[Dataset] = []
    other: list[Dataset] = []
    for outcome in outcomes:
        item = Dataset()
        if outcome.sop_instance_uid:
            item.ReferencedSOPClassUID = outcome.sop_class_uid
            item.ReferencedSOPInstanceUID = outcome.sop_instance_uid
        if outcome.stored:
            stored.append(item)
            continue
        item.FailureReason = int(outcome.answer.status)
        (failed if outcome.sop_instance_uid else other).append(item)
    if body_fault is not None:
        rest = Dataset()
        rest.FailureReason = int(StoreStatus.NOT_UNDERSTOOD)
        other.append(rest)
    for keyword, items in (
        ("FailedSOPSequence", failed),
        ("ReferencedSOPSequence", stored),
        ("OtherFailuresSequence", other),
    ):
        if items:
            setattr(module, keyword, items)
    return json.dumps(module.to_json_dict()).encode()
