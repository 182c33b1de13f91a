"""Reports of storage commitment at the listener, over real associations.

Covered: who may report and on what context, every status that answers a report, hostile
information, many reports at once, and that the answer waits for the commit. Not covered: what an
answer does to deliveries, which tests/db/test_commitment_answers.py shows, and Orthanc's reports.
"""

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import ComputedRadiographyImageStorage
from pynetdicom.dimse_primitives import N_ACTION, N_EVENT_REPORT

from core.commitment_report import CommitmentReport, Reference
from core.errors import DatabaseAwayError
from core.states import CommitmentState, CommitmentWay
from db.commitment_requests import Request
from gateway.commitment import reports
from gateway.commitment.model import PUSH_MODEL, PUSH_MODEL_INSTANCE
from gateway.contexts import VERIFICATION
from tests.db.stored_results import asked, asked_peer, store
from tests.gateway.commitment_peer import calling, report, result_of
from tests.gateway.committing_house import (
    references_of,
    requests,
    states,
)
from tests.gateway.edge import Edge, open_edge

GONE = 0x0112
SUCCESS, INVALID, UNRECOGNISED = 0x0000, 0x0115, 0x0211


@pytest.fixture
def edge(tmp_path: Path) -> Iterator[Edge]:
    """A listener that knows the archive `pacs`, and a sender of films."""
    with open_edge(tmp_path / "edge", allowed_ae_titles=("XRAY",)) as opened:
        yield opened


@pytest.fixture
def request_(edge: Edge) -> Request:
    """The request about three results that the archive stored."""
    pacs = asked_peer(edge.db)
    return asked(edge.db, pacs, store(edge.db, edge.spool, pacs))


def test_a_report_is_noted_before_it_is_answered(edge: Edge, request_: Request) -> None:
    kept = references_of(request_)
    with calling(edge.port) as association:
        assert report(association, result_of(request_.transaction_uid, kept)) == SUCCESS
        assert states(edge.db) == ["committed"] * 3
    assert requests(edge.db)[0].state is CommitmentState.ANSWERED


def test_failures_come_with_their_reasons(edge: Edge, request_: Request) -> None:
    lost, *kept = references_of(request_)
    with calling(edge.port) as association:
        told = result_of(request_.transaction_uid, kept, {lost: GONE})
        assert report(association, told) == SUCCESS
    assert states(edge.db) == ["waiting", "committed", "committed"]


def test_the_archive_is_the_provider_though_it_calls(edge: Edge) -> None:
    asked_peer(edge.db)
    with calling(edge.port) as association:
        (context,) = association.accepted_contexts
        assert (context.abstract_syntax, context.as_scu, context.as_scp) == (
            PUSH_MODEL,
            False,
            True,
        )


@pytest.mark.parametrize("way", [CommitmentWay.NONE, CommitmentWay.FIND])
def test_who_is_not_asked_is_not_offered_the_class(tmp_path: Path, way: CommitmentWay) -> None:
    with open_edge(tmp_path / "edge") as edge:
        asked_peer(edge.db, commitment=way)
        with calling(edge.port, contexts=[VERIFICATION]) as association:
            accepted = [context.abstract_syntax for context in association.accepted_contexts]
    assert accepted == [VERIFICATION]


def test_no_request_is_taken_from_anybody(edge: Edge) -> None:
    """FirstRead is no archive: it commits itself to nothing."""
    asked_peer(edge.db)
    with calling(edge.port) as association:
        request = N_ACTION()
        request.MessageID = 1
        request.RequestedSOPClassUID = PUSH_MODEL
        request.RequestedSOPInstanceUID = PUSH_MODEL_INSTANCE
        request.ActionTypeID = 1
        association._reactor_checkpoint.clear()
        association.dimse.send_msg(request, 1)
        _context, answer = association.dimse.get_msg(block=True)
        association._reactor_checkpoint.set()
        assert answer is not None
        assert answer.Status != SUCCESS


Spoil = Callable[[Dataset], None]


def _without_transaction(told: Dataset) -> None:
    del told.TransactionUID


