"""The file store: durable before it is spoken of, never twice the same path, full in time.

The fsyncs are checked to be called in order; that the kernel keeps its word is not covered.
"""

import errno
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from core.errors import StorageFullError
from db.spool import BUCKETS, Spool
from tests.waiting import wait_until

_TEAR = """
import os, signal, sys
from pathlib import Path
from db.spool import Spool
torn = Spool(Path(sys.argv[1]), 0).temporary()
torn.write_bytes(b"half")
print(torn, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_kept_file_is_moved_whole(spool: Spool) -> None:
    temporary = spool.temporary()
    temporary.write_bytes(b"content")
    kept = spool.keep(temporary, "received.dcm")
    assert kept.read_bytes() == b"content"
    assert not temporary.exists()
    assert kept.is_relative_to(spool.folder)
    assert kept.is_absolute()


def test_the_same_name_never_gives_the_same_path(spool: Spool) -> None:
    paths = {spool.keep_bytes(b"x", "result.dcm") for _ in range(50)}
    assert len(paths) == 50
    assert len({path.parent for path in paths}) > 10


@pytest.mark.parametrize(
    "name", ["../x.dcm", "/etc/passwd", "", ".dcm", "a/b", "a\x00b", "x" * 200, "a.b.c", "ä.dcm"]
)
def test_a_name_that_could_escape_is_refused(spool: Spool, name: str) -> None:
    with pytest.raises(ValueError, match="not a name for a kept file"):
        spool.keep_bytes(b"x", name)
    assert [path for path in spool.folder.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("prepared", [False, True])
def test_file_and_folder_are_synced_around_the_rename(
    spool: Spool, monkeypatch: pytest.MonkeyPatch, *, prepared: bool
) -> None:
    if prepared:
        spool.prepare()
    steps: list[str] = []
    real_sync, real_rename = os.fsync, Path.rename

    def sync(descriptor: int) -> None:
        steps.append(f"fsync {Path(f'/proc/self/fd/{descriptor}').readlink().name}")
        real_sync(descriptor)

    def rename(path: Path, target: Path) -> Path:
        steps.append("rename")
        return real_rename(path, target)

    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setattr(Path, "rename", rename)
    temporary = spool.temporary()
    temporary.write_bytes(b"x")
    kept = spool.keep(temporary, "x.dcm")
    assert steps == [
        f"fsync {temporary.name}",
        *(() if prepared else ("fsync kept",)),
        "rename",
        f"fsync {kept.parent.name}",
    ]


def test_a_full_disk_is_told_as_one(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageFullError, match="disk is full"):
        spool.keep_bytes(b"x", "x.dcm")
    assert [path for path in spool.folder.rglob("*") if path.is_file()] == []


def test_the_reserve_stays_free(tmp_path: Path) -> None:
    Spool(tmp_path / "a", 0).check_room()
    with pytest.raises(StorageFullError, match="must stay so"):
        Spool(tmp_path / "b", 1 << 62).check_room()
    with pytest.raises(StorageFullError, match="must stay so"):
        Spool(tmp_path / "c", 0).check_room(1 << 62)


def test_the_share_in_use_counts_beside_the_reserve(tmp_path: Path) -> None:
    disk = shutil.disk_usage(tmp_path)
    used = 100.0 * disk.used / (disk.used + disk.free)
    Spool(tmp_path / "a", 0, min(100.0, used + 1.0)).check_room()
    with pytest.raises(StorageFullError, match=r"% of the disk would be used, and .* % may be"):
        Spool(tmp_path / "b", 0, used / 2).check_room()
    roomy = Spool(tmp_path / "c", 0, min(100.0, (used + 100.0) / 2))
    roomy.check_room()
    with pytest.raises(StorageFullError, match="would be used"):
        roomy.check_room(disk.free // 2 + disk.free // 4)


def test_a_file_of_a_process_that_lives_is_never_swept_and_one_of_a_dead_one_at_once(
    spool: Spool,
) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", _TEAR, str(spool.folder)],
        cwd=Path(__file__).parents[2],
        check=False,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert ended.returncode == -signal.SIGKILL
    torn, live = Path(ended.stdout.strip()), spool.temporary()
    live.write_bytes(b"x")
    for path in (live, spool.keep_bytes(b"x", "x.dcm")):
        os.utime(path, (1, 1))
    assert torn.is_file()
    assert spool.sweep() == 1
    assert not torn.exists()
    assert len(list(spool.folder.rglob("*.*"))) == 2
    assert live.exists()


def test_of_unknown_processes_age_decides(spool: Spool) -> None:
    old, new, elsewhere = (
        spool.folder / "incoming" / name for name in ("old", "new", "old.1-00000000-1")
    )
    for path in (old, new, elsewhere):
        path.write_bytes(b"x")
    for path in (old, elsewhere):
        os.utime(path, (1, 1))
    assert spool.sweep(60) == 2
    assert new.exists()


def test_kept_files_are_found_by_bucket_and_age(spool: Spool) -> None:
    kept = {spool.keep_bytes(b"x", "x.dcm") for _ in range(20)}
    wait_until(
        lambda: kept == {path for bucket in range(BUCKETS) for path in spool.kept_files(bucket, 0)},
        what="the files to be older than now",
    )
    assert all(not spool.kept_files(bucket, 60) for bucket in range(BUCKETS))
