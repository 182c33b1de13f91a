"""The installation that is broken: its settings, its peers, and its services under a supervisor.

What a hospital's service manager does, a `core.supervisor.Supervisor` in a thread of this tool
does here: it starts again at once what was killed. In the embedded form that is `firstread up`
itself, whose own supervisor looks after the rest.
"""

import json
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.policy_toml import built_in
from core.port_file import read_port
from core.settings import Settings, load_settings
from core.supervisor import ChildSpec, Pauses, Supervisor
from db.engine import Database
from db.peer_entry import PeerEntry
from db.peers import save_peer
from db.policies import import_policy
from db.upgrade import upgrade
from evaluation.chaos.senders import CALLING_AE
from evaluation.chaos.storing import AE_TITLE
from evaluation.chaos.surroundings import Surroundings
from evaluation.running import forget_environment
from evaluation.servers.process import free_port
from evaluation.servers.waiting import wait_for

_START_SECONDS: Final = 120.0
_PAUSES: Final = Pauses(first=0.1, longest=0.5, settled=5.0)
# A film that is in hand at many kills in a row is no poisonous one: here the kills are the fault
# of nobody's, and every film is to be read. Leases are short, so that frozen processes lose them.
_SETTINGS: Final = """\
data = {data}

[spool]
folder = {spool}
reserve_bytes = {reserve}

[gateway]
host = "127.0.0.1"
port = {port}
allowed_ae_titles = ["{calling}"]
network_timeout = 15.0
study_idle_seconds = 0.5

[web]
enabled = false

[worker]
device = "cpu"
self_test = false
lease_seconds = 8.0
progress_timeout_seconds = {progress}
maximum_attempts = 100

[delivery]
first_retry_seconds = 0.5
longest_retry_seconds = 4.0
network_timeout = 6.0
maximum_attempts = 100
"""
_SERVERS: Final = """
[database]
url = {database}

[broker]
url = {broker}
"""


@dataclass(frozen=True, slots=True)
class House:
    """A running installation.

    Parameters
    ----------
    settings, settings_file
        What it runs with.
    logs
        Folder of what its services write.
    port
        Where its gateway listens, whenever it does.
    """

    settings: Settings
    settings_file: Path
    logs: Path
    port: int


@contextmanager
def running_house(
    folder: Path, around: Surroundings, *, each: int = 2, progress_timeout_seconds: float = 60.0
) -> Iterator[House]:
    """Set an installation up, run it, and end it.

    Parameters
    ----------
    folder
        Where; new files and folders are made in it.
    around
        Its servers, peers and disk.
    each
        Deliveries and workers in the hospital form.
    progress_timeout_seconds
        The watchdog's patience.

    Yields
    ------
    House
        Its gateway listens; the rest may only be starting.

    Raises
    ------
    FirstReadError
        If it does not come to listen.
    """
    house = _set_up(folder, around, progress_timeout_seconds)
    services = ["up"] if house.settings.embedded else _services(each)
    keeper = Supervisor([_spec(house, name) for name in services], _PAUSES)
    # The kernel ends children with the thread that started them; this one lives to the end.
    thread = threading.Thread(target=keeper.run, name="keeper")
    thread.start()
    try:
        wait_for(lambda: read_port(house.settings.data), _START_SECONDS, "the gateway to listen")
        yield house
    finally:
        keeper.stop()
        thread.join()


def _set_up(folder: Path, around: Surroundings, progress: float) -> House:
    forget_environment()
    port = free_port()
    text = _SETTINGS.format(
        # TOML's basic strings are written as JSON's.
        data=json.dumps(str(folder / "data")),
        spool=json.dumps(str(around.disk.folder)),
        reserve=around.disk.reserve_bytes,
        port=port,
        calling=CALLING_AE,
        progress=progress,
    )
    if around.postgres is not None and around.redis is not None:
        database, broker = around.postgres.new_database(), around.redis.url
        text += _SERVERS.format(database=json.dumps(database), broker=json.dumps(broker))
    file = folder / "firstread.toml"
    file.write_text(text, encoding="utf-8")
    settings = load_settings(file)
    settings.data.mkdir(parents=True)
    logs = folder / "logs"
    logs.mkdir()
    upgrade(settings.database_url)
    db = Database(settings.database_url)
    with db.write() as session:
        import_policy(session, built_in().policy.of_any_age())
        for peer in _peers(around):
            save_peer(session, peer)
    db.close()
    return House(settings, file, logs, port)


def _services(each: int) -> list[str]:
    """Name the services of the hospital form; a number is of another one of its kind."""
    numbers = range(1, each + 1)
    return [
        "gateway",
        *(f"{name}-{number}" for name in ("deliver", "worker") for number in numbers),
    ]


def _peers(around: Surroundings) -> list[PeerEntry]:
    """Give two archives that want different variants of everything."""
    orthanc, storing = around.orthanc, around.storing
    return [
        PeerEntry(
            name="orthanc",
            ae_title=orthanc.ae_title,
            host="127.0.0.1",
            port=orthanc.dicom_port,
            takes_results=True,
            accepts_demo=True,
        ),
        PeerEntry(
            name="storescp",
            ae_title=AE_TITLE,
            host="127.0.0.1",
            port=storing.port,
            takes_results=True,
            accepts_demo=True,
            sr_class="comprehensive",
            presentation_lut_shape="INVERSE",
            series_number_base=7001,
        ),
    ]


def _spec(house: House, name: str) -> ChildSpec:
    service = name.split("-", maxsplit=1)[0]
    log = house.logs / f"{name}.log"
    # -P: a folder named `core` in the working folder must not stand in for ours.
    command = (sys.executable, "-P", "-m", "firstread", "--settings", str(house.settings_file))
    # exec: the process that is killed is ours and no shell around it.
    to_log = ("/bin/sh", "-c", 'log=$1; shift; exec "$@" >>"$log" 2>&1', "sh", str(log))
    path = os.pathsep.join([str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")])
    return ChildSpec(
        name=name,
        command=(*to_log, *command, service),
        environment={"OMP_NUM_THREADS": "1", "PYTHONPATH": path.strip(os.pathsep)},
    )
