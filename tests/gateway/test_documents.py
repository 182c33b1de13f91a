"""Which objects reject films and which are signed reports, and that no list keeps them out.

Covered: the titles, flags and observers that count, hostile documents, and what the listener does
with each. Not covered: what becomes of the films (tests/db, tests/integration).
"""

from datetime import UTC, datetime, timedelta, timezone
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pydicom import dcmread, dcmwrite
from pydicom.dataset import Dataset
from pydicom.uid import (
    ComprehensiveSRStorage,
    XRayRadiationDoseSRStorage,
    generate_uid,
)

from core.errors import UnreadableObjectError
from core.states import FilmState
from db.models import Rejection, SignedReport
from db.quarantine import count_waiting_notes, waiting_notes
from db.received import RejectedInstance, SignedFacts
from gateway.documents import DocumentFacts, IdleNote, document_facts
from gateway.statuses import StoreStatus
from imaging.header import read_header
from tests.db.builders import count
from tests.gateway.client import store
from tests.gateway.documents import code, evidence, reference, rejection_note, signed_report
from tests.gateway.edge import Edge
from tests.gateway.objects import film, save

BERLIN = timezone(timedelta(hours=1))


def facts(dataset: Dataset, folder: Path) -> DocumentFacts:
    """Give the facts of an object as the listener reads it: from its file."""
    return document_facts(read_header(save(dataset, folder)), BERLIN)


@pytest.mark.parametrize("title", ["113001", "113037", "113038", "113039"])
def test_four_titles_make_a_rejection_note(tmp_path: Path, title: str) -> None:
    first = film()
    second = film(StudyInstanceUID=first.StudyInstanceUID)
    found = facts(rejection_note(first, second, title=title), tmp_path)
    assert found.rejects == (
        RejectedInstance(first.SOPInstanceUID, title),
        RejectedInstance(second.SOPInstanceUID, title),
    )
    assert found.matters


OTHER_NOTES: dict[str, dict[str, Any]] = {
    "of interest": {"ConceptNameCodeSequence": [code("113000")]},
    "another scheme": {"ConceptNameCodeSequence": [code("113001", scheme="99OURS")]},
    "no title": {"ConceptNameCodeSequence": None},
    "no evidence": {"CurrentRequestedProcedureEvidenceSequence": None},
    "another study": {"CurrentRequestedProcedureEvidenceSequence": evidence([film()])},
    "no document": {"SOPClassUID": ComprehensiveSRStorage},
}


@pytest.mark.parametrize("values", OTHER_NOTES.values(), ids=OTHER_NOTES)
def test_what_rejects_nothing(tmp_path: Path, values: dict[str, Any]) -> None:
    assert facts(rejection_note(film(), **values), tmp_path).rejects == ()


@pytest.mark.parametrize("title", ["113001", "113038"])
def test_a_note_that_can_reject_nothing_says_why(tmp_path: Path, title: str) -> None:
    one, other = film(), film()
    silent = rejection_note(one, title=title, CurrentRequestedProcedureEvidenceSequence=None)
    found = facts(silent, tmp_path)
    assert found.idle == IdleNote("rejection note: it names no object", one.StudyInstanceUID)
    assert found.matters
    named = evidence([other])
    elsewhere = rejection_note(one, title=title, CurrentRequestedProcedureEvidenceSequence=named)
    assert facts(elsewhere, tmp_path).idle == IdleNote(
        "rejection note: it names objects of another study than its own", other.StudyInstanceUID
    )
    assert facts(rejection_note(one, title=title), tmp_path).idle is None
    assert facts(rejection_note(one, title="113000"), tmp_path).idle is None


