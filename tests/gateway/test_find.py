"""Queries over real associations, with a made-up archive that may lie.

Covered: what is asked, what is taken of the answers, limits, every way in which a query can fail.
Not covered: real archives (tests/integration).
"""

import socket
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from pydicom.config import disable_value_validation
from pydicom.dataset import Dataset

from core.errors import PeerUnavailableError, RefusedByPeerError
from gateway.address import PeerAddress
from gateway.find import FoundSeries, FoundStudy, StudyQuery, find_series, find_studies
from gateway.move import STUDY_ROOT_MOVE
from tests.gateway.query_peer import Answers, QueryPeer, study

DAYS = StudyQuery(first=date(2024, 1, 2), last=date(2024, 2, 5))
DAY = StudyQuery(first=date(2024, 1, 2), last=date(2024, 1, 2))


def found(query: StudyQuery, *answers: tuple[int | Dataset, Dataset | None]) -> list[FoundStudy]:
    """Ask an archive that answers any question with these."""
    with QueryPeer(lambda _identifier: answers) as peer:
        return find_studies(peer.address(), query)


def test_a_study_is_told_with_all_that_the_archive_says() -> None:
    answer = study(
        "1.2.3",
        SpecificCharacterSet="ISO_IR 100",
        PatientID=" P-1 ",
        IssuerOfPatientID="H",
        StudyDate="20240102",
        StudyTime="101112",
        ModalitiesInStudy=["DX", "sr", ""],
        StudyDescription="Röntgen\x1b[2J Thorax",
        AccessionNumber="A1",
        NumberOfStudyRelatedInstances="3",
    )
    assert found(DAY, answer) == [
        FoundStudy(
            study_uid="1.2.3",
            patient_id="P-1",
            issuer="H",
            study_date="20240102",
            study_time="101112",
            modalities=("DX", "SR"),
            description="Röntgen [2J Thorax",
            accession="A1",
            instances=3,
        )
    ]


def _silent_of_modalities(identifier: Dataset) -> Answers:
    """Answer as an archive does that knows no Modalities in Study."""
    if identifier.QueryRetrieveLevel == "STUDY":
        yield from (study(uid) for uid in ("1.1", "1.2", "1.3"))
        return
    uid = str(identifier.StudyInstanceUID)
    for number, modality in enumerate({"1.1": ["SR", "CR"], "1.2": ["CT"], "1.3": []}[uid]):
        _, answer = study(uid)
        answer.SeriesInstanceUID = f"{uid}.{number}"
        answer.Modality = modality
        yield 0xFF00, answer


def test_modalities_that_no_answer_tells_are_those_of_the_series() -> None:
    query = StudyQuery(first=date(2024, 1, 2), modalities=("CR", "DX"))
    with QueryPeer(_silent_of_modalities) as peer:
        # Of the third nothing can be known: it is given, for whoever asks to judge.
        assert find_studies(peer.address(), query) == [
            FoundStudy("1.1", modalities=("CR", "SR")),
            FoundStudy("1.3"),
        ]
        without = StudyQuery(first=date(2024, 1, 2))
        assert find_studies(peer.address(), without) == [
            FoundStudy(uid) for uid in ("1.1", "1.2", "1.3")
        ]


def test_a_silent_answer_is_a_study_all_the_same() -> None:
    assert found(DAY, study("1.2.3")) == [FoundStudy("1.2.3")]


@pytest.mark.parametrize(
    ("query", "keyword", "value"),
    [
        (DAY, "StudyDate", "20240102"),
        (DAYS, "StudyDate", "20240102-20240205"),
        (StudyQuery(first=date(2024, 1, 2)), "StudyDate", "20240102-"),
        (StudyQuery(last=date(2024, 1, 2)), "StudyDate", "-20240102"),
        (StudyQuery(patient_id="P-1"), "PatientID", "P-1"),
        (StudyQuery(patient_id="P-1", issuer="H"), "IssuerOfPatientID", "H"),
        (StudyQuery(accession="A1"), "AccessionNumber", "A1"),
        (StudyQuery(study_uid="1.2.3"), "StudyInstanceUID", "1.2.3"),
        (StudyQuery(patient_id="Ä"), "SpecificCharacterSet", "ISO_IR 192"),
        (StudyQuery(patient_id="Ä"), "PatientID", "Ä"),
    ],
)
def test_what_is_asked(query: StudyQuery, keyword: str, value: str) -> None:
    with QueryPeer() as peer:
        find_studies(peer.address(), query)
    (asked,) = peer.asked
    assert asked.QueryRetrieveLevel == "STUDY"
    assert asked[keyword].value == value
    assert "PatientName" not in asked


def test_each_modality_is_asked_for_by_itself_and_each_study_told_once() -> None:
    query = StudyQuery(first=date(2024, 1, 2), modalities=("CR", "DX"))
    both = [study("1.2.3", ModalitiesInStudy=["CR", "DX"])]
    with QueryPeer(lambda _identifier: both) as peer:
        studies = find_studies(peer.address(), query)
    assert [asked.ModalitiesInStudy for asked in peer.asked] == ["CR", "DX"]
    assert [one.study_uid for one in studies] == ["1.2.3"]


