"""A TLS handshake that ends when it should, whatever the other side does."""

import errno
import selectors
import socket
import ssl
import time


def shake_hands(connection: ssl.SSLSocket, seconds: float) -> None:
    """Complete a handshake; the socket is left without a wait (its time-out is 0).

    Parameters
    ----------
    connection
        Wrapped with `do_handshake_on_connect=False`.
    seconds
        For all of it: a byte now and then pushes the end not back.

    Raises
    ------
    OSError
        If it fails (`ssl.SSLError`), or takes longer.
    ValueError
        If the other side's certificate cannot be compared with its name.
    """
    deadline = time.monotonic() + seconds
    connection.settimeout(0.0)
    while (remaining := deadline - time.monotonic()) > 0:
        try:
            connection.do_handshake()
        except ssl.SSLWantReadError:
            awaited(connection, selectors.EVENT_READ, remaining)
        except ssl.SSLWantWriteError:
            awaited(connection, selectors.EVENT_WRITE, remaining)
        else:
            return
    raise TimeoutError(errno.ETIMEDOUT, f"no handshake within {seconds:g} s")


def awaited(connection: socket.socket, event: int, seconds: float) -> bool:
    """Wait for an event of `selectors`; False where it did not come in time."""
    with selectors.DefaultSelector() as selector:
        selector.register(connection, event)
        return bool(selector.select(seconds))