def _odd_transaction(told: Dataset) -> None:
    told.TransactionUID = "1.2.3^evil"


def _nothing_named(told: Dataset) -> None:
    del told.ReferencedSOPSequence


def _no_instance(told: Dataset) -> None:
    del told.ReferencedSOPSequence[0].ReferencedSOPInstanceUID


def _empty_class(told: Dataset) -> None:
    told.ReferencedSOPSequence[0].ReferencedSOPClassUID = ""


def _both_at_once(told: Dataset) -> None:
    told.FailedSOPSequence = Sequence([Dataset()])
    told.FailedSOPSequence[0].update(told.ReferencedSOPSequence[0])
    told.FailedSOPSequence[0].FailureReason = GONE


def _no_reason(told: Dataset) -> None:
    _both_at_once(told)
    del told.FailedSOPSequence[0].FailureReason


@pytest.mark.parametrize(
    "spoil",
    [
        _without_transaction,
        _odd_transaction,
        _nothing_named,
        _no_instance,
        _empty_class,
        _both_at_once,
        _no_reason,
    ],
)
def test_malformed_information_changes_nothing(edge: Edge, request_: Request, spoil: Spoil) -> None:
    told = result_of(request_.transaction_uid, references_of(request_))
    spoil(told)
    with calling(edge.port) as association:
        assert report(association, told) == INVALID
        assert report(association, None) == INVALID
    assert states(edge.db) == ["sent"] * 3
    assert requests(edge.db)[0].state is CommitmentState.ASKED


@pytest.mark.parametrize(("event_type", "fails"), [(1, True), (2, False)])
def test_a_type_that_its_information_contradicts(
    edge: Edge, request_: Request, event_type: int, *, fails: bool
) -> None:
    named = references_of(request_)
    told = (
        result_of(request_.transaction_uid, named[1:], {named[0]: GONE})
        if fails
        else result_of(request_.transaction_uid, named)
    )
    with calling(edge.port) as association:
        assert report(association, told, event_type=event_type) == INVALID
    assert states(edge.db) == ["sent"] * 3


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"event_type": 3}, 0x0113),
        ({"instance_uid": "1.2.3"}, 0x0112),
        ({"class_uid": "1.2.840.10008.1.20.2"}, None),
    ],
)
def test_a_report_of_something_else(
    edge: Edge, request_: Request, changes: dict[str, Any], status: int | None
) -> None:
    """An unknown class ends the association; whatever happens, nothing is changed."""
    told = result_of(request_.transaction_uid, references_of(request_))
    with calling(edge.port) as association:
        assert report(association, told, **changes) == status
    assert states(edge.db) == ["sent"] * 3


def test_bytes_that_are_no_data_set(edge: Edge, request_: Request) -> None:
    assert request_.objects
    with calling(edge.port) as association:
        for rubbish in (b"\x08\x00\x95\x11\xff\xff\xff\xffrubbish", b"\x00", b"\xff" * 4096):
            assert send_raw(association, rubbish) == INVALID
        assert send_raw(association, b"\x00" * ((1 << 19) + 2)) == 0x0213
    assert states(edge.db) == ["sent"] * 3


def send_raw(association: Any, information: bytes) -> int:
    """Send a report whose information is these bytes."""
    request = N_EVENT_REPORT()
    request.MessageID = 7
    request.AffectedSOPClassUID = PUSH_MODEL
    request.AffectedSOPInstanceUID = PUSH_MODEL_INSTANCE
    request.EventTypeID = 1
    request.EventInformation = BytesIO(information)
    association._reactor_checkpoint.clear()
    association.dimse.send_msg(request, 1)
    _context, answer = association.dimse.get_msg(block=True)
    association._reactor_checkpoint.set()
    return int(answer.Status)


def test_nobody_reports_for_another(edge: Edge, request_: Request) -> None:
    asked_peer(edge.db, "other")
    told = result_of(request_.transaction_uid, references_of(request_))
    with calling(edge.port, "OTHER") as association:
        assert report(association, told) == INVALID
    with calling(edge.port) as association:
        assert report(association, result_of("2.25.1", references_of(request_))) == INVALID
    assert states(edge.db) == ["sent"] * 3