def test_a_note_that_can_reject_nothing_is_kept_aside_with_its_reason(edge: Edge) -> None:
    one, other = film(), film()
    for note in (
        rejection_note(one, CurrentRequestedProcedureEvidenceSequence=None),
        rejection_note(one, CurrentRequestedProcedureEvidenceSequence=evidence([other])),
    ):
        assert store(edge.port, note)[0] == StoreStatus.SUCCESS
    assert edge.instances() == []
    with edge.db.read() as session:
        assert count_waiting_notes(session) == 2
        assert waiting_notes(session, one.StudyInstanceUID) == ("it names no object",)
        (reason,) = waiting_notes(session, other.StudyInstanceUID)
    assert reason == "it names objects of another study than its own"


def test_a_note_may_name_many_but_not_any_number(tmp_path: Path) -> None:
    first = film()
    (study,) = evidence([first])
    (series,) = study.ReferencedSeriesSequence
    series.ReferencedSOPSequence = [
        reference(f"1.2.3.{number}", first.SOPClassUID) for number in range(2_500)
    ]
    note = rejection_note(first, CurrentRequestedProcedureEvidenceSequence=[study])
    assert len(facts(note, tmp_path).rejects) == 2_000


def test_a_report_that_a_person_verified_is_signed(tmp_path: Path) -> None:
    found = facts(signed_report(film()), tmp_path)
    assert found.signed == SignedFacts(
        "Diagnostic Imaging Report", datetime(2026, 3, 1, 9, 15, tzinfo=UTC)
    )
    assert found.matters


