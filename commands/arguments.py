"""Arguments that several commands share, and how a command ends.

Imports next to nothing, since `firstread --help` reads it.
"""

from pathlib import Path
from typing import Annotated, Final

import typer

from core.errors import WrongArgumentError

ATTENTION: Final = 1
"""Exit code: it ran, and something is not as it should be."""
LARGEST: Final = 2**63 - 1
"""The largest number that every database takes."""


def whole(paths: Path | list[Path] | None) -> Path | list[Path] | None:
    """Refuse a pipe or a device: it may never end, or never begin."""
    for path in paths if isinstance(paths, list) else [paths]:
        if path is not None and path.exists() and not (path.is_file() or path.is_dir()):
            message = f"neither a file nor a folder, but a pipe or a device: {path}"
            raise WrongArgumentError(message)
    return paths


Json = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of tables.")]
Films = Annotated[
    list[Path], typer.Argument(help="DICOM files.", exists=True, dir_okay=False, callback=whole)
]
SettingsFile = Annotated[
    Path | None,
    typer.Option(
        "--settings",
        envvar="FIRSTREAD_SETTINGS",
        help="Settings file; without it firstread.toml of this folder, where there is one.",
    ),
]


def conclude(healthy: bool) -> None:  # noqa: FBT001 - the one thing that it says
    """End a command, with exit code 0 only where all is as it should be.

    Raises
    ------
    typer.Exit
        Always.
    """
    raise typer.Exit(0 if healthy else ATTENTION)
