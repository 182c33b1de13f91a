"""Marks drawn on a film: where boxes lie, what can be read, what stands in the strips.

Covers: place, colour and dashes of boxes, labels on white and on black, banner and legend outside
the film, sizes, pixels that are not square, fonts. What the letters look like is judged by eye.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from core.labels import Label
from core.marks import Layer, Marks, Outline, TextMark
from imaging.film import Film
from imaging.overlay import MarkedPicture, draw_marks
from imaging.pen import label_in

AMBER, BLUE, LILAC = (255, 200, 0), (90, 200, 250), (230, 190, 240)
NOTICE = TextMark("AI draft", 0, 0, 200, 20, Layer.NOTICE)


def film(height: int = 800, width: int = 1000, level: int = 60) -> Film:
    return Film(np.full((height, width), level, dtype=np.uint8), height, width)


def outline(
    left: float, top: float, right: float, bottom: float, layer: Layer = Layer.FINDINGS
) -> Outline:
    points = ((left, top), (right, top), (right, bottom), (left, bottom), (left, top))
    return Outline(points, layer, layer is Layer.UNCERTAIN, "1.2.3")


def marks_on(below: Film, *outlines: Outline, texts: tuple[TextMark, ...] = (NOTICE,)) -> Marks:
    return Marks(below.rows, below.columns, outlines, texts)


def of_film(picture: MarkedPicture) -> NDArray[np.uint8]:
    rows = slice(picture.film_top, picture.film_top + picture.film_height)
    columns = slice(picture.film_left, picture.film_left + picture.film_width)
    return picture.pixels[rows, columns]


def coloured(pixels: NDArray[np.uint8], colour: tuple[int, int, int]) -> NDArray[np.intp]:
    return np.argwhere((pixels == colour).all(axis=-1))


@pytest.mark.parametrize("level", [0, 60, 255])
def test_a_box_lies_where_its_points_say(level: int) -> None:
    below = film(level=level)
    drawn = draw_marks(below, marks_on(below, outline(250, 200, 750, 400)))
    places = coloured(of_film(drawn), AMBER)
    assert (drawn.film_height, drawn.film_width) == (800, 1000)
    assert np.abs(places.min(axis=0) - [200, 250]).max() <= 1
    assert np.abs(places.max(axis=0) - [400, 750]).max() <= 1
    assert (of_film(drawn)[300, 500] == level).all(), "what lies in the box stays as it is"


def test_a_box_as_large_as_the_film_is_seen_on_all_sides() -> None:
    below = film()
    drawn = draw_marks(below, marks_on(below, outline(0, 0, 1000, 800)))
    places = coloured(of_film(drawn), AMBER)
    assert places.min(axis=0).tolist() == [0, 0]
    assert places.max(axis=0).tolist() == [799, 999]


def test_what_is_uncertain_is_dashed_and_of_another_colour() -> None:
    below = film()
    solid = draw_marks(below, marks_on(below, outline(100, 100, 500, 500)))
    dashed = draw_marks(below, marks_on(below, outline(100, 100, 500, 500, Layer.UNCERTAIN)))
    along = of_film(solid)[100, 100:501], of_film(dashed)[100, 100:501]
    assert (along[0] == AMBER).all()
    share = (along[1] == BLUE).all(axis=-1).mean()
    assert 0.4 < share < 0.7
    changes = np.abs(np.diff((along[1] == BLUE).all(axis=-1).astype(int))).sum()
    assert changes > 20


@pytest.mark.parametrize("level", [0, 255])
def test_labels_can_be_read_on_any_film(level: int) -> None:
    below = film(level=level)
    label = TextMark("fracture 88 %", 100, 60, 300, 85, Layer.FINDINGS, None, "1.2.3")
    drawn = draw_marks(below, marks_on(below, outline(100, 100, 300, 300), texts=(NOTICE, label)))
    letters = of_film(drawn)[60:85, 100:300].astype(int)
    amber = (letters == AMBER).all(axis=-1)
    assert amber.sum() > 100
    backing = letters[2, 2:100]
    assert backing.max() <= 0.3 * 255, "a dark backing"


def test_banner_and_legend_hide_nothing_of_the_film() -> None:
    below = film()
    drawn = draw_marks(
        below,
        marks_on(below, outline(0, 0, 10, 10, Layer.SENTENCES)),
        remarks=("Demo model 1.2",),
    )
    assert drawn.film_top > 10
    assert drawn.image.height > drawn.film_top + drawn.film_height + 30
    assert (drawn.pixels[0, 0] == (110, 0, 0)).all(), "the banner stands out"
    assert (of_film(drawn)[50:] == 60).all()
    assert coloured(drawn.pixels[drawn.film_top + drawn.film_height :], LILAC).size
    bare = draw_marks(below, marks_on(below, texts=()))
    assert (bare.film_top, bare.image.size) == (0, (1000, 800))


def test_a_line_leads_to_a_label_that_stands_apart() -> None:
    below = film()
    label = TextMark("edema", 600, 600, 700, 620, Layer.FINDINGS, (300.0, 300.0), "1.2.3")
    drawn = draw_marks(below, marks_on(below, outline(100, 100, 300, 300), texts=(label,)))
    halfway = of_film(drawn)[445:456, 445:456]
    assert coloured(halfway, AMBER).size


def test_words_left_of_their_box_end_at_it() -> None:
    below = film()
    label = TextMark("edema", 100, 300, 290, 320, Layer.FINDINGS, None, "1.2.3")
    marks = marks_on(below, outline(300, 250, 500, 500), texts=(label,))
    assert marks.beside_left(label)
    assert not marks.beside_left(replace(label, left=510, right=700))
    assert not marks.beside_left(replace(label, tracking_uid="4"))
    assert not marks.beside_left(replace(label, top=600, bottom=620))
    letters = coloured(of_film(draw_marks(below, marks))[300:320, 100:290], AMBER)
    assert letters[:, 1].max() > 175


@pytest.mark.parametrize(
    ("shape", "longest", "expected"),
    [
        ((2000, 1000), 1536, (1536, 768)),
        ((800, 1000), 1536, (800, 1000)),
        ((100, 200), 1536, (384, 768)),
        ((3000, 100), 600, (600, 20)),
        ((100, 200), 50, (25, 50)),
    ],
)
def test_size(shape: tuple[int, int], longest: int, expected: tuple[int, int]) -> None:
    below = film(*shape)
    drawn = draw_marks(below, marks_on(below), longest_side=longest)
    assert (drawn.film_height, drawn.film_width) == expected
    assert drawn.image.width == max(expected[1], 640)
    assert drawn.film_left == (drawn.image.width - expected[1]) // 2


def test_stored_pixels_that_are_not_square() -> None:
    below = Film(np.full((800, 800), 60, dtype=np.uint8), 800, 400)
    drawn = draw_marks(below, marks_on(below, outline(100, 100, 300, 700)))
    places = coloured(of_film(drawn), AMBER)
    assert np.abs(places.min(axis=0) - [100, 200]).max() <= 1
    assert np.abs(places.max(axis=0) - [700, 600]).max() <= 1


@pytest.mark.parametrize("label", list(Label))
@pytest.mark.parametrize("line", [24, 38])
def test_labels_keep_their_size_in_their_rooms(label: Label, line: int) -> None:
    """Half a line for a character is what labels are given where they are laid out."""
    words = f"{label.value}, right 100 %"
    room = 0.0, 0.0, line * 0.5 * len(words), float(line)
    found = label_in(room, words, (2000, 2000), None)
    assert found.right <= room[2] + 1
    assert found.font.size >= 0.85 * 0.8 * line


def test_a_label_too_long_for_the_picture_begins_at_its_edge() -> None:
    below = film()
    label = TextMark("M" * 300, 900, 100, 990, 120, Layer.FINDINGS)
    drawn = draw_marks(below, marks_on(below, texts=(label,)))
    assert (of_film(drawn)[105:115, :10] != 60).any()


def test_marks_of_another_program_are_drawn_white() -> None:
    below = film()
    line = Outline(((10.0, 10.0), (300.0, 10.0)), "THEIRS")
    drawn = draw_marks(below, marks_on(below, line, texts=()))
    assert coloured(of_film(drawn), (255, 255, 255)).size


@pytest.mark.parametrize("dashed", [False, True])
def test_marks_far_outside_are_drawn_in_no_time(*, dashed: bool) -> None:
    below = film()
    line = Outline(((-1e9, 400.0), (1e9, 400.0), (5.0, -3e8)), Layer.UNCERTAIN, dashed)
    label = TextMark("a\nb", -5e8, 9e8, 7e8, 9.5e8, Layer.FINDINGS, (1e9, -1e9))
    drawn = of_film(draw_marks(below, marks_on(below, line, texts=(label,))))
    assert coloured(drawn[398:403], BLUE).size


def test_marks_of_another_matrix_are_refused() -> None:
    with pytest.raises(ValueError, match="400 x 400 pixels do not lie on a film of 800 x 1000"):
        draw_marks(film(), Marks(400, 400))


def test_long_words_are_wrapped_and_none_is_lost() -> None:
    below = film()
    short = draw_marks(below, marks_on(below, texts=(replace(NOTICE, words="x"),)))
    long = draw_marks(below, marks_on(below, texts=(replace(NOTICE, words="x" * 400),)))
    assert long.film_top > 3 * short.film_top


def test_an_endless_remark_is_cut() -> None:
    below = film()
    short, long, longer = (
        draw_marks(below, marks_on(below), remarks=("M" * count,)).image.height
        for count in (160, 400, 40_000)
    )
    assert short <= long == longer


@pytest.mark.timeout(60)
@pytest.mark.parametrize("words", ["\x1b山" * 10_000, "x " * 10_000], ids=["word", "words"])
def test_notices_without_end_are_wrapped_in_no_time_and_cut(words: str) -> None:
    """Another program's notice may be of any length."""
    notices = (replace(NOTICE, words=words),) * 20
    drawn = draw_marks(film(), marks_on(film(), texts=notices))
    assert 1000 < drawn.film_top < 3000


def test_a_font_that_is_none_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "font.ttf"
    path.write_bytes(b"no font")
    with pytest.raises(OSError, match="no TrueType font"):
        draw_marks(film(), marks_on(film()), font=path)
