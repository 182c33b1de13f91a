"""Makes one folder of LLaVA-Rad's parts: base, adapter, projector and tower.

Microsoft publishes an adapter for `lmsys/vicuna-7b-v1.5`, a projector and a vision tower. They
are put together once, into safetensors that `reader.weights.llava_rad` loads: the adapter is
merged in float32, and an image token stands behind the vocabulary with rows of zeros, up to a
round number that graphics cards multiply well. The weights are stored in float16, as the base is.

The folder appears under its name only when it is whole. Memory is wanted for the largest file of
the base, once more in float16.
"""

import hashlib
import json
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import torch
from safetensors.torch import save_file

from core.errors import ModelFolderError
from reader.convert.llama_tokenizer import SPECIAL, llama_tokenizer
from reader.convert.llava_rad_parts import Parts, read_parts
from reader.convert.pickles import read_tensors
from reader.families.llava_rad import IMAGE_TOKEN, LLAVA_RAD
from reader.model_folder import DECLARATION
from reader.weights.llava_rad import FEATURE_LAYER, FEATURE_STRATEGY, PROCESSOR

_LAYER: Final = (
    "input_layernorm",
    "post_attention_layernorm",
    *(f"self_attn.{name}_proj" for name in "qkvo"),
    *(f"mlp.{name}_proj" for name in ("gate", "up", "down")),
)
_DERIVED: Final = re.compile(r"model\.layers\.\d+\.self_attn\.rotary_emb\.inv_freq")
"""Kept by old versions of `transformers`; computed from the configuration today."""
_EMBEDDINGS: Final = ("model.embed_tokens.weight", "lm_head.weight")
_ROUND: Final = 64
_STORED: Final = torch.float16
# open_clip's transform for evaluation, with OpenAI's statistics.
_MEAN: Final = [0.48145466, 0.4578275, 0.40821073]
_STD: Final = [0.26862954, 0.26130258, 0.27577711]
_CHUNK: Final = 1 << 22


def convert_llava_rad(
    adapter: Path, base: Path, out: Path, on_progress: Callable[[str], None] = lambda _: None
) -> None:
    """Put LLaVA-Rad's parts together.

    Parameters
    ----------
    adapter
        The published folder `microsoft/llava-rad`.
    base
        The folder `lmsys/vicuna-7b-v1.5`.
    out
        The folder to be made; must not exist.
    on_progress
        Hears what is being done.

    Raises
    ------
    ModelFolderError
        If `out` exists, or a part is missing, broken or not what it should be. Then, as after an
        interruption, there is no folder `out`.
    """
    if out.exists():
        message = f"{out} exists already"
        raise ModelFolderError(message)
    on_progress("reading the parts")
    parts = read_parts(adapter, base)
    tokenizer = llama_tokenizer(base, IMAGE_TOKEN)
    image_id = int(str(tokenizer.convert_tokens_to_ids(IMAGE_TOKEN)))
    if image_id != parts.text["vocab_size"]:
        message = f"{base}: {image_id} tokens, but {parts.text['vocab_size']} rows of embeddings"
        raise ModelFolderError(message)
    out.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.parent))
    try:
        _write_weights(parts, work, on_progress)
        tokenizer.save_pretrained(work)
        for name, values in _descriptions(parts, image_id).items():
            (work / name).write_text(json.dumps(values, indent=2) + "\n")
        work.chmod(0o755)
        work.rename(out)
    except BaseException:
        shutil.rmtree(work, ignore_errors=True)
        raise


def _write_weights(parts: Parts, work: Path, on_progress: Callable[[str], None]) -> None:
    expected = set(_base_names(parts.text["num_hidden_layers"]))
    unknown = parts.adapter.pairs.keys() - expected
    if unknown:
        message = f"the adapter adapts {min(unknown)}, which {parts.base} does not have"
        raise ModelFolderError(message)
    places: dict[str, str] = {}
    total = 0
    count = len(parts.shards) + 1
    for number in range(1, count + 1):
        name = f"model-{number:05}-of-{count:05}.safetensors"
        on_progress(f"writing {name}")
        if number < count:
            shard = dict(_merged(parts, read_tensors(parts.shards[number - 1]), expected))
        else:
            shard = {key: _stored(key, tensor) for key, tensor in parts.rest.items()}
        save_file(shard, work / name, metadata={"format": "pt"})
        places |= dict.fromkeys(shard, name)
        total += sum(tensor.numel() * tensor.element_size() for tensor in shard.values())
    if expected:
        message = f"{parts.base} lacks {len(expected)} weights, such as {min(expected)}"
        raise ModelFolderError(message)
    index = {"metadata": {"total_size": total}, "weight_map": places}
    (work / "model.safetensors.index.json").write_text(json.dumps(index, indent=2) + "\n")


