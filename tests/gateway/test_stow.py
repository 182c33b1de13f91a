"""STOW-RS over real HTTP, on SQLite: what is stored, and how everything is answered.

Covered: each status, the response module, media types, who may send, studies, durability, a disk
that is full and a database that is away, curl as a client. Not covered: bodies that are cut,
forged or endless (test_stow_hostile).
"""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydicom import dcmread
from pydicom.uid import CTImageStorage, generate_uid

from core.errors import DatabaseAwayError, SettingsError
from core.settings import DicomwebSettings
from core.states import FilmState, Purpose
from db.engine import Database
from gateway.dicomweb import open_dicomweb
from gateway.statuses import StoreStatus
from gateway.stow_senders import read_tokens
from tests.gateway.edge import add_peer
from tests.gateway.objects import film
from tests.gateway.stow_client import (
    BOUNDARY,
    CONTENT_TYPE,
    STUDIES,
    HttpEdge,
    body,
    file_bytes,
    open_http_edge,
    post,
)

TOKEN = "a-token-of-more-than-20-characters"  # noqa: S105 - of nobody


@pytest.fixture
def edge(tmp_path: Path) -> Iterator[HttpEdge]:
    with open_http_edge(tmp_path / "edge") as opened:
        yield opened


def stored(module: bytes) -> list[str]:
    """Give the SOP Instance UIDs of Referenced SOP Sequence."""
    return [item["00081155"]["Value"][0] for item in _items(module, "00081199")]


def failed(module: bytes) -> list[tuple[str, int]]:
    """Give the UIDs and reasons of Failed SOP Sequence, and of Other Failures Sequence."""
    items = [*_items(module, "00081198"), *_items(module, "0008119A")]
    return [
        (item.get("00081155", {"Value": [""]})["Value"][0], item["00081197"]["Value"][0])
        for item in items
    ]


def _items(module: bytes, tag: str) -> list[dict[str, Any]]:
    values: list[dict[str, Any]] = json.loads(module).get(tag, {"Value": []})["Value"]
    return values


def test_films_are_durable_queued_and_rung_for(edge: HttpEdge, tmp_path: Path) -> None:
    films = [film(seed=seed) for seed in range(3)]
    status, headers, module = post(edge.port, body([file_bytes(one, tmp_path) for one in films]))
    assert (status, headers["content-type"]) == (200, "application/dicom+json")
    uids = [one.SOPInstanceUID for one in films]
    assert stored(module) == uids
    assert failed(module) == []
    assert "00081190" not in json.loads(module)
    rows = edge.instances()
    assert [row.uid for row in rows] == uids
    for row, one in zip(rows, films, strict=True):
        assert row.state is FilmState.QUEUED
        assert (row.calling_ae, row.called_ae) == ("DICOMWEB", "FIRSTREAD")
        assert row.purpose is Purpose.READ
        assert dcmread(row.path) == one
    assert len(edge.jobs()) == 3
    assert edge.rung.is_set()
    assert edge.leftovers() == []


def test_the_same_again_is_a_success_and_nothing_new(edge: HttpEdge, tmp_path: Path) -> None:
    content = body([file_bytes(film(), tmp_path)])
    assert post(edge.port, content)[0] == 200
    assert post(edge.port, content)[0] == 200
    assert len(edge.instances()) == len(edge.jobs()) == 1


def test_a_part_that_fails_holds_up_no_other(edge: HttpEdge, tmp_path: Path) -> None:
    good, other_class = film(), film(SOPClassUID=CTImageStorage, Modality="CT")
    parts = [file_bytes(good, tmp_path), b"no DICOM", file_bytes(other_class, tmp_path)]
    status, _, module = post(edge.port, body(parts))
    assert status == 202
    assert stored(module) == [good.SOPInstanceUID]
    assert failed(module) == [
        (other_class.SOPInstanceUID, StoreStatus.CLASS_NOT_SUPPORTED),
        ("", StoreStatus.NOT_UNDERSTOOD),
    ]
    (aside,) = edge.quarantine()
    assert aside.calling_ae == "DICOMWEB"
    assert edge.leftovers() == []


