"""Where the demo plays: a folder of its own, with an empty installation in it."""

import json
import shutil
import tempfile
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from commands.operator import operator
from core.accounts import AccountRole
from core.errors import SettingsError
from core.settings import Settings, load_settings
from db.accounts import add_account
from db.engine import Database
from db.one_time_links import make_link
from db.peer_entry import PeerEntry
from db.peers import save_peer
from db.upgrade import upgrade
from evaluation.running import forget_environment
from evaluation.servers.process import free_port

CALLING_AE = "XRAY_ROOM"
ARCHIVE_AE = "DEMO_PACS"
_INVITED_FOR = timedelta(days=1)
_MARKER = ".firstread-demo"
_PARTS = ("films", "pacs", "data")
_SETTINGS = """\
data = {data}

[gateway]
host = "127.0.0.1"
port = 0
allowed_ae_titles = ["{calling}"]
study_idle_seconds = 0.5

[web]
port = {web_port}
# Who came by a link has no password to unlock the screen with.
idle_minutes = 720.0

[spool]
reserve_bytes = 100000000
"""


@dataclass(frozen=True, slots=True)
class Stage:
    """The demo's folder.

    Parameters
    ----------
    folder
        Everything: `films/`, `pacs/`, `data/`, the settings and the log.
    settings
        What its FirstRead runs with.
    """

    folder: Path
    settings: Settings

    @property
    def settings_file(self) -> Path:
        """The settings as a file, for other commands."""
        return self.folder / "firstread.toml"

    @property
    def log(self) -> Path:
        """What its FirstRead writes to its standard streams."""
        return self.folder / "firstread.log"

    @property
    def films(self) -> Path:
        """The objects as they are sent."""
        return self.folder / "films"

    @property
    def archive(self) -> Path:
        """What the archive that plays the PACS keeps."""
        return self.folder / "pacs"


def set_stage(keep: Path | None) -> Stage:
    """Make the folder, and an empty installation in it.

    Parameters
    ----------
    keep
        The folder: a new or empty one, or an earlier demo's, which is cleared. None makes a
        temporary one.

    Raises
    ------
    SettingsError
        If the folder holds anything else: it is somebody's, and nothing in it is touched.
    """
    forget_environment()
    folder = Path(tempfile.mkdtemp(prefix="firstread-demo-")) if keep is None else keep.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()) and not (folder / _MARKER).exists():
        message = f"{folder} is not empty, and no earlier demo made it: name another folder"
        raise SettingsError(message)
    (folder / _MARKER).touch()
    for part in _PARTS:
        shutil.rmtree(folder / part, ignore_errors=True)
    file = folder / "firstread.toml"
    # TOML's basic strings are written as JSON's.
    data = json.dumps(str(folder / "data"))
    # A port that stays: the address of the worklist is good when the installation is run again.
    values = {"data": data, "calling": CALLING_AE, "web_port": free_port()}
    file.write_text(_SETTINGS.format(**values), encoding="utf-8")
    settings = load_settings(file)
    settings.data.mkdir(parents=True)
    upgrade(settings.database_url)
    return Stage(folder, settings)


def know_archive(settings: Settings, port: int) -> None:
    """Make the archive the one peer that takes results."""
    db = Database(settings.database_url)
    with db.write() as session:
        save_peer(
            session,
            PeerEntry(
                name="demo-pacs",
                ae_title=ARCHIVE_AE,
                host="127.0.0.1",
                port=port,
                takes_results=True,
                accepts_demo=True,
            ),
        )
    db.close()


def invite(settings: Settings) -> str:
    """Enter somebody who may see everything, and give the address that signs them in once."""
    db = Database(settings.database_url)
    with db.write() as session:
        roles = (AccountRole.RADIOLOGIST, AccountRole.ADMINISTRATOR, AccountRole.AUDITOR)
        guest = add_account(session, "guest", person="Guest^Demo", roles=roles, actor=operator())
        path = make_link(session, guest, actor=operator(), lifetime=_INVITED_FOR)
    db.close()
    return f"http://127.0.0.1:{settings.web.port}{path}"
