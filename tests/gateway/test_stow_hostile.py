"""Clients of the HTTP door that lie, stall or send too much, over raw sockets.

Covered: bodies that are cut, malformed, too large or of too many parts; heads and parts with too
many headers; names that look like paths; silence at every stage; chunked bodies; noise.
"""

import json
import os
import random
import socket
import tracemalloc
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from db.spool import Spool
from gateway import stow, stow_request
from gateway.http_server import HeadProtocol
from gateway.stow_body import BodyLimits, BodyReader, MalformedBodyError, Part
from tests.gateway.objects import film
from tests.gateway.stow_client import (
    BOUNDARY,
    HttpEdge,
    body,
    file_bytes,
    head,
    open_http_edge,
    post,
    raw,
    until_closed,
)
from tests.waiting import wait_until


@pytest.fixture
def edge(tmp_path: Path) -> Iterator[HttpEdge]:
    with open_http_edge(tmp_path / "edge", idle_seconds=0.5) as opened:
        yield opened
        # Whatever was sent, nothing half received is left, and it still answers.
        wait_until(lambda: opened.leftovers() == [], 10.0, "the temporary files to go")
        before = len(opened.instances())
        assert post(opened.port, body([file_bytes(film(seed=99), tmp_path)]))[0] == 200
        assert len(opened.instances()) == before + 1


def _status(answer: bytes) -> int:
    assert answer.startswith(b"HTTP/1.1 "), answer[:100]
    return int(answer.split(b" ")[1])


def test_a_body_that_ends_before_its_last_boundary(edge: HttpEdge, tmp_path: Path) -> None:
    content = body([file_bytes(film(), tmp_path)], closed=False)
    assert post(edge.port, content)[0] == 400
    assert edge.empty


def test_what_came_whole_before_the_body_was_cut_is_told(edge: HttpEdge, tmp_path: Path) -> None:
    first, second = film(), film(seed=1)
    content = body([file_bytes(first, tmp_path), file_bytes(second, tmp_path)], closed=False)
    status, _, module = post(edge.port, content[:-1000])
    answer = json.loads(module)
    assert status == 202
    assert answer["00081199"]["Value"][0]["00081155"]["Value"] == [first.SOPInstanceUID]
    assert len(answer["0008119A"]["Value"]) == 1
    assert [row.uid for row in edge.instances()] == [first.SOPInstanceUID]


def test_a_client_that_goes_in_the_middle(edge: HttpEdge, tmp_path: Path) -> None:
    content = body([file_bytes(film(), tmp_path)])
    with socket.create_connection(("127.0.0.1", edge.port), 10.0) as connection:
        connection.sendall(head(len(content)) + content[:-500])
    wait_until(lambda: edge.leftovers() == [], 10.0, "the temporary file to go")
    assert edge.empty


def test_a_body_that_is_longer_than_its_length_says(edge: HttpEdge, tmp_path: Path) -> None:
    content = body([file_bytes(film(), tmp_path)])
    assert _status(raw(edge.port, head(len(content) - 40) + content)) == 400
    assert edge.empty


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no multipart at all",
        b"--another\r\n\r\nabc\r\n--another--\r\n",
        f"--{BOUNDARY}--\r\n".encode(),
        f"--{BOUNDARY}".encode(),
        f"--{BOUNDARY}\r\n".encode(),
        f"--{BOUNDARY}\r\nContent-Type".encode(),
        f"--{BOUNDARY}\r\n: application/dicom\r\n\r\nabc\r\n--{BOUNDARY}--\r\n".encode(),
        f"--{BOUNDARY}\r\nContent-Type application/dicom\r\n\r\n\r\n--{BOUNDARY}--".encode(),
        f"--{BOUNDARY}\nContent-Type: application/dicom\n\nabc\n--{BOUNDARY}--\n".encode(),
    ],
)
def test_a_body_that_is_no_multipart_message(edge: HttpEdge, content: bytes) -> None:
    assert post(edge.port, content)[0] == 400
    assert edge.empty


@pytest.mark.parametrize("kind", ["application/json", "text/html", "application/dicom+json"])
def test_a_part_that_is_no_dicom(edge: HttpEdge, tmp_path: Path, kind: str) -> None:
    headers = f"Content-Type: {kind}\r\n"
    assert post(edge.port, body([file_bytes(film(), tmp_path)], headers=headers))[0] == 409
    assert edge.empty
    assert edge.quarantine() == []


def test_a_request_of_junk_is_ended(
    edge: HttpEdge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stow_request, "MOST_JUNK", 3)
    junk = [f"no DICOM {number}".encode() for number in range(20)]
    assert post(edge.port, body(junk))[0] == 413
    assert len(edge.quarantine()) == 4
    first, last = (file_bytes(film(seed=seed), tmp_path) for seed in (0, 1))
    assert post(edge.port, body([first, *junk, last]))[0] == 202
    assert len(edge.instances()) == 1
    assert len(edge.quarantine()) == 4


