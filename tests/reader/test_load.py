"""Which folders are loaded, and that every flaw of one is an error that names it.

No folder here holds RadVLM itself; the tiny one has its key layout and files.
"""

import contextlib
import json
import math
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from core.errors import ModelFolderError, SettingsError
from core.labels import Label
from core.reading import new_reading_id
from reader.calibration import Calibration, Platt
from reader.families.family import Task
from reader.film_reader import FilmReader
from reader.load import load_reader
from reader.picture import rgb
from reader.wishes import Wish
from tests.reader.local import local_model

State = dict[str, torch.Tensor]


@pytest.fixture
def folder(tiny_folder: Path, tmp_path: Path) -> Path:
    """A copy of the tiny model that may be spoiled."""
    return Path(shutil.copytree(tiny_folder, tmp_path / "copy"))


def edit(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    values = json.loads(path.read_text())
    change(values)
    path.write_text(json.dumps(values))


def change_weights(folder: Path, change: Callable[[State], object]) -> None:
    path = folder / "model.safetensors"
    state = load_file(path)
    change(state)
    save_file(state, path, metadata={"format": "pt"})


def to_new_layout(state: State) -> None:
    """Rename the keys from transformers 4.46 as transformers 5 names its modules."""
    for key in list(state):
        new = key.replace("language_model.lm_head", "lm_head")
        if new == key:
            new = "model." + key.replace("language_model.model.", "language_model.")
        state[new] = state.pop(key)


def test_a_folder_is_loaded_and_described(tiny_reader: FilmReader, tiny_folder: Path) -> None:
    identity = tiny_reader.identity
    assert (identity.family, identity.name, identity.demo) == ("radvlm", tiny_folder.name, False)
    assert (identity.device, identity.dtype) == ("cpu", "float32")
    assert identity.licence.startswith("CC BY-NC 4.0")
    assert "not for clinical decisions" in identity.intended_use
    assert identity.labels == tuple(Label)
    assert len(identity.weights_sha256) == 64
    assert tiny_reader.parameters == sum(
        value.numel() for value in load_file(tiny_folder / "model.safetensors").values()
    )


def test_both_key_layouts_hold_the_same_weights(folder: Path, tiny_reader: FilmReader) -> None:
    with (folder / "model.safetensors").open("rb") as stream:
        old_layout = b"language_model.model.embed_tokens" in stream.read()
    assert old_layout
    change_weights(folder, to_new_layout)
    loaded = load_reader(folder, device="cpu")
    theirs = local_model(loaded).model.state_dict()
    for name, value in local_model(tiny_reader).model.state_dict().items():
        assert torch.equal(value, theirs[name]), name


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda state: state.pop("image_newline"), "1 missing keys, such as model.image_newline"),
        (lambda state: state.update(extra=torch.ones(2)), "1 unexpected keys, such as extra"),
        (
            lambda state: state.update(renamed=state.pop("multi_modal_projector.linear_1.weight")),
            "missing keys, such as model.multi_modal_projector.linear_1.weight",
        ),
        (
            lambda state: state.update({"image_newline": torch.ones(7)}),
            r"1 mismatched keys, such as .*model.image_newline",
        ),
    ],
)
def test_a_wrong_set_of_weights_is_refused(
    folder: Path, change: Callable[[State], object], message: str
) -> None:
    change_weights(folder, change)
    with pytest.raises(ModelFolderError, match=message):
        load_reader(folder, device="cpu")


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_weight_that_is_no_number_is_refused(folder: Path, value: float) -> None:
    def spoil(state: State) -> None:
        state["image_newline"][3] = value

    change_weights(folder, spoil)
    with pytest.raises(ModelFolderError, match=r"1 weights hold what is no number, .*newline"):
        load_reader(folder, device="cpu")


@pytest.mark.parametrize("place", ["../elsewhere.safetensors", "deeper/model.safetensors", 5])
def test_weights_from_elsewhere_are_refused(folder: Path, place: object) -> None:
    state = load_file(folder / "model.safetensors")
    if isinstance(place, str):
        (folder / place).parent.mkdir(exist_ok=True)
        (folder / "model.safetensors").rename(folder / place)
    index = {"metadata": {}, "weight_map": dict.fromkeys(state, place)}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    with pytest.raises(ModelFolderError, match="must name files of its own folder"):
        load_reader(folder, device="cpu")


