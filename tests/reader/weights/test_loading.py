"""Every family's loading, on small folders in the published layouts: whole ones, and broken ones.

Covered: weights, tokenizer, processor values, chat template, generation file. Not covered: the
published weights themselves, which cannot be had here.
"""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from core.errors import ModelFolderError
from reader.engines.local_model import LocalModel
from reader.families.family import Family
from reader.families.llava_rad import LLAVA_RAD
from reader.families.maira2 import MAIRA2
from reader.families.medgemma import MEDGEMMA, MEDGEMMA_1_5
from reader.weights.loaders import LOADERS
from tests.reader.weights.decoding import noise

FAMILIES: dict[str, Family] = {family.key: family for family in (LLAVA_RAD, MAIRA2, MEDGEMMA_1_5)}
CPU = torch.device("cpu")


@pytest.fixture(params=sorted(FAMILIES))
def family(request: pytest.FixtureRequest) -> Family:
    return FAMILIES[request.param]


@pytest.fixture
def copy(family: Family, family_folders: dict[str, Path], tmp_path: Path) -> Path:
    return Path(shutil.copytree(family_folders[family.key], tmp_path / "copy"))


def _load(family: Family, folder: Path) -> LocalModel:
    return LOADERS[family.key](folder, CPU, torch.float32)


def _weights(folder: Path) -> Path:
    """Give the file that holds the vision tower."""
    return max(folder.glob("*.safetensors"))


def _change_weights(
    folder: Path, change: Callable[[dict[str, torch.Tensor]], None], *, file: Path | None = None
) -> None:
    file = file or _weights(folder)
    weights = load_file(file)
    change(weights)
    save_file(weights, file, metadata={"format": "pt"})
    index = folder / "model.safetensors.index.json"
    if index.exists():
        values = json.loads(index.read_text())
        places = {name: at for name, at in values["weight_map"].items() if at != file.name}
        values["weight_map"] = places | dict.fromkeys(weights, file.name)
        index.write_text(json.dumps(values))


def _change_json(file: Path, change: Callable[[dict[str, Any]], None]) -> None:
    values = json.loads(file.read_text())
    change(values)
    file.write_text(json.dumps(values))


def test_a_whole_folder_loads_and_sees_its_picture(
    family: Family, family_folders: dict[str, Path]
) -> None:
    local = _load(family, family_folders[family.key])
    assert type(local.model).__name__ == family.architecture
    assert not local.model.training
    with torch.inference_mode():
        one, other = (
            local.features(local.image_tensors(noise(90, 70, seed=seed))) for seed in (0, 1)
        )
    assert one.shape == other.shape
    assert one.shape[1] == local.model.get_input_embeddings().weight.shape[1]
    assert not torch.allclose(one, other)
    assert local.image_id in local.silent_ids


def test_one_renamed_weight_is_fatal(family: Family, copy: Path) -> None:
    def rename(weights: dict[str, torch.Tensor]) -> None:
        name = next(name for name in sorted(weights) if "norm1.weight" in name)
        weights[name.replace("norm1", "norm_1")] = weights.pop(name)

    _change_weights(copy, rename)
    with pytest.raises(ModelFolderError, match="keys, such as"):
        _load(family, copy)


def test_one_weight_too_many_is_fatal(family: Family, copy: Path) -> None:
    _change_weights(copy, lambda weights: weights.update({"more.weight": torch.zeros(2)}))
    with pytest.raises(ModelFolderError, match="1 unexpected keys, such as"):
        _load(family, copy)


def test_one_weight_of_another_shape_is_fatal(family: Family, copy: Path) -> None:
    def cut(weights: dict[str, torch.Tensor]) -> None:
        name = next(name for name in sorted(weights) if name.endswith("fc1.weight"))
        weights[name] = weights[name][:-1].clone()

    _change_weights(copy, cut)
    with pytest.raises(ModelFolderError, match="1 mismatched keys, such as"):
        _load(family, copy)


def test_a_cut_file_is_fatal(family: Family, copy: Path) -> None:
    data = _weights(copy).read_bytes()
    _weights(copy).write_bytes(data[: len(data) // 2])
    with pytest.raises(ModelFolderError, match="weights cannot be loaded"):
        _load(family, copy)


@pytest.mark.parametrize(
    "name", ["image_mean", "image_std", "resample", "rescale_factor", "size", "do_normalize"]
)
def test_a_processor_value_is_never_taken_by_default(family: Family, copy: Path, name: str) -> None:
    _change_json(copy / "preprocessor_config.json", lambda values: values.pop(name))
    with pytest.raises(ModelFolderError, match=name):
        _load(family, copy)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("image_processor_type", "ViTImageProcessor"),
        ("do_rescale", False),
        ("do_pan_and_scan", True),
        ("image_mean", [0.5]),
        ("resample", 77),
        ("size", {"height": 84, "width": 84}),
        ("size", {"shortest_edge": 20}),
    ],
)
def test_a_processor_that_does_something_else_is_fatal(
    family: Family, copy: Path, name: str, value: object
) -> None:
    _change_json(copy / "preprocessor_config.json", lambda values: values.update({name: value}))
    with pytest.raises(ModelFolderError, match=r"processor|image_mean"):
        _load(family, copy)


