"""What the families' loaders share: nothing may be missing, left over, or taken by default.

A weight that silently fails to load, a tokenizer that cuts words in another way, or turns that
differ from the folder's own by one blank give fluent nonsense. So every gap is an error here.
"""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import torch
from safetensors import SafetensorError
from transformers import PreTrainedTokenizerFast
from transformers.utils import logging as transformers_logging

from core.errors import ModelFolderError
from reader.memory import memory_errors
from reader.model_folder import read_json

# Values that would change greedy decoding and that the decoder here does not know.
_UNKNOWN_DECODING: Final = (
    "bad_words_ids",
    "begin_suppress_tokens",
    "encoder_no_repeat_ngram_size",
    "exponential_decay_length_penalty",
    "forced_bos_token_id",
    "forced_eos_token_id",
    "min_length",
    "min_new_tokens",
    "no_repeat_ngram_size",
    "sequence_bias",
    "stop_strings",
    "suppress_tokens",
)
_REASON_LENGTH: Final = 300
_FAULTS: Final = ("missing_keys", "unexpected_keys", "mismatched_keys", "error_msgs")


def load_weights(
    path: Path, model_class: Any, dtype: torch.dtype, device: torch.device, **more: Any
) -> Any:
    """Load a folder's safetensors into a class of `transformers`, in evaluation mode.

    Parameters
    ----------
    path
        The folder.
    model_class
        What to load them into.
    dtype, device
        Arithmetic and place of the weights.
    more
        Further arguments of `from_pretrained`.

    Raises
    ------
    ModelFolderError
        If a weight is missing, left over, of another shape or no number, a file is broken, or the
        weights are not the folder's own files.
    OutOfMemoryError
        If there is no room for it.
    """
    _check_files(path)
    transformers_logging.disable_progress_bar()
    try:
        with memory_errors("loading the model"):
            loaded: Any = model_class.from_pretrained(
                path,
                dtype=dtype,
                local_files_only=True,
                use_safetensors=True,
                # Whatever the folder asks for: it may name a kernel that would be downloaded.
                attn_implementation="sdpa",
                output_loading_info=True,
                # Not to let them pass: the report then names them, and the check below refuses.
                ignore_mismatched_sizes=True,
                **more,
            )
    except (OSError, RuntimeError, ValueError, KeyError, TypeError, SafetensorError) as error:
        raise refused(path, "its weights cannot be loaded", error) from error
    model, report = loaded
    for fault in _FAULTS:
        if report.get(fault):
            names = sorted(str(name) for name in report[fault])
            message = f"{path}: {len(names)} {fault.replace('_', ' ')}, such as {names[0]}"
            raise ModelFolderError(message)
    with memory_errors("moving the model to its device"):
        model.to(device)
        broken = [name for name, weight in model.named_parameters() if not _finite(weight)]
    if broken:
        message = f"{path}: {len(broken)} weights hold what is no number, such as {broken[0]}"
        raise ModelFolderError(message)
    return model.eval()


def _check_files(path: Path) -> None:
    """Refuse weights that the folder's hash does not cover, or that are put upon another model."""
    if (path / "adapter_config.json").exists():
        message = f"{path} holds an adapter, which must be merged into its model first"
        raise ModelFolderError(message)
    index = path / "model.safetensors.index.json"
    places = read_json(index).get("weight_map") if index.exists() else {}
    if not isinstance(places, dict) or any(at != Path(str(at)).name for at in places.values()):
        message = f"{index} must name files of its own folder and nothing else"
        raise ModelFolderError(message)


@torch.inference_mode()
def _finite(weight: torch.Tensor) -> bool:
    # Least and greatest need no memory of the weight's own size, and no number hides among them.
    if not weight.numel():
        return True
    least, greatest = weight.aminmax()
    return bool(torch.isfinite(least) & torch.isfinite(greatest))


