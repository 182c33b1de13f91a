"""What `firstread doctor` says of the listener's ports, and of certificates on all sides."""

import stat
from collections.abc import Iterator
from functools import partial
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from commands.check import Check, Verdict, attempt
from core.clock import now
from core.errors import SettingsError
from core.networks import ANY_NETWORK
from core.settings import Settings
from db.models import Peer
from gateway.carrier import Address
from gateway.socket_errors import in_words
from gateway.tls.certificate import Validity
from gateway.tls.client import Tls, client_context
from gateway.tls.door import server_context

_SOON_DAYS: Final = 30
_NOT_THE_OWNER: Final = stat.S_IWGRP | stat.S_IXGRP | stat.S_IRWXO
"""A group may read a key, as Debian's `ssl-cert` does, where root owns it."""


def listener_checks(settings: Settings) -> Iterator[Check]:
    """Look at both ports of the DICOM listener."""
    yield _plain_port(settings)
    yield attempt("TLS port", partial(_tls_port, settings))


def peer_files_check(address: Address, settings: Settings) -> Check | None:
    """Look at the files for TLS with a peer; None where it is spoken to without TLS."""
    files = address.tls_files
    if files is None:
        return None
    return attempt(f"TLS with {address.name}", partial(_peer_files, address, files, settings))


def calls_check(peer: Peer, settings: Settings) -> Check | None:
    """Say that a peer without TLS of its own cannot call, where its certificate is asked for."""
    if peer.tls or not peer.certificate_names or settings.gateway.tls.enabled:
        return None
    words = "it cannot call us: it has certificate_names, and gateway.tls is off"
    return Check(f"calls of {peer.name}", Verdict.REMARK, words)


def certificate_check(name: str, certificate: Path, key: Path, words: str) -> Check:
    """Look at a certificate of ours and its key.

    Parameters
    ----------
    name
        Of the check.
    certificate, key
        Their files (PEM).
    words
        What is said of it where all is well.

    Raises
    ------
    SettingsError
        If the key cannot be looked at, or others may use it.
    """
    _check_mode(key)
    return _by_validity(name, certificate, words)


def _plain_port(settings: Settings) -> Check:
    ours = settings.gateway
    name = "plain port"
    if not ours.plain:
        return Check(name, Verdict.OK, "closed")
    where = f"{ours.host}:{ours.port}, unencrypted"
    if ours.allow_unknown_peers:
        words = f"{where}: takes films from whoever can connect (gateway.allow_unknown_peers)"
        return Check(name, Verdict.REMARK, words)
    if set(ours.networks) >= set(ANY_NETWORK) and not _is_loopback(ours.host):
        words = f"{where}: open to every network, and an AE title proves nothing; see "
        return Check(name, Verdict.REMARK, words + "gateway.networks and gateway.tls")
    return Check(name, Verdict.OK, where)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _tls_port(settings: Settings) -> str | Check:
    ours = settings.gateway.tls
    if not ours.enabled or ours.certificate_file is None or ours.key_file is None:
        return "off"
    _check_mode(ours.key_file)
    try:
        server_context(ours)
    except SettingsError as error:
        message = f"{error}; a gateway that runs goes on with the files that it has"
        raise SettingsError(message) from error
    where = f"{settings.gateway.host}:{ours.port}, {ours.profile}"
    return _by_validity("TLS port", ours.certificate_file, where)


def _peer_files(address: Address, files: Tls, settings: Settings) -> Check:
    name = f"TLS with {address.name}"
    if files.key_file:
        _check_mode(Path(files.key_file))
    try:
        client_context(files)
    except (OSError, ValueError) as error:
        message = f"its files cannot be used ({in_words(error)})"
        raise SettingsError(message) from error
    words = f"trusts {files.ca_file or 'the authorities of this system'}"
    check = Check(name, Verdict.OK, f"{words}; we show no certificate")
    if files.certificate_file:
        check = _by_validity(name, Path(files.certificate_file), words)
    if address.protocol != "dicom" or settings.gateway.tls.enabled:
        return check
    verdict = Verdict.REMARK if check.verdict is Verdict.OK else check.verdict
    return Check(name, verdict, f"{check.words}; it cannot call us, since gateway.tls is off")


def _by_validity(name: str, certificate: Path, words: str) -> Check:
    try:
        validity, at = Validity.read(certificate), now()
    except SettingsError as error:
        # OpenSSL has taken it before, which is what counts.
        return Check(name, Verdict.REMARK, f"{words}; until when is not known ({error})")
    days = validity.days_left(at)
    if at < validity.first:
        return Check(name, Verdict.WRONG, f"{certificate} is good from {validity.first:%F} only")
    if at > validity.last:
        return Check(name, Verdict.WRONG, f"{certificate} expired on {validity.last:%F}")
    words = f"{words}; our certificate is good for {days} days, until {validity.last:%F}"
    return Check(name, Verdict.REMARK if days < _SOON_DAYS else Verdict.OK, words)


def _check_mode(key: Path) -> None:
    """Refuse a key that others can use.

    Raises
    ------
    SettingsError
        If they can, or the file cannot be looked at.
    """
    try:
        seen = key.stat()
    except OSError as error:
        message = f"{key}: {error.strerror}"
        raise SettingsError(message) from error
    mode = stat.S_IMODE(seen.st_mode)
    if mode & _NOT_THE_OWNER or (mode & stat.S_IRGRP and seen.st_uid):
        message = f"{key} has mode {mode:04o}: others may use the key; chmod 600"
        raise SettingsError(message)
