"""dicom3tools' dciodvfy, the other judge of what FirstRead writes."""

import subprocess
from pathlib import Path

from tests.peers.programs import program


def dciodvfy(path: Path) -> list[str]:
    """Check an object against its IOD.

    Parameters
    ----------
    path
        A DICOM file.

    Returns
    -------
    list of str
        Its errors, leftovers among them; its warnings are left out.
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
    return [line for line in lines if line.startswith("Error") or " - Error" in line]
