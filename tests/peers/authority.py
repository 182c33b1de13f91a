"""A certificate authority of the tests, by the openssl program."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.peers.programs import program

_ELLIPTIC = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1")


@dataclass(frozen=True, slots=True)
class Authority:
    """A certificate authority of a test.

    Parameters
    ----------
    folder
        Where it keeps everything.
    name
        Its name, of which its files are called.
    """

    folder: Path
    name: str = "authority"

    @property
    def certificate(self) -> Path:
        """Its own certificate; made where it is not there yet."""
        path = self.folder / f"{self.name}.pem"
        if not path.exists():
            _openssl(
                *("req", "-x509", "-nodes", "-days", "2", *_ELLIPTIC),
                *("-keyout", str(key_of(path)), "-out", str(path)),
                *("-subj", f"/CN={self.name}", "-addext", "basicConstraints=critical,CA:TRUE"),
            )
        return path

    def issue(
        self, name: str, alternative: str, *, days: int = 2, rsa_bits: int | None = None
    ) -> Path:
        """Issue a certificate, and give it; its key lies beside it.

        Parameters
        ----------
        name
            Its common name, of which its files are called; a known name gets a new certificate.
        alternative
            Such as `IP:127.0.0.1`.
        days
            How long it is good for; negative for one that is good no more.
        rsa_bits
            Size of an RSA key; None is an elliptic curve of 256 bits.
        """
        path = self.folder / f"{self.name}-{name}.pem"
        request = path.with_suffix(".csr")
        key = _ELLIPTIC if rsa_bits is None else ("-newkey", f"rsa:{rsa_bits}")
        _openssl(
            *("req", "-new", "-nodes", *key, "-keyout", str(key_of(path)), "-out", str(request)),
            *("-subj", f"/CN={name}", "-addext", f"subjectAltName={alternative}"),
        )
        _openssl(
            *("x509", "-req", "-in", str(request), "-out", str(path), "-days", str(days)),
            *("-CA", str(self.certificate), "-CAkey", str(key_of(self.certificate))),
            *("-copy_extensions", "copy"),
        )
        return path


def key_of(certificate: Path) -> Path:
    """Give the file of a certificate's key."""
    return certificate.with_suffix(".key")


def _openssl(*arguments: str) -> None:
    command = [str(program("openssl", "openssl")), *arguments]
    subprocess.run(command, check=True, capture_output=True)
