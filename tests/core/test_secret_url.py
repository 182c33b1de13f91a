"""URLs with passwords: which are refused, and that no error tells what one holds.

Not covered: passwords from files, which tests/core/test_settings.py and tests/core/
test_secret_file.py show.
"""

from pathlib import Path

import pytest

from core.errors import SettingsError
from core.secret_url import check_server
from core.settings import load_settings

_SERVERS = {"database": "postgresql+psycopg", "broker": "redis"}


@pytest.mark.parametrize(
    "rest",
    [
        "u:geheim@teil@127.0.0.1:1/db",
        "u:geheim/teil@127.0.0.1:1/db",
        "u:1/geheim@127.0.0.1:1/db",
        "u:1?geheim@127.0.0.1:1/db",
        "u:1#geheim@127.0.0.1:1/db",
        "u:geheim@127.0.0.1:port/db",
        "u:geheim@127.0.0.1:0/db",
        "u:geheim@127.0.0.1:70000/db",
        "u:geheim@[::1/db",
        "u:geheim[@127.0.0.1/db",
        "u:geheim\u2100@127.0.0.1/db",
        "u:geheim\n@127.0.0.1/db",
    ],
)
@pytest.mark.parametrize("section", _SERVERS)
def test_a_url_that_could_be_taken_apart_in_two_ways_is_refused(
    section: str, rest: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(f"FIRSTREAD_{section.upper()}__URL", f"{_SERVERS[section]}://{rest}")
    with pytest.raises(SettingsError, match=f"{section}.*%40 for @") as caught:
        load_settings()
    assert "geheim" not in str(caught.value)
    assert "teil" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://u:p%40ss%2Fword@127.0.0.1:5432/db",
        "postgresql+psycopg://u@[::1]:5432/db?sslmode=require",
        "postgresql+psycopg://u@/db?host=/var/run/postgresql",
        "postgresql+psycopg:///db",
        "redis://:p@h/0",
        "redis://h:6379/0",
        "rediss://u:p@h:6379/0?ssl_cert_reqs=required",
        "redis+socket:///run/redis.sock",
    ],
)
def test_plain_ones_are_given_back(url: str) -> None:
    assert check_server(url) == url


def test_a_folder_of_sqlite_may_be_called_anything(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    url = f"sqlite:///{tmp_path}/a@b@c/[d/firstread.db"
    monkeypatch.setenv("FIRSTREAD_DATABASE__URL", url)
    assert load_settings().database_url == url
