"""A model behind an endpoint, from the command line: what doctor says, and a film that is read.

The endpoint is a real `transformers serve` where a film is read.
"""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.reading_json import reading_from_json
from tests.commands.shell import firstread
from tests.reader.engines.endpoints import endpoint, says
from training.phantom import sample
from training.phantom_dicom import drawn_form, film_dataset


def _settings(folder: Path, url: str, model: str = "far", more: str = "") -> Path:
    path = folder / "firstread.toml"
    path.write_text(
        f'data = "{folder / "data"}"\n[worker]\nengine = "remote"\n[worker.remote]\n'
        f'url = "{url}"\nmodel = "{model}"\n{more}'
    )
    return path


def _verdict(path: Path) -> tuple[str, str]:
    run = firstread("--settings", str(path), "doctor", "--json")
    (row,) = (row for row in json.loads(run.stdout)["checks"] if row["check"] == "model")
    return row["verdict"], row["words"]


def test_doctor_asks_the_endpoint(tmp_path: Path) -> None:
    listed = json.dumps({"data": [{"id": "far"}]}).encode()
    with endpoint(says("200 OK", "Content-Type: application/json", body=listed)) as served:
        verdict, words = _verdict(_settings(tmp_path, served.url))
    assert verdict == "ok"
    assert "answers unencrypted and lists far" in words
    with endpoint(says("401 No")) as served:
        assert _verdict(_settings(tmp_path, served.url)) == (
            "wrong",
            "the endpoint answers HTTP 401: it does not accept the key",
        )


def test_doctor_never_calls_an_address_outside_the_networks(tmp_path: Path) -> None:
    verdict, words = _verdict(_settings(tmp_path, "http://198.51.100.7:8000"))
    assert verdict == "wrong"
    assert "198.51.100.7, which is in none of the networks" in words


@pytest.mark.slow
def test_a_film_is_read_by_a_model_elsewhere(tmp_path: Path, served_model: tuple[str, str]) -> None:
    phantom = sample(seed=41, index=0, findings=("pleural effusion",))
    film = film_dataset(phantom, drawn_form(phantom, 512), datetime.now(UTC))
    film.save_as(tmp_path / "film.dcm", enforce_file_format=True)
    path = _settings(tmp_path, *served_model, more="demo = true\n")
    out = tmp_path / "out"
    run = firstread(
        *("--settings", str(path), "read", str(tmp_path / "film.dcm")),
        *("--out", str(out), "--json"),
    )
    assert run.returncode == 0, run.stderr
    (row,) = json.loads(run.stdout)["films"]
    reading = reading_from_json(json.loads((Path(row["folder"]) / "reading.json").read_text()))
    assert reading.model.demo
    assert "weights unverified" in reading.model.version
    assert all(flag.score is None for flag in reading.flags)
    assert "scores_unavailable" in {remark.code for remark in reading.checks}
    assert {file.suffix for file in Path(row["folder"]).iterdir()} == {".dcm", ".png", ".json"}
