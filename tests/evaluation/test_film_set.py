"""How a set of odd films ends: the words of a manifest, the table, and the whole way.

Covered: what each word of a manifest asks for; in `make verify` a set of phantoms by STOW-RS and
the published films by both doors. Why each odd film is refused is tested where that is decided.
"""

import json
from pathlib import Path

import pytest

from core.errors import SettingsError
from evaluation.expected_ends import End, Ended, as_expected, is_known
from evaluation.film_set import main, read_manifest
from training.phantom import View, sample
from training.phantom_dicom import FilmForm, write_film

_FORM = FilmForm("DX", "MONOCHROME2", 12, 512)


@pytest.mark.parametrize(
    ("expected", "fitting"),
    {
        "frontal_cxr": {End.READ},
        "not_chest": {
            End.NOT_READ,
            End.RECEIVED,
            End.QUARANTINED,
            End.REFUSED,
            End.NOT_SENT,
        },
        "broken": {End.QUARANTINED, End.REFUSED, End.NOT_SENT},
        "no_pixel_data": {End.QUARANTINED, End.REFUSED, End.NOT_SENT},
    }.items(),
)
def test_what_a_word_asks_for(expected: str, fitting: set[End]) -> None:
    assert {end for end in End if as_expected(expected, Ended(end))} == fitting


@pytest.mark.parametrize("expected", ["review", "skip_or_review"])
def test_a_review_needs_a_reason_or_a_remark(expected: str) -> None:
    assert as_expected(expected, Ended(End.NOT_READ, reason="why"))
    assert not as_expected(expected, Ended(End.NOT_READ))
    assert as_expected(expected, Ended(End.READ, remarks=("perhaps_mirrored",)))
    assert as_expected(expected, Ended(End.READ, remarks=("quality_rotated",)))
    assert not as_expected(expected, Ended(End.READ, remarks=("window_estimated",)))
    assert not as_expected(expected, Ended(End.FAILED, reason="why"))


def test_an_unknown_word_passes_no_check() -> None:
    assert not is_known("frontal")
    with pytest.raises(ValueError, match="'frontal'"):
        as_expected("frontal", Ended(End.READ))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("file,expected\n", "all"),
        ("file,expected\nmissing.dcm,broken\n", "missing.dcm"),
        ("file,expected\nMANIFEST.csv,good\n", "'good'"),
        ("name,expected\nx,broken\n", "columns file and expected"),
    ],
)
def test_a_manifest_that_is_none_is_refused(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "MANIFEST.csv").write_text(text)
    with pytest.raises(SettingsError, match=words):
        read_manifest(tmp_path)


def test_pictures_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "a.png").touch()
    (tmp_path / "b").touch()
    (tmp_path / "MANIFEST.csv").write_text("file,expected\na.png,frontal_cxr\nb,broken\n")
    assert [item.name for item in read_manifest(tmp_path)] == ["b"]


def _small_set(folder: Path) -> None:
    frontal = write_film(folder, sample(5, 0), _FORM)["file"]
    lateral = write_film(folder, sample(5, 1, view=View.LATERAL), _FORM)["file"]
    whole = (folder / write_film(folder, sample(5, 2), _FORM)["file"]).read_bytes()
    (folder / "half.dcm").write_bytes(whole[: len(whole) // 2])
    rows = [(frontal, "frontal_cxr"), (lateral, "not_frontal"), ("half.dcm", "broken")]
    lines = ["file,expected", *(",".join(row) for row in rows), f"{lateral},frontal_cxr"]
    (folder / "MANIFEST.csv").write_text("\n".join(lines) + "\n")


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_small_set_by_stow(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _small_set(tmp_path)
    assert main([str(tmp_path), "--json", "--door", "stow"]) == 1
    *rows, last = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    ends = [row["stow"]["end"] for row in rows]
    # The last row is a lie: the lateral again, which is the same and not read.
    assert ends == ["read", "not_read", "quarantined", "not_read"]
    assert (last["films"], last["as_expected"], last["wrong"]) == (4, 3, 1)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_published_films_by_both_doors(
    real_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(real_data), "--json"]) == 0
    last = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert last["wrong"] == 0
    assert last["films"] == last["as_expected"] >= 40
    assert last["doors"] == ["storescu", "stow"]
