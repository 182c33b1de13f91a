"""What `firstread doctor` says of the ways in beside the DICOM listener."""

import os
from collections.abc import Iterable

from core.errors import FirstReadError, SettingsError
from core.settings import Settings
from db.engine import Database
from gateway.callers import Callers
from gateway.stow_senders import read_tokens


def dicomweb(settings: Settings) -> str:
    """Look at the HTTP door.

    Raises
    ------
    FirstReadError
        If its tokens are wrong or others may read them, or a sender has no right to send.
    """
    ours = settings.dicomweb
    if not ours.enabled:
        return "off"
    if ours.tokens_file is None:
        _may_send(settings, [ours.ae_title])
        return f"{ours.host}:{ours.port}, everybody on this machine as {ours.ae_title}"
    tokens = read_tokens(ours.tokens_file)
    _may_send(settings, tokens)
    return f"{ours.host}:{ours.port}, {len(tokens)} senders with tokens"


def watch(settings: Settings) -> str:
    """Look at the watched folder.

    Raises
    ------
    FirstReadError
        If it is no folder, cannot be written to, or its AE title has no right to send.
    """
    folder = settings.watch.folder
    if not settings.watch.enabled or folder is None:
        return "off"
    if not folder.is_dir() or not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        message = f"watch.folder {folder} is no folder that can be read and written"
        raise SettingsError(message)
    _may_send(settings, [settings.watch.ae_title])
    return f"{folder}, as {settings.watch.ae_title}"


def _may_send(settings: Settings, titles: Iterable[str]) -> None:
    db = Database(settings.database_url)
    try:
        callers = Callers(db, settings.gateway)
        found = {title: callers.find(title) for title in titles}
    finally:
        db.close()
    without = [title for title, caller in found.items() if caller is None or not caller.sends]
    if without:
        message = (
            f"not set to send films: {', '.join(without)}; enter a peer with sends_films, or the "
            "title in gateway.allowed_ae_titles"
        )
        raise FirstReadError(message)
