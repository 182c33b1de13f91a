"""What went wrong on a connection, for an administrator."""

import ssl


def in_words(error: BaseException) -> str:
    """Say what an error of a socket, of TLS or of its files means; no address, no data."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return error.verify_message
    if isinstance(error, ssl.SSLError) and error.reason:
        return error.reason.replace("_", " ").lower()
    return error.strerror or type(error).__name__ if isinstance(error, OSError) else str(error)
