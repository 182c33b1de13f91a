"""Garbage is told from films: a really damaged stream, noise, and every intact picture at hand."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pydicom.pixels.decoders.base import get_decoder

from core.errors import FirstReadError, UnreadableObjectError
from imaging.bits import Cells
from imaging.decode import decode
from imaging.header import read_whole
from imaging.plausibility import LIMIT, check_plausible, roughness
from tests.imaging.making import smooth


def damaged_stream(real_data: Path) -> Cells:
    """Decode a JPEG-LS stream with flipped bytes by the decoder that does not notice."""
    dataset = read_whole(real_data / "derived" / "cr_jpegls_corrupt_stream.dcm")
    decoder = get_decoder(dataset.file_meta.TransferSyntaxUID)
    cells, _ = decoder.as_array(dataset, raw=True, validate=False, decoding_plugin="pylibjpeg")
    return cells


def test_damaged_stream_is_refused(real_data: Path) -> None:
    with pytest.raises(UnreadableObjectError, match="decode to noise"):
        check_plausible(damaged_stream(real_data))


@pytest.mark.parametrize("share", [0.5, 0.2, 0.1, 0.05])
def test_damaged_end_is_refused(real_data: Path, share: float) -> None:
    intact = decode(
        real_data / "derived" / "cr_pa_mono1_15bit_jpegls.dcm", maximum_pixels=1_000_000
    ).values.copy()
    start = int(len(intact) * (1 - share))
    intact[start:] = damaged_stream(real_data)[start:]
    with pytest.raises(UnreadableObjectError, match="decode to noise"):
        check_plausible(intact)


def test_every_intact_picture_is_far_from_the_limit(real_data: Path) -> None:
    found: dict[str, float] = {}
    for path in sorted(real_data.glob("*/*.dcm")):
        try:
            decoded = decode(path, maximum_pixels=10_000_000)
        except FirstReadError:
            continue
        if decoded.layout.samples == 1 and min(decoded.values.shape) >= 64:
            found[path.name] = roughness(decoded.values)
    for path in sorted(real_data.glob("images/*.png")):
        with Image.open(path) as picture:
            found[path.name] = roughness(np.asarray(picture.convert("L")))
    assert len(found) > 45
    assert {name: value for name, value in found.items() if value > LIMIT / 3} == {}


@pytest.mark.parametrize("side", [64, 100, 300, 1000])
def test_noise_is_refused_at_any_size(side: int) -> None:
    noise = np.random.default_rng(1).integers(0, 4096, (side, side), dtype=np.uint16)
    with pytest.raises(UnreadableObjectError, match=r"roughness [12]"):
        check_plausible(noise)


@pytest.mark.parametrize("axis", [0, 1])
def test_streaks_along_either_axis_are_refused(axis: int) -> None:
    line = np.random.default_rng(2).integers(0, 4096, 512, dtype=np.uint16)
    with pytest.raises(UnreadableObjectError, match="decode to noise"):
        check_plausible(np.repeat(np.expand_dims(line, axis), 512, axis))


def test_heavy_noise_on_a_film_passes() -> None:
    picture = smooth(512, 480).astype(np.float64)
    noise = np.random.default_rng(3).normal(0.0, 2.0 * picture.std(), picture.shape)
    noisy = picture + noise - (picture + noise).min()
    check_plausible((noisy / noisy.max() * 65535).astype(np.uint16))


def test_sharp_edges_pass() -> None:
    collimated = np.zeros((400, 300), dtype=np.uint16)
    collimated[90:310, 70:230] = 60000
    assert roughness(collimated) < LIMIT / 5
    assert roughness(np.zeros((100, 100), dtype=np.uint16)) == 0.0
