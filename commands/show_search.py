"""Looks for a film, and for what was said of it: beside a file, and in the installation's spool."""

import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Final

from pydicom.filereader import read_file_meta_info

from commands.show_file import Opened, open_object
from core.errors import DatabaseAwayError, FileRemovedError, FirstReadError
from core.settings import Settings
from db.engine import Database
from db.known_files import film_file, result_files
from dicom_sr import values
from dicom_sr.references import Sort, sort_of

MOST_FILES: Final = 4_000
"""Files of a folder that are looked at."""
MOST_DOCUMENTS: Final = 500
"""Reports and presentation states of a folder that are opened."""
MOST_RESULTS: Final = 50
"""Results of one film that are looked at."""


@dataclass(frozen=True, slots=True)
class Search:
    """Where is looked, and what was not as it should be.

    Parameters
    ----------
    file
        The file whose folder is looked through; it itself is never found.
    settings
        The installation's.
    remarks
        What a user should know of the search, in words; added to while it goes on.
    known
        Results that were found, by the film's SOP Instance UID.
    """

    file: Path
    settings: Settings
    remarks: list[str]
    known: dict[str, list[Opened]] = field(default_factory=dict)

    def film(self, uids: tuple[str, ...]) -> Opened | None:
        """Give the first of some instances that is found and is a picture."""
        beside = {uid: path for path, uid, _ in self._beside() if uid in uids}
        for uid in uids:
            for path in (beside.get(uid), *self._spooled_film(uid)):
                found = None if path is None else self._open(path)
                if found is not None and found.uid == uid and found.sort is Sort.PICTURE:
                    return found
        return None

    def results(self, film_uid: str) -> list[Opened]:
        """Give the reports and presentation states that are of a film, the newest first."""
        if film_uid not in self.known:
            self.known[film_uid] = self._results(film_uid)
        return self.known[film_uid]

    def _results(self, film_uid: str) -> list[Opened]:
        told = [
            path
            for path, _, sop_class in self._beside()
            if sort_of(sop_class, has_pixels=False) in {Sort.REPORT, Sort.MARKS}
        ]
        if len(told) > MOST_DOCUMENTS:
            self._remark(f"the folder holds {len(told)} documents: not all were looked at")
        opened = (self._open(path) for path in told[:MOST_DOCUMENTS])
        found = [one for one in opened if one is not None and film_uid in one.of]
        if not found:
            spooled = (self._open(path) for path in self._spooled_results(film_uid))
            found = [
                one
                for one in spooled
                if one is not None and one.sort in {Sort.REPORT, Sort.MARKS} and film_uid in one.of
            ]
        found.sort(key=_made_at, reverse=True)
        if len(found) > MOST_RESULTS:
            self._remark(f"{len(found)} results are of this film: not all were looked at")
        return found[:MOST_RESULTS]

    def _beside(self) -> Iterator[tuple[Path, str, str]]:
        """Give path, SOP Instance UID and class of each other DICOM file of the folder."""
        entries = sorted(islice(self.file.absolute().parent.iterdir(), MOST_FILES + 1))
        if len(entries) > MOST_FILES:
            self._remark(f"the folder holds more than {MOST_FILES} files: not all were looked at")
        for path in entries[:MOST_FILES]:
            try:
                if path.samefile(self.file) or not stat.S_ISREG(path.stat().st_mode):
                    continue
                meta = read_file_meta_info(path)
            except Exception:  # noqa: BLE001, S112 - most files of a folder are no DICOM
                continue
            uid = values.text(meta, "MediaStorageSOPInstanceUID").strip(" \0")
            sop_class = values.text(meta, "MediaStorageSOPClassUID").strip(" \0")
            if uid:
                yield path, uid, sop_class

    def _open(self, path: Path) -> Opened | None:
        try:
            return open_object(path)
        except (FirstReadError, OSError) as error:
            self._remark(f"not looked at: {path}: {error}")
            return None

    def _spooled_film(self, uid: str) -> list[Path]:
        db = self._database()
        if db is None:
            return []
        try:
            with db.read() as session:
                path = film_file(session, uid)
        except DatabaseAwayError as error:
            self._away(error)
            return []
        except FileRemovedError as error:
            self._remark(str(error))
            return []
        finally:
            db.close()
        return [] if path is None else [path]

    def _spooled_results(self, film_uid: str) -> list[Path]:
        db = self._database()
        if db is None:
            return []
        try:
            with db.read() as session:
                return result_files(session, film_uid)[:MOST_RESULTS]
        except DatabaseAwayError as error:
            self._away(error)
            return []
        except FileRemovedError as error:
            self._remark(str(error))
            return []
        finally:
            db.close()

    def _database(self) -> Database | None:
        """Open the installation's database; None where there is no installation."""
        settings = self.settings
        if settings.embedded and not (settings.data / "firstread.db").is_file():
            return None
        return Database(settings.database_url)

    def _away(self, error: DatabaseAwayError) -> None:
        self._remark(f"the spool was not looked through: {error}")

    def _remark(self, words: str) -> None:
        if words not in self.remarks:
            self.remarks.append(words)


def _made_at(opened: Opened) -> str:
    """Give when an object was made, as text that sorts by time; "" where it does not say."""
    for what in ("PresentationCreation", "Content", "InstanceCreation"):
        day = values.date_text(opened.header, f"{what}Date")
        if day:
            return day + values.time_text(opened.header, f"{what}Time")
    return ""
