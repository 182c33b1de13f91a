"""The services of an installation, each in the foreground of its own process."""

from importlib.util import find_spec
from pathlib import Path

from core.errors import SettingsError
from core.logs import configure_logs
from core.settings import Settings, load_settings


def gateway(path: Path | None) -> None:
    """Run the DICOM listener until it is told to stop."""
    from gateway.run import run_gateway  # noqa: PLC0415 - a worker's machine has no pynetdicom

    run_gateway(_ready(path))


def deliver(path: Path | None) -> None:
    """Run the delivery of results until it is told to stop."""
    from gateway.run import run_deliver  # noqa: PLC0415 - as above

    run_deliver(_ready(path))


def worker(path: Path | None) -> None:
    """Run a worker under its watchdog until it is told to stop.

    Raises
    ------
    SettingsError
        If this installation has no torch; a child would only end and be started for ever.
    """
    if find_spec("torch") is None:
        message = "no torch is installed here: a worker needs the extra firstread[worker]"
        raise SettingsError(message)
    from worker.run import run_worker  # noqa: PLC0415 - a gateway's machine has no torch

    run_worker(_ready(path))


def web(path: Path | None) -> None:
    """Run the reading room's pages until it is told to stop.

    Raises
    ------
    SettingsError
        If this installation has no FastAPI.
    """
    if find_spec("fastapi") is None:
        message = "no FastAPI is installed here: the reading room needs the extra firstread[web]"
        raise SettingsError(message)
    from web.run import run_web  # noqa: PLC0415 - other machines have no FastAPI

    run_web(_ready(path))


def _ready(path: Path | None) -> Settings:
    settings = load_settings(path)
    configure_logs(settings.log)
    return settings
