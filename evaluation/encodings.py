"""Whether one film gives the same picture to the model however it is encoded.

    python -m evaluation.encodings --json

A phantom with an opaque block, air around it, in the place of its finding is written in well over
a hundred encodings
(photometric interpretation, bits, transfer syntax, values of interest, tables, signs, padding,
proportions, odd bits), loaded as a worker loads it, and made into the demonstration model's
picture. The last line is one JSON object:

- `encodings`: how many there are; `skipped`: how many have no encoder on this machine.
- `worst_difference`: the largest mean absolute difference of a model's picture from that of the
  unencoded phantom, as a share of the grey range; `worst_pixel`: the largest of any one pixel;
  `median_difference`: the middle one of the means.
- `worst_box_pixels`: the farthest that an edge of the block, found in the loaded picture and
  brought back to the stored matrix, is from where it was put, in pixels of the stored matrix.
- `worst`, `worst_box`: which encodings these are.
"""

import argparse
import json
import statistics
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from PIL import Image
from pydicom import uid

from core.reading import Box
from evaluation.encoded_films import Encoding, Picture, can_encode, write_encoded
from imaging.film import Film, load_film
from imaging.syntaxes import TRANSFER_SYNTAXES
from reader.model_folder import DEMO_MODEL
from reader.weights.tiles import TileValues, tile_values
from training.phantom import Phantom, sample

_SEED: Final = 2_026
_ROWS: Final = 512
_RIM: Final = 8
_AIR: Final = 6
_RANGE: Final = 2.0
"""Of the model's pixels: from -1 to 1."""
_STANDS_OUT: Final = 127
"""Grey levels, half of the block's own."""


@dataclass(frozen=True)
class Original:
    """The picture before any encoding.

    Parameters
    ----------
    picture
        What a display should show, 0 to 1, with the block.
    bare
        The same without it, in grey levels.
    block
        Where it is, in fractions of width and height.
    tensor
        The model's picture of it.
    """

    picture: Picture
    bare: npt.NDArray[np.uint8]
    block: Box
    tensor: npt.NDArray[np.float32]


@dataclass(frozen=True)
class Compared:
    """What became of one encoding.

    Parameters
    ----------
    name
        The encoding.
    difference, pixel
        Mean and largest absolute difference of the model's picture, as shares of the grey range.
    box_pixels
        How far off the worst edge of the block is, in pixels of the stored matrix.
    """

    name: str
    difference: float
    pixel: float
    box_pixels: float


def encodings() -> list[Encoding]:
    """Give all encodings, also those for which no encoder is installed."""
    return [
        *_by_syntax(),
        *_by_interest(),
        *_by_modality(),
        *_by_bits(),
        *_by_proportions(),
        *_by_words(),
    ]


def _by_syntax() -> Iterator[Encoding]:
    for syntax in TRANSFER_SYNTAXES:
        if uid.UID(syntax).name.startswith("High-Throughput"):
            continue  # no encoder for them is a dependency; tests/imaging has streams of them
        for photometric in ("MONOCHROME1", "MONOCHROME2"):
            if syntax != uid.JPEGBaseline8Bit:
                yield Encoding(syntax, photometric, 12)
            if syntax not in {uid.JPEGExtended12Bit, uid.JPEGBaseline8Bit}:
                yield Encoding(syntax, photometric, 16)
            if syntax != uid.JPEGExtended12Bit:
                yield Encoding(syntax, photometric, 8, 8)
        if syntax not in {uid.JPEGExtended12Bit, uid.JPEGBaseline8Bit}:
            yield Encoding(syntax, bits=13, voi="lut 12")


