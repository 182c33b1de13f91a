"""What doctor and status say of the doors beside the DICOM listener, and of fetches."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from commands.doors import dicomweb, watch
from commands.status import status
from core.errors import FirstReadError, SettingsError
from core.settings import DicomwebSettings, Settings, WatchSettings
from core.states import Purpose
from db.engine import Database
from db.retrievals import Wish, ask, claim, give_up
from tests.gateway.edge import add_peer, make_settings, prepare_database

TOKEN = "a-token-of-more-than-20-characters"  # noqa: S105 - of nobody


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = make_settings(tmp_path / "data", allowed_ae_titles=("ROOM1", "DICOMWEB", "WATCH"))
    prepare_database(made)
    return made


@pytest.fixture
def db(settings: Settings) -> Iterator[Database]:
    opened = Database(settings.database_url)
    yield opened
    opened.close()


def with_dicomweb(settings: Settings, **values: Any) -> Settings:
    """Give settings with the HTTP door open."""
    ours = DicomwebSettings(enabled=True, **values)
    return settings.model_copy(update={"dicomweb": ours})


def with_watch(settings: Settings, **values: Any) -> Settings:
    """Give settings with a watched folder."""
    return settings.model_copy(update={"watch": WatchSettings(enabled=True, **values)})


def tokens_file(folder: Path, text: str, mode: int = 0o600) -> Path:
    """Write a file of tokens."""
    path = folder / "tokens.toml"
    path.write_text(text)
    path.chmod(mode)
    return path


def test_what_is_off(settings: Settings) -> None:
    assert (dicomweb(settings), watch(settings)) == ("off", "off")


def test_the_http_door_without_tokens(settings: Settings) -> None:
    assert dicomweb(with_dicomweb(settings)).endswith("everybody on this machine as DICOMWEB")
    with pytest.raises(FirstReadError, match="not set to send films: STRANGER"):
        dicomweb(with_dicomweb(settings, ae_title="STRANGER"))


def test_the_http_door_with_tokens(settings: Settings, tmp_path: Path) -> None:
    path = tokens_file(tmp_path, f'ROOM1 = "{TOKEN}"')
    told = dicomweb(with_dicomweb(settings, host="0.0.0.0", tokens_file=path))  # noqa: S104 - nothing is bound
    assert told == "0.0.0.0:8042, 1 senders with tokens"


@pytest.mark.parametrize(
    ("text", "mode", "words"),
    [
        (f'ROOM1 = "{TOKEN}"', 0o640, "others may read"),
        (f'ROOM1 = "{TOKEN}"', 0o604, "others may read"),
        ('ROOM1 = "short"', 0o600, "at least 20"),
        (f'ROOM2 = "{TOKEN}"', 0o600, "not set to send films: ROOM2"),
        ("ROOM1", 0o600, "cannot be read"),
    ],
)
def test_tokens_that_are_wrong(
    settings: Settings, tmp_path: Path, text: str, mode: int, words: str
) -> None:
    path = tokens_file(tmp_path, text, mode)
    with pytest.raises(FirstReadError, match=words) as error:
        dicomweb(with_dicomweb(settings, tokens_file=path))
    assert TOKEN not in str(error.value)


def test_the_watched_folder(settings: Settings, tmp_path: Path) -> None:
    assert watch(with_watch(settings, folder=tmp_path)) == f"{tmp_path}, as WATCH"
    with pytest.raises(SettingsError, match="is no folder"):
        watch(with_watch(settings, folder=tmp_path / "nowhere"))
    with pytest.raises(FirstReadError, match="not set to send films: OTHER"):
        watch(with_watch(settings, folder=tmp_path, ae_title="OTHER"))


def test_status_tells_of_fetches(
    settings: Settings, db: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "firstread.toml"
    file.write_text(f'data = "{settings.data}"\n')
    peer_id = add_peer(db, "archive")
    for uid in ("1.1", "1.2"):
        with db.write() as session:
            ask(session, Wish(peer_id, uid, Purpose.AUDIT, "c"), actor="test")
    fetch = claim(db, [Purpose.AUDIT], worker="w", lease_seconds=60.0)
    assert fetch is not None
    give_up(db, fetch, "no")
    assert not status(file, as_json=True)
    told = capsys.readouterr().out
    assert '"retrievals": {"failed": 1, "waiting": 1}' in told
    assert "1 studies could not be fetched from their peers" in told
