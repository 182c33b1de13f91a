"""The two doors by which a film set is sent: dcmtk's storescu, and STOW-RS."""

import http.client
import json
import re
import shutil
import subprocess
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

from pydicom.filereader import read_file_meta_info

from core.errors import SettingsError
from evaluation.expected_ends import End

CALLING_AE: Final = "FILM_SET"
_SECONDS: Final = 120.0
_STATUS: Final = re.compile(r"C-STORE RSP.*?DIMSE Status\s+: 0x([0-9a-f]{4})", re.DOTALL)
_UNREADABLE: Final = "missing SOP class (or instance) in file"
"""What storescu says of a file that it cannot read, before it calls anybody."""
_PROPOSALS: Final = {
    "1.2.840.10008.1.2": "--propose-implicit",
    "1.2.840.10008.1.2.1": "--propose-little",
    "1.2.840.10008.1.2.2": "--propose-big",
    "1.2.840.10008.1.2.1.99": "--propose-deflated",
    "1.2.840.10008.1.2.4.50": "--propose-jpeg8",
    "1.2.840.10008.1.2.4.51": "--propose-jpeg12",
    "1.2.840.10008.1.2.4.70": "--propose-lossless",
    "1.2.840.10008.1.2.4.80": "--propose-jls-lossless",
    "1.2.840.10008.1.2.4.81": "--propose-jls-lossy",
    "1.2.840.10008.1.2.4.90": "--propose-j2k-lossless",
    "1.2.840.10008.1.2.4.91": "--propose-j2k-lossy",
    "1.2.840.10008.1.2.5": "--propose-rle",
}
"""storescu proposes a compressed transfer syntax only if it is told to."""


@dataclass(frozen=True, slots=True)
class Ports:
    """Where an installation listens on 127.0.0.1.

    Parameters
    ----------
    dicom, http
        The ports of DICOM and of DICOMweb.
    """

    dicom: int
    http: int


@dataclass(frozen=True, slots=True)
class Told:
    """What a door says of one file.

    Parameters
    ----------
    words
        The answer.
    stored
        Whether that was success.
    end
        The end, where the file did not reach an installation that could know more of it.
    """

    words: str
    stored: bool = False
    end: End | None = None


class Door(Protocol):
    """One way in."""

    @property
    def name(self) -> str:
        """Of the door."""

    def send(self, path: Path, ports: Ports) -> Told:
        """Send one file."""


class Storescu:
    """C-STORE by dcmtk."""

    name = "storescu"

    def send(self, path: Path, ports: Ports) -> Told:
        """Send one file over an association of its own.

        Raises
        ------
        SettingsError
            If dcmtk is not installed.
        """
        program = shutil.which("storescu")
        if program is None:
            message = "storescu is needed: it is part of dcmtk"
            raise SettingsError(message)
        command = [program, "--debug", "--aetitle", CALLING_AE, "--call", "FIRSTREAD"]
        command += ["--required", *_proposal(path), "127.0.0.1", str(ports.dicom), str(path)]
        done = subprocess.run(
            command, check=False, capture_output=True, stdin=subprocess.DEVNULL, timeout=_SECONDS
        )
        output = (done.stdout + done.stderr).decode(errors="replace")
        found = _STATUS.findall(output)
        if found:
            return Told(f"0x{found[-1].upper()}", stored=int(found[-1], 16) == 0)
        faults = [line for line in output.splitlines() if line[:2] in {"E:", "F:"}]
        words = faults[-1] if faults else ""
        if "No Acceptable Presentation Contexts" in output or "No presentation context" in output:
            return Told(words, end=End.REFUSED)
        return Told(words, end=End.NOT_SENT if _UNREADABLE in output else End.NO_ANSWER)


class Stow:
    """STOW-RS (PS3.18 section 10.5) of one file at a time, its bytes as they are."""

    name = "stow"

    def send(self, path: Path, ports: Ports) -> Told:
        """Send one file in a request of its own."""
        boundary = uuid.uuid4().hex
        connection = http.client.HTTPConnection("127.0.0.1", ports.http, timeout=_SECONDS)
        kind = f'multipart/related; type="application/dicom"; boundary={boundary}'
        headers = {"Content-Type": kind, "Accept": "application/dicom+json"}
        try:
            body = _multipart(path, boundary)
            connection.request("POST", "/dicom-web/studies", body, headers, encode_chunked=True)
            response = connection.getresponse()
            return _told(response.status, response.read())
        except (OSError, http.client.HTTPException) as error:
            return Told(type(error).__name__, end=End.NO_ANSWER)
        finally:
            connection.close()


def _proposal(path: Path) -> list[str]:
    try:
        syntax = str(read_file_meta_info(path).TransferSyntaxUID)
    except Exception:  # noqa: BLE001 - the set is made of broken files; storescu then says what it is
        return []
    return [_PROPOSALS[syntax]] if syntax in _PROPOSALS else []


def _multipart(path: Path, boundary: str) -> Iterator[bytes]:
    yield f"--{boundary}\r\nContent-Type: application/dicom\r\n\r\n".encode()
    with path.open("rb") as file:
        while piece := file.read(1 << 16):
            yield piece
    yield f"\r\n--{boundary}--\r\n".encode()


def _told(status: int, body: bytes) -> Told:
    try:
        answer: Any = json.loads(body) if body else {}
    except ValueError:
        answer = {}
    if isinstance(answer, list):
        answer = answer[0] if answer else {}
    reasons = [
        item.get("00081197", {}).get("Value", ["?"])[0]
        for item in answer.get("00081198", {}).get("Value", [])
    ]
    words = f"HTTP {status}" + "".join(f", failure 0x{reason:04X}" for reason in reasons)
    return Told(words, stored=bool(answer.get("00081199")) and not reasons)
