"""From settings to a model, here or behind an endpoint, and the worker's look at its sight."""

from pathlib import Path

import pytest

from core.errors import ModelFolderError, SettingsError
from core.labels import Label
from core.worker_settings import RemoteSettings, WorkerSettings
from reader.film_reader import FilmReader
from reader.protocol import ignore
from tests.reader.engines.endpoints import endpoint, says
from worker import child
from worker.endpoint import remote_options
from worker.model import load_model

_NO_LIST = says("404 Not Found")


def _remote(url: str, **values: object) -> WorkerSettings:
    remote = RemoteSettings.model_validate({"url": url, "model": "far", **values})
    return WorkerSettings(engine="remote", remote=remote, self_test=False)


def test_every_setting_of_the_endpoint_reaches_the_client(tmp_path: Path) -> None:
    values = {
        "family": "radvlm",
        "networks": ("10.0.0.0/8",),
        "api_key_file": tmp_path / "key",
        "ca_file": tmp_path / "ca",
        "timeout_seconds": 7.0,
        "retries": 2,
        "concurrency": 3,
        "version": "9",
        "labels": (Label.EDEMA,),
        "demo": True,
    }
    settings = _remote("http://gpu:8000", **values)
    options = remote_options(settings)
    for name in RemoteSettings.model_fields:
        assert getattr(options, name) == getattr(settings.remote, name), name
    assert set(values) | {"url", "model"} == set(RemoteSettings.model_fields)


def test_a_model_behind_an_endpoint_is_loaded_without_a_folder() -> None:
    with endpoint(_NO_LIST) as served:
        reader = load_model(_remote(served.url, labels=[Label.EDEMA], version="3"))
    assert reader.identity.name == "far"
    assert reader.identity.version == "3 (remote, weights unverified)"
    assert reader.identity.labels == (Label.EDEMA,)
    assert served.requests[0].startswith(b"GET /v1/models ")


@pytest.mark.parametrize("family", ["maira2", "no such family"])
def test_a_family_that_no_endpoint_serves_is_refused(family: str) -> None:
    with endpoint(_NO_LIST) as served, pytest.raises((ModelFolderError, SettingsError)):
        load_model(_remote(served.url, family=family))
    assert served.requests == []


@pytest.mark.parametrize(("wanted", "refused"), [(True, True), (False, False)])
def test_a_worker_does_not_serve_a_blind_model(
    monkeypatch: pytest.MonkeyPatch, *, wanted: bool, refused: bool
) -> None:
    heard: list[str] = []
    seen: list[object] = []

    def blind(reader: object, on_text: object) -> None:
        seen.append(reader)
        assert callable(on_text)
        on_text("x")
        message = "does not look"
        raise ModelFolderError(message)

    monkeypatch.setattr(child, "require_sight", blind)
    with endpoint(_NO_LIST) as served:
        settings = _remote(served.url).model_copy(update={"self_test": wanted})
        if refused:
            with pytest.raises(ModelFolderError, match="does not look"):
                child.load(settings, heard.append)
        else:
            assert isinstance(child.load(settings, heard.append), FilmReader)
    assert (len(seen), heard) == ((1, ["x"]) if wanted else (0, []))


def test_a_broken_quality_gate_fails_the_worker_and_no_film(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken() -> None:
        message = "gate.safetensors is not the file"
        raise ModelFolderError(message)

    monkeypatch.setattr(child, "load_gate", broken)
    with endpoint(_NO_LIST) as served:
        settings = _remote(served.url).model_copy(update={"self_test": False})
        with pytest.raises(ModelFolderError, match=r"gate\.safetensors"):
            child.load(settings, ignore)
        off = settings.model_copy(update={"quality_gate": "off"})
        assert isinstance(child.load(off, ignore), FilmReader)
