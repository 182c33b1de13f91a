"""The conversion of LLaVA-Rad, on small parts under the published names.

Covered: every weight of the result against its formula, what is refused, and that nothing half
is left. Not covered: the published parts themselves, which cannot be had here.
"""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from commands.model import convert_llava_rad as command
from core.errors import ModelFolderError
from reader.convert.llava_rad import convert_llava_rad
from reader.convert.llava_rad_parts import ADAPTER_FILES
from reader.families.llava_rad import LLAVA_RAD
from reader.model_folder import open_folder
from reader.weights.llava_rad import load_llava_rad
from tests.reader.weights.small_llava_rad import (
    ALPHA,
    LAYERS,
    RANK,
    SIDE,
    TARGETS,
    save_small_adapter,
    save_small_base,
    small_trunk,
)


@pytest.fixture
def adapter(tmp_path: Path) -> Path:
    return save_small_adapter(tmp_path / "adapter")


@pytest.fixture
def base(tmp_path: Path) -> Path:
    return save_small_base(tmp_path / "base")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "made" / "llava-rad"


def _all(folder: Path, pattern: str) -> dict[str, torch.Tensor]:
    weights: dict[str, torch.Tensor] = {}
    for file in sorted(folder.glob(pattern)):
        weights |= load_file(file) if file.suffix == ".safetensors" else torch.load(file)
    return weights


def _change(file: Path, change: Callable[[dict[str, torch.Tensor]], object]) -> None:
    weights = torch.load(file)
    change(weights)
    torch.save(weights, file)


def test_the_adapter_is_merged_in_full_precision(adapter: Path, base: Path, out: Path) -> None:
    convert_llava_rad(adapter, base, out)
    made, was = _all(out, "*.safetensors"), _all(base, "*.bin")
    pairs = torch.load(adapter / "adapter_model.bin")
    for number in range(LAYERS):
        for name in TARGETS:
            at = f"layers.{number}.{name}"
            low, high = (pairs[f"base_model.model.model.{at}.lora_{x}.weight"] for x in "AB")
            wanted = was[f"model.{at}.weight"].float() + ALPHA / RANK * (high @ low)
            assert torch.equal(made[f"model.language_model.{at}.weight"], wanted.half())
        norm = f"layers.{number}.input_layernorm.weight"
        assert torch.equal(made[f"model.language_model.{norm}"], was[f"model.{norm}"])


def test_rows_for_the_image_token_are_zeros(adapter: Path, base: Path, out: Path) -> None:
    convert_llava_rad(adapter, base, out)
    made, was = _all(out, "*.safetensors"), _all(base, "*.bin")
    for new, old in (
        ("model.language_model.embed_tokens.weight", "model.embed_tokens.weight"),
        ("lm_head.weight", "lm_head.weight"),
    ):
        rows = len(was[old])
        assert torch.equal(made[new][:rows], was[old])
        assert len(made[new]) % 64 == 0
        assert len(made[new]) > rows
        assert not made[new][rows:].any()
    config = json.loads((out / "config.json").read_text())
    assert config["image_token_index"] == len(was["lm_head.weight"])
    assert not any("inv_freq" in name for name in made)


def test_tower_and_projector_are_the_published_ones(adapter: Path, base: Path, out: Path) -> None:
    convert_llava_rad(adapter, base, out)
    made, trunk = _all(out, "*.safetensors"), small_trunk()
    positions = made["model.vision_tower.embeddings.position_embeddings"]
    assert torch.equal(positions, trunk["pos_embed"].half())
    projector = torch.load(adapter / "non_lora_trainables.bin")
    for number, name in (("0", "linear_1"), ("2", "linear_2")):
        for kind in ("weight", "bias"):
            was = projector[f"base_model.model.model.mm_projector.{number}.{kind}"]
            assert torch.equal(made[f"model.multi_modal_projector.{name}.{kind}"], was.half())


def test_the_folder_says_what_it_is_and_loads(adapter: Path, base: Path, out: Path) -> None:
    told: list[str] = []
    convert_llava_rad(adapter, base, out, told.append)
    opened = open_folder(out)
    assert opened.architecture == LLAVA_RAD.architecture
    assert opened.declaration.family == LLAVA_RAD.key
    local = load_llava_rad(out, torch.device("cpu"), torch.float32)
    assert local.context == 4096
    assert local.model.config.vision_config.image_size == SIDE
    made = json.loads((out / "conversion.json").read_text())
    assert made["adapted_weights"] == LAYERS * len(TARGETS)
    assert set(ADAPTER_FILES) < set(made["sources"])
    assert told[0] == "reading the parts"


def test_a_base_in_one_safetensors_file_will_do(adapter: Path, base: Path, out: Path) -> None:
    from safetensors.torch import save_file  # noqa: PLC0415 - for this test only

    whole = {name: weight.clone() for name, weight in _all(base, "*.bin").items()}
    for file in base.glob("pytorch_model*"):
        file.unlink()
    save_file(whole, base / "model.safetensors")
    convert_llava_rad(adapter, base, out)
    assert len(list(out.glob("*.safetensors"))) == 2


