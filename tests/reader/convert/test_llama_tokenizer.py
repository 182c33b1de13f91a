"""A SentencePiece file read without its library, and the tokenizer that is made of it.

SentencePiece's own encoding (merge the best-scored neighbours until none are left) is written out
here, so that both are held against something that shares no code with them.
"""

import itertools
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import ModelFolderError
from reader.convert.llama_tokenizer import llama_tokenizer
from reader.convert.sentencepiece_file import read_pieces
from tests.reader.weights.small_llama import llama_tokenizer as small_tokenizer
from tests.reader.weights.small_llama import llama_vocabulary
from tests.reader.weights.small_llava_rad import sentencepiece_bytes

VOCABULARY, _ = llama_vocabulary()
WHOLE = sentencepiece_bytes()


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("base")
    (folder / "tokenizer.model").write_bytes(WHOLE)
    return folder


def _encoded(text: str) -> list[int]:
    """Encode as SentencePiece does: -id is each piece's score in the small vocabulary."""
    parts = list("\u2581" + text.replace(" ", "\u2581"))
    while True:
        pairs = [
            (VOCABULARY[left + right], at)
            for at, (left, right) in enumerate(itertools.pairwise(parts))
            if left + right in VOCABULARY
        ]
        if not pairs:
            break
        _, at = min(pairs)
        parts[at : at + 2] = [parts[at] + parts[at + 1]]
    ids = []
    for part in parts:
        if part in VOCABULARY:
            ids.append(VOCABULARY[part])
        else:
            ids += [VOCABULARY[f"<0x{byte:02X}>"] for byte in part.encode()]
    return ids


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.sampled_from(["the", " find", "ing", " USER", "\n", "é", "肺", "x"]) | st.text())
)
def test_it_encodes_as_sentencepiece_does(base: Path, pieces: list[str]) -> None:
    text = "".join(pieces).replace("\u2581", "")
    if not text or text.startswith(" ") or any(mark in text for mark in ("<s>", "</s>", "<unk>")):
        return
    ids = llama_tokenizer(base, "<image>")(text, add_special_tokens=False)["input_ids"]
    assert ids == _encoded(text)


def test_pieces_keep_their_order_and_kind(base: Path) -> None:
    pieces = read_pieces(base / "tokenizer.model")
    assert [piece.text for piece in pieces] == list(VOCABULARY)
    assert [piece.plain for piece in pieces[:4]] == [False] * 4
    assert pieces[-1].plain
    assert pieces[-1].score == -float(len(VOCABULARY) - 1)


def test_a_json_file_gives_the_same_tokenizer(base: Path, tmp_path: Path) -> None:
    small_tokenizer().save_pretrained(tmp_path)
    one, other = llama_tokenizer(base, "<image>"), llama_tokenizer(tmp_path, "<image>")
    text = "find the image: 7"
    assert one(text)["input_ids"] == other(text)["input_ids"]
    assert one.convert_tokens_to_ids("<image>") == len(VOCABULARY)


@pytest.mark.parametrize(
    "changed",
    [{"model_type": 1}, {"byte_fallback": 0}, {"add_dummy_prefix": 0}, {"remove_extra": 1}],
)
def test_another_kind_of_tokenizer_is_refused(tmp_path: Path, changed: dict[str, int]) -> None:
    (tmp_path / "tokenizer.model").write_bytes(sentencepiece_bytes(**changed))
    with pytest.raises(ModelFolderError, match="no tokenizer of Llama's kind"):
        llama_tokenizer(tmp_path, "<image>")


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(WHOLE) - 1).map(lambda length: WHOLE[:length]) | st.binary(max_size=200))
def test_a_broken_file_is_refused(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    file = tmp_path_factory.mktemp("broken") / "tokenizer.model"
    file.write_bytes(data)
    with pytest.raises(ModelFolderError):
        llama_tokenizer(file.parent, "<image>")


def test_a_base_without_a_tokenizer_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelFolderError, match=r"neither a tokenizer\.model nor a tokenizer\.json"):
        llama_tokenizer(tmp_path, "<image>")
    (tmp_path / "tokenizer.json").write_text(json.dumps({"model": {"type": "WordPiece"}}))
    with pytest.raises(ModelFolderError, match="not of Llama's kind"):
        llama_tokenizer(tmp_path, "<image>")
