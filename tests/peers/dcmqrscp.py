"""dcmtk's dcmqrscp: a small archive of another make than Orthanc, to be asked and fetched from."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from evaluation.servers.process import ServerProcess, free_port
from tests.peers.dcmtk import echoscu, storescu
from tests.peers.programs import program

_CONFIGURATION = """\
NetworkTCPPort  = {port}
MaxPDUSize      = 16384
MaxAssociations = 16
HostTable BEGIN
{hosts}
HostTable END
VendorTable BEGIN
VendorTable END
AETable BEGIN
DCMQRSCP {folder} RW (500, 1024mb) ANY
AETable END
"""


@dataclass(frozen=True, slots=True)
class Dcmqrscp:
    """A running archive.

    Parameters
    ----------
    ae_title
        Its title.
    port
        Where it listens.
    """

    ae_title: str
    port: int


@contextmanager
def dcmqrscp(
    folder: Path, films: Sequence[Path], destinations: dict[str, int]
) -> Iterator[Dcmqrscp]:
    """Run an archive that holds these films, and knows these AE titles of 127.0.0.1 by port."""
    store = folder / "store"
    store.mkdir(parents=True)
    port = free_port()
    hosts = [
        f"host{number} = ({title}, 127.0.0.1, {where})"
        for number, (title, where) in enumerate(destinations.items())
    ]
    file = folder / "dcmqrscp.cfg"
    file.write_text(_CONFIGURATION.format(port=port, hosts="\n".join(hosts), folder=store))
    server = ServerProcess(
        [program("dcmqrscp", "dcmtk"), "--config", file],
        folder / "dcmqrscp.log",
        lambda: echoscu(port, called="DCMQRSCP").code == 0,
    )
    server.start()
    try:
        sent = storescu(films, port, called="DCMQRSCP")
        assert sent.statuses == [0] * len(films), sent.output[-2000:]
        yield Dcmqrscp("DCMQRSCP", port)
    finally:
        server.stop()
