"""Reads the pieces of a SentencePiece model file, without its library.

The file is a protocol buffer (sentencepiece_model.proto): pieces with scores, and how texts are
normalized. Only what Llama's tokenizers are is understood: byte pairs with single bytes to fall
back on, the text as it is, a blank before it.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.errors import ModelFolderError

_PIECES, _TRAINER, _NORMALIZER = 1, 2, 3
_TEXT, _SCORE, _TYPE = 1, 2, 3
_NORMAL: Final = 1
_BYTE_PAIRS: Final = 2
_VARINT, _EIGHT, _SIZED, _FOUR = 0, 1, 2, 5
_TRAINER_WANTED: Final = {3: _BYTE_PAIRS, 35: 1}
"""TrainerSpec: model_type BPE, byte_fallback."""
_NORMALIZER_DEFAULTS: Final = {3: 1, 4: 1, 5: 1}
_NORMALIZER_WANTED: Final = {3: 1, 4: 0, 5: 1}
"""NormalizerSpec: add_dummy_prefix, remove_extra_whitespaces, escape_whitespaces."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of text with its score; `plain` where it may be made of others."""

    text: str
    score: float
    plain: bool


def read_pieces(path: Path) -> tuple[Piece, ...]:
    """Read a model file's pieces in the order of their ids.

    Raises
    ------
    ModelFolderError
        If it is no such file, or of another kind than Llama's.
    """
    try:
        return _pieces(path.read_bytes())
    except (OSError, ValueError, LookupError, struct.error) as error:
        message = f"{path} is no tokenizer of Llama's kind: {error}"
        raise ModelFolderError(message) from error


def byte_pair_merges(pieces: tuple[Piece, ...]) -> list[tuple[str, str]]:
    """List the pairs of pieces that are a piece together, the best piece first.

    Merging by this list is merging by score, which is how SentencePiece encodes.
    """
    ids = {piece.text: number for number, piece in enumerate(pieces)}
    ordered: list[tuple[float, int, int, str, str]] = []
    for number, piece in enumerate(pieces):
        if not piece.plain:
            continue
        for cut in range(1, len(piece.text)):
            left, right = piece.text[:cut], piece.text[cut:]
            if left in ids and right in ids:
                ordered.append((-piece.score, number, ids[left], left, right))
    return [(left, right) for *_, left, right in sorted(ordered)]


def _pieces(data: bytes) -> tuple[Piece, ...]:
    pieces: list[Piece] = []
    trainer: dict[int, object] = {}
    normalizer: dict[int, object] = dict(_NORMALIZER_DEFAULTS)
    for field, value in _fields(data):
        if field == _PIECES and isinstance(value, bytes):
            pieces.append(_piece(value))
        elif field == _TRAINER and isinstance(value, bytes):
            trainer |= dict(_fields(value))
        elif field == _NORMALIZER and isinstance(value, bytes):
            normalizer |= dict(_fields(value))
    for spec, wanted in ((trainer, _TRAINER_WANTED), (normalizer, _NORMALIZER_WANTED)):
        for field, value in wanted.items():
            if spec.get(field) != value:
                message = f"its setting {field} is {spec.get(field)!r}, not {value}"
                raise ValueError(message)
    if not pieces:
        message = "it has no pieces"
        raise ValueError(message)
    return tuple(pieces)


def _piece(data: bytes) -> Piece:
    values = dict(_fields(data))
    text, score = values[_TEXT], values.get(_SCORE, 0.0)
    if not (isinstance(text, bytes) and isinstance(score, float)):
        message = "a piece has no text"
        raise ValueError(message)  # noqa: TRY004 - the file's fault, not the caller's
    return Piece(text.decode(), score, plain=values.get(_TYPE, _NORMAL) == _NORMAL)


def _fields(data: bytes) -> Iterator[tuple[int, int | float | bytes]]:
    """Give a message's fields: whole numbers, single floats, or bytes."""
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        field, kind = key >> 3, key & 7
        if kind == _VARINT:
            number, at = _varint(data, at)
            yield field, number
        elif kind == _SIZED:
            size, at = _varint(data, at)
            if at + size > len(data):
                message = "it is cut"
                raise ValueError(message)
            yield field, data[at : at + size]
            at += size
        elif kind == _FOUR:
            yield field, float(struct.unpack_from("<f", data, at)[0])
            at += 4
        elif kind == _EIGHT:
            at += 8
        else:
            message = f"it has a field of the unknown kind {kind}"
            raise ValueError(message)


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:  # noqa: PLR2004 - the last byte of a number has its top bit clear
            return value, at