def test_nobody_reports_for_another_of_the_same_title(edge: Edge) -> None:
    """The one that was asked lies elsewhere; the one that calls may report, of its own requests."""
    far = asked_peer(edge.db, "far", ae_title="PACS", host="10.9.9.9")
    asked_peer(edge.db, "twin", ae_title="PACS")
    request = asked(edge.db, far, store(edge.db, edge.spool, far))
    with calling(edge.port) as association:
        told = result_of(request.transaction_uid, references_of(request))
        assert report(association, told) == INVALID
    assert states(edge.db) == ["sent"] * 3


def test_a_report_on_a_context_for_films(edge: Edge, request_: Request) -> None:
    """A sender that was never offered the class uses the one that it has."""
    told = result_of(request_.transaction_uid, references_of(request_))
    films = ComputedRadiographyImageStorage
    with calling(edge.port, "XRAY", contexts=[films]) as association:
        assert report(association, told, context_uid=films) == UNRECOGNISED
    with calling(edge.port, contexts=[films]) as association:
        assert report(association, told, context_uid=films) == UNRECOGNISED
    assert states(edge.db) == ["sent"] * 3


def test_the_same_report_again_is_a_success_and_changes_nothing(
    edge: Edge, request_: Request
) -> None:
    lost, *kept = references_of(request_)
    told = result_of(request_.transaction_uid, kept, {lost: GONE})
    with calling(edge.port) as association:
        assert [report(association, told) for _ in range(3)] == [SUCCESS] * 3
        contrary = result_of(request_.transaction_uid, failed=dict.fromkeys([lost, *kept], GONE))
        assert report(association, contrary) == INVALID
    assert states(edge.db) == ["waiting", "committed", "committed"]


def test_an_archive_that_forgets_its_role_is_heard(edge: Edge, request_: Request) -> None:
    """Some propose no role, and report as if they had."""
    told = result_of(request_.transaction_uid, references_of(request_))
    with calling(edge.port, role=False) as association:
        association.accepted_contexts[0]._as_scp = True
        assert report(association, told) == SUCCESS
    assert states(edge.db) == ["committed"] * 3


def test_many_at_once_are_each_answered(edge: Edge, request_: Request) -> None:
    told = result_of(request_.transaction_uid, references_of(request_))
    with ExitStack() as stack, ThreadPoolExecutor(8) as pool:
        lines = [stack.enter_context(calling(edge.port)) for _ in range(8)]
        answers = list(pool.map(lambda line: report(line, told), lines))
    assert answers == [SUCCESS] * 8
    assert states(edge.db) == ["committed"] * 3


def test_a_database_that_is_away_is_no_success(
    edge: Edge, request_: Request, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_arguments: object) -> None:
        message = "away"
        raise DatabaseAwayError(message)

    told = result_of(request_.transaction_uid, references_of(request_))
    with calling(edge.port) as association:
        with monkeypatch.context() as patched:
            patched.setattr(reports, "take_report", away)
            assert report(association, told) == 0x0110
        assert report(association, told) == SUCCESS
    assert states(edge.db) == ["committed"] * 3


def test_no_text_of_a_report_reaches_the_log(
    edge: Edge, request_: Request, caplog: pytest.LogCaptureFixture, capsys: Any
) -> None:
    told = result_of(request_.transaction_uid, references_of(request_))
    told.ReferencedSOPSequence[0].ReferencedSOPInstanceUID = "DOE^JANE"
    with caplog.at_level(logging.DEBUG), calling(edge.port) as association:
        assert report(association, told) == INVALID
    assert "DOE" not in caplog.text + "".join(capsys.readouterr())


def test_a_report_that_contradicts_itself_cannot_be_made() -> None:
    one = Reference("1.2", "1.2.3")
    with pytest.raises(ValueError, match=r"committed and failed at once: 1\.2\.3"):
        CommitmentReport("1", frozenset({one}), {one: GONE})
    with pytest.raises(ValueError, match="names no object"):
        CommitmentReport("1", frozenset(), {})
