"""Secrets from files: who may read the file, what it may hold, and that no error quotes it.

What is done with the secret is tested where it is used.
"""

import os
from pathlib import Path

import pytest

from core.broker import celery_app
from core.errors import SettingsError
from core.secret_file import read_secret
from core.secret_url import with_password
from core.settings import BrokerSettings, DatabaseSettings, Settings

SECRET = "pa ss/w@rd:%#?ü"  # noqa: S105 - of these tests


def _file(folder: Path, content: str | bytes = SECRET, mode: int = 0o600) -> Path:
    path = folder / "password"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    path.chmod(mode)
    return path


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_one_line_is_read(tmp_path: Path, end: str, mode: int) -> None:
    assert read_secret(_file(tmp_path, SECRET + end, mode), "x") == SECRET


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o601, 0o666])
def test_a_file_that_others_may_use_is_refused(tmp_path: Path, mode: int) -> None:
    path = _file(tmp_path, mode=mode)
    with pytest.raises(SettingsError, match=rf"x .* has mode 0{mode:03o}: .* chmod 600") as told:
        read_secret(path, "x")
    assert SECRET not in str(told.value)


@pytest.mark.parametrize(("mode", "taken"), [(0o444, True), (0o440, True), (0o464, False)])
def test_a_secret_that_root_mounted_may_be_readable(
    tmp_path: Path, *, mode: int, taken: bool
) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can make a file of root's")
    path = _file(tmp_path, mode=mode)
    if taken:
        assert read_secret(path, "x", (tmp_path,)) == SECRET
    else:
        with pytest.raises(SettingsError, match="others may use it"):
            read_secret(path, "x", (tmp_path,))
    with pytest.raises(SettingsError, match="others may use it"):
        read_secret(path, "x", (tmp_path / "another",))


def test_a_file_of_another_account_is_refused(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give a file away")
    path = _file(tmp_path)
    read_secret(path, "x")
    os.chown(path, 65534, 65534)
    with pytest.raises(SettingsError, match="another account"):
        read_secret(path, "x")


@pytest.mark.parametrize(
    "content", ["", "\n", "two\nlines", "two\n\n", "tab\t", b"\xff\xfe", "x" * 5000]
)
def test_anything_but_one_line_is_refused(tmp_path: Path, content: str | bytes) -> None:
    path = _file(tmp_path, content)
    with pytest.raises(SettingsError, match="in one line, and nothing else") as told:
        read_secret(path, "x")
    assert "lines" not in str(told.value)


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read: No such file"):
        read_secret(tmp_path / "none", "x")
    with pytest.raises(SettingsError, match=r"x .* is no file"):
        read_secret(tmp_path, "x")
    os.mkfifo(tmp_path / "pipe", 0o600)
    with pytest.raises(SettingsError, match="is no file"):
        read_secret(tmp_path / "pipe", "x")


@pytest.mark.parametrize(
    ("url", "whole"),
    [
        ("redis://h:1/0", "redis://:p%40%2Fw@h:1/0"),
        ("postgresql+psycopg://u@h/d?x=1", "postgresql+psycopg://u:p%40%2Fw@h/d?x=1"),
        ("postgresql+psycopg://u@/d?host=/run/x", "postgresql+psycopg://u:p%40%2Fw@/d?host=/run/x"),
        ("redis://[::1]:1/0", "redis://:p%40%2Fw@[::1]:1/0"),
    ],
)
def test_the_password_is_put_into_the_url(tmp_path: Path, url: str, whole: str) -> None:
    assert with_password(url, _file(tmp_path, "p@/w\n"), "x") == whole
    assert with_password(url, None, "x") == url


def test_the_settings_give_whole_urls(tmp_path: Path) -> None:
    file = _file(tmp_path, "p@ss")
    settings = Settings(
        database=DatabaseSettings(url="postgresql+psycopg://u@h/d", password_file=file),
        broker=BrokerSettings(url="redis://h/0", password_file=file),
    )
    assert settings.database_url == "postgresql+psycopg://u:p%40ss@h/d"
    assert settings.broker_url == "redis://:p%40ss@h/0"
    assert celery_app(settings).connection_for_write().password == "p@ss"  # noqa: S105 - as above
    assert "p@ss" not in repr(settings) + settings.model_dump_json()
    assert "p@ss" not in repr(celery_app(settings).connection_for_write())
    file.write_text("renewed")
    assert settings.database_url == "postgresql+psycopg://u:renewed@h/d"


@pytest.mark.parametrize(
    "url", [None, "redis://:x@h/0", "redis://u:@h/0", "redis://h/0?password=x"]
)
def test_there_is_one_password_for_one_url(url: str | None) -> None:
    for section in (DatabaseSettings, BrokerSettings):
        with pytest.raises(ValueError, match="needs a url without a password"):
            section(url=url, password_file=Path("x"))
