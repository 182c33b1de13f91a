"""Kept result files that are no longer what was made, on their way to a peer.

Covered over real associations and connections, on SQLite: files that are empty, cut short, altered,
a folder in a file's place, in both protocols and in a dry run, and rows without a hash. Not
covered: a disk that fails while a file is being sent.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import update

from core.states import DeliveryState, SendingMode
from db.models import ResultObject
from tests.gateway.delivering_house import House, delivering_house
from tests.gateway.outgoing import ResultPeer, read_film, running
from tests.gateway.test_modes import put_into, send_again
from tests.peers.mllp import MllpPeer

SENT, FAILED, WAITING, REHEARSED = (
    DeliveryState.SENT,
    DeliveryState.FAILED,
    DeliveryState.WAITING,
    DeliveryState.REHEARSED,
)
ALTERED = "the object's file was altered or cut short since it was made, and was not sent"
UNREADABLE = "the object's file cannot be read"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with delivering_house(tmp_path / "house") as opened:
        yield opened


def empty(path: Path) -> None:
    path.write_bytes(b"")


def cut_short(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])


def altered(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-3] ^= 1
    path.write_bytes(data)


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def damage(house: House, peer: str, count: int, *ways: Callable[[Path], None]) -> list[Path]:
    """Damage the first results that wait for a paused peer, of two studies."""
    put_into(house, SendingMode.PAUSE, peer)
    for seed in range(2):
        read_film(house.db, house.spool, seed=seed)
    house.wait_for(count, WAITING, peer=peer)
    paths = [Path(delivery.result.path) for delivery in house.of(peer)]
    for how, path in zip(ways, paths, strict=False):
        how(path)
    return paths


def test_damaged_files_fail_alone_and_are_not_sent(house: House) -> None:
    ways = (empty, cut_short, altered, a_folder, empty)
    with ResultPeer() as pacs:
        house.peer("pacs", pacs.port)
        with running(house.settings, house.db, house.spool):
            damage(house, "pacs", 6, *ways)
            with house.db.write() as session:
                unknown = ResultObject.uid == house.of("pacs")[4].result.uid
                session.execute(update(ResultObject).where(unknown).values(sha256=""))
            put_into(house, SendingMode.SEND)
            house.wait_for(1, SENT)
            house.wait_for(5, FAILED)
        assert house.row("pacs").failures == 0
    *failed, sent = house.of("pacs")
    expected = [ALTERED, ALTERED, ALTERED, UNREADABLE, UNREADABLE]
    for delivery, words in zip(failed, expected, strict=True):
        assert delivery.words.startswith(words)
    assert pacs.tried == [sent.result.uid]


def test_a_damaged_message_fails_alone_and_is_not_sent(house: House, tmp_path: Path) -> None:
    with MllpPeer(tmp_path / "ris") as ris:
        house.ris("ris", ris.port)
        with running(house.settings, house.db, house.spool):
            damage(house, "ris", 2, altered)
            put_into(house, SendingMode.SEND, "ris")
            house.wait_for(1, SENT)
            house.wait_for(1, FAILED)
        assert len(ris.received) == 1
    assert house.of("ris", FAILED)[0].words == ALTERED


@pytest.mark.slow
def test_a_dry_run_says_what_would_fail_and_what_was_put_back_is_sent(house: House) -> None:
    with ResultPeer() as pacs:
        house.peer("pacs", pacs.port)
        with running(house.settings, house.db, house.spool):
            path = damage(house, "pacs", 6)[0]
            whole = path.read_bytes()
            cut_short(path)
            put_into(house, SendingMode.DRY_RUN)
            house.wait_for(6, REHEARSED)
            assert house.of("pacs")[0].words == f"rehearsed: would fail, {ALTERED}"
            put_into(house, SendingMode.SEND)
            assert send_again(house).again == 3
            house.wait_for(1, FAILED)
            house.wait_for(2, SENT)
            path.write_bytes(whole)
            assert send_again(house).again == 3
            house.wait_for(3, SENT)
