"""The watched folder, step by step under a clock that is passed in.

Covered: when a file counts as whole, where it goes, what is never touched, disks that fill up, a
database that is away, files that cannot be read, a kill between store and move. Not covered: two
file systems (a copy is made in any case).
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from core.errors import DatabaseAwayError, SettingsError
from core.settings import WatchSettings
from core.states import FilmState
from db.engine import Database
from db.models import Instance
from gateway.callers import Callers
from gateway.statuses import StoreStatus
from gateway.store import Answer, Receiver
from gateway.watch import WatchedFolder
from gateway.watch_shelves import Shelves
from gateway.watch_thread import Watcher
from tests.gateway.edge import Edge, open_edge
from tests.gateway.objects import film_file
from tests.waiting import wait_until

SETTLE = 5.0


@dataclass
class Watch:
    """A watched folder and what lies behind it."""

    folder: Path
    edge: Edge
    watched: WatchedFolder
    at: float = 100.0

    def look(self, later: float = 0.0) -> int:
        """Look once, so many seconds after the last look."""
        self.at += later
        return self.watched.step(self.at)

    def take(self) -> int:
        """Look until what lies there has lain still."""
        return self.look() + self.look(SETTLE)

    def names(self, shelf: str = "") -> list[str]:
        """Give the files of the folder or of a shelf, by their relative names."""
        root = self.folder / shelf
        return sorted(
            str(path.relative_to(root))
            for path in root.rglob("*")
            if path.is_file() and (shelf or not {"done", "refused"} & set(path.parts))
        )

    def instances(self) -> list[Instance]:
        """All instances."""
        return self.edge.instances()


def watch_of(edge: Edge, folder: Path, **watch: Any) -> WatchedFolder:
    """Make a watched folder upon an edge."""
    facts: dict[str, Any] = {"folder": folder, "settle_seconds": SETTLE}
    ours = WatchSettings(**(facts | watch))
    settings = edge.settings.model_copy(update={"watch": ours})
    return WatchedFolder(
        settings,
        edge.spool,
        receiver=Receiver(settings, edge.db, edge.spool, edge.rung.set),
        callers=Callers(edge.db, settings.gateway, keep_seconds=0.0),
    )


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[Watch]:
    folder = tmp_path / "watched"
    folder.mkdir()
    with open_edge(tmp_path / "edge", allowed_ae_titles=("WATCH",)) as edge:
        yield Watch(folder, edge, watch_of(edge, folder))
        assert edge.leftovers() == []


def test_a_file_that_lies_still_is_taken_in_and_moved(watch: Watch) -> None:
    path = film_file(watch.folder)
    assert watch.look() == 0
    assert watch.look(SETTLE - 0.1) == 0
    assert watch.names() == [path.name]
    assert watch.look(0.1) == 1
    assert (watch.names(), watch.names("done")) == ([], [path.name])
    (row,) = watch.instances()
    assert (row.state, row.calling_ae, row.called_ae) == (FilmState.QUEUED, "WATCH", "FIRSTREAD")
    assert watch.edge.rung.is_set()


def test_a_file_that_still_grows_waits(watch: Watch) -> None:
    path = film_file(watch.folder)
    whole = path.read_bytes()
    path.write_bytes(whole[:100])
    watch.look()
    path.write_bytes(whole[:200])
    assert watch.look(SETTLE) == 0
    path.write_bytes(whole)
    assert watch.look(SETTLE) == 0
    assert watch.look(SETTLE) == 1
    assert len(watch.instances()) == 1
    assert watch.edge.quarantine() == []


def test_a_file_that_was_replaced_by_one_of_the_same_size_waits(watch: Watch) -> None:
    path = film_file(watch.folder)
    watch.look()
    other = film_file(watch.folder / "..", seed=1)
    os.utime(other, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns))
    other.rename(path)
    assert watch.look(SETTLE) == 0
    assert watch.look(SETTLE) == 1


def test_a_file_that_changes_while_it_is_copied_waits(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = film_file(watch.folder)
    watch.look()
    opened = os.open

    def change(name: Any, *arguments: Any) -> int:
        if name == path:
            os.utime(path, (1, 1))
        return opened(name, *arguments)

    monkeypatch.setattr(os, "open", change)
    assert watch.look(SETTLE) == 0
    monkeypatch.undo()
    assert watch.instances() == []
    assert watch.take() == 1


def replaced_by(path: Path, content: bytes) -> None:
    """Put another file in a file's place, as an exporter does."""
    part = path.with_name(".part")
    part.write_bytes(content)
    part.replace(path)


