"""DICOMscope (Debian), a viewer that draws presentation states, on a screen of its own.

The screen is Xvfb's, which keeps its picture in a file: nothing but that file is looked at. The
viewer's window is opened by a few lines of Java (`ShowState.java`), since its own way to open
a presentation state are dialogues.
"""

import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from evaluation.servers.process import ServerProcess
from tests.peers.programs import program
from tests.waiting import wait_until

_JAR = Path("/usr/share/java/DICOMscope.jar")
_CONFIGURATION = Path("/etc/dcmtk/DICOMscope.cfg")
_NATIVE = Path("/usr/lib/x86_64-linux-gnu/jni")
_WIDTH, _HEIGHT = 1152, 864
_COLOUR_ENTRY = 12
"""Bytes of an entry of the colour table between an XWD file's header and its pixels."""
Screen = NDArray[np.uint8]


@contextmanager
def shown(state: Path, image: Path, folder: Path) -> Iterator["Display"]:
    """Show an image under its presentation state at 1:1, as long as the context lasts.

    Parameters
    ----------
    state, image
        DICOM files, uncompressed.
    folder
        For the viewer's and the screen's files.

    Yields
    ------
    Display
        The screen.
    """
    for needed, package in ((_JAR, "dicomscope"), (_CONFIGURATION, "dicomscope")):
        if not needed.is_file():
            message = f"{needed} is not there (Debian package {package})"
            if os.environ.get("FIRSTREAD_REQUIRE_PEERS"):
                pytest.fail(message)
            pytest.skip(message)
    # Java runs a source file only with its compiler beside it.
    program("javac", "default-jdk")
    pixels = folder / "screen"
    pixels.mkdir()
    for name in ("database", "log", "spool"):
        (folder / name).mkdir()
    _configure(folder)
    number = folder / "display"
    # -displayfd finds a free display and writes its number.
    command = (
        f'exec "{program("Xvfb", "xvfb")}" -displayfd 3 -screen 0 {_WIDTH}x{_HEIGHT}x24 '
        f'-fbdir "{pixels}" -nolisten tcp 3>"{number}"'
    )
    screen = ServerProcess(
        ["/bin/sh", "-c", command],
        folder / "screen.log",
        lambda: number.is_file() and number.read_text().strip() != "",
    )
    display = Display(pixels / "Xvfb_screen0")
    try:
        screen.start()
        viewer = ServerProcess(
            [
                program("java", "default-jdk"),
                f"-Djava.library.path={_NATIVE}",
                "-cp",
                _JAR,
                Path(__file__).with_name("ShowState.java"),
                state,
                image,
            ],
            folder / "viewer.log",
            lambda: True,
            environment={"DISPLAY": f":{number.read_text().strip()}"},
        )
        try:
            viewer.start()
            display.viewer = viewer
            yield display
        finally:
            viewer.stop()
    finally:
        screen.stop()


class Display:
    """What stands on the screen.

    Parameters
    ----------
    path
        The file in which Xvfb keeps it, in the XWD format.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.viewer: ServerProcess | None = None

    def pixels(self) -> Screen:
        """Give the screen's grey levels, [864, 1152]."""
        data = self._path.read_bytes()
        header = struct.unpack(">25I", data[:100])
        size, width, height, line, colours = (header[index] for index in (0, 4, 5, 12, 19))
        start = size + colours * _COLOUR_ENTRY
        cells = np.frombuffer(data, np.uint8, line * height, start).reshape(height, -1, 4)
        levels: Screen = cells[:, :width, :3].max(axis=2)
        return levels

    def wait_for_level(self, level: int, least: int, timeout: float = 120.0) -> Screen:
        """Wait until so many pixels have a grey level, and give the screen that they are on.

        Raises
        ------
        AssertionError
            If it does not come so far, or the viewer ends.
        """

        def there() -> bool:
            assert self.viewer is None or self.viewer.running, "the viewer ended"
            return int((self.pixels() == level).sum()) >= least

        wait_until(there, timeout, f"{least} pixels of level {level} on the screen")
        return self.pixels()


def _configure(folder: Path) -> None:
    """Write the viewer's configuration: its folders here, and no port that it listens on."""
    lines = _CONFIGURATION.read_text(encoding="latin-1").splitlines()
    changed = {
        "Directory = /var/lib/dcmtk/db/READWRITE": "Directory = database",
        "MessagePort = 11000": "MessagePort = 0",
    }
    text = "\n".join(changed.get(line.strip(), line) for line in lines)
    (folder / "DICOMscope.cfg").write_text(text + "\n", encoding="latin-1")
