"""PixelMed's DicomSRValidator, a judge of templates beside dciodvfy and dcmtk."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.peers.programs import program

_JAR = Path("/usr/share/java/pixelmed.jar")
_PACKAGE = "libpixelmed-java"
_LIMITS = ("xpathTotalOpLimit", "xpathExprOpLimit", "xpathExprGrpLimit")
"""Of the XPath processor of Java 17, which the validator's style sheets exceed."""


def pixelmed(path: Path) -> list[str]:
    """Check a structured report against its IOD and its root template; takes seconds.

    Parameters
    ----------
    path
        A DICOM file.

    Returns
    -------
    list of str
        Its errors, leftovers among them; its warnings (items beyond a template, which extensible
        templates allow) are left out. One line says so where it did not come to its end.
    """
    if not _JAR.is_file():
        message = f"{_JAR} is not there (Debian package {_PACKAGE}; `make judges` brings it)"
        if os.environ.get("FIRSTREAD_REQUIRE_PEERS"):
            pytest.fail(message)
        pytest.skip(message)
    done = subprocess.run(
        [
            program("java", "default-jdk-headless"),
            *(f"-Djdk.xml.{limit}=0" for limit in _LIMITS),
            "-cp",
            _JAR,
            "com.pixelmed.validate.DicomSRValidator",
            path,
        ],
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=150,
    )
    lines = done.stdout.decode(errors="replace").splitlines()
    errors = [line for line in lines if line.startswith("Error") or "Exception" in line]
    ended = "Root Template Validation Complete" in lines and "IOD validation complete" in lines
    return errors if ended else [*errors, "the validator did not come to its end"]
