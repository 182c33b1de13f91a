"""What a model's folder may call itself; what it must hold is in `test_load`."""

import json
import os
from pathlib import Path

import pytest

from core.errors import ModelFolderError
from reader.model_folder import open_folder


def _folder(parent: Path, declared: dict[str, str], called: str = "model") -> Path:
    folder = parent / called
    folder.mkdir()
    (folder / "config.json").write_text('{"architectures": ["Any"]}')
    # Written as escapes: JSON lets a lone surrogate pass.
    (folder / "firstread.json").write_text(json.dumps(declared))
    return folder


@pytest.mark.parametrize("key", ["name", "version", "family", "licence", "intended_use"])
@pytest.mark.parametrize("text", ["a\ud800b", "\udfff", "a\nb", "a\x00b", "\x85", " "])
def test_a_text_that_no_result_can_carry_is_refused(tmp_path: Path, key: str, text: str) -> None:
    folder = _folder(tmp_path, {key: text})
    with pytest.raises(ModelFolderError, match=f"{key} must be a text") as caught:
        open_folder(folder)
    str(caught.value).encode()  # the refusal itself can be shown


def test_a_text_of_any_language_is_taken(tmp_path: Path) -> None:
    name = "Größe 肺 \U0001fac1"
    assert open_folder(_folder(tmp_path, {"name": name})).declaration.name == name


def test_a_folder_whose_name_is_no_text_is_refused(tmp_path: Path) -> None:
    # Its name would be the model's where it declares none.
    folder = _folder(tmp_path, {}, os.fsdecode(b"model-\xff"))
    with pytest.raises(ModelFolderError, match="name must be plain text") as caught:
        open_folder(folder)
    str(caught.value).encode()


def test_a_bottomless_file_is_refused(tmp_path: Path) -> None:
    folder = _folder(tmp_path, {})
    (folder / "config.json").write_text("[" * 200_000)
    with pytest.raises(ModelFolderError, match="cannot be read"):
        open_folder(folder)
