"""The words below a picture are the site's: changing one of the catalogue changes the strip.

What the strip looks like is judged by eye; that words can be written is tested in tests/imaging.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from dicom_sr.context import BuildContext
from dicom_sr.wording_table import Word, built_in_wording
from gateway.pictures import FilmPicture
from imaging.header import read_header
from tests.dicom_sr.readings import ABSENT_AND_UNCERTAIN, ORDINARY
from tests.gateway.test_proportions import IDENTITY
from tests.imaging.making import film

BOTH = replace(ORDINARY, findings=(*ORDINARY.findings, *ABSENT_AND_UNCERTAIN.findings))


def below(path: Path, words: dict[Word, str]) -> NDArray[np.uint8]:
    """Give what stands below the film."""
    wording = replace(built_in_wording(), words={**built_in_wording().words, **words})
    picture = FilmPicture(path, maximum_pixels=10**8, font=None)
    drawn = picture.drawn(BOTH, BuildContext(wording=wording), read_header(path))
    return np.asarray(drawn.pixels[-60:])


@pytest.mark.parametrize("word", [Word.LEGEND_PRESENT, Word.UNCERTAIN, Word.LEGEND_SCORES])
def test_the_legend_is_in_the_sites_words(word: Word, tmp_path: Path) -> None:
    path = film(tmp_path / "film.dcm", **IDENTITY)
    english = below(path, {})
    assert (english == below(path, {})).all()
    assert (english != below(path, {word: "Wörter"})).any()
