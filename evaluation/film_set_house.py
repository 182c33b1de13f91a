"""The installation that a film set is sent to, and how each object ended there."""

import contextlib
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from pydicom.filereader import dcmread
from sqlalchemy import func, select

from core.errors import FirstReadError
from core.policy_toml import built_in
from core.port_file import read_port
from core.reading_json import reading_from_json
from core.settings import load_settings
from core.states import FilmState
from core.uids import is_uid
from db.engine import Database
from db.models import Instance, Quarantine, ReadingRow
from db.policies import import_policy
from db.upgrade import upgrade
from evaluation.expected_ends import End, Ended
from evaluation.film_set_doors import CALLING_AE, Door, Ports, Told
from evaluation.running import LOOK_SECONDS, forget_environment, running_first_read

_PATIENCE_SECONDS: Final = 180.0
_UNDER_WAY: Final = frozenset({FilmState.QUEUED, FilmState.READING})
_SETTINGS: Final = """\
data = {data}

[gateway]
host = "127.0.0.1"
port = 0
allowed_ae_titles = ["{calling}"]
extra_sop_classes = {classes}
study_idle_seconds = 3600.0

[web]
enabled = false

[dicomweb]
enabled = true
port = 0
ae_title = "{calling}"

[spool]
reserve_bytes = 100000000
"""


@dataclass(frozen=True, slots=True)
class _Seen:
    """What an installation had kept at some moment."""

    last_instance: int
    times_aside: int


class FilmSetHouse:
    """A FirstRead of its own for a film set; a context manager.

    Parameters
    ----------
    folder
        A new folder for everything.
    files
        What will be sent: every class among them is let in, so that the policy decides.
    """

    def __init__(self, folder: Path, files: Sequence[Path]) -> None:
        folder.mkdir(parents=True)
        forget_environment()
        self._file = folder / "firstread.toml"
        self._log = folder / "firstread.log"
        text = _SETTINGS.format(
            data=json.dumps(str(folder / "data")),
            calling=CALLING_AE,
            classes=json.dumps(sorted(_classes(files))),
        )
        self._file.write_text(text, encoding="utf-8")
        self._settings = load_settings(self._file)
        self._settings.data.mkdir(parents=True)
        upgrade(self._settings.database_url)
        self._db = Database(self._settings.database_url)
        with self._db.write() as session:
            import_policy(session, built_in().policy.of_any_age())
        self._open = contextlib.ExitStack()
        self._ports: Ports | None = None

    def __enter__(self) -> Self:
        running = running_first_read(self._file, self._settings, self._log)
        dicom = self._open.enter_context(running)
        self._ports = Ports(dicom, self._http_port())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._open.close()
        self._db.close()

    def send(self, door: Door, path: Path) -> Ended:
        """Send one file and wait for its end.

        Raises
        ------
        FirstReadError
            If the installation is not running.
        """
        if self._ports is None:
            message = "the installation is not running"
            raise FirstReadError(message)
        before = self._seen()
        told = door.send(path, self._ports)
        after = self._seen()
        if after.last_instance > before.last_instance:
            return self._at_rest(after.last_instance, told)
        if after.times_aside > before.times_aside:
            return Ended(End.QUARANTINED, told.words, self._last_reason_aside())
        known = self._known(path) if told.stored else None
        if known is not None:
            return self._at_rest(known, told)
        return Ended(told.end or End.REFUSED, told.words)

    def _seen(self) -> _Seen:
        with self._db.read() as session:
            last = session.scalar(select(func.max(Instance.id)))
            times = session.scalar(select(func.sum(Quarantine.times)))
        return _Seen(last or 0, times or 0)

    def _at_rest(self, instance_id: int, told: Told) -> Ended:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while True:
            with self._db.read() as session:
                film = session.get_one(Instance, instance_id)
                state, reason = film.state, film.reason or ""
            if state not in _UNDER_WAY:
                return Ended(End(state.value), told.words, reason, self._remarks(instance_id))
            if time.monotonic() > deadline:
                return Ended(End.STUCK, told.words, f"still {state.value}")
            time.sleep(LOOK_SECONDS)

    def _remarks(self, instance_id: int) -> tuple[str, ...]:
        with self._db.read() as session:
            document = session.scalar(
                select(ReadingRow.document).where(
                    ReadingRow.instance_id == instance_id, ReadingRow.current
                )
            )
        if document is None:
            return ()
        return tuple(remark.code for remark in reading_from_json(document).quality)

    def _last_reason_aside(self) -> str:
        with self._db.read() as session:
            newest = select(Quarantine.reason).order_by(Quarantine.last_at.desc()).limit(1)
            return session.scalar(newest) or ""

    def _known(self, path: Path) -> int | None:
        """Find what a file that brought nothing new is the same as."""
        uid = _uid_of(path)
        with self._db.read() as session:
            return session.scalar(select(Instance.id).where(Instance.uid == uid))

    def _http_port(self) -> int:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while (port := read_port(self._settings.data, "dicomweb")) is None:
            if time.monotonic() > deadline:
                message = f"FirstRead does not listen for DICOMweb; its log is {self._log}"
                raise FirstReadError(message)
            time.sleep(LOOK_SECONDS)
        return port


def _classes(files: Sequence[Path]) -> set[str]:
    """Give the SOP classes that the files' own words name, as far as they can be read."""
    found = set()
    for path in files:
        with contextlib.suppress(Exception):  # the set is made of broken files
            header = dcmread(path, stop_before_pixels=True)
            found |= {str(header.get("SOPClassUID", ""))}
            found |= {str(header.file_meta.get("MediaStorageSOPClassUID", ""))}
    return {uid for uid in found if is_uid(uid)}


def _uid_of(path: Path) -> str:
    with contextlib.suppress(Exception):  # as above
        return str(dcmread(path, stop_before_pixels=True).get("SOPInstanceUID", ""))
    return ""