def test_a_request_with_some_junk_is_read_to_its_end(
    edge: HttpEdge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stow_request, "MOST_JUNK", 3)
    junk = [f"no DICOM {number}".encode() for number in range(3)]
    assert post(edge.port, body([*junk, file_bytes(film(), tmp_path)]))[0] == 202
    assert len(edge.instances()) == 1


def test_names_of_parts_are_never_used(edge: HttpEdge, tmp_path: Path) -> None:
    headers = (
        "Content-Type: application/dicom; transfer-syntax=../../etc\r\n"
        'Content-Disposition: attachment; name="x"; filename="../../../evil.dcm"\r\n'
        "Content-Location: /etc/passwd\r\n"
        "Content-ID: <'; DROP TABLE instance; -->\r\n"
    )
    before = {path for path in tmp_path.rglob("*") if "edge" not in path.parts}
    content = file_bytes(film(), tmp_path / "made")
    assert post(edge.port, body([content], headers=headers))[0] == 200
    (row,) = edge.instances()
    assert Path(row.path).is_relative_to(edge.spool.folder)
    new = {path for path in tmp_path.rglob("*") if "edge" not in path.parts} - before
    assert {path.parent.name for path in new if path.is_file()} == {"made"}


def test_too_many_or_too_long_headers_of_a_part(edge: HttpEdge, tmp_path: Path) -> None:
    content = file_bytes(film(), tmp_path)
    flood = "".join(f"X-{number}: y\r\n" for number in range(100))
    assert post(edge.port, body([content], headers=flood))[0] == 400
    long = f"Content-Type: application/dicom; x={'y' * 10_000}\r\n"
    assert post(edge.port, body([content], headers=long))[0] == 400
    assert edge.empty


def test_too_many_headers_of_the_request(edge: HttpEdge) -> None:
    flood = [f"X-{number}: {'y' * 100}" for number in range(1000)]
    assert _status(raw(edge.port, head(0, *flood))) == 400


def test_a_thousand_tiny_parts(edge: HttpEdge) -> None:
    status, _, module = post(edge.port, body([b"x"] * 1000, headers=""))
    assert status == 413
    # Those that were looked at, and the body as such.
    assert len(json.loads(module)["0008119A"]["Value"]) == stow_request.MOST_JUNK + 2
    assert edge.empty


def test_more_parts_than_allowed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stow, "MOST_PARTS", 3)
    with open_http_edge(tmp_path / "edge") as edge:
        assert post(edge.port, body([b"x"] * 3, headers=""))[0] == 409
        assert post(edge.port, body([b"x"] * 4, headers=""))[0] == 413
        assert edge.empty


def test_an_object_that_is_too_large(tmp_path: Path) -> None:
    small = file_bytes(film(), tmp_path)
    large = file_bytes(film(Rows=256, Columns=256, PixelData=bytes(1 << 17)), tmp_path)
    with open_http_edge(tmp_path / "edge", maximum_object_bytes=len(small) + 100) as edge:
        assert post(edge.port, body([large]))[0] == 413
        status, _, module = post(edge.port, body([large, small]))
        assert status == 202
        assert json.loads(module)["0008119A"]["Value"][0]["00081197"]["Value"] == [0xA700]
        assert len(edge.instances()) == 1
        assert edge.leftovers() == []


def test_a_request_that_is_too_large(tmp_path: Path) -> None:
    content = body([file_bytes(film(), tmp_path)] * 3)
    with open_http_edge(tmp_path / "edge", maximum_request_bytes=len(content) - 1) as edge:
        assert post(edge.port, content)[0] == 413
        chunks = [f"{len(content):x}\r\n".encode() + content + b"\r\n0\r\n\r\n"]
        answer = raw(edge.port, head(None, "Transfer-Encoding: chunked"), *chunks)
        assert _status(answer) in {202, 413}
        assert len(edge.instances()) <= 1
        assert edge.leftovers() == []


def test_a_body_in_tiny_chunks(edge: HttpEdge, tmp_path: Path) -> None:
    content = body([file_bytes(film(), tmp_path)] * 2)
    pieces = [content[start : start + 37] for start in range(0, len(content), 37)]
    chunks = b"".join(f"{len(piece):x}\r\n".encode() + piece + b"\r\n" for piece in pieces)
    answer = raw(edge.port, head(None, "Transfer-Encoding: chunked"), chunks + b"0\r\n\r\n")
    assert _status(answer) == 200
    assert len(edge.instances()) == 1


def test_a_client_that_falls_silent_in_the_body(edge: HttpEdge, tmp_path: Path) -> None:
    content = body([file_bytes(film(), tmp_path)])
    assert _status(raw(edge.port, head(len(content)) + content[:-100])) == 408
    assert edge.empty


def test_a_client_that_is_busy_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stow, "_LONGEST_SECONDS", 0.0)
    with open_http_edge(tmp_path / "edge") as edge:
        assert post(edge.port, body([file_bytes(film(), tmp_path)]))[0] == 408
        assert edge.empty


