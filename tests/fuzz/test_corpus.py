"""Inputs that fuzzing found worth keeping go through the parser without an escape.

The files are what `tests.fuzz.parse_bytes` came to on new ground with, and heads of damaged files
whose errors once were taken for the disk's or for our own.
"""

from pathlib import Path

import pytest

from tests.fuzz.parsing import parse

_CORPUS = sorted((Path(__file__).parent / "corpus").glob("*.bin"))


def test_there_is_a_corpus() -> None:
    assert len(_CORPUS) > 20


@pytest.mark.filterwarnings("ignore::UserWarning:pydicom")
@pytest.mark.parametrize("path", _CORPUS, ids=lambda path: path.stem)
def test_a_kept_input_is_refused_in_words_or_understood(path: Path, tmp_path: Path) -> None:
    reason = parse(path.read_bytes(), tmp_path / "received")
    assert reason.isprintable()


@pytest.mark.filterwarnings("ignore::UserWarning:pydicom")
def test_the_kept_inputs_reach_both_ends(tmp_path: Path) -> None:
    ends = {bool(parse(path.read_bytes(), tmp_path / "received")) for path in _CORPUS}
    assert ends == {True, False}