def test_an_adapter_is_no_model(folder: Path) -> None:
    (folder / "adapter_config.json").write_text('{"base_model_name_or_path": "/elsewhere"}')
    with pytest.raises(ModelFolderError, match="holds an adapter"):
        load_reader(folder, device="cpu")


@pytest.mark.parametrize(
    "change",
    [
        {"attn_implementation": "flash_attention_2"},
        {"attn_implementation": "kernels-community/flash-attn"},
    ],
)
def test_attention_is_never_the_folders_choice(folder: Path, change: dict[str, Any]) -> None:
    edit(folder / "config.json", lambda values: values.update(change))
    assert load_reader(folder, device="cpu").identity.family == "radvlm"


@pytest.mark.parametrize(
    "change",
    [
        {"text_config": 5},
        {"vision_config": []},
        {"vision_config": {"hidden_size": "x"}},
        {"image_token_id": "x"},
        {"image_token_index": [1]},
        {"model_type": "nothing"},
        {"quantization_config": {"quant_method": "awq"}},
        {"dtype": "int3"},
    ],
)
def test_whatever_a_configuration_holds_is_a_folders_fault(
    folder: Path, change: dict[str, Any]
) -> None:
    edit(folder / "config.json", lambda values: values.update(change))
    # Some of it the library passes over; what it does not is said with the folder's name.
    with contextlib.suppress(ModelFolderError):
        load_reader(folder, device="cpu")


def test_broken_weights_are_refused(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(ModelFolderError, match="weights cannot be loaded"):
        load_reader(folder, device="cpu")


def test_pickled_weights_are_never_opened(folder: Path) -> None:
    state = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    torch.save(state, folder / "pytorch_model.bin")
    with pytest.raises(ModelFolderError, match="weights cannot be loaded"):
        load_reader(folder, device="cpu")


@pytest.mark.parametrize(
    "name", ["config.json", "model.safetensors", "preprocessor_config.json", "tokenizer.json"]
)
def test_a_missing_file_is_an_error(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(ModelFolderError, match=str(folder)):
        load_reader(folder, device="cpu")


@pytest.mark.parametrize("name", ["image_mean", "image_std", "image_grid_pinpoints", "size"])
def test_a_processor_value_is_never_the_class_default(folder: Path, name: str) -> None:
    edit(folder / "preprocessor_config.json", lambda values: values.pop(name))
    with pytest.raises(ModelFolderError, match=f"does not say {name}"):
        load_reader(folder, device="cpu")


def test_the_processors_mean_is_the_folders(folder: Path) -> None:
    edit(folder / "preprocessor_config.json", lambda values: values.update(image_mean=[0.25] * 3))
    loaded = load_reader(folder, device="cpu")
    grey = np.full((28, 28, 3), 64, np.uint8)
    pixels = local_model(loaded).image_tensors(rgb(grey))["pixel_values"]
    assert pixels.mean().item() == pytest.approx((64 / 255 - 0.25) / 0.5, abs=1e-4)


def test_another_architecture_has_no_family(folder: Path) -> None:
    edit(folder / "config.json", lambda values: values.update(architectures=["LlamaForCausalLM"]))
    with pytest.raises(ModelFolderError, match=r"LlamaForCausalLM.*known are radvlm"):
        load_reader(folder, device="cpu")


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        ("[]", "holds no JSON object"),
        ("{", "cannot be read"),
        ('{"colour": "red"}', "unknown entries .'colour'"),
        ('{"name": 5}', "name must be a text, not 5"),
        ('{"licence": " "}', "licence must be a text"),
        ('{"demo": "yes"}', "demo must be true or false"),
        ('{"labels": ["dropsy"]}', "labels must be a list"),
        ('{"labels": []}', "labels must be a list"),
        ('{"labels": [["edema"]]}', "labels must be a list"),
        ('{"family": "maira2"}', "of the family maira2; known are radvlm"),
    ],
)
def test_a_declaration_that_says_nonsense_is_refused(
    folder: Path, declared: str, message: str
) -> None:
    (folder / "firstread.json").write_text(declared)
    with pytest.raises(ModelFolderError, match=message):
        load_reader(folder, device="cpu")


