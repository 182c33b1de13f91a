"""FirstRead as a client: sends files and echoes, one association for each call."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydicom.filereader import read_file_meta_info
from pydicom.uid import ImplicitVRLittleEndian
from pynetdicom import build_context
from pynetdicom.presentation import PresentationContext

from core.errors import PeerUnavailableError, RefusedByPeerError, UnreadableObjectError
from core.networks import PRIVATE_NETWORKS, Network
from gateway.association import open_association, store_file
from gateway.contexts import VERIFICATION
from gateway.statuses import Verdict, in_words, judge
from gateway.tls.client import Tls

MOST_CONTEXTS = 128
"""PS3.8 section 9.3.2.2: context ids are the odd numbers from 1 to 255."""


@dataclass(frozen=True, slots=True)
class SendResult:
    """What became of one file.

    Parameters
    ----------
    path
        The file.
    sop_instance_uid
        As its file meta information says.
    status
        The peer's status; None where none came.
    words
        The outcome in words.
    """

    path: Path
    sop_instance_uid: str
    status: int | None
    words: str

    @property
    def stored(self) -> bool:
        """Whether the peer says that it has the object."""
        return self.status is not None and judge(self.status).verdict is Verdict.STORED


@dataclass(frozen=True, slots=True)
class DicomFile:
    """What has to be known of a file before it is sent.

    Parameters
    ----------
    path
        The file.
    sop_class_uid, sop_instance_uid, transfer_syntax_uid
        As its file meta information says.
    """

    path: Path
    sop_class_uid: str
    sop_instance_uid: str
    transfer_syntax_uid: str


def send_files(
    paths: Iterable[Path],
    host: str,
    port: int,
    *,
    called_ae: str,
    calling_ae: str,
    timeout: float = 30.0,
    tls: Tls | None = None,
    networks: Sequence[Network] = PRIVATE_NETWORKS,
) -> list[SendResult]:
    """Send files over one association, each as the bytes it is.

    Parameters
    ----------
    paths
        Files in the format of PS3.10.
    host, port
        Where the peer listens.
    called_ae, calling_ae
        AE titles.
    timeout
        Seconds of silence after which the peer counts as away.
    tls, networks
        As for `open_association`.

    Returns
    -------
    list of SendResult
        One for each file, in their order; a file that was refused has its reason.

    Raises
    ------
    UnreadableObjectError
        If a file has no usable file meta information; nothing was sent then.
    PeerUnavailableError
        If there is no association.
    RefusedByPeerError
        If the peer accepts no context at all.
    ValueError
        If the files need more contexts than an association has.
    """
    files = [describe(path) for path in paths]
    if not files:
        return []
    results = []
    with open_association(
        host,
        port,
        called_ae=called_ae,
        calling_ae=calling_ae,
        contexts=propose(files),
        timeout=timeout,
        tls=tls,
        networks=networks,
    ) as association:
        for file in files:
            status: int | None = None
            try:
                status, comment = store_file(association, file.path)
                words = in_words(status, comment)
            except (PeerUnavailableError, RefusedByPeerError) as error:
                words = str(error)
            results.append(SendResult(file.path, file.sop_instance_uid, status, words))
    return results


def echo(
    host: str,
    port: int,
    *,
    called_ae: str,
    calling_ae: str,
    timeout: float = 10.0,
    tls: Tls | None = None,
    networks: Sequence[Network] = PRIVATE_NETWORKS,
) -> None:
    """Ask a peer by C-ECHO whether it is there; the parameters are those of `open_association`.

    Raises
    ------
    PeerUnavailableError
        If it does not answer, or not with success.
    RefusedByPeerError
        If it does not accept Verification.
    """
    with open_association(
        host,
        port,
        called_ae=called_ae,
        calling_ae=calling_ae,
        contexts=[build_context(VERIFICATION)],
        timeout=timeout,
        tls=tls,
        networks=networks,
    ) as association:
        answer = association.send_c_echo()
        if answer.get("Status") != 0:
            status = answer.get("Status")
            message = "no answer to C-ECHO" if status is None else in_words(int(status))
            raise PeerUnavailableError(message, status)


def describe(path: Path) -> DicomFile:
    """Read what has to be known of a file before it is sent.

    Raises
    ------
    UnreadableObjectError
        If it has no usable file meta information.
    """
    try:
        meta = read_file_meta_info(path)
        return DicomFile(
            path,
            str(meta.MediaStorageSOPClassUID),
            str(meta.MediaStorageSOPInstanceUID),
            str(meta.TransferSyntaxUID),
        )
    except Exception as error:
        message = f"{path.name} has no usable file meta information ({type(error).__name__})"
        raise UnreadableObjectError(message) from error


def propose(files: Sequence[DicomFile]) -> list[PresentationContext]:
    """Propose each pair of class and transfer syntax, and one for Verification.

    The last keeps the association alive where all the others are refused, so that each file
    gets its own answer.
    """
    pairs = {(file.sop_class_uid, file.transfer_syntax_uid) for file in files}
    if len(pairs) >= MOST_CONTEXTS:
        message = f"{len(pairs)} kinds of objects need more contexts than an association has"
        raise ValueError(message)
    return [
        build_context(VERIFICATION, ImplicitVRLittleEndian),
        *(build_context(sop_class, syntax) for sop_class, syntax in sorted(pairs)),
    ]