def test_an_object_of_the_requests_study(edge: HttpEdge, tmp_path: Path) -> None:
    item = film()
    path = f"{STUDIES}/{item.StudyInstanceUID}"
    assert post(edge.port, body([file_bytes(item, tmp_path)]), path=path)[0] == 200


def test_an_object_of_another_study_than_the_request(edge: HttpEdge, tmp_path: Path) -> None:
    item = film()
    path = f"{STUDIES}/{generate_uid()}"
    status, _, module = post(edge.port, body([file_bytes(item, tmp_path)]), path=path)
    assert (status, failed(module)) == (409, [(item.SOPInstanceUID, 0xC409)])
    assert edge.empty
    assert edge.quarantine() == []


def test_a_transfer_syntax_that_nobody_here_decodes(edge: HttpEdge, tmp_path: Path) -> None:
    item = film()
    content = file_bytes(item, tmp_path)
    video = content.replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2.77"[:20])
    assert video != content
    status, _, module = post(edge.port, body([video]))
    assert (status, failed(module)) == (409, [(item.SOPInstanceUID, 0xC122)])
    assert edge.empty


@pytest.mark.parametrize("path", ["/dicom-web/studies/1.2.x", "/dicom-web/studies/" + "1" * 65])
def test_a_study_that_is_none(edge: HttpEdge, tmp_path: Path, path: str) -> None:
    assert post(edge.port, body([file_bytes(film(), tmp_path)]), path=path)[0] == 400
    assert edge.empty


@pytest.mark.parametrize(
    "content_type",
    [
        CONTENT_TYPE,
        f"multipart/related; boundary={BOUNDARY}",
        f'Multipart/Related;BOUNDARY="{BOUNDARY}";TYPE="Application/DICOM"',
    ],
)
def test_a_body_that_is_taken(edge: HttpEdge, tmp_path: Path, content_type: str) -> None:
    content = body([file_bytes(film(), tmp_path)])
    assert post(edge.port, content, content_type=content_type)[0] == 200


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("", 415),
        ("application/dicom", 415),
        (f"multipart/form-data; boundary={BOUNDARY}", 415),
        (f'multipart/related; type="application/dicom+json"; boundary={BOUNDARY}', 415),
        (f'multipart/related; type="application/dicom+xml"; boundary={BOUNDARY}', 415),
        ('multipart/related; type="application/dicom"', 400),
        (f'multipart/related; type="application/dicom"; boundary={"b" * 201}', 400),
        ('multipart/related; type="application/dicom"; boundary=another', 400),
    ],
)
def test_a_body_that_is_not(edge: HttpEdge, tmp_path: Path, content_type: str, status: int) -> None:
    content = body([file_bytes(film(), tmp_path)])
    assert post(edge.port, content, content_type=content_type)[0] == status
    assert edge.empty


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        ("application/dicom+json", 200),
        ("*/*", 200),
        ("application/dicom+xml, application/json;q=0.5", 200),
        ("application/dicom+xml", 406),
        ("text/html", 406),
        ("application/dicom+json;q=0", 406),
        ("*/*; q=0.000", 406),
        ("application/dicom+json;q=0, */*", 406),
        ("application/dicom+json;q=0.1, */*;q=0", 200),
    ],
)
def test_what_the_client_takes(edge: HttpEdge, tmp_path: Path, accept: str, status: int) -> None:
    answer = post(edge.port, body([file_bytes(film(), tmp_path)]), Accept=accept)
    assert answer[0] == status


def test_a_part_without_a_type_has_that_of_the_body(edge: HttpEdge, tmp_path: Path) -> None:
    assert post(edge.port, body([file_bytes(film(), tmp_path)], headers=""))[0] == 200
    assert len(edge.instances()) == 1


