"""Previews: size, place and colour of the boxes; not what the letters look like."""

import numpy as np

from core.reading import Box
from imaging.film import Film
from imaging.render import draw_boxes

GREY = Film(np.full((400, 800), 60, dtype=np.uint8), 400, 800)


def test_box_lies_where_its_fractions_say() -> None:
    drawn = np.asarray(draw_boxes(GREY, [(Box(0.25, 0.25, 0.75, 0.5), "")]))
    assert drawn.shape == (400, 800, 3)
    coloured = np.argwhere((drawn != 60).any(axis=-1))
    assert coloured.min(axis=0).tolist() == [100, 200]
    assert coloured.max(axis=0).tolist() == [200, 600]
    assert (drawn[150, 400] == 60).all()


def test_large_films_are_reduced_and_small_ones_left() -> None:
    assert draw_boxes(GREY, longest_side=100).size == (100, 50)
    assert draw_boxes(GREY).size == (800, 400)


def test_caption_is_drawn_above_or_below() -> None:
    above = np.asarray(draw_boxes(GREY, [(Box(0.2, 0.5, 0.4, 0.9), "fracture")]))
    assert (above[170:198, 160:320] != 60).any()
    below = np.asarray(draw_boxes(GREY, [(Box(0.2, 0.0, 0.4, 0.4), "fracture")]))
    assert (below[164:190, 165:320] != 60).any()
