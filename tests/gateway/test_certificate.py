"""How long a certificate is good, and which names it has; read without trusting it.

The times are compared with what openssl says of the same file.
"""

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.errors import SettingsError
from gateway.tls.certificate import Validity, names_in
from tests.gateway.tls_house import Papers
from tests.peers.authority import Authority
from tests.peers.programs import program


@pytest.mark.parametrize("days", [-1, 1, 400, 365 * 30])
def test_its_times_are_those_that_openssl_reads(tmp_path: Path, days: int) -> None:
    """From 2050 on they are written in another form (RFC 5280, section 4.1.2.5)."""
    path = Authority(tmp_path).issue("one", "DNS:one", days=days)
    said = subprocess.run(
        [program("openssl", "openssl"), "x509", "-in", path, "-noout", "-dates"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    first, last = (
        datetime.strptime(line.partition("=")[2], "%b %d %H:%M:%S %Y GMT").replace(tzinfo=UTC)
        for line in said.splitlines()
    )
    assert Validity.read(path) == Validity(first, last)


def test_days_that_are_left() -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    validity = Validity(now, now + timedelta(days=30))
    assert validity.days_left(now) == 30
    assert validity.days_left(now + timedelta(seconds=1)) == 29
    assert validity.days_left(now + timedelta(days=31)) == -1


def test_a_file_with_a_chain_is_read_at_its_beginning(tmp_path: Path, papers: Papers) -> None:
    chain = tmp_path / "chain.pem"
    late = papers.authority.issue("chained", "DNS:late", days=-1)
    chain.write_text(f"a comment\n{late.read_text()}{papers.authority.certificate.read_text()}")
    assert Validity.read(chain) == Validity.read(late)


@pytest.mark.parametrize("label", [b"CERTIFICATE", b"X509 CERTIFICATE", b"TRUSTED CERTIFICATE"])
def test_what_stands_around_it_may_be_in_any_encoding(
    tmp_path: Path, papers: Papers, label: bytes
) -> None:
    path = tmp_path / "named.pem"
    block = papers.room.read_bytes().replace(b"CERTIFICATE", label)
    path.write_bytes(b"subject=O = Universit\xe4tsklinikum M\xc3\xbcnchen\r\n" + block)
    assert Validity.read(path) == Validity.read(papers.room)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no certificate",
        b"-----BEGIN CERTIFICATE-----\n",
        b"-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
        b"-----BEGIN CERTIFICATE-----\nMAMCAQE=\n-----END CERTIFICATE-----\n",
        b"-----BEGIN CERTIFICATE-----\nMIQ=\n-----END CERTIFICATE-----\n",
        b"-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n",
        b"\xff\xfe",
    ],
)
def test_what_is_no_certificate(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "some.pem"
    path.write_bytes(content)
    with pytest.raises(SettingsError, match="holds no certificate"):
        Validity.read(path)


def test_a_certificate_cut_anywhere_is_none(tmp_path: Path, papers: Papers) -> None:
    lines = papers.room.read_text().splitlines()
    path = tmp_path / "cut.pem"
    for kept in range(1, 5):
        path.write_text("\n".join([*lines[:kept], lines[-1], ""]))
        with pytest.raises(SettingsError, match="holds no certificate"):
            Validity.read(path)
    with pytest.raises(SettingsError, match="No such file"):
        Validity.read(tmp_path / "none.pem")


def test_names_are_dns_names_and_common_names_alone() -> None:
    certificate = {
        "subject": ((("organizationName", "Hospital"),), (("commonName", "ROOM1"),)),
        "subjectAltName": (
            ("DNS", "Room1.Example.Org"),
            ("IP Address", "10.0.0.1"),
            ("URI", "urn:x"),
        ),
    }
    assert names_in(certificate) == {"room1", "room1.example.org"}
    assert names_in({}) == frozenset()
