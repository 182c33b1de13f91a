"""A client's socket that was connected before the association was asked for.

Covered: what a requestor sees that comes to look late, and that no answer waits for a delayed
acknowledgement. All else is seen through associations (test_scu.py, test_tls_dcmtk.py).
"""

import threading
import time
from pathlib import Path
from typing import Any

import pytest

from core.errors import PeerUnavailableError
from evaluation.servers.storescp import storescp
from gateway.association import open_association, store_file
from gateway.scu import describe, echo, propose
from gateway.sockets import ConnectedSocket
from tests.gateway.edge import Edge
from tests.gateway.objects import film_file
from tests.waiting import wait_until


def test_a_rejection_is_seen_though_the_connection_is_closed_by_then(
    edge: Edge, monkeypatch: pytest.MonkeyPatch
) -> None:
    build = ConnectedSocket.__init__

    class Late(threading.Event):
        """Lets whoever waits for the connection come when it is gone again."""

        def __init__(self, socket: ConnectedSocket) -> None:
            super().__init__()
            self._socket = socket

        def wait(self, timeout: float | None = None) -> bool:
            ready = super().wait(timeout)
            wait_until(lambda: self._socket.socket is None, 20.0, "the connection to be closed")
            return ready

    def build_late(self: ConnectedSocket, *arguments: Any) -> None:
        build(self, *arguments)
        self._ready = Late(self)

    monkeypatch.setattr(ConnectedSocket, "__init__", build_late)
    with pytest.raises(PeerUnavailableError, match="rejected the association"):
        echo("127.0.0.1", edge.port, called_ae="SOMEBODY", calling_ae="DCMTK")


def test_no_answer_waits_for_a_delayed_acknowledgement(tmp_path: Path) -> None:
    film = film_file(tmp_path)
    taken = []
    with (
        storescp(tmp_path / "peer") as peer,
        open_association(
            "127.0.0.1",
            peer.port,
            called_ae=peer.ae_title,
            calling_ae="TEST",
            contexts=propose([describe(film)]),
            timeout=30.0,
        ) as association,
    ):
        for _ in range(12):
            begun = time.perf_counter()
            assert store_file(association, film)[0] == 0
            taken.append(time.perf_counter() - begun)
    # Delayed, each takes 40 ms and more; the quickest of them, however busy the machine is.
    assert min(taken) < 0.03
