"""From a model's folder to a reader."""

from functools import partial
from pathlib import Path

import torch

from core.errors import FirstReadError, SettingsError
from core.reading import ModelIdentity
from reader.calibration import load_calibration
from reader.engines.local import LocalEngine
from reader.engines.local_model import LocalModel
from reader.families.family import Family
from reader.film_reader import FilmReader
from reader.hardware import choose_device, choose_dtype
from reader.model_folder import DEMO_MODEL, ModelFolder, open_folder
from reader.registry import family_of
from reader.weights.loaders import LOADERS
from reader.weights.strict_loading import refused


def load_reader(
    folder: Path | None = None,
    *,
    device: str = "auto",
    dtype: str = "auto",
    system_prompt: bool = False,
    maximum_new_tokens: int | None = None,
    calibration: Path | None = None,
) -> FilmReader:
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
        Length at which an answer is cut; None for that of the model's publishers.

    calibration
        The site's calibration of this model's scores; None for none.

    Returns
    -------
    FilmReader
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
    if maximum_new_tokens is not None and maximum_new_tokens < 1:
        message = f"maximum_new_tokens must be at least 1, not {maximum_new_tokens}"
        raise SettingsError(message)
    chosen = choose_device(device)
    arithmetic = choose_dtype(dtype, chosen)
    opened = open_folder(folder or DEMO_MODEL)
    family = family_of(opened)
    identity = _identity(
        opened, family, device=chosen, dtype=arithmetic, system_prompt=system_prompt
    )
    curves = None if calibration is None else load_calibration(calibration, identity)
    model = _loaded(family, opened.path, chosen, arithmetic)
    return FilmReader(
        engine=LocalEngine(model, maximum_new_tokens or family.maximum_new_tokens),
        family=family,
        identity=identity if curves is None else curves.identity(identity),
        system=system_prompt,
        again=partial(
            load_reader,
            folder,
            device=device,
            dtype=dtype,
            system_prompt=system_prompt,
            maximum_new_tokens=maximum_new_tokens,
            calibration=calibration,
        ),
        calibration=curves,
    )


def _loaded(family: Family, path: Path, device: torch.device, dtype: torch.dtype) -> LocalModel:
    try:
        return LOADERS[family.key](path, device, dtype)
    except FirstReadError:
        raise
    except Exception as error:  # a folder's files may make the library raise anything
        raise refused(path, f"it cannot be loaded, {type(error).__name__}", error) from error


def _identity(
    folder: ModelFolder,
    family: Family,
    *,
    device: torch.device,
    dtype: torch.dtype,
    system_prompt: bool,
) -> ModelIdentity:
    declared = folder.declaration
    # The system turn changes the answers, so it is part of the prompts' version.
    prompt_version = family.prompt_version + ("+system" if system_prompt else "")
    return ModelIdentity(
        family=family.key,
        name=declared.name or folder.path.resolve().name,
        version=declared.version or folder.sha256[:12],
        weights_sha256=folder.sha256,
        dtype=str(dtype).removeprefix("torch."),
        device=str(device),
        prompt_version=prompt_version,
        licence=declared.licence or family.licence,
        intended_use=declared.intended_use or family.intended_use,
        demo=declared.demo,
        labels=declared.labels or family.labels,
    )
