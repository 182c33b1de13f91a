"""A listener with a TLS port, and the certificates of those who call it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.door_settings import TlsSettings
from gateway.tls.client import Tls
from tests.gateway.edge import Edge, open_edge
from tests.peers.authority import Authority, key_of


@dataclass(frozen=True, slots=True)
class Papers:
    """Certificates, made once for all tests.

    Parameters
    ----------
    authority
        The hospital's.
    stranger
        Somebody else's.
    listener
        The listener's certificate.
    room
        A caller's certificate.
    """

    authority: Authority
    stranger: Authority
    listener: Path
    room: Path

    @classmethod
    def make(cls, folder: Path) -> "Papers":
        """Make them in a folder."""
        authority = Authority(folder)
        return cls(
            authority,
            Authority(folder, "stranger"),
            authority.issue("listener", "IP:127.0.0.1"),
            authority.issue("room1", "DNS:room1.example.org"),
        )

    def shown(self, certificate: Path | None) -> Tls:
        """Give a client's files: it trusts the authority and shows a certificate, or none."""
        if certificate is None:
            return Tls(str(self.authority.certificate))
        return Tls(str(self.authority.certificate), str(certificate), str(key_of(certificate)))


def door_settings(papers: Papers, **values: Any) -> TlsSettings:
    """Give the settings of a TLS port on a free port."""
    files = {
        "certificate_file": papers.listener,
        "key_file": key_of(papers.listener),
        "ca_file": papers.authority.certificate,
    }
    return TlsSettings(**({"enabled": True, "port": 0} | files | values))


@contextmanager
def open_tls_edge(
    folder: Path, papers: Papers, *, door: TlsSettings | None = None, **gateway: Any
) -> Iterator[Edge]:
    """Run a listener with both ports."""
    with open_edge(folder, tls=door or door_settings(papers), **gateway) as edge:
        yield edge
