"""dicom3tools' dciodvfy, the other judge of what FirstRead writes."""

import subprocess
from pathlib import Path

from tests.peers.programs import program

_ACCEPTED = ("DeviceUID", "ContributingEquipmentSequence")
"""The one complaint let through: dciodvfy's tables are older than this attribute of this macro."""


def dciodvfy(path: Path) -> list[str]:
    """Check an object against its IOD.

    Parameters
    ----------
    path
        A DICOM file.

    Returns
    -------
    list of str
        dciodvfy's errors, without the one accepted leftover; its warnings are left out.
    """
    done = subprocess.run(
        [program("dciodvfy", "dicom3tools"), path],
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=120,
    )
    lines = done.stdout.decode(errors="replace").splitlines()
    errors = [line for line in lines if line.startswith("Error") or " - Error" in line]
    return [error for error in errors if not all(word in error for word in _ACCEPTED)]
