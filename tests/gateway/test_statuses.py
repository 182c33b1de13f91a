"""The table of C-STORE statuses: its ranges, what each means, and its words.

Which of our own statuses an object gets is shown in test_store and in the integration tests.
"""

from itertools import pairwise

import pytest

from gateway.statuses import MEANINGS, StoreStatus, Verdict, in_words, judge


@pytest.mark.parametrize("status", [0x0000, 0xB000, 0xB006, 0xB007, 0x0111])
def test_success_and_warnings_mean_that_the_peer_has_it(status: int) -> None:
    assert judge(status).verdict is Verdict.STORED


@pytest.mark.parametrize("status", [0xA700, 0xA701, 0xA7FF, 0x0110, 0x0213])
def test_lack_of_resources_is_tried_again(status: int) -> None:
    assert judge(status).verdict is Verdict.TRANSIENT


@pytest.mark.parametrize("status", [0xA900, 0xA9FF, 0xC000, 0xCFFF, 0x0122, 0x0124, 0x0106])
def test_refusals_are_final(status: int) -> None:
    assert judge(status).verdict is Verdict.PERMANENT


@pytest.mark.parametrize("status", [0xA600, 0xA800, 0xD000, 0xFFFF, 0xB001, 0x0002])
def test_an_unknown_status_is_final_and_says_so(status: int) -> None:
    meaning = judge(status)
    assert meaning.verdict is Verdict.PERMANENT
    assert "unknown" in meaning.words


def test_no_status_has_two_meanings() -> None:
    ends = sorted((meaning.first, meaning.last) for meaning in MEANINGS)
    assert all(first <= last for first, last in ends)
    assert all(before[1] < after[0] for before, after in pairwise(ends))


def test_only_one_of_our_own_answers_is_a_success() -> None:
    stored = [status for status in StoreStatus if judge(status).verdict is Verdict.STORED]
    assert stored == [StoreStatus.SUCCESS]


def test_a_full_disk_asks_for_another_try() -> None:
    assert judge(StoreStatus.OUT_OF_RESOURCES).verdict is Verdict.TRANSIENT
    assert judge(StoreStatus.PROCESSING_FAILURE).verdict is Verdict.TRANSIENT


def test_words_hold_the_code_and_the_peers_comment() -> None:
    assert in_words(0xA700) == "0xA700 Refused: out of resources"
    assert in_words(0xC123, "no such patient") == "0xC123 Cannot understand: no such patient"
