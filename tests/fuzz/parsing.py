"""The path of untrusted bytes through the parser, for fuzzers: nothing may escape it."""

from datetime import UTC
from pathlib import Path

from core.errors import UnreadableObjectError
from gateway.given import given_of
from gateway.headers import received_object
from gateway.size import refuse_huge
from gateway.view import view_of
from imaging.header import read_header


def parse(data: bytes, path: Path) -> str:
    """Take bytes as a file that was received, up to the facts that are kept of it.

    Parameters
    ----------
    data
        Anything.
    path
        A file that is overwritten.

    Returns
    -------
    str
        Why it is refused; empty where its facts could be gathered.
    """
    path.write_bytes(data)
    try:
        header = read_header(path)
        received_object(header, path, calling_ae="FUZZ", called_ae="FIRSTREAD", zone=UTC)
    except UnreadableObjectError as error:
        return str(error)
    refuse_huge(header, 1_000_000)
    given_of(header)
    view_of(header)
    return ""
