"""Sends any number of files of any kinds, over as many associations as that takes."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from core.errors import PeerUnavailableError, RefusedByPeerError, UnreadableObjectError
from gateway.address import PeerAddress
from gateway.association import associate, store_file
from gateway.scu import MOST_CONTEXTS, DicomFile, SendResult, describe, propose
from gateway.statuses import in_words


def send_many(paths: Iterable[Path], address: PeerAddress) -> Iterator[SendResult]:
    """Send files one after the other, each as the bytes it is.

    Parameters
    ----------
    paths
        The files; what is no DICOM file is told so, and holds up no other.
    address
        Of the peer.

    Yields
    ------
    SendResult
        One for each file, as soon as it is known: first those that are no DICOM files, then the
        others in their order. After an association was lost, the rest is tried over another one.
    """
    files = []
    for path in paths:
        try:
            files.append(describe(path))
        except UnreadableObjectError as error:
            yield SendResult(path, "", None, str(error))
    for group in _groups(files):
        yield from _send_group(group, address)


def _groups(files: Iterable[DicomFile]) -> Iterator[list[DicomFile]]:
    """Divide files so that the kinds of each group fit an association, beside Verification."""
    group: list[DicomFile] = []
    kinds: set[tuple[str, str]] = set()
    for file in files:
        kinds.add((file.sop_class_uid, file.transfer_syntax_uid))
        if len(kinds) >= MOST_CONTEXTS:
            yield group
            group, kinds = [], {(file.sop_class_uid, file.transfer_syntax_uid)}
        group.append(file)
    if group:
        yield group


def _send_group(group: Sequence[DicomFile], address: PeerAddress) -> Iterator[SendResult]:
    sent = 0
    while sent < len(group):
        try:
            for result in _over_one_association(group[sent:], address):
                sent += 1
                yield result
        except (PeerUnavailableError, RefusedByPeerError) as error:
            yield from (_failed(file, error) for file in group[sent:])
            return


def _over_one_association(files: Sequence[DicomFile], address: PeerAddress) -> Iterator[SendResult]:
    """Send until the association is lost; its first file at least is told of.

    A file whose association was lost under it is left for the next one, since whether the peer
    has it is unknown and sending it again is harmless.
    """
    with associate(address, propose(files)) as association:
        for number, file in enumerate(files):
            try:
                status, comment = store_file(association, file.path)
            except RefusedByPeerError as error:
                yield _failed(file, error)
            except PeerUnavailableError as error:
                if number == 0:
                    yield _failed(file, error)
                return
            else:
                words = in_words(status, comment)
                yield SendResult(file.path, file.sop_instance_uid, status, words)


def _failed(file: DicomFile, error: Exception) -> SendResult:
    return SendResult(file.path, file.sop_instance_uid, None, str(error))