def appended_to(path: Path, content: bytes) -> None:
    """Write on."""
    with path.open("ab") as file:
        file.write(content)


@pytest.mark.parametrize("remove_stored", [False, True])
@pytest.mark.parametrize("change", [replaced_by, appended_to])
def test_what_took_its_place_meanwhile_is_read_too(
    watch: Watch,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[Path, bytes], None],
    remove_stored: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    watch.watched = watch_of(watch.edge, watch.folder, remove_stored=remove_stored)
    path = film_file(watch.folder)
    second = film_file(tmp_path / "other", seed=1).read_bytes()
    answer = Receiver.answer

    def meanwhile(receiver: Receiver, request: Any) -> Answer:
        said = answer(receiver, request)
        monkeypatch.undo()
        change(path, second)
        return said

    watch.look()
    monkeypatch.setattr(Receiver, "answer", meanwhile)
    assert watch.look(SETTLE) == 0
    after = path.read_bytes()
    assert after.endswith(second)
    assert watch.names("done") == []
    assert watch.take() == 1
    if change is replaced_by:
        assert len(watch.instances()) == 2
    assert remove_stored or (watch.folder / "done" / path.name).read_bytes() == after


def test_what_took_its_place_at_the_last_moment_is_given_back(
    watch: Watch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch.watched = watch_of(watch.edge, watch.folder, remove_stored=True)
    path = film_file(watch.folder)
    second, third = (film_file(tmp_path, seed=seed).read_bytes() for seed in (1, 2))
    rename = Path.rename

    def late(self: Path, target: Path) -> Path:
        if self != path:
            return rename(self, target)
        monkeypatch.undo()
        replaced_by(path, second)
        moved = rename(self, target)
        replaced_by(path, third)
        return moved

    watch.look()
    monkeypatch.setattr(Path, "rename", late)
    assert watch.look(SETTLE) == 0
    assert {(watch.folder / name).read_bytes() for name in watch.names()} == {second, third}
    assert watch.take() == 2
    assert len(watch.instances()) == 3
    assert list(watch.folder.iterdir()) == []


def test_what_a_kill_left_out_of_reach_is_taken_in(watch: Watch, tmp_path: Path) -> None:
    hold = watch.folder / "room" / f".firstread-{'0' * 32}"
    path = film_file(hold)
    newer = film_file(tmp_path, seed=1).rename(hold.parent / path.name)
    empty = watch.folder / f".firstread-{'1' * 32}"
    empty.mkdir()
    assert watch.look() == 0
    assert not hold.exists()
    assert not empty.exists()
    assert newer.exists()
    assert watch.take() == 2
    assert len(watch.instances()) == 2


def test_sub_folders_are_kept(watch: Watch) -> None:
    path = film_file(watch.folder / "room 1" / "today")
    assert watch.take() == 1
    assert watch.names("done") == [f"room 1/today/{path.name}"]


def test_stored_files_may_be_removed(watch: Watch) -> None:
    watch.watched = watch_of(watch.edge, watch.folder, remove_stored=True)
    film_file(watch.folder)
    (watch.folder / "readme.txt").write_text("no DICOM")
    assert watch.take() == 2
    assert (watch.names(), watch.names("done")) == ([], [])
    assert watch.names("refused") == ["readme.txt", "readme.txt.reason"]


@pytest.mark.parametrize(
    ("content", "reason", "aside"),
    [
        (b"", "0xC100 no DICOM file\n", 0),
        (b"no DICOM", "0xC100 no DICOM file\n", 0),
        (bytes(128) + b"DICM", "0xC100 ", 1),
    ],
)
def test_what_is_no_object_is_refused_with_its_reason(
    watch: Watch, content: bytes, reason: str, aside: int
) -> None:
    (watch.folder / "x").write_bytes(content)
    assert watch.take() == 1
    assert watch.names("refused") == ["x", "x.reason"]
    assert (watch.folder / "refused" / "x").read_bytes() == content
    assert (watch.folder / "refused" / "x.reason").read_text().startswith(reason)
    assert len(watch.edge.quarantine()) == aside
    assert watch.instances() == []


def test_an_object_without_a_patient_is_refused(watch: Watch) -> None:
    path = film_file(watch.folder, PatientID=None)
    assert watch.take() == 1
    told = (watch.folder / "refused" / f"{path.name}.reason").read_text()
    assert told == "0xC101 PatientID is empty\n"


def test_a_refused_file_holds_up_no_other(watch: Watch) -> None:
    (watch.folder / "a").write_text("no DICOM")
    film_file(watch.folder)
    assert watch.take() == 2
    assert len(watch.instances()) == 1


def test_names_that_are_taken_or_too_long(watch: Watch) -> None:
    for _ in range(3):
        film_file(watch.folder).rename(watch.folder / "x.dcm")
        assert watch.take() == 1
    (watch.folder / ("n" * 255)).write_text("no DICOM")
    assert watch.take() == 1
    assert watch.names("done") == ["x.dcm", "x.dcm.1", "x.dcm.2"]
    name, told = watch.names("refused")
    assert told == f"{name}.reason"


def test_links_pipes_and_hidden_files_are_never_touched(watch: Watch, tmp_path: Path) -> None:
    outside = film_file(tmp_path / "outside")
    (watch.folder / "link.dcm").symlink_to(outside)
    (watch.folder / "links").symlink_to(outside.parent)
    os.mkfifo(watch.folder / "pipe")
    film_file(watch.folder).rename(watch.folder / ".part")
    assert watch.take() == 0
    assert watch.instances() == []
    assert outside.exists()
    assert watch.names() == [".part", "link.dcm"]


def test_the_same_content_again_is_nothing_new(watch: Watch) -> None:
    path = film_file(watch.folder)
    content = path.read_bytes()
    watch.take()
    # As after a kill between the commit and the move.
    path.write_bytes(content)
    assert watch.take() == 1
    assert watch.names("done") == [path.name, f"{path.name}.1"]
    assert len(watch.instances()) == len(watch.edge.jobs()) == 1


def test_a_full_disk_leaves_files_for_later(tmp_path: Path) -> None:
    folder = tmp_path / "watched"
    film_file(folder)
    with open_edge(tmp_path / "edge", reserve_bytes=1 << 60, allowed_ae_titles=("WATCH",)) as edge:
        watch = Watch(folder, edge, watch_of(edge, folder))
        assert watch.take() == 0
        edge.spool._reserve = 0
        assert watch.look(0.01) == 0
        assert watch.look(edge.settings.delivery.longest_retry_seconds) == 1
        assert len(watch.instances()) == 1


def test_a_database_that_is_away_leaves_files_for_later(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    film_file(watch.folder)
    watch.look()
    with monkeypatch.context() as patched:
        patched.setattr(Database, "write", _away)
        assert watch.look(SETTLE) == 0
    assert len(watch.names()) == 1
    assert watch.look(1000.0) == 1


def _away(_db: Database) -> Any:
    message = "made up"
    raise DatabaseAwayError(message)


def test_a_file_over_which_the_receiver_stumbles_is_refused_in_the_end(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    film_file(watch.folder)
    answer = Answer(StoreStatus.PROCESSING_FAILURE, "internal error")
    monkeypatch.setattr(Receiver, "answer", lambda *_arguments: answer)
    watch.look()
    assert [watch.look(1000.0) for _ in range(3)] == [0, 0, 1]
    assert len(watch.names("refused")) == 2


def test_a_title_that_may_not_send_leaves_everything_where_it_is(
    watch: Watch, capsys: pytest.CaptureFixture[str]
) -> None:
    film_file(watch.folder)
    watch.watched = watch_of(watch.edge, watch.folder, ae_title="STRANGER")
    assert watch.take() == 0
    assert len(watch.names()) == 1
    assert "watch_not_allowed" in capsys.readouterr().err


def test_a_file_that_cannot_be_read_is_named_once_and_never_by_its_name(
    watch: Watch, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = film_file(watch.folder).rename(watch.folder / "Testfrau.dcm")
    monkeypatch.setattr(os, "open", _refused(path))
    watch.look()
    for _ in range(3):
        assert watch.look(SETTLE) == 0
    written = capsys.readouterr().err
    assert written.count("watch_cannot") == 1
    assert f"inode={path.stat().st_ino}" in written
    assert "Testfrau" not in written
    monkeypatch.undo()
    path.touch()
    assert watch.take() == 1


def test_a_file_whose_permission_is_put_right_is_read(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = film_file(watch.folder)
    watch.look()
    with monkeypatch.context() as patched:
        patched.setattr(os, "open", _refused(path))
        assert watch.look(SETTLE) == 0
    assert watch.look(SETTLE) == 0
    path.chmod(0o640)
    assert watch.take() == 1


def test_a_file_that_could_not_be_read_is_tried_again_now_and_then(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = film_file(watch.folder)
    watch.look()
    with monkeypatch.context() as patched:
        patched.setattr(os, "open", _refused(path))
        assert watch.look(SETTLE) == 0
    assert watch.look(599.0) == 0
    assert watch.look(1.0) == 1


def _refused(path: Path) -> Callable[..., int]:
    opened = os.open

    def refuse(name: Any, *arguments: Any) -> int:
        if name == path:
            raise PermissionError(13, "Permission denied", str(name))
        return opened(name, *arguments)

    return refuse


def test_a_file_that_cannot_be_moved_is_taken_in_once(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    film_file(watch.folder)
    taken: list[object] = []
    answer = Receiver.answer

    def counted(receiver: Receiver, request: Any) -> Answer:
        taken.append(request)
        return answer(receiver, request)

    monkeypatch.setattr(Receiver, "answer", counted)
    monkeypatch.setattr(Shelves, "put", _cross_device)
    watch.look()
    for _ in range(3):
        watch.look(SETTLE)
    assert len(taken) == 1


def _cross_device(*_arguments: object) -> None:
    raise OSError(18, "Invalid cross-device link")


def test_a_thread_watches(watch: Watch) -> None:
    ours = WatchSettings(folder=watch.folder, settle_seconds=0.0, poll_seconds=0.05)
    settings = watch.edge.settings.model_copy(update={"watch": ours})
    film_file(watch.folder)
    with Watcher(settings, watch.edge.db, watch.edge.spool, watch.edge.rung.set):
        wait_until(lambda: len(watch.names("done")) == 1, 10.0, "the file to be taken in")


def test_a_folder_that_cannot_be_watched(watch: Watch, tmp_path: Path) -> None:
    for folder, words in (
        (tmp_path / "nowhere", "is no folder"),
        (watch.edge.spool.folder.parent, "lie within each other"),
        (watch.edge.spool.folder / "kept", "lie within each other"),
    ):
        settings = watch.edge.settings.model_copy(update={"watch": WatchSettings(folder=folder)})
        with pytest.raises(SettingsError, match=words):
            Watcher(settings, watch.edge.db, watch.edge.spool, watch.edge.rung.set)


def test_watching_needs_a_folder() -> None:
    with pytest.raises(ValueError, match="enabled needs a folder"):
        WatchSettings(enabled=True)


def test_what_is_gone_in_the_middle_is_forgotten(watch: Watch) -> None:
    path = film_file(watch.folder)
    watch.look()
    path.unlink()
    assert watch.look(SETTLE) == 0
    assert watch.watched._since == {}
