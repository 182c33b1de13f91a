"""One phantom in well over a hundred encodings gives one and the same picture to the model.

Each is written, loaded as a worker loads it, and made into the demonstration model's picture; a
block in the place of the finding is found again where it was put. JPEG needs dcmtk's `dcmcjpeg`.
Not covered: High-Throughput JPEG 2000, for which no encoder is installed (`test_decode`).
"""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pydicom.uid import JPEG2000Lossless

from core.errors import UnreadableObjectError
from evaluation import encodings
from evaluation.encoded_films import Encoding, can_encode, write_encoded
from evaluation.encodings import Original, compare, main, original
from imaging.film import load_film
from imaging.syntaxes import TRANSFER_SYNTAXES

ALL = encodings.encodings()


@pytest.fixture(scope="module")
def made() -> Original:
    return original()


@pytest.mark.parametrize("encoding", ALL, ids=lambda encoding: encoding.name)
def test_the_model_sees_the_same_picture(
    tmp_path: Path, made: Original, encoding: Encoding
) -> None:
    if not can_encode(encoding.syntax):
        pytest.skip("dcmcjpeg (dcmtk) is not installed")
    compared = compare(made, encoding, tmp_path)
    assert compared.difference < 0.003
    assert compared.pixel < 0.08
    assert compared.box_pixels <= 1.0


def test_the_encodings_are_many_and_of_every_kind() -> None:
    assert len({encoding.name for encoding in ALL}) == len(ALL) >= 150
    without_peers = [one for one in ALL if can_encode(one.syntax) or "JPEG" not in one.name]
    assert len(without_peers) >= 60
    missing = set(TRANSFER_SYNTAXES) - {encoding.syntax for encoding in ALL}
    assert {name[:-1] for name in missing} == {"1.2.840.10008.1.2.4.20"}


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (Encoding(), {"PhotometricInterpretation": "MONOCHROME1"}),
        (Encoding(), {"WindowWidth": "2000"}),
        (Encoding(signed=True), {"PixelRepresentation": 0}),
        (Encoding(padding="value"), {"PixelPaddingValue": 17}),
        (Encoding(squeezed="rows"), {"PixelSpacing": [0.2, 0.2]}),
    ],
)
def test_a_film_that_says_something_else_differs(
    tmp_path: Path, made: Original, written: Encoding, said: dict[str, object]
) -> None:
    """What the comparison is worth: the same stored values under another header are seen."""
    wrong = replace(written, values=said)
    compared = compare(made, wrong, tmp_path)
    assert compared.difference > 0.01 or compared.pixel > 0.2


def test_garbage_in_the_unused_bits_that_is_said_to_be_in_use_is_no_film(
    tmp_path: Path, made: Original
) -> None:
    wrong = Encoding(bits=10, junk=True, values={"BitsStored": 16, "HighBit": 15})
    with pytest.raises(UnreadableObjectError, match="decode to noise"):
        compare(made, wrong, tmp_path)


def test_a_film_read_upside_down_is_seen(tmp_path: Path, made: Original) -> None:
    path = tmp_path / "film.dcm"
    write_encoded(made.picture[::-1].copy(), Encoding(), path, rim=8)
    turned = Original(made.picture, made.bare, made.block, made.tensor[..., ::-1, :])
    film = load_film(path)
    assert encodings._box_error(turned, film) > 20


@pytest.mark.parametrize("encoding", [Encoding(), Encoding(JPEG2000Lossless, "MONOCHROME1", 16)])
def test_overlays_and_tables_are_remarked_or_left_out(
    tmp_path: Path, made: Original, encoding: Encoding
) -> None:
    path = tmp_path / "film.dcm"
    write_encoded(made.picture, encoding, path, rim=8)
    plain = load_film(path)
    for extra, codes in (("overlay", []), ("presentation lut", ["presentation_lut_ignored"])):
        write_encoded(made.picture, replace(encoding, extra=extra), path, rim=8)
        film = load_film(path)
        np.testing.assert_array_equal(film.pixels, plain.pixels)
        assert [remark.code for remark in film.remarks] == codes


def test_the_command_prints_its_figures_last(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(encodings, "encodings", lambda: ALL[:2])
    main(["--json"])
    figures = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert figures["encodings"] == 2
    assert figures["worst_difference"] < 0.01
    assert figures["worst_box_pixels"] <= 2
