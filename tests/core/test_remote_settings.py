"""The settings of a model behind an endpoint: what goes together and what does not.

What a URL or a key's file may be is the reader's (`tests/reader/engines/test_remote_address`).
"""

import json
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from core.settings import Settings, load_settings
from core.worker_settings import LONGEST_REMOTE_PAUSE, WorkerSettings
from reader.engines.remote_client import LONGEST_PAUSE

THERE: dict[str, Any] = {"url": "http://gpu:8000", "model": "radvlm"}


def _worker(remote: dict[str, Any], **values: Any) -> WorkerSettings:
    return WorkerSettings.model_validate({"engine": "remote", "remote": remote, **values})


def test_the_model_is_local_unless_it_is_said() -> None:
    assert WorkerSettings().engine == "local"
    assert WorkerSettings().remote.networks == ()


def test_an_endpoint_and_its_networks_are_read(tmp_path: Path) -> None:
    path = tmp_path / "firstread.toml"
    path.write_text(
        '[worker]\nengine = "remote"\n[worker.remote]\nurl = "http://gpu:8000"\n'
        'model = "radvlm"\nnetworks = ["10.1.0.0/16", "fd00::/8"]\nlabels = ["cardiomegaly"]\n'
    )
    settings = load_settings(path)
    assert settings.worker.remote.networks == (ip_network("10.1.0.0/16"), ip_network("fd00::/8"))
    # A worker's parent hands them to its child as JSON.
    again = Settings.model_validate(json.loads(settings.model_dump_json()))
    assert again.worker == settings.worker


@pytest.mark.parametrize(
    ("remote", "values", "words"),
    [
        ({}, {}, "needs remote.url"),
        ({"url": "http://gpu"}, {}, "needs remote.url and remote.model"),
        ({"url": "http://gpu", "model": " "}, {}, "remote.model"),
        (THERE, {"system_prompt": True}, "system_prompt"),
        (THERE | {"timeout_seconds": 280}, {}, "progress_timeout_seconds"),
        (THERE | {"timeout_seconds": 0}, {}, "timeout_seconds"),
        (THERE | {"networks": ["10.0.0.0/33"]}, {}, "networks"),
        (THERE | {"networks": ["gpu"]}, {}, "networks"),
        (THERE | {"retries": -1}, {}, "retries"),
        (THERE | {"concurrency": 0}, {}, "concurrency"),
        (THERE | {"labels": ["measles"]}, {}, "labels"),
        (THERE | {"key": "x"}, {}, "key"),
    ],
)
def test_what_does_not_fit_is_refused(
    remote: dict[str, Any], values: dict[str, Any], words: str
) -> None:
    with pytest.raises(ValidationError, match=words):
        _worker(remote, **values)


def test_the_watchdog_knows_the_clients_longest_pause() -> None:
    assert LONGEST_REMOTE_PAUSE == LONGEST_PAUSE