@pytest.mark.parametrize(
    "path",
    [
        f"{STUDIES}/",
        "http://localhost/dicom-web/studies",
        "HTTP://127.0.0.1:8042/dicom-web/studies/",
    ],
)
def test_other_ways_to_write_the_path(edge: HttpEdge, tmp_path: Path, path: str) -> None:
    item = film()
    content = body([file_bytes(item, tmp_path)])
    assert post(edge.port, content, path=path)[0] == 200
    study = f"{path.rstrip('/')}/{item.StudyInstanceUID}/"
    assert post(edge.port, content, path=study)[0] == 200
    assert len(edge.instances()) == 1


def test_a_compressed_body_is_refused(edge: HttpEdge, tmp_path: Path) -> None:
    answer = post(edge.port, body([file_bytes(film(), tmp_path)]), Content_Encoding="gzip")
    assert answer[0] == 415
    assert edge.empty


@pytest.mark.parametrize(("method", "path", "status"), [("GET", STUDIES, 405), ("POST", "/", 404)])
def test_nothing_else_is_offered(edge: HttpEdge, method: str, path: str, status: int) -> None:
    run = _curl(edge.port, path, "--request", method)
    assert run == str(status)


def test_curl(edge: HttpEdge, tmp_path: Path) -> None:
    content = tmp_path / "body"
    content.write_bytes(body([file_bytes(film(), tmp_path)] * 2))
    header = f"Content-Type: {CONTENT_TYPE}"
    arguments = ("--header", header, "--data-binary", f"@{content}")
    assert _curl(edge.port, STUDIES, *arguments) == "200"
    chunked = ("--header", "Transfer-Encoding: chunked")
    assert _curl(edge.port, STUDIES, *arguments, *chunked) == "200"
    assert len(edge.instances()) == 1


def _curl(port: int, path: str, *arguments: str) -> str:
    """Run curl, and give the status."""
    run = subprocess.run(
        [
            *("curl", "--silent", "--output", "/dev/null", "--write-out", "%{http_code}"),
            *arguments,
            f"http://127.0.0.1:{port}{path}",
        ],
        capture_output=True,
        text=True,
        timeout=30.0,
        check=True,
    )
    return run.stdout


def test_each_sender_has_a_token(tmp_path: Path) -> None:
    tokens = {"ROOM1": TOKEN, "ROOM 2": TOKEN + "-2"}
    with open_http_edge(tmp_path / "edge", tokens=tokens, allowed=("ROOM1", "ROOM 2")) as edge:
        for seed, (title, token) in enumerate(tokens.items()):
            content = body([file_bytes(film(seed=seed), tmp_path)])
            assert post(edge.port, content, Authorization=f"Bearer {token}")[0] == 200
            assert edge.instances()[-1].calling_ae == title


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer", "Bearer ", f"Bearer {TOKEN}x", f"Basic {TOKEN}", TOKEN, "Bearer \xe4"],
)
def test_whoever_has_no_token_is_told_so(tmp_path: Path, authorization: str) -> None:
    with open_http_edge(tmp_path / "edge", tokens={"R": TOKEN}, allowed=("R",)) as edge:
        content = body([file_bytes(film(), tmp_path)])
        status, headers, _ = post(edge.port, content, Authorization=authorization)
        assert (status, headers["www-authenticate"]) == (401, "Bearer")
        assert edge.empty


def test_a_sender_with_a_token_and_without_the_right(tmp_path: Path) -> None:
    with open_http_edge(tmp_path / "edge", tokens={"PACS": TOKEN}, allowed=()) as edge:
        content = body([file_bytes(film(), tmp_path)])
        assert post(edge.port, content, Authorization=f"Bearer {TOKEN}")[0] == 403
        add_peer(edge.db, "pacs", takes_results=True)
        assert post(edge.port, content, Authorization=f"Bearer {TOKEN}")[0] == 403
        assert edge.empty


