"""A model's answer in sentences and places, whatever it wrote."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.reading import Box
from web.chat.wording import sentences, unwritten

BOX, OTHER = Box(0.1, 0.2, 0.3, 0.4), Box(0.5, 0.5, 0.75, 1.0)


def _said(answer: str, *boxes: Box) -> list[list[tuple[str, int | None]]]:
    return [
        [(piece.text, piece.place) for piece in sentence.pieces]
        for sentence in sentences(answer, boxes)
    ]


def test_an_answer_without_places_is_its_sentences() -> None:
    assert _said("No. The heart is 2.5 cm wide.\nIt is [sic] large") == [
        [("No.", None)],
        [("The heart is 2.5 cm wide.", None)],
        [("It is [sic] large", None)],
    ]


def test_each_place_stands_where_the_model_wrote_it() -> None:
    told = "It is at [0.10, 0.2, .3, 0.4] and [0.5,0.5,0.75,1]. Also [0.1, 0.2, 0.3, 0.4]."
    assert _said(told, BOX, OTHER) == [
        [
            ("It is at ", None),
            ("[0.10, 0.2, .3, 0.4]", 1),
            (" and ", None),
            ("[0.5,0.5,0.75,1]", 2),
            (".", None),
        ],
        [("Also ", None), ("[0.1, 0.2, 0.3, 0.4]", 1), (".", None)],
    ]


@pytest.mark.parametrize(
    "written",
    ["[0.1, 0.2, 0.3, 0.5]", "[0.1, 0.2, 0.3]", "[a, b, c, d]", "[[0.1, 0.2]]", "[nan,0,0,0]"],
)
def test_what_is_no_box_of_the_answer_stays_words(written: str) -> None:
    assert _said(f"At {written}.", BOX) == [[(f"At {written}.", None)]]


def test_a_sentence_for_the_report_has_no_numbers_of_places() -> None:
    [one, two] = sentences(
        "A mass at [0.1, 0.2, 0.3, 0.4], on the left. [0.1, 0.2, 0.3, 0.4]", [BOX]
    )
    assert one.words == "A mass at, on the left."
    assert two.words == ""


def test_a_box_that_no_words_show_is_still_to_be_shown() -> None:
    assert unwritten(sentences("At [0.1, 0.2, 0.3, 0.4].", [BOX, OTHER]), [BOX, OTHER]) == (2,)
    assert unwritten((), [BOX]) == (1,)


_TEXTS = st.text(st.sampled_from('aB .!\n[]0,1"(<&'), max_size=60)


@given(_TEXTS, st.lists(st.sampled_from(["[0.1,0.2,0.3,0.4]", "[0.5, 0.5, 0.75, 1.0]"])))
def test_nothing_is_lost_and_nothing_added(text: str, places: list[str]) -> None:
    answer = " ".join([text, *places])
    told = sentences(answer, [BOX, OTHER])
    joined = "".join(piece.text for sentence in told for piece in sentence.pieces)
    assert "".join(joined.split()) == "".join(answer.split())
    shown = [piece.place for sentence in told for piece in sentence.pieces if piece.place]
    if not set(text) & set("[]"):
        assert len(shown) == len(places)