def _by_interest() -> Iterator[Encoding]:
    kinds = ("exact", "sigmoid", "two windows", "lut 8", "lut 10", "lut 12", "lut 16")
    for voi in (*kinds, "lut of bytes", "lut and window", "none"):
        for photometric in ("MONOCHROME1", "MONOCHROME2"):
            yield Encoding(photometric=photometric, bits=14, voi=voi)
    yield Encoding(uid.JPEG2000Lossless, bits=16, voi="sigmoid")
    yield Encoding(uid.JPEGLSLossless, "MONOCHROME1", 10, voi="lut 16")


def _by_modality() -> Iterator[Encoding]:
    for modality in ("rescale", "negative rescale", "lut"):
        for voi in ("linear", "sigmoid", "lut 16"):
            yield Encoding(bits=12, voi=voi, modality=modality)
        yield Encoding(photometric="MONOCHROME1", bits=15, modality=modality, signed=True)


def _by_bits() -> Iterator[Encoding]:
    signed = (uid.ExplicitVRLittleEndian, uid.ImplicitVRLittleEndian, uid.ExplicitVRBigEndian)
    for syntax in (*signed, uid.RLELossless, uid.JPEGLSLossless, uid.JPEG2000Lossless):
        yield Encoding(syntax, bits=12, signed=True)
        yield Encoding(syntax, "MONOCHROME1", 16, signed=True, voi="lut 12")
    for bits in (9, 10, 11, 13, 15):
        yield Encoding(bits=bits, junk=True)
        yield Encoding(bits=bits, signed=True, junk=True)
    yield Encoding(uid.RLELossless, bits=12, junk=True)
    for shift in (1, 4):
        yield Encoding(bits=12, shift=shift)
        yield Encoding(bits=12, shift=shift, junk=True, signed=True)
        yield Encoding(uid.RLELossless, "MONOCHROME1", 12, shift=shift, junk=True)
    for padding in ("value", "range"):
        for photometric in ("MONOCHROME1", "MONOCHROME2"):
            yield Encoding(photometric=photometric, bits=12, padding=padding)
        yield Encoding(bits=12, signed=True, padding=padding)


def _by_proportions() -> Iterator[Encoding]:
    for squeezed in ("rows", "columns", "rows by ratio", "columns by ratio"):
        yield Encoding(bits=12, squeezed=squeezed)
    yield Encoding(uid.JPEG2000Lossless, "MONOCHROME1", 16, squeezed="columns", signed=True)


def _by_words() -> Iterator[Encoding]:
    for photometric in ("MONOCHROME1", "MONOCHROME2"):
        for shape in ("IDENTITY", "INVERSE"):
            yield Encoding(photometric=photometric, values={"PresentationLUTShape": shape})
    yield Encoding(values={"NumberOfFrames": 1})
    yield Encoding(bits=8, allocated=8, values={"SOPClassUID": uid.SecondaryCaptureImageStorage})
    for extra in ("overlay", "presentation lut"):
        yield Encoding(photometric="MONOCHROME1", extra=extra)
    for voi in ("linear", "sigmoid"):
        yield Encoding(voi=voi, modality="negative rescale", extra="frame groups")


def original(rows: int = _ROWS) -> Original:
    """Draw the phantom, its finding as an opaque block, and what the model should see of it."""
    phantom = _phantom()
    columns = round(rows * phantom.aspect) // 2 * 2
    bare = phantom.render(columns, rows).astype(np.float64)
    rim = np.ones_like(bare, dtype=np.bool_)
    rim[_RIM:-_RIM, _RIM:-_RIM] = False
    bare[rim] = 0.0
    x1, y1, x2, y2 = phantom.findings[0].boxes[0]
    # On even pixels, so that half as many rows or columns hold the block, too.
    left, right = (2 * round(x * columns / 2) for x in (x1, x2))
    top, bottom = (2 * round(y * rows / 2) for y in (y1, y2))
    # Air around it, so that every edge of it is seen.
    bare[top - _AIR : bottom + _AIR, left - _AIR : right + _AIR] = 0.0
    picture = bare.copy()
    picture[top:bottom, left:right] = 1.0
    return Original(
        picture=picture,
        bare=_grey(bare),
        block=Box(left / columns, top / rows, right / columns, bottom / rows),
        tensor=_seen(tile_values(DEMO_MODEL), _grey(picture)),
    )