def test_a_declaration_describes_the_model(folder: Path) -> None:
    declared = {
        "name": "small",
        "version": "3",
        "family": "radvlm",
        "demo": True,
        "licence": "Apache-2.0",
        "intended_use": "Play.",
        "labels": ["fracture", "edema"],
    }
    (folder / "firstread.json").write_text(json.dumps(declared))
    identity = load_reader(folder, device="cpu").identity
    assert (identity.name, identity.version, identity.demo) == ("small", "3", True)
    assert (identity.licence, identity.intended_use) == ("Apache-2.0", "Play.")
    assert identity.labels == (Label.EDEMA, Label.FRACTURE)


def test_any_change_of_a_file_or_the_system_turn_is_another_model(folder: Path) -> None:
    plain = load_reader(folder, device="cpu").identity
    with_turn = load_reader(folder, device="cpu", system_prompt=True).identity
    edit(folder / "generation_config.json", lambda values: values.update(repetition_penalty=1.05))
    changed = load_reader(folder, device="cpu").identity
    assert len({plain.uid, with_turn.uid, changed.uid}) == 3
    assert plain.weights_sha256 == with_turn.weights_sha256 != changed.weights_sha256


def test_decoding_is_greedy_whatever_the_folder_says(tiny_reader: FilmReader) -> None:
    film = np.zeros((40, 40), np.uint8)
    wish = [Wish(Task.REPORT)]
    first = list(tiny_reader.look(film).ask(wish))
    assert first == list(tiny_reader.look(film).ask(wish))
    assert local_model(tiny_reader).model.generation_config.do_sample


@pytest.mark.parametrize(
    "value", [{"no_repeat_ngram_size": 3}, {"suppress_tokens": [5]}, {"min_length": 9}]
)
def test_decoding_that_is_unknown_here_is_refused(folder: Path, value: dict[str, Any]) -> None:
    edit(folder / "generation_config.json", lambda values: values.update(value))
    with pytest.raises(ModelFolderError, match=f"asks for {next(iter(value))}"):
        load_reader(folder, device="cpu")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"device": "abacus"}, "device 'abacus' cannot be used"),
        ({"device": "cpu", "dtype": "int8"}, "dtype 'int8' is none of"),
        ({"maximum_new_tokens": 0}, "at least 1, not 0"),
    ],
)
def test_a_setting_that_cannot_be_had_is_an_error(
    tiny_folder: Path, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(SettingsError, match=message):
        load_reader(tiny_folder, **options)


def test_half_precision_is_taken_where_asked_for(tiny_folder: Path) -> None:
    reader = load_reader(tiny_folder, device="cpu", dtype="bfloat16", maximum_new_tokens=20)
    assert reader.identity.dtype == "bfloat16"
    [reply] = reader.look(np.zeros((40, 40), np.uint8)).ask([Wish(Task.REPORT)])
    assert reply.text


@pytest.mark.parametrize(
    "picture",
    [np.zeros((4, 4), np.uint16), np.zeros((4, 4, 2), np.uint8), np.zeros(4, np.uint8)],
)
def test_a_picture_that_is_none_is_refused(tiny_reader: FilmReader, picture: Any) -> None:
    with pytest.raises(ValueError, match="must be a uint8 array"):
        tiny_reader.read(picture, reading_id=new_reading_id())


def test_a_calibration_is_part_of_the_identity_and_another_models_is_refused(
    folder: Path, tmp_path: Path
) -> None:
    plain = load_reader(folder, device="cpu").identity
    file = tmp_path / "calibration.json"
    curves = Calibration(
        plain.weights_sha256,
        plain.prompt_version,
        plain.dtype,
        "2026-01-01",
        {Label.EDEMA: Platt(2.0, -1.0, 50)},
    )
    file.write_text(json.dumps(curves.to_json()))
    calibrated = load_reader(folder, device="cpu", calibration=file)
    assert calibrated.identity.calibration == curves.sha256
    assert calibrated.identity.uid != plain.uid
    assert calibrated.look(np.zeros((40, 40), np.uint8)).calibration == curves
    edit(folder / "generation_config.json", lambda values: values.update(repetition_penalty=1.05))
    with pytest.raises(SettingsError, match="was made for weights_sha256"):
        load_reader(folder, device="cpu", calibration=file)
