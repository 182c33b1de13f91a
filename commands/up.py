"""Everything on one machine: the embedded default, its children supervised."""

import sys
from pathlib import Path

from core.broker import clear_rings
from core.logs import configure_logs
from core.private_files import private_folder
from core.settings import load_settings
from core.supervisor import ChildSpec, Supervisor
from db.upgrade import upgrade
from gateway.doorstep import check_doors
from gateway.site_context import site_context


def up(path: Path | None) -> None:
    """Upgrade the database, then run gateway, delivery, worker and reading room until told to stop.

    Rings left from before are cleared, since they carry nothing and a torn one could hold a
    worker up.

    Raises
    ------
    SettingsError
        If a setting, or a file that one names for the results' words and codes or for TLS, cannot
        be used, or a port is taken: a child would only end and be started for ever.
    """
    settings = load_settings(path)
    configure_logs(settings.log)
    site_context(settings)
    check_doors(settings)
    private_folder(settings.data)
    upgrade(settings.database_url)
    clear_rings(settings)
    names = ["gateway", "deliver", "worker", *(["web"] if settings.web.enabled else [])]
    Supervisor([_child(name, path) for name in names]).run()


def _child(name: str, path: Path | None) -> ChildSpec:
    options = [] if path is None else ["--settings", str(path.absolute())]
    # -P: a folder named `core` in the working folder must not stand in for ours.
    return ChildSpec(name=name, command=(sys.executable, "-P", "-m", "firstread", *options, name))