def _merged(
    parts: Parts, tensors: Mapping[str, torch.Tensor], expected: set[str]
) -> Iterator[tuple[str, torch.Tensor]]:
    """Give the base's weights, merged and under their new names; takes them from `expected`."""
    for name, tensor in tensors.items():
        if _DERIVED.fullmatch(name):
            continue
        if name not in expected:
            message = f"{parts.base}: {name} is unknown, or there twice"
            raise ModelFolderError(message)
        expected.remove(name)
        weight = parts.adapter.merged(name, tensor)
        if name in _EMBEDDINGS:
            weight = _widened(parts, name, weight)
        yield (
            re.sub(r"^model\.", "model.language_model.", name),
            _stored(name, weight),
        )


def _widened(parts: Parts, name: str, weight: torch.Tensor) -> torch.Tensor:
    rows = parts.text["vocab_size"]
    if len(weight) != rows:
        message = f"{parts.base}: {name} has {len(weight)} rows, its configuration says {rows}"
        raise ModelFolderError(message)
    return torch.cat([weight, weight.new_zeros(_rows(rows) - rows, weight.shape[1])])


def _stored(name: str, weight: torch.Tensor) -> torch.Tensor:
    stored = weight.to(_STORED).contiguous().clone()
    if not torch.isfinite(stored).all():
        message = f"{name} has values that are no numbers, or too large for {_STORED}"
        raise ModelFolderError(message)
    return stored


def _base_names(layers: int) -> Iterator[str]:
    yield from _EMBEDDINGS
    yield "model.norm.weight"
    for number in range(layers):
        for name in _LAYER:
            yield f"model.layers.{number}.{name}.weight"


def _rows(vocabulary: int) -> int:
    """Give the rows that hold a vocabulary and the image token: a multiple of 64."""
    return -(-(vocabulary + 1) // _ROUND) * _ROUND


def _descriptions(parts: Parts, image_id: int) -> dict[str, Any]:
    side = parts.tower["image_size"]
    ids = {"pad_token_id": SPECIAL["<unk>"], "bos_token_id": SPECIAL["<s>"]}
    ids["eos_token_id"] = SPECIAL["</s>"]
    text = {**parts.text, **ids, "model_type": "llama", "tie_word_embeddings": False}
    text["vocab_size"] = _rows(image_id)
    return {
        "config.json": {
            "architectures": [LLAVA_RAD.architecture],
            "dtype": str(_STORED).removeprefix("torch."),
            "image_seq_length": (side // parts.tower["patch_size"]) ** 2,
            "image_token_index": image_id,
            "model_type": "llava",
            "multimodal_projector_bias": True,
            "pad_token_id": ids["pad_token_id"],
            "projector_hidden_act": "gelu",
            "text_config": text,
            "tie_word_embeddings": False,
            "vision_config": dict(parts.tower),
            "vision_feature_layer": FEATURE_LAYER,
            "vision_feature_select_strategy": FEATURE_STRATEGY,
        },
        "generation_config.json": ids,
        "preprocessor_config.json": {
            "crop_size": {"height": side, "width": side},
            "do_center_crop": True,
            "do_convert_rgb": True,
            "do_normalize": True,
            "do_rescale": True,
            "do_resize": True,
            "image_mean": _MEAN,
            "image_processor_type": PROCESSOR,
            "image_std": _STD,
            "resample": 3,
            "rescale_factor": 1 / 255,
            "size": {"shortest_edge": side},
        },
        DECLARATION: {
            "name": "LLaVA-Rad",
            "family": LLAVA_RAD.key,
            "licence": LLAVA_RAD.licence,
            "intended_use": LLAVA_RAD.intended_use,
        },
        "conversion.json": {
            "merged": f"W + (alpha / r) B A in float32, alpha / r = {parts.adapter.scale}",
            "adapted_weights": len(parts.adapter.pairs),
            "sources": {source.name: _sha256(source) for source in parts.sources},
        },
    }


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