def load_tokenizer(path: Path, marks: Mapping[str, int | None]) -> Any:
    """Load a folder's tokenizer exactly as its `tokenizer.json` describes it.

    The class that `tokenizer_config.json` names is passed over on purpose: such classes build
    their own rules of cutting, which may differ from the file's.

    Parameters
    ----------
    path
        The folder.
    marks
        The tokens that the family's turns are made of, with their ids where the model's
        configuration says them.

    Raises
    ------
    ModelFolderError
        If it cannot be loaded, or lacks one of the marks.
    """
    if not (path / "tokenizer.json").exists():
        message = f"{path} has no tokenizer.json"
        raise ModelFolderError(message)
    try:
        tokenizer: Any = PreTrainedTokenizerFast.from_pretrained(path, local_files_only=True)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise refused(path, "its tokenizer cannot be loaded", error) from error
    for mark, wanted in marks.items():
        ids = tokenizer(mark, add_special_tokens=False)["input_ids"]
        if len(ids) != 1 or wanted not in {None, ids[0]}:
            as_token = "" if wanted is None else f" as token {wanted}"
            message = f"{path}: its tokenizer lacks {mark}{as_token}"
            raise ModelFolderError(message)
    return tokenizer


def check_turns(
    path: Path, tokenizer: Any, messages: Sequence[Mapping[str, Any]], expected: str
) -> None:
    """Refuse a folder whose own chat template writes other turns than the family does.

    Parameters
    ----------
    path
        The folder.
    tokenizer
        Its tokenizer; a template in `chat_template.json` is taken where it has none.
    messages
        A conversation as the template wants it.
    expected
        What the family writes for it.

    Raises
    ------
    ModelFolderError
        If there is no template, or it writes anything else.
    """
    template = tokenizer.chat_template
    if template is None and (path / "chat_template.json").exists():
        template = read_json(path / "chat_template.json").get("chat_template")
    if not isinstance(template, str):
        message = f"{path} has no chat template to check the prompts against"
        raise ModelFolderError(message)
    try:
        written = tokenizer.apply_chat_template(
            list(messages), chat_template=template, add_generation_prompt=True, tokenize=False
        )
    except Exception as error:  # a template is a program: it may raise anything
        raise refused(path, "its chat template cannot be used", error) from error
    if written != expected:
        message = f"{path}: its chat template writes {written!r}, not {expected!r}"
        raise ModelFolderError(message)


def end_ids(path: Path, tokenizer: Any) -> frozenset[int]:
    """Give the tokens that end an answer, as the folder's generation file says them.

    Raises
    ------
    ModelFolderError
        If neither that file nor the tokenizer names one.
    """
    ends = _generation(path).get("eos_token_id")
    if ends is None:
        ends = tokenizer.eos_token_id
    if isinstance(ends, int):
        ends = [ends]
    if not (isinstance(ends, list) and ends and all(isinstance(end, int) for end in ends)):
        message = f"{path}: neither its generation nor its tokenizer file names an end of an answer"
        raise ModelFolderError(message)
    return frozenset(ends)


def repetition_penalty(path: Path) -> float:
    """Give the folder's repetition penalty, 1 where it says none.

    Raises
    ------
    ModelFolderError
        If it is no positive number.
    """
    penalty = _generation(path).get("repetition_penalty")
    if penalty is None:
        return 1.0
    number = isinstance(penalty, int | float) and not isinstance(penalty, bool)
    if not number or not 0 < penalty < math.inf:
        message = f"{path}: a repetition penalty must be a positive number, not {penalty!r}"
        raise ModelFolderError(message)
    return float(penalty)


def silent_ids(model: Any, tokenizer: Any, image_id: int) -> tuple[int, ...]:
    """Give the tokens that no answer may hold: the image's own, and rows that are no token."""
    rows = int(model.get_output_embeddings().weight.shape[0])
    known = set(tokenizer.get_vocab().values())
    return tuple(row for row in range(rows) if row == image_id or row not in known)


def refused(path: Path, what: str, error: Exception) -> ModelFolderError:
    """Make the error for a folder that something else has found wanting."""
    reason = " ".join(str(error).split())[:_REASON_LENGTH]
    return ModelFolderError(f"{path}: {what}: {reason}")


def _generation(path: Path) -> dict[str, Any]:
    file = path / "generation_config.json"
    values = read_json(file) if file.exists() else {}
    strange = [name for name in _UNKNOWN_DECODING if values.get(name)]
    if strange:
        message = f"{path}: its generation file asks for {', '.join(strange)}, unknown here"
        raise ModelFolderError(message)
    return values