@pytest.mark.parametrize("name", ADAPTER_FILES)
def test_a_missing_part_is_named(adapter: Path, base: Path, out: Path, name: str) -> None:
    (adapter / name).unlink()
    with pytest.raises(ModelFolderError, match=f"there is no .*{name}"):
        convert_llava_rad(adapter, base, out)
    assert not out.parent.exists()


def test_a_missing_file_of_the_base_is_named(adapter: Path, base: Path, out: Path) -> None:
    (base / "pytorch_model-00002-of-00002.bin").unlink()
    with pytest.raises(ModelFolderError, match=r"there is no .*00002-of-00002\.bin"):
        convert_llava_rad(adapter, base, out)


@pytest.mark.parametrize(
    ("file", "name", "value", "message"),
    [
        ("adapter/config.json", "mm_vision_select_layer", -1, "mm_vision_select_layer is -1"),
        ("adapter/config.json", "image_aspect_ratio", "pad", "image_aspect_ratio is 'pad'"),
        ("adapter/config.json", "mm_projector_type", "linear", "mm_projector_type is 'linear'"),
        ("adapter/adapter_config.json", "r", 5, "no half of an adapter of rank 5"),
        ("adapter/adapter_config.json", "r", 0, "are numbers"),
        ("adapter/adapter_config.json", "use_rslora", True, "cannot be merged"),
        ("adapter/adapter_config.json", "bias", "all", "cannot be merged"),
        ("adapter/biomedclipcxr_518.json", "vision_cfg", {}, "its tower is None"),
        ("base/config.json", "rope_scaling", {"type": "linear"}, "rope_scaling"),
        ("base/config.json", "architectures", ["MistralForCausalLM"], "architectures"),
        ("base/config.json", "vocab_size", 7, "tokens, but 7 rows"),
        ("base/config.json", "num_hidden_layers", 3, "lacks 9 weights"),
        ("base/config.json", "num_hidden_layers", 1, "unknown|does not have"),
    ],
)
def test_parts_that_are_not_what_they_should_be_are_refused(
    adapter: Path, base: Path, out: Path, *, file: str, name: str, value: object, message: str
) -> None:
    path = adapter.parent / file
    path.write_text(json.dumps(json.loads(path.read_text()) | {name: value}))
    with pytest.raises(ModelFolderError, match=message):
        convert_llava_rad(adapter, base, out)
    assert not out.exists()


@pytest.mark.parametrize(
    ("file", "change", "message"),
    [
        ("adapter_model.bin", lambda w: w.pop(min(w)), "one half only"),
        ("adapter_model.bin", lambda w: w.update(x=torch.ones(2, 2)), "no half of an adapter"),
        (
            "adapter_model.bin",
            lambda w: w.update(
                {"y.lora_A.weight": torch.ones(4, 2), "y.lora_B.weight": torch.ones(2, 4)}
            ),
            "which .* does not have",
        ),
        ("non_lora_trainables.bin", lambda w: w.pop(min(w)), "differ by"),
        ("non_lora_trainables.bin", lambda w: w.update(x=torch.ones(1)), "differ by x"),
    ],
)
def test_other_tensors_than_the_published_are_refused(
    adapter: Path,
    base: Path,
    out: Path,
    *,
    file: str,
    change: Callable[[dict[str, torch.Tensor]], object],
    message: str,
) -> None:
    _change(adapter / file, change)
    with pytest.raises(ModelFolderError, match=message):
        convert_llava_rad(adapter, base, out)
    assert not out.exists()


def test_a_weight_that_overflows_is_refused(adapter: Path, base: Path, out: Path) -> None:
    def blow_up(weights: dict[str, torch.Tensor]) -> None:
        name = min(name for name in weights if "lora_A" in name)
        weights[name] = torch.full_like(weights[name], 1e6)

    _change(adapter / "adapter_model.bin", blow_up)
    with pytest.raises(ModelFolderError, match="too large for"):
        convert_llava_rad(adapter, base, out)
    assert not list(out.parent.iterdir())


def test_an_interrupted_conversion_leaves_nothing(adapter: Path, base: Path, out: Path) -> None:
    def interrupt(doing: str) -> None:
        if "model-00002" in doing:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        convert_llava_rad(adapter, base, out, interrupt)
    assert not list(out.parent.iterdir())


def test_a_folder_that_is_there_is_left_alone(adapter: Path, base: Path, out: Path) -> None:
    out.mkdir(parents=True)
    with pytest.raises(ModelFolderError, match="exists already"):
        convert_llava_rad(adapter, base, out)
    assert not list(out.iterdir())


def test_the_command_converts(
    adapter: Path, base: Path, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command(adapter, base, out)
    assert "firstread model check" in capsys.readouterr().err.replace("\n", " ")
    shutil.rmtree(out)
