"""`firstread send`: files and folders over real associations.

Covered: where files go and as whom, what is skipped, more kinds of files than an association has
room for, and peers that are away or break off.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydicom.uid import ImplicitVRLittleEndian
from pynetdicom import evt

from commands.send import send
from core.errors import WrongArgumentError
from core.port_file import published_port
from evaluation.servers.process import free_port
from gateway.address import PeerAddress
from gateway.archive import Archive
from gateway.scu import MOST_CONTEXTS
from gateway.send_many import send_many
from tests.commands.shell import firstread
from tests.gateway.edge import Edge, add_peer, open_edge
from tests.gateway.objects import film_file
from tests.gateway.outgoing import ResultPeer


@pytest.fixture
def edge(tmp_path: Path) -> Iterator[Edge]:
    with open_edge(tmp_path / "edge") as opened, published_port(opened.settings.data, opened.port):
        yield opened


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive(tmp_path / "archive") as opened:
        yield opened


def settings_file(folder: Path, data: Path, *, allowed: str = "DCMTK") -> Path:
    """Write the settings of an installation."""
    path = folder / "firstread.toml"
    path.write_text(
        f'data = "{data}"\n[gateway]\nhost = "127.0.0.1"\nallowed_ae_titles = ["{allowed}"]\n'
        "[delivery]\nnetwork_timeout = 5.0\n"
    )
    return path


def sent(
    capsys: pytest.CaptureFixture[str], file: Path, paths: list[Path], to: str = "", **more: str
) -> tuple[bool, dict[str, Any]]:
    """Send, and give what it said."""
    capsys.readouterr()
    well = send(file, paths, to, more.get("calling_ae", ""), as_json=True)
    answer: dict[str, Any] = json.loads(capsys.readouterr().out.splitlines()[-1])
    return well, answer


def test_to_this_gateway(edge: Edge, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = settings_file(tmp_path, edge.settings.data)
    film = film_file(tmp_path / "films")
    well, answer = sent(capsys, file, [film])
    assert well
    assert answer["files"] == [
        {
            "file": str(film),
            "sop_instance_uid": film.stem,
            "status": 0,
            "stored": True,
            "words": "0x0000 Success",
        }
    ]
    assert [row.uid for row in edge.instances()] == [film.stem]


def test_a_refusal_is_told_in_words_and_by_the_exit_code(edge: Edge, tmp_path: Path) -> None:
    file = settings_file(tmp_path, edge.settings.data)
    add_peer(edge.db, "pacs", takes_results=True)
    film = film_file(tmp_path / "films")
    run = firstread("--settings", str(file), "send", str(film), "--calling-ae", "PACS", "--json")
    assert run.returncode == 1
    (told,) = json.loads(run.stdout)["files"]
    assert told["status"] == 0x0124
    assert "this AE title is not set to send films" in told["words"]


def test_a_folder_with_its_sub_folders(
    archive: Archive, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "films"
    films = [film_file(folder / name, seed=number) for number, name in enumerate(("a", "b", "."))]
    (folder / "a" / "README").write_text("no film")
    (folder / "loop").symlink_to(folder)
    file = settings_file(tmp_path, tmp_path / "data")
    to = f"{archive.ae_title}@127.0.0.1:{archive.port}"
    well, answer = sent(capsys, file, [folder], to)
    assert well
    assert (answer["stored"], answer["not_stored"], answer["skipped"]) == (3, 0, 1)
    (skipped,) = [one for one in answer["files"] if not one["stored"]]
    assert skipped["file"] == str(folder / "a" / "README")
    assert skipped["words"].startswith("skipped: README has no usable file meta information")
    assert {path.stem for path in archive.objects()} == {path.stem for path in films}


def test_a_file_that_is_named_and_is_none_is_not_well(
    archive: Archive, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "README"
    other.write_text("no film")
    film = film_file(tmp_path)
    file = settings_file(tmp_path, tmp_path / "data")
    to = f"{archive.ae_title}@127.0.0.1:{archive.port}"
    well, answer = sent(capsys, file, [other, film], to)
    assert not well
    assert (answer["stored"], answer["not_stored"], answer["skipped"]) == (1, 1, 0)


def test_to_a_peer_by_its_name(
    edge: Edge, archive: Archive, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    add_peer(edge.db, "archive", ae_title=archive.ae_title, port=archive.port)
    file = settings_file(tmp_path, edge.settings.data)
    well, answer = sent(capsys, file, [film_file(tmp_path)], "archive")
    assert (well, answer["to"]) == (True, f"ARCHIVE at 127.0.0.1:{archive.port}")
    assert len(archive.objects()) == 1


@pytest.mark.parametrize(
    ("to", "words"),
    [
        ("nobody", "neither AET@host:port nor a peer's name: 'nobody'"),
        ("AET@host", "neither"),
        ("AET@host:0", "no port 0"),
        ("AET@host:70000", "no port 70000"),
        ("A\\ET@host:104", "no AE title"),
        ("A TITLE THAT IS TOO LONG@host:104", "no AE title"),
    ],
)
def test_a_destination_that_is_none(edge: Edge, tmp_path: Path, to: str, words: str) -> None:
    file = settings_file(tmp_path, edge.settings.data)
    with pytest.raises(WrongArgumentError, match=words.replace("\\", "\\\\")):
        send(file, [film_file(tmp_path)], to, "", as_json=True)


def test_a_calling_title_that_is_none(edge: Edge, tmp_path: Path) -> None:
    file = settings_file(tmp_path, edge.settings.data)
    with pytest.raises(WrongArgumentError, match="no AE title: 'ünï'"):
        send(file, [film_file(tmp_path)], "", "ünï", as_json=True)


def test_a_peer_that_is_away(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = settings_file(tmp_path, tmp_path / "data")
    films = [film_file(tmp_path, seed=seed) for seed in range(2)]
    well, answer = sent(capsys, file, films, f"AWAY@127.0.0.1:{free_port()}")
    assert not well
    assert [one["status"] for one in answer["files"]] == [None, None]
    assert "no connection to" in answer["files"][1]["words"]


def test_more_kinds_than_an_association_has_room_for(edge: Edge, tmp_path: Path) -> None:
    number = MOST_CONTEXTS + 5
    classes = [f"1.2.840.10008.5.1.4.1.1.999.{kind}" for kind in range(number)]
    films = [film_file(tmp_path, seed=0, SOPClassUID=uid) for uid in classes]
    address = PeerAddress("127.0.0.1", edge.port, "FIRSTREAD", "DCMTK", 10.0)
    results = list(send_many(films, address))
    assert [one.path for one in results] == films
    # The gateway knows none of these classes, and each of them is told so.
    assert {one.words for one in results} == {
        "the peer accepted no presentation context for this object"
    }


def test_the_rest_is_sent_over_another_association(tmp_path: Path) -> None:
    seen: list[str] = []

    def hang_up_once(event: evt.Event) -> int:
        seen.append(str(event.request.AffectedSOPInstanceUID))  # type: ignore[union-attr]
        if len(seen) == 2:
            event.assoc.abort()
        return 0

    films = [film_file(tmp_path, seed=seed) for seed in range(4)]
    classes = ("1.2.840.10008.5.1.4.1.1.1",)
    syntaxes = (ImplicitVRLittleEndian, "1.2.840.10008.1.2.1")
    with ResultPeer(hang_up_once, classes=classes, syntaxes=syntaxes) as peer:
        address = PeerAddress("127.0.0.1", peer.port, "PEER", "FIRSTREAD", 5.0)
        results = list(send_many(films, address))
    assert [one.stored for one in results] == [True] * 4
    assert [uid for number, uid in enumerate(seen) if number != 1] == [path.stem for path in films]


def test_an_address_needs_no_installation_and_makes_none(tmp_path: Path) -> None:
    file = settings_file(tmp_path, tmp_path / "data")
    send(file, [film_file(tmp_path)], f"AWAY@127.0.0.1:{free_port()}", "", as_json=False)
    assert not (tmp_path / "data").exists()
