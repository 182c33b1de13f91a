"""From a model's folder to a reader."""

from functools import partial
from pathlib import Path
from typing import Final

from core.errors import SettingsError
from core.reading import ModelIdentity
from reader.hardware import choose_device, choose_dtype
from reader.model_folder import ModelFolder, open_folder
from reader.protocol import Reader
from reader.registry import Family, Options, family_of

DEMO_MODEL: Final = Path(__file__).with_name("demo_model")
MAXIMUM_NEW_TOKENS: Final = 1500
"""As RadVLM's published inference."""


def load_reader(
    folder: Path | None = None,
    *,
    device: str = "auto",
    dtype: str = "auto",
    system_prompt: bool = False,
    maximum_new_tokens: int = MAXIMUM_NEW_TOKENS,
) -> Reader:
    """Load a model.

    Parameters
    ----------
    folder
        The model's folder; None is the demonstration model that comes with FirstRead.
    device
        `cpu`, `cuda`, `cuda:1`, ...; `auto` takes CUDA where there is one.
    dtype
        `float32`, `float16`, `bfloat16`; `auto` is float16 on CUDA and float32 on a CPU.
    system_prompt
        Put the system turn of RadVLM's training before the question; its published inference
        leaves it out.
    maximum_new_tokens
        Length at which an answer is cut.

    Returns
    -------
    Reader
        Ready to read. A small model on a CPU sets this process' torch to one thread.

    Raises
    ------
    ModelFolderError
        If the folder is incomplete, altered or of an unknown kind.
    SettingsError
        If the device, the arithmetic or the length cannot be had.
    OutOfMemoryError
        If there is no room for the model.
    """
    if maximum_new_tokens < 1:
        message = f"maximum_new_tokens must be at least 1, not {maximum_new_tokens}"
        raise SettingsError(message)
    chosen = choose_device(device)
    options = Options(
        device=chosen,
        dtype=choose_dtype(dtype, chosen),
        system_prompt=system_prompt,
        maximum_new_tokens=maximum_new_tokens,
        again=partial(
            load_reader,
            folder,
            device=device,
            dtype=dtype,
            system_prompt=system_prompt,
            maximum_new_tokens=maximum_new_tokens,
        ),
    )
    opened = open_folder(folder or DEMO_MODEL)
    family = family_of(opened)
    return family.load(opened, _identity(opened, family, options), options)


def _identity(folder: ModelFolder, family: Family, options: Options) -> ModelIdentity:
    declared = folder.declaration
    # The system turn changes the answers, so it is part of the prompts' version.
    prompt_version = family.prompt_version + ("+system" if options.system_prompt else "")
    return ModelIdentity(
        family=family.key,
        name=declared.name or folder.path.resolve().name,
        version=declared.version or folder.sha256[:12],
        weights_sha256=folder.sha256,
        dtype=str(options.dtype).removeprefix("torch."),
        device=str(options.device),
        prompt_version=prompt_version,
        licence=declared.licence or family.licence,
        intended_use=declared.intended_use or family.intended_use,
        demo=declared.demo,
        labels=declared.labels or family.labels,
    )
