"""Whether others of this machine may look into what an installation keeps."""

from collections.abc import Iterator
from pathlib import Path

from core.errors import FirstReadError
from core.private_files import open_to_others
from core.settings import Settings


def private_places(settings: Settings) -> str:
    """Look at the modes of the folders, the database and the keys that the settings name.

    Returns
    -------
    str
        What was seen, in words.

    Raises
    ------
    FirstReadError
        If another account may read or enter one of them; the text names each.
    """
    places = [path for path in _places(settings) if path.exists()]
    open_ones = [str(path) for path in places if open_to_others(path)]
    if open_ones:
        message = f"others may read or enter: {', '.join(open_ones)}; chmod go= them"
        raise FirstReadError(message)
    return f"{len(places)} folders and files are this account's alone"


def _places(settings: Settings) -> Iterator[Path]:
    yield settings.data
    yield settings.spool_folder
    if settings.embedded:
        yield from (settings.data / f"firstread.db{end}" for end in ("", "-wal", "-shm"))
    keys = (
        settings.gateway.tls.key_file,
        settings.dicomweb.tokens_file,
        settings.worker.remote.api_key_file,
    )
    yield from (key for key in keys if key is not None)