@pytest.mark.parametrize(
    ("written", "known"),
    [
        ("20260301101500", datetime(2026, 3, 1, 9, 15, tzinfo=UTC)),
        ("20260301101500.123456-0500", datetime(2026, 3, 1, 15, 15, tzinfo=UTC)),
        ("20260301", None),
        ("20269999999999", None),
        ("20260301101500+9999", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_when_it_was_verified(tmp_path: Path, written: str, known: datetime | None) -> None:
    report = signed_report(film())
    report.VerifyingObserverSequence[0].VerificationDateTime = written
    signed = facts(report, tmp_path).signed
    assert signed is not None
    assert signed.verified_at == known


def _observer(kind: str) -> Dataset:
    item = Dataset()
    item.RelationshipType = "HAS OBS CONTEXT"
    item.ValueType = "CODE"
    item.ConceptNameCodeSequence = [code("121005", "Observer Type")]
    item.ConceptCodeSequence = [code(kind)]
    return item


def _nameless() -> list[Dataset]:
    item = Dataset()
    item.VerifyingObserverName = "^^"
    return [item]


UNSIGNED: dict[str, dict[str, Any]] = {
    "unverified": {"VerificationFlag": "UNVERIFIED"},
    "partial": {"CompletionFlag": "PARTIAL"},
    "preliminary": {"PreliminaryFlag": "PRELIMINARY"},
    "verified by nobody": {"VerifyingObserverSequence": None},
    "verified by a name without letters": {"VerifyingObserverSequence": _nameless()},
    "without flags": {"VerificationFlag": None, "CompletionFlag": None},
    "a chest CAD's": {"ConceptNameCodeSequence": [code("112000")]},
    "a measurement report": {"ConceptNameCodeSequence": [code("126000")]},
    "a device's own": {"ContentSequence": [_observer("121007")]},
    "a dose report": {"SOPClassUID": XRayRadiationDoseSRStorage},
}


@pytest.mark.parametrize("values", UNSIGNED.values(), ids=UNSIGNED)
def test_what_is_no_signed_report(tmp_path: Path, values: dict[str, Any]) -> None:
    found = facts(signed_report(film(), **values), tmp_path)
    assert found.signed is None
    assert not found.matters


def test_a_person_beside_a_device_signs(tmp_path: Path) -> None:
    observers = [_observer("121007"), _observer("121006")]
    assert facts(signed_report(film(), ContentSequence=observers), tmp_path).signed is not None


def test_what_a_film_says_it_replaces(tmp_path: Path) -> None:
    wrong = film()
    plain = reference(wrong.SOPInstanceUID, wrong.SOPClassUID)
    meant = reference(wrong.SOPInstanceUID, wrong.SOPClassUID, "121360")
    study = wrong.StudyInstanceUID

    def said(**values: Any) -> tuple[str | None, str | None]:
        found = facts(film(StudyInstanceUID=study, **values), tmp_path)
        return found.corrects_uid, found.derived_from_uid

    uid = wrong.SOPInstanceUID
    assert said(SourceImageSequence=[plain]) == (None, uid)
    assert said(SourceImageSequence=[meant]) == (uid, uid)
    assert said(ReferencedImageSequence=[plain]) == (None, None)
    assert said(ReferencedImageSequence=[meant]) == (uid, None)
    assert said(PredecessorDocumentsSequence=evidence([wrong], "121360")) == (uid, None)
    assert said(PredecessorDocumentsSequence=evidence([film()], "121360")) == (None, None)
    assert said(SourceImageSequence=[plain, plain]) == (None, uid)
    # Of two sources nobody can tell which one is meant: a composite of both replaces neither.
    other = reference(generate_uid(), wrong.SOPClassUID, "121360")
    assert said(SourceImageSequence=[meant, other]) == (None, None)
    itself = generate_uid()
    own = reference(itself, wrong.SOPClassUID, "121360")
    assert said(SOPInstanceUID=itself, SourceImageSequence=[own]) == (None, None)


def _deep(levels: int) -> Dataset:
    item = Dataset()
    for _ in range(levels):
        around = Dataset()
        around.ReferencedSeriesSequence = [item]
        item = around
    return item


HOSTILE: dict[str, dict[str, Any]] = {
    "a deep one": {"CurrentRequestedProcedureEvidenceSequence": [_deep(200)]},
    "empty items": {"CurrentRequestedProcedureEvidenceSequence": [Dataset()] * 3},
    "an empty title": {"ConceptNameCodeSequence": []},
    "no observer's item": {"VerifyingObserverSequence": [Dataset()]},
}


@pytest.mark.parametrize("values", HOSTILE.values(), ids=HOSTILE)
def test_hostile_documents_say_nothing(tmp_path: Path, values: dict[str, Any]) -> None:
    for dataset in (rejection_note(film(), **values), signed_report(film(), **values)):
        try:
            found = facts(dataset, tmp_path)
        except UnreadableObjectError:
            continue
        if set(values) & {"CurrentRequestedProcedureEvidenceSequence", "ConceptNameCodeSequence"}:
            assert found.rejects == ()


@pytest.mark.parametrize("make", [rejection_note, signed_report])
def test_no_flipped_byte_raises(make: Any) -> None:
    buffer = BytesIO()
    dcmwrite(buffer, make(film()), enforce_file_format=True)
    whole = buffer.getvalue()
    for position in range(400, len(whole), 7):
        broken = bytearray(whole)
        broken[position] ^= 0xFF
        try:
            dataset = dcmread(BytesIO(bytes(broken)))
        except Exception:  # noqa: BLE001, S112 - what cannot be parsed is refused elsewhere
            continue
        document_facts(dataset, BERLIN)


def test_they_are_kept_though_no_list_names_their_class(edge: Edge) -> None:
    one = film()
    assert store(edge.port, one)[0] == StoreStatus.SUCCESS
    for dataset in (rejection_note(one), signed_report(one)):
        assert store(edge.port, dataset)[0] == StoreStatus.SUCCESS
    assert [row.state for row in edge.instances()] == [
        FilmState.NOT_READ,
        FilmState.RECEIVED,
        FilmState.RECEIVED,
    ]
    assert (count(edge.db, Rejection), count(edge.db, SignedReport)) == (1, 1)


def test_other_documents_are_refused_where_no_list_names_their_class(edge: Edge) -> None:
    others = (
        rejection_note(film(), ConceptNameCodeSequence=[code("113000")]),
        signed_report(film(), VerificationFlag="UNVERIFIED"),
    )
    for dataset in others:
        assert store(edge.port, dataset)[0] == StoreStatus.CLASS_NOT_SUPPORTED
    assert edge.empty