def test_a_client_that_never_finishes_its_head(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(HeadProtocol, "head_seconds", 0.3)
    with (
        open_http_edge(tmp_path / "edge") as edge,
        socket.create_connection(("127.0.0.1", edge.port), 10.0) as connection,
    ):
        connection.sendall(b"POST /dicom-web/studies HTTP/1.1\r\nHost: x\r\n")
        assert until_closed(connection) == b""


def test_those_who_ask_for_nothing_keep_nobody_out(tmp_path: Path) -> None:
    """One stranger begins more requests than there are places, and goes on with each of them."""
    content = file_bytes(film(), tmp_path)
    with open_http_edge(tmp_path / "edge") as edge, ExitStack() as begun:
        places = edge.settings.gateway.maximum_associations
        for _ in range(places + 10):
            client = begun.enter_context(socket.create_connection(("127.0.0.1", edge.port), 10.0))
            client.sendall(b"POST /dicom-web/studies HTTP/1.1\r\nX: y\r\n")
        assert post(edge.port, body([content]))[0] == 200
        assert len(edge.instances()) == 1


def test_those_who_are_sending_are_not_cut_for_others(tmp_path: Path) -> None:
    """Where all places are theirs the next is asked to come again."""
    content = body([file_bytes(film(), tmp_path)])
    with open_http_edge(tmp_path / "edge") as edge, ExitStack() as sending:
        halves = []
        for _ in range(edge.settings.gateway.maximum_associations - 1):
            client = sending.enter_context(socket.create_connection(("127.0.0.1", edge.port), 10.0))
            client.sendall(head(len(content), "Expect: 100-continue"))
            assert client.recv(64).startswith(b"HTTP/1.1 100")
            halves.append(client)
        assert post(edge.port, content)[0] == 503
        halves[0].sendall(content)
        assert _status(until_closed(halves[0])) == 200


@pytest.mark.parametrize(
    "noise",
    [
        b"\x00" * 4096,
        b"POST /dicom-web/studies HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST /dicom-web/studies HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(100),
    ],
)
def test_noise(edge: HttpEdge, noise: bytes) -> None:
    assert _status(raw(edge.port, noise)) == 400
    assert edge.empty


def test_a_boundary_that_stands_in_the_pixels(edge: HttpEdge, tmp_path: Path) -> None:
    # Only a whole line that begins with it ends a part; a client has to choose another.
    near = f"\r\n--{BOUNDARY[:-1]}".encode() * 100 + f"--{BOUNDARY}".encode()
    pixels = near + os.urandom(64 * 48 * 2 - len(near))
    assert post(edge.port, body([file_bytes(film(PixelData=pixels), tmp_path)]))[0] == 200


def _parts_of(content: bytes, cuts: list[int], spool: Spool) -> list[bytes]:
    found: list[bytes] = []

    def take(part: Part) -> None:
        assert part.incoming.error is None
        found.append(part.incoming.path.read_bytes())

    limits = BodyLimits(100, 1 << 20, 1 << 24)
    with BodyReader(BOUNDARY.encode(), spool, limits, take) as reader:
        for start, end in zip([0, *cuts], [*cuts, len(content)], strict=True):
            reader.feed(content[start:end])
        reader.finish()
    return found


def test_however_a_body_is_cut_its_parts_are_the_same(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool", 0)
    chance = random.Random(7)  # noqa: S311 - pieces of a test
    parts = [chance.randbytes(size) for size in (0, 1, 200, 3000)]
    parts.append(f"\r\n--{BOUNDARY}"[:-1].encode() * 3)
    content = body(parts)
    for _ in range(50):
        cuts = sorted(chance.sample(range(1, len(content)), 7))
        assert _parts_of(content, cuts, spool) == parts
    assert list((spool.folder / "incoming").iterdir()) == []


def test_a_body_cut_anywhere_is_never_taken_for_whole(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool", 0)
    content = body([b"abc", b"defg"])
    whole = len(content) - len(b"\r\n")  # what follows the last boundary is nobody's
    for end in range(whole):
        with pytest.raises(MalformedBodyError):
            _parts_of(content[:end], [], spool)
    assert _parts_of(content[:whole], [], spool) == [b"abc", b"defg"]


def test_a_large_body_is_never_in_memory(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool", 0)
    head_of_part = f"--{BOUNDARY}\r\nContent-Type: application/dicom\r\n\r\n".encode()
    piece = os.urandom(1 << 20)
    sizes: list[int] = []

    def take(part: Part) -> None:
        sizes.append(part.incoming.path.stat().st_size)

    tracemalloc.start()
    with BodyReader(BOUNDARY.encode(), spool, BodyLimits(1, 1 << 30, 1 << 30), take) as reader:
        reader.feed(head_of_part)
        for _ in range(64):
            reader.feed(piece)
        reader.feed(f"\r\n--{BOUNDARY}--".encode())
        reader.finish()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sizes == [64 << 20]
    assert peak < 8 << 20


def test_nobody_elses_values_come_back_or_are_logged(
    edge: HttpEdge, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content = body([file_bytes(film(SOPInstanceUID="<b>x</b>"), tmp_path), b"Testfrau^Erika"])
    status, _, module = post(edge.port, content, X_Patient="Testfrau")
    assert status == 409
    written: Any = module.decode() + "".join(capsys.readouterr())
    assert "Testfrau" not in written
    assert "<b>" not in written
