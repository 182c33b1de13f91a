"""What is sent: small phantom films, and what becomes of one on a bad way."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from pydicom import dcmread

from core.uids import derived_uid
from training.phantom_dicom import write_films

_LONG_SIDE: Final = 512
"""Pixels; the least that is read quickly and is no thumbnail."""
_PICTURES: Final = 16
_SERIES: Final = 47_000
_BROKEN_SERIES: Final = 48_000
_META_BEGIN: Final = 144
"""Where the rest of the file meta information begins, after its length (PS3.10 section 7.1)."""
_HEADER_BYTES: Final = 1200
_LEAST_KEPT: Final = 0.2
_MOST_FLIPS: Final = 12


@dataclass(frozen=True, slots=True)
class Film:
    """One object to be sent.

    Parameters
    ----------
    uid
        Its SOP Instance UID, as it was before anything was broken.
    path
        Its file.
    """

    uid: str
    path: Path


def whole_films(folder: Path, count: int, seed: int) -> list[Film]:
    """Write films that are to be read, each of a patient and a study of its own."""
    return _films(folder, count, _SERIES + seed)


def broken_films(folder: Path, count: int, seed: int) -> list[Film]:
    """Write other films, and break each: cut short, or with some bits of its header flipped.

    Its file meta information stays whole. A flipped bit may leave an ordinary film.
    """
    rng = np.random.default_rng([seed, 1])
    films = _films(folder, count, _BROKEN_SERIES + seed)
    for film in films:
        content = bytearray(film.path.read_bytes())
        if rng.random() < 0.5:  # noqa: PLR2004 - half of them
            del content[int(len(content) * rng.uniform(_LEAST_KEPT, 1.0)) :]
        else:
            begin = _META_BEGIN + int.from_bytes(content[_META_BEGIN - 4 : _META_BEGIN], "little")
            for place in begin + rng.integers(0, _HEADER_BYTES, rng.integers(1, _MOST_FLIPS)):
                content[place] ^= 1 << int(rng.integers(8))
        film.path.write_bytes(content)
    return films


def impostor(film: Film, folder: Path, rng: np.random.Generator) -> Path:
    """Write other pixels under the UID of a film; returns the file."""
    dataset = dcmread(film.path)
    pixels = np.frombuffer(dataset.PixelData, "<u2").reshape(dataset.Rows, dataset.Columns).copy()
    row = int(rng.integers(0, dataset.Rows // 2))
    pixels[row : row + dataset.Rows // 4] //= 2
    dataset.PixelData = pixels.tobytes()
    path = folder / f"impostor-{rng.integers(1 << 62)}.dcm"
    dataset.save_as(path)
    return path


def _films(folder: Path, count: int, series: int) -> list[Film]:
    """Write films; their pictures are a few phantoms in turn, which take long to draw."""
    drawn = write_films(folder / "drawn", min(count, _PICTURES), series, long_side=_LONG_SIDE)
    films = []
    for number in range(count):
        dataset = dcmread(folder / "drawn" / drawn[number % len(drawn)]["file"])
        for level in ("Study", "Series", "SOP"):
            uid = derived_uid("chaos film", series, number, level)
            setattr(dataset, f"{level}InstanceUID", uid)
        dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
        dataset.PatientID = f"CHAOS-{series}-{number}"
        # No two films have the same pixels.
        dataset.PixelData = number.to_bytes(2, "little") + dataset.PixelData[2:]
        path = folder / f"film-{number:05d}.dcm"
        dataset.save_as(path)
        films.append(Film(str(dataset.SOPInstanceUID), path))
    return films
