"""Which family a model folder belongs to, and what each family declares."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import torch

from core.errors import ModelFolderError
from core.labels import Label
from core.reading import ModelIdentity
from reader import prompts
from reader.model_folder import ModelFolder
from reader.onevision import load_onevision
from reader.protocol import Reader
from reader.radvlm import RadvlmReader


@dataclass(frozen=True, slots=True)
class Options:
    """How a model is to be run.

    Parameters
    ----------
    device, dtype
        Where, and in which arithmetic.
    system_prompt
        Whether the family's system turn is put before the question.
    maximum_new_tokens
        Length at which an answer is cut.
    again
        Loads the same reader once more; this is what travels to another process, since a loaded
        model of `transformers` does not survive the trip.
    """

    device: torch.device
    dtype: torch.dtype
    system_prompt: bool
    maximum_new_tokens: int
    again: Callable[[], Reader]


@dataclass(frozen=True, slots=True)
class Family:
    """A kind of models that are prompted and parsed alike.

    Parameters
    ----------
    key
        Its name in a declaration.
    architecture
        The class that the folder's `config.json` names.
    prompt_version
        Version of its words.
    licence, intended_use
        What holds for its models unless a folder declares its own.
    labels
        What its models were trained on unless a folder declares its own.
    load
        Loads a folder.
    """

    key: str
    architecture: str
    prompt_version: str
    licence: str
    intended_use: str
    labels: tuple[Label, ...]
    load: Callable[[ModelFolder, ModelIdentity, Options], Reader]


def _load_radvlm(folder: ModelFolder, identity: ModelIdentity, options: Options) -> Reader:
    engine = load_onevision(folder.path, options.device, options.dtype)
    return RadvlmReader(
        engine=engine,
        identity=identity,
        system_prompt=options.system_prompt,
        maximum_new_tokens=options.maximum_new_tokens,
        again=options.again,
    )


FAMILIES: Final = (
    Family(
        key="radvlm",
        architecture="LlavaOnevisionForConditionalGeneration",
        prompt_version=prompts.PROMPT_VERSION,
        licence="CC BY-NC 4.0 (PhysioNet, credentialed)",
        intended_use="Research only; not for clinical decisions.",
        labels=tuple(Label),
        load=_load_radvlm,
    ),
)


def family_of(folder: ModelFolder) -> Family:
    """Find the family of a folder.

    Raises
    ------
    ModelFolderError
        If no family has its architecture, or its declaration names another one.
    """
    declared = folder.declaration.family
    for family in FAMILIES:
        if family.architecture == folder.architecture and declared in {None, family.key}:
            return family
    known = ", ".join(f"{family.key} ({family.architecture})" for family in FAMILIES)
    message = (
        f"{folder.path} holds a {folder.architecture} of the family {declared or 'not declared'}; "
        f"known are {known}"
    )
    raise ModelFolderError(message)