def test_a_folder_without_its_own_tokenizer_file_is_fatal(family: Family, copy: Path) -> None:
    (copy / "tokenizer.json").unlink()
    with pytest.raises(ModelFolderError, match=r"no tokenizer\.json"):
        _load(family, copy)


def test_an_image_token_under_another_number_is_fatal(family: Family, copy: Path) -> None:
    _change_json(
        copy / "config.json", lambda values: values.update(image_token_index=7, image_token_id=7)
    )
    with pytest.raises(ModelFolderError, match=r"its tokenizer lacks <image.* as token 7"):
        _load(family, copy)


def test_a_folder_that_names_no_end_of_an_answer_is_fatal(family: Family, copy: Path) -> None:
    _change_json(copy / "generation_config.json", lambda values: values.update(eos_token_id=None))
    local = _load(family, copy)
    assert local.end_ids == {local.tokenizer.eos_token_id}
    _change_json(copy / "tokenizer_config.json", lambda values: values.pop("eos_token"))
    with pytest.raises(ModelFolderError, match="names an end of an answer"):
        _load(family, copy)


@pytest.mark.parametrize("penalty", [0, -1.5, "1", True])
def test_a_penalty_that_is_none_is_fatal(family: Family, copy: Path, penalty: object) -> None:
    _change_json(
        copy / "generation_config.json", lambda values: values.update(repetition_penalty=penalty)
    )
    with pytest.raises(ModelFolderError, match="repetition penalty"):
        _load(family, copy)


@pytest.mark.parametrize("key", ["maira2", "medgemma_1_5"])
@pytest.mark.parametrize("found", ["", "one blank more "])
def test_turns_that_are_not_the_folders_own_are_fatal(
    family_folders: dict[str, Path], tmp_path: Path, key: str, found: str
) -> None:
    copy = Path(shutil.copytree(family_folders[key], tmp_path / "copy"))
    template = copy / "chat_template.jinja"
    template.write_text(f"{template.read_text()} " if found else "{{ nobody.there.at.all }}")
    with pytest.raises(ModelFolderError, match="its chat template"):
        _load(FAMILIES[key], copy)


@pytest.mark.parametrize("key", ["maira2", "medgemma_1_5"])
def test_a_template_may_stand_in_the_processors_old_file(
    family_folders: dict[str, Path], tmp_path: Path, key: str
) -> None:
    copy = Path(shutil.copytree(family_folders[key], tmp_path / "copy"))
    template = (copy / "chat_template.jinja").read_text()
    (copy / "chat_template.jinja").unlink()
    with pytest.raises(ModelFolderError, match="no chat template"):
        _load(FAMILIES[key], copy)
    (copy / "chat_template.json").write_text(json.dumps({"chat_template": template}))
    _load(FAMILIES[key], copy)


@pytest.mark.parametrize(
    ("key", "name", "value"),
    [
        ("maira2", "vision_feature_layer", -2),
        ("maira2", "vision_feature_select_strategy", "full"),
        ("llava_rad", "vision_feature_layer", -1),
        ("llava_rad", "vision_feature_select_strategy", "full"),
    ],
)
def test_a_tower_that_is_read_elsewhere_is_fatal(
    family_folders: dict[str, Path], tmp_path: Path, key: str, name: str, value: object
) -> None:
    copy = Path(shutil.copytree(family_folders[key], tmp_path / "copy"))
    _change_json(copy / "config.json", lambda values: values.update({name: value}))
    with pytest.raises(ModelFolderError, match="its tower"):
        _load(FAMILIES[key], copy)


def test_maira2s_positions_are_stretched_as_its_folder_says(
    family_folders: dict[str, Path],
) -> None:
    local = _load(MAIRA2, family_folders["maira2"])
    frequencies = local.model.model.language_model.rotary_emb.inv_freq
    assert frequencies[0] == pytest.approx(1 / 1.5)


def test_medgemmas_old_configuration_keeps_its_windows(family_folders: dict[str, Path]) -> None:
    local = _load(MEDGEMMA, family_folders["medgemma_1_5"])
    text = local.model.config.get_text_config()
    assert text.layer_types == ["sliding_attention", "full_attention", "sliding_attention"]
    assert local.sliding_window == text.sliding_window == 12
    assert text.rope_parameters["full_attention"]["factor"] == 8.0
    assert local.turn_end == "<end_of_turn>"
    assert len(local.end_ids) == 2
