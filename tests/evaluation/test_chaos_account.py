"""The books of the chaos tool: what is planted in them is found.

Covered: losses, second drafts, second objects, one UID with two contents and films that are stuck;
what is none of these (a replaced draft, the same bytes twice, a film that says why it has no
result, the torn beginning of an arrival); what is read out of our own objects and of the output of
dcmtk's clients. Not covered here: that the run itself kills and asks (`tests/integration`).
"""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from core.states import DRAFT_KINDS, ResultKind
from dicom_sr.build import build_all, encoded
from dicom_sr.context import BuildContext
from evaluation.chaos.account import Account, account
from evaluation.chaos.answers import Answer, answers
from evaluation.chaos.films import broken_films, impostor, whole_films
from evaluation.chaos.holdings import Held, held_of, whole
from evaluation.chaos.ledger import Ledger, Sort
from tests.dicom_sr.readings import ORDINARY, draft_of
from training.phantom import sample
from training.phantom_dicom import FilmForm, film_dataset

FILM, OTHER = "1.2.3.1", "1.2.3.2"
WHOLE_OUTPUT = """\
D: ===================== OUTGOING DIMSE MESSAGE ====================
D: Message Type                  : C-STORE RQ
D: Message ID                    : {number}
D: Affected SOP Instance UID     : {uid}
D: ===================== INCOMING DIMSE MESSAGE ====================
D: Message Type                  : C-STORE RSP
D: Message ID Being Responded To : {number}
D: Affected SOP Instance UID     : {uid}
D: DIMSE Status                  : {status}
"""


def held(kind: ResultKind, number: int, *, film: str = FILM, reading: str = "r1") -> Held:
    return Held(
        uid=f"{film}.{kind.value}.{number}",
        kind=kind,
        films=frozenset({film}),
        reading="" if kind is ResultKind.GSPS else reading,
        replaces=frozenset(),
        sha256=f"{film}{kind}{number}",
    )


def drafts(film: str = FILM, number: int = 1, reading: str = "r1") -> list[Held]:
    return [held(kind, number, film=film, reading=reading) for kind in DRAFT_KINDS]


def test_whole_books_balance() -> None:
    result = account([FILM, OTHER], {"a": [*drafts(), *drafts(OTHER)]})
    assert result.balanced


@pytest.mark.parametrize("kind", DRAFT_KINDS)
def test_a_kind_that_one_peer_lacks_is_a_loss(kind: ResultKind) -> None:
    lacking = [one for one in drafts() if one.kind is not kind]
    result = account([FILM], {"a": drafts(), "b": lacking})
    assert result.lost == [f"b: {FILM} lacks {kind.value}"]
    assert result == Account(lost=result.lost)


def test_a_film_that_tells_why_it_has_no_result_is_not_lost() -> None:
    assert account([FILM], {"a": []}, told=[FILM]).balanced
    assert not account([FILM], {"a": []}, told=[OTHER]).balanced


def test_a_film_that_still_waits_is_stuck_and_not_lost() -> None:
    result = account([FILM], {"a": []}, under_way=[FILM, OTHER])
    assert result.stuck == [FILM]
    assert not result.lost


def test_two_readings_side_by_side_are_two_drafts() -> None:
    result = account([FILM], {"a": [*drafts(), *drafts(number=2, reading="r2")]})
    assert result.two_drafts == [f"a: {FILM}"]
    assert not result.duplicate_objects


def test_a_draft_that_was_replaced_is_none_of_two() -> None:
    old, new = drafts(), drafts(number=2, reading="r2")
    named = [
        replace(one, replaces=frozenset({before.uid})) if one.kind is not ResultKind.GSPS else one
        for before, one in zip(old, new, strict=True)
    ]
    assert account([FILM], {"a": [*old, *named]}).balanced


@pytest.mark.parametrize("kind", DRAFT_KINDS)
def test_a_second_object_of_one_reading_is_a_duplicate(kind: ResultKind) -> None:
    result = account([FILM], {"a": [*drafts(), held(kind, 2)]})
    assert result.duplicate_objects == [f"a: {FILM} has 2 of {kind.value}"]
    assert not result.two_drafts


def test_one_uid_with_two_contents_is_a_duplicate() -> None:
    again = replace(drafts()[0], sha256="another")
    result = account([FILM], {"a": [*drafts(), again]})
    assert result.duplicate_objects == [f"a: {again.uid} has two contents"]


def test_the_same_bytes_twice_are_one_object() -> None:
    assert account([FILM], {"a": [*drafts(), *drafts()]}).balanced


def test_a_film_that_nobody_acknowledged_is_still_not_drafted_twice() -> None:
    result = account([], {"a": [*drafts(), *drafts(number=2, reading="r2")]})
    assert result.two_drafts


def test_our_own_objects_are_read() -> None:
    film = film_dataset(sample(1, 1), FilmForm("DX", "MONOCHROME2", 12, 64), datetime.now(UTC))
    made = build_all(ORDINARY, draft_of(ORDINARY), film, BuildContext())
    found = [held_of(encoded(made[kind])) for kind in DRAFT_KINDS]
    assert [one.kind for one in found if one] == list(DRAFT_KINDS)
    assert all(one.films == {str(film.SOPInstanceUID)} for one in found if one)
    assert next(one.reading for one in found if one) == ORDINARY.id
    assert held_of(b"no DICOM") is None


def test_the_torn_beginning_of_an_arrival_is_left_out() -> None:
    assert list(whole([b"abc", b"ab", b"b"])) == [b"abc", b"b"]
    assert sorted(whole([b"abc", b"abc"])) == [b"abc"] * 2
    assert list(whole([])) == []


def test_only_an_answer_counts_as_one() -> None:
    output = WHOLE_OUTPUT.format(number=1, uid=FILM, status="0x0000: Success")
    output += WHOLE_OUTPUT.format(number=2, uid=OTHER, status="0xa700: Refused: OutOfResources")
    asked = WHOLE_OUTPUT.format(number=3, uid="1.2.3.3", status="").split("D: =====", 2)[1]
    told = answers(f"I: Association Accepted\n{output}D: ====={asked}")
    assert told == [Answer(FILM, 0), Answer(OTHER, 0xA700), Answer("1.2.3.3", None)]


def test_what_was_not_acknowledged_is_sent_again(tmp_path: Path) -> None:
    films = whole_films(tmp_path, 1, 3)
    rng = np.random.default_rng(5)
    ledger = Ledger(films, [], 1e-6)
    first = ledger.take(rng)
    assert first is not None
    ledger.note(first, [Answer(films[0].uid, 0xA700)])
    assert not ledger.sent().acknowledged
    second = ledger.take(rng)
    assert second == first
    ledger.note(first, [Answer(films[0].uid, 0)])
    assert ledger.sent().acknowledged == ledger.sent().tried == {films[0].uid}
    sorts = {one.sort for _ in range(99) if (one := ledger.take(rng)) is not None}
    assert sorts == {Sort.AGAIN, Sort.IMPOSTOR}


def test_broken_and_false_films_differ_from_whole_ones(tmp_path: Path) -> None:
    (film,) = whole_films(tmp_path / "whole", 1, 3)
    false = impostor(film, tmp_path, np.random.default_rng(1))
    assert false.read_bytes() != film.path.read_bytes()
    whole_again = whole_films(tmp_path / "again", 4, 1003)
    broken = broken_films(tmp_path / "broken", 4, 3)
    assert [one.uid for one in broken] == [one.uid for one in whole_again]
    for one, other in zip(broken, whole_again, strict=True):
        assert one.path.read_bytes() != other.path.read_bytes()
