"""Where files of a watched folder go once they are dealt with."""

import hashlib
import os
from pathlib import Path
from typing import Final

DONE: Final = "done"
REFUSED: Final = "refused"
_LONGEST_NAME: Final = 200
"""Bytes; the reason's file has a longer name, and 255 is what file systems take."""


class Shelves:
    """The sub-folders `done` and `refused` of a watched folder.

    Parameters
    ----------
    folder
        The watched folder.
    remove_stored
        Whether files that are stored are removed instead of kept in `done`.
    """

    def __init__(self, folder: Path, *, remove_stored: bool) -> None:
        self._folder = folder
        self._remove_stored = remove_stored
        self.folders = frozenset({folder / DONE, folder / REFUSED})
        """What is not watched."""

    def put(self, path: Path, named: Path, shelf: str, reason: str) -> None:
        """Move a file of the watched folder to a shelf, under the same sub-folders.

        Parameters
        ----------
        path
            The file.
        named
            As it was called in the watched folder.
        shelf
            `DONE` or `REFUSED`; beside a refused one its reason is written.
        reason
            Why.

        Raises
        ------
        OSError
            If it cannot be moved; it lies where it was.
        """
        if shelf == DONE and self._remove_stored:
            path.unlink()
            return
        target = self._fresh(self._folder / shelf / named.relative_to(self._folder))
        target.parent.mkdir(parents=True, exist_ok=True)
        told = target.with_name(f"{target.name}.reason")
        if shelf == REFUSED:
            told.write_text(f"{reason}\n")
        try:
            # It never copies: another file system is an error, not a file that is there twice.
            path.rename(target)
        except OSError:
            told.unlink(missing_ok=True)
            raise

    @staticmethod
    def _fresh(wanted: Path) -> Path:
        """Give a name that nothing has yet, and that is not too long."""
        name = wanted.name
        if len(os.fsencode(name)) > _LONGEST_NAME:
            name = hashlib.sha256(os.fsencode(name)).hexdigest()
        number = 0
        fresh = wanted.with_name(name)
        while fresh.exists() or fresh.is_symlink():
            number += 1
            fresh = wanted.with_name(f"{name}.{number}")
        return fresh