def test_a_full_disk_is_told_before_anything_is_sent(tmp_path: Path) -> None:
    with open_http_edge(tmp_path / "edge", reserve_bytes=1 << 60) as edge:
        status, headers, _ = post(edge.port, body([file_bytes(film(), tmp_path)]))
        assert (status, headers["retry-after"]) == (503, "30")
        assert edge.empty


def test_a_disk_that_fills_up_in_the_middle(
    edge: HttpEdge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.incoming.IncomingFile.open", _open_full)
    status, headers, module = post(edge.port, body([file_bytes(film(), tmp_path)]))
    assert (status, headers["retry-after"]) == (503, "30")
    assert failed(module) == [("", StoreStatus.OUT_OF_RESOURCES)]
    assert edge.empty


def _open_full(incoming: Any, *_arguments: object) -> None:
    incoming.error = OSError(28, "No space left on device")


def test_a_database_that_is_away(
    edge: HttpEdge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = body([file_bytes(film(), tmp_path)])
    assert post(edge.port, first)[0] == 200
    monkeypatch.setattr(Database, "write", _away)
    status, headers, module = post(edge.port, body([file_bytes(film(seed=1), tmp_path)]))
    monkeypatch.undo()
    assert (status, headers["retry-after"]) == (503, "30")
    assert failed(module)[0][1] == StoreStatus.OUT_OF_RESOURCES
    assert len(edge.instances()) == 1
    assert post(edge.port, first)[0] == 200


def _away(_db: Database) -> Any:
    message = "made up"
    raise DatabaseAwayError(message)


@pytest.mark.parametrize("host", ["0.0.0.0", "10.0.0.1", "::", "pacs.example.org"])  # noqa: S104 - refused
def test_without_tokens_only_this_machine_may_be_listened_on(host: str) -> None:
    with pytest.raises(ValueError, match="without tokens_file"):
        DicomwebSettings(host=host)
    assert DicomwebSettings(host=host, tokens_file=Path("tokens.toml")).host == host


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_this_machine(host: str) -> None:
    assert DicomwebSettings(host=host).tokens_file is None


@pytest.mark.parametrize(
    ("tokens", "words"),
    [
        ({"ROOM1": "short"}, "at least 20"),
        ({"ROOM1": "with a space in it, and long enough"}, "at least 20"),
        ({"NAME\\\\OF": TOKEN}, "AE title"),
        ({"A TITLE THAT IS FAR TOO LONG": TOKEN}, "AE title"),
        ({"A": TOKEN, "B": TOKEN}, "share a token"),
        ({}, "at least 20"),
    ],
)
def test_tokens_that_cannot_be(tmp_path: Path, tokens: dict[str, str], words: str) -> None:
    with (
        pytest.raises(SettingsError, match=words) as error,
        open_http_edge(tmp_path / "edge", tokens=tokens),
    ):
        pass
    assert not any(token in str(error.value) for token in tokens.values())


@pytest.mark.parametrize(
    ("mode", "told"), [(0o644, "mode 0644"), (0o640, "mode 0640"), (0o604, "mode 0604")]
)
def test_tokens_that_others_may_read(tmp_path: Path, mode: int, told: str) -> None:
    path = tmp_path / "tokens.toml"
    path.write_text(f'"ROOM1" = "{TOKEN}"')
    path.chmod(mode)
    with pytest.raises(SettingsError, match=told):
        read_tokens(path)
    for fit in (0o600, 0o400):
        path.chmod(fit)
        assert read_tokens(path) == {"ROOM1": TOKEN}


def test_a_port_that_is_taken(edge: HttpEdge, tmp_path: Path) -> None:
    ours = DicomwebSettings(enabled=True, port=edge.port)
    settings = edge.settings.model_copy(update={"dicomweb": ours})
    with (
        pytest.raises(SettingsError, match="cannot listen"),
        open_dicomweb(settings, edge.db, edge.spool, lambda: None),
    ):
        post(edge.port, body([file_bytes(film(), tmp_path)]))
