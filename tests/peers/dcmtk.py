"""dcmtk's programs as outside clients, and as one of the two judges of what FirstRead writes."""

import re
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydicom import Dataset, dcmread

from tests.peers.programs import program

_STATUS = re.compile(r"Message Type\s+: C-STORE RSP.*?DIMSE Status\s+: 0x([0-9a-f]{4})", re.DOTALL)
_COMPLAINTS = ("W:", "E:", "F:")
_PSCHK_CHATTER = ("W: Testing:", "W: Test passed", "W: Test failed")
"""The last one only sums up the complaints before it."""
BEYOND_ASCII = "(holds letters beyond ASCII)"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a dcmtk program did.

    Parameters
    ----------
    code
        Its exit status.
    output
        What it wrote to both standard streams.
    """

    code: int
    output: str

    @property
    def statuses(self) -> list[int]:
        """The DIMSE status of each C-STORE response, in the order they came."""
        return [int(digits, 16) for digits in _STATUS.findall(self.output)]

    @property
    def complaints(self) -> list[str]:
        """The lines of its log that are warnings, errors or fatal."""
        return [line for line in self.output.splitlines() if line[:2] in _COMPLAINTS]


def echoscu(
    port: int,
    *,
    called: str = "FIRSTREAD",
    calling: str = "DCMTK",
    options: Sequence[str] = (),
) -> Outcome:
    """Send a C-ECHO to a port of 127.0.0.1."""
    return _run("echoscu", [*_titles(called, calling), *options, "127.0.0.1", port])


def storescu(
    files: Sequence[Path],
    port: int,
    *,
    called: str = "FIRSTREAD",
    calling: str = "DCMTK",
    options: Sequence[str] = (),
    timeout: float = 120.0,
) -> Outcome:
    """Send files to a port of 127.0.0.1 over one association.

    Parameters
    ----------
    files
        What to send; dcmtk declines what it cannot read, and halts at the first failure unless
        `--no-halt` is among the options.
    port
        Where the other side listens.
    called, calling
        AE titles.
    options
        More of storescu's own options, such as `-xw` for JPEG 2000.
    timeout
        Seconds after which it is killed.

    Raises
    ------
    subprocess.TimeoutExpired
        If it took longer than `timeout`.
    """
    arguments = [*_titles(called, calling), "--debug", "--required", *options]
    return _run("storescu", [*arguments, "127.0.0.1", port, *files], timeout)


def findscu(
    port: int, *, called: str = "ORTHANC", calling: str = "DCMTK", **keys: str
) -> list[Dataset]:
    """Query a port of 127.0.0.1 by C-FIND in the study root model.

    Parameters
    ----------
    port
        Where the other side listens.
    called, calling
        AE titles.
    **keys
        Keyword and value, as in `QueryRetrieveLevel="SERIES"`; an empty value asks for it.

    Returns
    -------
    list of pydicom.Dataset
        The identifiers of the pending responses.
    """
    with tempfile.TemporaryDirectory() as folder:
        arguments: list[str | int | Path] = [*_titles(called, calling), "--study", "--extract"]
        arguments += ["--output-directory", folder, "127.0.0.1", port]
        for keyword, value in keys.items():
            arguments += ["--key", f"{keyword}={value}"]
        outcome = _run("findscu", arguments)
        assert outcome.code == 0, outcome.output
        return [dcmread(path) for path in sorted(Path(folder).glob("*.dcm"))]


def dsrdump(path: Path) -> Outcome:
    """Parse a structured report, and print its tree; what it found fault with is logged."""
    return _run("dsrdump", ["--verbose", "--print-all-codes", path])


def dcmpschk(path: Path) -> list[str]:
    """Check a presentation state against the standard.

    Returns
    -------
    list of str
        Its complaints, one of which is that the object is no presentation state; the program's
        exit status says nothing. What it says of one value is one complaint, marked where the
        value holds letters beyond ASCII.
    """
    found: list[str] = []
    for line in _run("dcmpschk", ["--verbose", path]).output.splitlines():
        if line.startswith("E:   ") and found:
            found[-1] += line.removeprefix("E:")
        elif (line[:2] in _COMPLAINTS and line.strip() != "E:") or "skipping" in line:
            found.append(line)
    return [
        line if line.isascii() else f"{line} {BEYOND_ASCII}"
        for line in found
        if not line.startswith(_PSCHK_CHATTER)
    ]


def dcm2pdf(path: Path) -> list[str]:
    """Take the page out of an encapsulated document; what is wrong with it, if anything is."""
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder, "page.pdf")
        outcome = _run("dcm2pdf", [path, page])
        if outcome.code or not page.is_file():
            return [*outcome.complaints, f"dcm2pdf ended with {outcome.code}"]
        head = page.read_bytes()[:5]
        return outcome.complaints + ([] if head == b"%PDF-" else [f"no page of PDF: {head!r}"])


def dcm2pnm(path: Path) -> list[str]:
    """Draw a picture; what is wrong with it, if anything is."""
    with tempfile.TemporaryDirectory() as folder:
        outcome = _run("dcm2pnm", [path, Path(folder, "picture.pnm")])
        return outcome.complaints + ([f"ended with {outcome.code}"] if outcome.code else [])


def _titles(called: str, calling: str) -> list[str]:
    return ["--aetitle", calling, "--call", called]


def _run(name: str, arguments: Sequence[str | int | Path], timeout: float = 120.0) -> Outcome:
    done = subprocess.run(
        [program(name, "dcmtk"), *(str(argument) for argument in arguments)],
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=timeout,
    )
    return Outcome(done.returncode, done.stdout.decode(errors="replace"))