def _phantom() -> Phantom:
    """Give the first film of the series that has one finding in a dark place."""
    for index in range(100):
        phantom = sample(_SEED, index, findings=("pneumothorax",))
        if len(phantom.findings[0].boxes) == 1:
            return phantom
    message = f"the series {_SEED} has no film with one box"
    raise ValueError(message)


def _grey(picture: Picture) -> npt.NDArray[np.uint8]:
    return np.rint(picture * 255).astype(np.uint8)


def _seen(tiles: TileValues, pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    return np.asarray(tiles(Image.fromarray(pixels))["pixel_values"].numpy(), dtype=np.float32)


def compare(made: Original, encoding: Encoding, folder: Path) -> Compared:
    """Write an encoding, load it, and compare what the model sees, and where the block is."""
    path = folder / "film.dcm"
    write_encoded(made.picture, encoding, path, rim=_RIM)
    film = load_film(path)
    path.unlink()
    off = np.abs(_seen(tile_values(DEMO_MODEL), film.pixels) - made.tensor) / _RANGE
    return Compared(
        name=encoding.name,
        difference=float(off.mean()),
        pixel=float(off.max()),
        box_pixels=_box_error(made, film),
    )


def _box_error(made: Original, film: Film) -> float:
    """Find the block in the loaded picture, bring it back, and measure in stored pixels."""
    size = film.pixels.shape[::-1]
    bare = np.asarray(Image.fromarray(made.bare).resize(size, Image.Resampling.BILINEAR))
    stands_out = film.pixels.astype(np.int16) - bare > _STANDS_OUT
    expected = film.placing.on_picture(made.block)
    down = np.flatnonzero(stands_out.sum(axis=1) > (expected[2] - expected[0]) / 2)
    along = np.flatnonzero(stands_out.sum(axis=0) > (expected[3] - expected[1]) / 2)
    if not down.size or not along.size:
        return float(max(film.rows, film.columns))
    found = (float(along[0]), float(down[0]), float(along[-1] + 1), float(down[-1] + 1))
    back = film.placing.on_matrix(film.placing.from_picture(found))
    true = film.placing.on_matrix(made.block)
    return max(abs(one - other) for one, other in zip(back, true, strict=True))


def summary(compared: Sequence[Compared], skipped: int) -> dict[str, Any]:
    """Give the figures; see the module."""
    worst = max(compared, key=lambda one: one.difference)
    worst_box = max(compared, key=lambda one: one.box_pixels)
    return {
        "encodings": len(compared),
        "skipped": skipped,
        "worst_difference": round(worst.difference, 5),
        "worst_pixel": round(max(one.pixel for one in compared), 4),
        "median_difference": round(statistics.median(one.difference for one in compared), 5),
        "worst_box_pixels": round(worst_box.box_pixels, 2),
        "worst": worst.name,
        "worst_box": worst_box.name,
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Compare all encodings."""
    parser = argparse.ArgumentParser(description="Compare one film's picture over its encodings.")
    parser.add_argument("--json", action="store_true", help="print the JSON object only")
    chosen = parser.parse_args(arguments)
    wanted = encodings()
    possible = [encoding for encoding in wanted if can_encode(encoding.syntax)]
    made = original()
    compared = []
    with tempfile.TemporaryDirectory() as folder:
        for encoding in possible:
            compared.append(compare(made, encoding, Path(folder)))
            if not chosen.json:
                one = compared[-1]
                print(f"{one.difference:.5f} {one.pixel:.4f} {one.box_pixels:5.2f}  {one.name}")
    print(json.dumps(summary(compared, len(wanted) - len(possible))))


if __name__ == "__main__":
    main()
