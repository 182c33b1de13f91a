"""A model's folder: what it is, and what it declares of itself.

`config.json` names the architecture. Beside it a `firstread.json` may name and describe the
model; RadVLM's folder comes without one, the demonstration model's with one::

    {"name": "...", "version": "...", "family": "radvlm", "demo": true,
     "licence": "...", "intended_use": "...", "labels": ["cardiomegaly", ...]}
"""

import hashlib
import json
import os
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from core.errors import ModelFolderError
from core.labels import Label

DECLARATION: Final = "firstread.json"
DEMO_MODEL: Final = Path(__file__).with_name("demo_model")
_UNFIT: Final = frozenset({"Cc", "Cs"})
_CHUNK: Final = 1 << 22


@dataclass(frozen=True, slots=True)
class Declaration:
    """What `firstread.json` says; None where it says nothing."""

    name: str | None = None
    version: str | None = None
    family: str | None = None
    licence: str | None = None
    intended_use: str | None = None
    demo: bool = False
    labels: tuple[Label, ...] | None = None


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """An opened folder.

    Parameters
    ----------
    path
        Where it is.
    architecture
        The class that `config.json` names.
    declaration
        What `firstread.json` says.
    sha256
        Hash over the names and hashes of its files, hexadecimal.
    """

    path: Path
    architecture: str
    declaration: Declaration
    sha256: str


def open_folder(path: Path) -> ModelFolder:
    """Read a folder's descriptions and hash its files.

    Raises
    ------
    ModelFolderError
        If it is no folder, `config.json` is missing or names no architecture, or
        `firstread.json` says what it may not say.
    """
    if not os.path.isdir(path):  # noqa: PTH112 - Path's own raises where a parent is closed to us
        message = f"there is no model folder {path}"
        raise ModelFolderError(message)
    if not _is_text(path.resolve().name):
        message = f"a model folder's name must be plain text, not {path.resolve().name!r}"
        raise ModelFolderError(message)
    architectures = read_json(path / "config.json").get("architectures")
    if not (isinstance(architectures, list) and len(architectures) == 1):
        message = f"{path / 'config.json'} must name one architecture, not {architectures!r}"
        raise ModelFolderError(message)
    declaration = Declaration()
    if (path / DECLARATION).exists():
        declaration = _declaration(path / DECLARATION)
    try:
        sha256 = folder_sha256(path)
    except OSError as error:
        message = f"{path} cannot be read: {error}"
        raise ModelFolderError(message) from error
    return ModelFolder(path, str(architectures[0]), declaration, sha256)


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON object of a model folder.

    Raises
    ------
    ModelFolderError
        If there is no such file or it holds no JSON object.
    """
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        message = f"{path} cannot be read: {error}"
        raise ModelFolderError(message) from error
    if not isinstance(values, dict):
        message = f"{path} holds no JSON object"
        raise ModelFolderError(message)
    return values


def folder_sha256(path: Path) -> str:
    """Hash the names and contents of a folder's own files, hidden ones aside."""
    lines = []
    for file in sorted(path.iterdir()):
        if file.is_file() and not file.name.startswith("."):
            digest = hashlib.sha256()
            with file.open("rb") as stream:
                while chunk := stream.read(_CHUNK):
                    digest.update(chunk)
            lines.append(f"{file.name}\0{digest.hexdigest()}\n")
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _declaration(path: Path) -> Declaration:
    values = read_json(path)
    unknown = values.keys() - Declaration.__dataclass_fields__.keys()
    if unknown:
        message = f"{path} has unknown entries {sorted(unknown)}"
        raise ModelFolderError(message)
    for key in ("name", "version", "family", "licence", "intended_use"):
        if key in values and not _is_text(values[key]):
            message = f"{path}: {key} must be a text, not {values[key]!r}"
            raise ModelFolderError(message)
    if not isinstance(values.get("demo", False), bool):
        message = f"{path}: demo must be true or false, not {values['demo']!r}"
        raise ModelFolderError(message)
    if "labels" in values:
        values["labels"] = _labels(path, values["labels"])
    return Declaration(**values)


def _is_text(value: object) -> bool:
    """Tell whether a value is a text that every result, file and database can carry.

    JSON may hold lone surrogates and control characters, which none of them takes.
    """
    return (
        isinstance(value, str)
        and bool(value.strip())
        and not any(unicodedata.category(char) in _UNFIT for char in value)
    )


def _labels(path: Path, values: object) -> tuple[Label, ...]:
    known = [label.value for label in Label]
    if not (isinstance(values, list) and values and all(value in known for value in values)):
        message = f"{path}: labels must be a list of {known}, not {values!r}"
        raise ModelFolderError(message)
    return tuple(label for label in Label if label.value in values)
