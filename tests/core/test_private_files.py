"""Files and folders for one account alone, even where the umask lets everybody in."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.private_files import (
    close_to_others,
    keep_private,
    open_to_others,
    private_folder,
    write_private,
)


@pytest.fixture(autouse=True)
def _open_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def _mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_a_folder_and_those_above_it(tmp_path: Path) -> None:
    private_folder(tmp_path / "a" / "b")
    assert (_mode(tmp_path / "a"), _mode(tmp_path / "a" / "b")) == (0o700, 0o700)
    private_folder(tmp_path / "a" / "b")


def test_a_folder_above_that_is_there_stays(tmp_path: Path) -> None:
    shared = tmp_path / "var"
    shared.mkdir(mode=0o755)
    private_folder(shared / "firstread" / "spool")
    assert _mode(shared) == 0o755
    assert _mode(shared / "firstread") == 0o700


def test_a_folder_that_all_accounts_share_stays(tmp_path: Path) -> None:
    shared = tmp_path / "tmp"
    shared.mkdir()
    shared.chmod(0o1777)
    private_folder(shared)
    assert _mode(shared) == 0o777


def test_a_folder_that_is_there_is_closed(tmp_path: Path) -> None:
    there = tmp_path / "there"
    there.mkdir()
    assert open_to_others(there)
    private_folder(there)
    assert _mode(there) == 0o700
    assert not open_to_others(there)


def test_a_folder_of_another_account_stays(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give a folder away")
    there = tmp_path / "there"
    there.mkdir(mode=0o755)
    os.chown(there, 65534, 65534)
    private_folder(there)
    assert _mode(there) == 0o755


def test_a_file(tmp_path: Path) -> None:
    write_private(tmp_path / "new", b"x")
    assert _mode(tmp_path / "new") == 0o600
    with pytest.raises(FileExistsError):
        write_private(tmp_path / "new", b"y")
    assert (tmp_path / "new").read_bytes() == b"x"
    open_file = tmp_path / "open"
    open_file.touch()
    close_to_others(open_file)
    assert _mode(open_file) == 0o600
    assert not open_to_others(tmp_path / "none")


def test_a_process_that_keeps_private_makes_no_open_file(tmp_path: Path) -> None:
    keep_private()
    (tmp_path / "file").touch()
    assert _mode(tmp_path / "file") == 0o600