@pytest.mark.parametrize(
    ("query", "facts"),
    [
        (StudyQuery(patient_id="P-1"), {"PatientID": "P-2"}),
        (StudyQuery(patient_id="P-1"), {}),
        (StudyQuery(patient_id="P*"), {"PatientID": "P-2"}),
        (StudyQuery(patient_id="P-1"), {"PatientID": "p-1"}),
        (
            StudyQuery(patient_id="P-1", issuer="H"),
            {"PatientID": "P-1", "IssuerOfPatientID": "G"},
        ),
        (DAY, {"StudyDate": "20240103"}),
        (DAY, {"StudyDate": "20240101"}),
        (DAY, {"StudyDate": "29990102"}),
        (StudyQuery(last=date(2024, 1, 2), modalities=("CR",)), {"ModalitiesInStudy": ["CT"]}),
        (StudyQuery(accession="A1"), {"AccessionNumber": "A2"}),
        (StudyQuery(study_uid="1.2.4"), {}),
    ],
)
def test_what_does_not_answer_the_question_is_left_out(
    query: StudyQuery, facts: dict[str, Any]
) -> None:
    assert found(query, study("1.2.3", **facts)) == []


def test_an_issuer_that_is_not_told_is_left_open() -> None:
    query = StudyQuery(patient_id="P-1", issuer="H")
    (one,) = found(query, study("1.2.3", PatientID="P-1"))
    assert one.issuer == ""


@pytest.mark.parametrize("uid", ["", "1.2.3/../../etc", "1.2\x003", "9" * 65, "1.2.a", "'; --"])
def test_a_study_without_a_uid_is_left_out(uid: str) -> None:
    with disable_value_validation():
        assert found(DAY, study(uid), study("1.2.4")) == [FoundStudy("1.2.4")]


def test_text_that_cannot_be_decoded_is_empty_and_a_long_one_is_cut() -> None:
    with disable_value_validation():
        odd = study("1.2.3", StudyDescription="x" * 10_000, NumberOfStudyRelatedInstances="-3")
        (one,) = found(DAY, odd)
    assert len(one.description) == 256
    assert one.instances is None


def test_too_many_answers_are_an_error_and_never_a_cut_list() -> None:
    answers = [study(f"1.2.{number}") for number in range(20)]
    with QueryPeer(lambda _identifier: answers) as peer:
        assert len(find_studies(peer.address(), DAY, most=20)) == 20
        with pytest.raises(RefusedByPeerError, match="more than 19 answers"):
            find_studies(peer.address(), DAY, most=19)


@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        (0xA700, PeerUnavailableError, "0xA700 Refused: out of resources"),
        (0xA900, RefusedByPeerError, "0xA900 Identifier does not match"),
        (0xC001, RefusedByPeerError, "0xC001 Unable to process"),
        (0xFE00, RefusedByPeerError, "0xFE00 Cancelled"),
        (0x0122, RefusedByPeerError, "0x0122 Refused: SOP class not supported"),
    ],
)
def test_a_refusal_after_some_answers_is_an_error(
    status: int, kind: type[Exception], words: str
) -> None:
    with pytest.raises(kind, match=words):
        found(DAY, study("1.2.3"), (status, None))


def test_an_answer_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.find._LONGEST", 0.0)
    with pytest.raises(PeerUnavailableError, match="takes too long"):
        found(DAY, study("1.2.3"), study("1.2.4"))


def test_a_peer_without_queries() -> None:
    with (
        QueryPeer(models=(STUDY_ROOT_MOVE,)) as peer,
        pytest.raises(RefusedByPeerError, match="accepted none"),
    ):
        find_studies(peer.address(), DAY)


def test_a_peer_that_hangs_up_in_the_middle() -> None:
    def answers(_identifier: Dataset) -> Answers:
        yield study("1.2.3")
        message = "the made-up archive breaks"
        raise RuntimeError(message)

    with QueryPeer(answers) as peer, pytest.raises(RefusedByPeerError, match="Unable to process"):
        find_studies(peer.address(), DAY)


@pytest.fixture
def silent() -> Iterator[PeerAddress]:
    """Give a peer that takes connections and never answers."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield PeerAddress("127.0.0.1", listening.getsockname()[1], "PACS", "FIRSTREAD", 0.5)


def test_a_silent_peer(silent: PeerAddress) -> None:
    with pytest.raises(PeerUnavailableError, match="did not answer"):
        find_studies(silent, DAY)


def test_a_query_for_everything_is_refused() -> None:
    with pytest.raises(ValueError, match="all studies of a peer"):
        StudyQuery(modalities=("CR",))


def test_series_of_a_study() -> None:
    def answers(identifier: Dataset) -> Answers:
        assert identifier.QueryRetrieveLevel == "SERIES"
        for number, modality in enumerate(["CR", "SR"]):
            _, answer = study(str(identifier.StudyInstanceUID))
            answer.SeriesInstanceUID = f"1.2.3.{number}"
            answer.Modality = modality
            answer.SeriesNumber = number
            answer.BodyPartExamined = "CHEST"
            yield 0xFF00, answer
        _, other = study("9.9")
        other.SeriesInstanceUID = "9.9.9"
        yield 0xFF00, other
        yield 0xFF00, study("1.2.3")[1]

    with QueryPeer(answers) as peer:
        assert find_series(peer.address(), "1.2.3") == [
            FoundSeries("1.2.3.0", "CR", "CHEST", "", 0),
            FoundSeries("1.2.3.1", "SR", "CHEST", "", 1),
        ]
        with pytest.raises(ValueError, match="no UID"):
            find_series(peer.address(), "x")
