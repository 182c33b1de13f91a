"""The listener's side of TLS: both sides show a certificate, and renewed files are taken.

The files are looked at before each handshake, in the thread of the connection that wants one; while
one looks, the others go on with what there is, since a file on a mount that hangs may keep a look
for ever. What cannot be used does not take the place of what could: the door goes on with the
certificate that it has, and says so once for each change.
"""

import socket
import ssl
import threading
from contextlib import ExitStack
from pathlib import Path

import structlog

from core.clock import now
from core.door_settings import TlsSettings
from core.errors import SettingsError
from core.sparing_log import SparingLog
from gateway.socket_errors import in_words
from gateway.tls.certificate import Validity
from gateway.tls.handshake import shake_hands
from gateway.tls.profile import restrict

_log = structlog.get_logger()
_Stamp = tuple[tuple[int, int, int], ...]


def server_context(settings: TlsSettings) -> ssl.SSLContext:
    """Build a context that lets in nobody without a certificate of the authorities.

    Raises
    ------
    SettingsError
        If a file is missing or cannot be used, or the key does not belong to the certificate.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    restrict(context, settings.profile)
    # Each connection shows its certificate: none comes back by a ticket of an earlier one.
    context.options |= ssl.OP_NO_TICKET | ssl.OP_CIPHER_SERVER_PREFERENCE
    context.num_tickets = 0
    context.verify_mode = ssl.CERT_REQUIRED
    for path in _files(settings):
        # OpenSSL would wait for what somebody writes into a pipe.
        if path.exists() and not path.is_file():
            message = f"gateway.tls: {path} is no file"
            raise SettingsError(message)
    what = "certificate_file or key_file"
    certificate, key = str(settings.certificate_file), str(settings.key_file)
    try:
        context.load_cert_chain(certificate, key, _no_password)
        what = "ca_file"
        context.load_verify_locations(str(settings.ca_file))
    except (OSError, ValueError) as error:
        message = f"gateway.tls: {what} cannot be used ({in_words(error)})"
        raise SettingsError(message) from error
    return context


def _files(settings: TlsSettings) -> list[Path]:
    named = (settings.certificate_file, settings.key_file, settings.ca_file)
    return [path for path in named if path is not None]


def _no_password() -> str:
    """Keep OpenSSL from asking a terminal."""
    message = "the key is encrypted"
    raise ValueError(message)


class TlsDoor:
    """Turns accepted connections into ones that are encrypted and authenticated.

    Parameters
    ----------
    settings
        With the files.

    Raises
    ------
    SettingsError
        If they cannot be used.
    """

    def __init__(self, settings: TlsSettings) -> None:
        self._settings = settings
        self._files = _files(settings)
        self._refused = SparingLog("tls_refused")
        self._lock = threading.Lock()
        self._stamp = self._stamp_now()
        self._context = self._loaded()

    def secure(self, connection: socket.socket) -> ssl.SSLSocket:
        """Shake hands with a caller; the connection is closed where that fails.

        Returns
        -------
        ssl.SSLSocket
            With the time-out that the connection had.

        Raises
        ------
        OSError
            If it takes too long, or either side does not like what the other shows.
        """
        context, timeout = self._current(), connection.gettimeout()
        with ExitStack() as on_failure:
            on_failure.enter_context(connection)
            address = connection.getpeername()[0]
            secured = context.wrap_socket(
                connection, server_side=True, do_handshake_on_connect=False
            )
            on_failure.enter_context(secured)
            try:
                shake_hands(secured, self._settings.handshake_seconds)
            except OSError as error:
                self._refused.tell(address=address, reason=in_words(error))
                raise
            secured.settimeout(timeout)
            on_failure.pop_all()
        return secured

    def _current(self) -> ssl.SSLContext:
        """Give the context of the files as they are, or as they were when they were last good."""
        if self._lock.acquire(blocking=False):
            try:
                stamp = self._stamp_now()
                if stamp != self._stamp:
                    self._stamp = stamp
                    self._reload()
            finally:
                self._lock.release()
        return self._context

    def _reload(self) -> None:
        try:
            self._context = self._loaded()
        except SettingsError as error:
            _log.error("tls_files_not_taken", error=str(error))

    def _loaded(self) -> ssl.SSLContext:
        context = server_context(self._settings)
        try:
            until = Validity.read(self._files[0]).last
        except SettingsError as error:
            # OpenSSL took it, and it is OpenSSL that shows it.
            _log.warning("tls_files_taken", certificate_until=None, error=str(error))
            return context
        if until < now():
            _log.error("tls_certificate_expired", certificate_until=until.isoformat())
        else:
            _log.info("tls_files_taken", certificate_until=until.isoformat())
        return context

    def _stamp_now(self) -> _Stamp:
        return tuple(_stamp(path) for path in self._files)


def _stamp(path: Path) -> tuple[int, int, int]:
    try:
        seen = path.stat()
    except OSError:
        return (0, 0, 0)
    return (seen.st_ino, seen.st_size, seen.st_mtime_ns)
