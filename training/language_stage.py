"""Second stage of the demonstration model: projector and decoder learn to say what was seen."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from transformers import LlavaOnevisionForConditionalGeneration, PreTrainedTokenizerBase

from core.labels import Label
from reader import prompts
from training.checkpoints import load_checkpoint, save_checkpoint
from training.encoder_stage import learning_rate, pixels_of
from training.films import FilmStore
from training.findings import LABELS
from training.instructions import Style, Task, turns
from training.packing import IGNORED, Packed, attention_mask, pack, positions
from training.records import record_of
from training.tokenizer import NUMBERS

_LOG = logging.getLogger(__name__)
_REPORT_EVERY: Final = 50
_MATRIX: Final = 2
# What one film is asked in one update, and how often: long answers less often than short ones.
_ASKED: Final = (
    (Task.REPORT, 0.35),
    (Task.CLASSIFICATION, 0.6),
    (Task.ABNORMALITY, 1.0),
    (Task.ABNORMALITY, 1.0),
    (Task.ABNORMALITY, 0.6),
    (Task.ANATOMY, 0.35),
    (Task.PHRASE, 0.4),
    (Task.DETECTION, 0.4),
    (Task.CONVERSATION, 0.8),
)
# A coordinate's neighbours are nearly right: what each step of 0.01 away from it is worth.
_NEAR: Final = (0.5, 0.2, 0.05)
# Places are harder to learn than words: what a coordinate's error counts beside a word's.
_NUMBER_WORTH: Final = 2.0


@dataclass(frozen=True)
class LanguagePlan:
    """How long and how fast projector and decoder learn.

    Parameters
    ----------
    steps
        Number of updates.
    batch
        Films in each, all tasks asked of each.
    rate
        Highest learning rate.
    warmup
        Updates until it is reached.
    save_every
        Updates between checkpoints.
    """

    steps: int = 2400
    batch: int = 8
    rate: float = 1.5e-3
    warmup: int = 100
    save_every: int = 100


def conversations(truth: dict[str, Any], rng: np.random.Generator) -> list[list[tuple[str, str]]]:
    """Ask everything of one phantom; what it gives nothing for is left out."""
    record = record_of(truth, image="phantom")
    style = Style(0.2, tuple(Label(label) for label in LABELS))
    made = [turns(record, task, style, rng) for task, share in _ASKED if rng.random() < share]
    # The same question twice teaches nothing more than once.
    return [spoken for number, spoken in enumerate(made) if spoken and spoken not in made[:number]]


def film_features(
    model: LlavaOnevisionForConditionalGeneration, tiles: npt.NDArray[np.uint8]
) -> torch.Tensor:
    """Give the encoder's features of both tiles of films.

    Parameters
    ----------
    model
        The model; its encoder learns nothing from this.
    tiles
        uint8 (films, 2, size, size).

    Returns
    -------
    Tensor
        float32 (films, 2, patches, width).
    """
    flat = torch.from_numpy(np.ascontiguousarray(tiles)).flatten(0, 1)
    # A square film's second tile is its first: not computed again.
    twin = torch.zeros(len(flat), dtype=torch.bool)
    twin[1::2] = (flat[0::2] == flat[1::2]).flatten(1).all(dim=1)
    with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
        tower = model.model.vision_tower
        states = tower(pixels_of(flat[~twin]), output_hidden_states=True).hidden_states[-1]
    source = (~twin).cumsum(dim=0) - 1
    features: torch.Tensor = states.float()[source].unflatten(0, (-1, 2))
    return features


def film_embeddings(
    model: LlavaOnevisionForConditionalGeneration, features: torch.Tensor, aspects: Sequence[float]
) -> list[torch.Tensor]:
    """Project features and lay them out as the model itself does.

    Parameters
    ----------
    model
        The model; its projector and its own packing are used.
    features
        From `film_features`.
    aspects
        Width over height of each film.

    Returns
    -------
    list of Tensor
        (tokens, hidden) of each film; a narrow film has fewer.
    """
    inner = model.model
    projected = inner.multi_modal_projector(features)
    sizes = torch.tensor([(2000, round(2000 * aspect)) for aspect in aspects])
    packed, _ = inner.pack_image_features(
        list(projected),
        sizes,
        image_newline=inner.image_newline,
        vision_aspect_ratio="anyres_max_9",
    )
    return list(packed)


def batch_loss(
    model: LlavaOnevisionForConditionalGeneration,
    films: list[torch.Tensor],
    packs: Sequence[Packed],
    before: torch.Tensor,
    numbers: torch.Tensor,
) -> torch.Tensor:
    """Give the loss over the answers of one batch.

    Parameters
    ----------
    model
        The model.
    films
        From `film_embeddings`.
    packs
        The conversations about each.
    before
        Tokens that stand before the film.
    numbers
        int64 (101,): ids of 0.0 to 1.0.
    """
    embed = model.get_input_embeddings()
    start = embed(before)
    rows = [
        torch.cat([start, film.to(start.dtype), embed(said.tokens)])
        for film, said in zip(films, packs, strict=True)
    ]
    length = max(len(row) for row in rows)
    inputs = torch.stack([nn.functional.pad(row, (0, 0, 0, length - len(row))) for row in rows])
    segments = torch.full((len(rows), length), -1)
    targets = torch.full((len(rows), length), IGNORED)
    for row, (film, said) in enumerate(zip(films, packs, strict=True)):
        head = len(start) + len(film)
        segments[row, :head] = 0
        segments[row, head : head + len(said.tokens)] = said.segments
        targets[row, head : head + len(said.tokens)] = said.targets
    with torch.autocast("cpu", dtype=torch.bfloat16):
        states = model.model.language_model(
            inputs_embeds=inputs,
            attention_mask=attention_mask(segments, torch.bfloat16),
            position_ids=positions(segments),
            use_cache=False,
        ).last_hidden_state
        wanted = targets[:, 1:]
        learnt = wanted != IGNORED
        logits = model.lm_head(states[:, :-1][learnt])
    return answer_loss(logits.float(), wanted[learnt], numbers)


def answer_loss(logits: torch.Tensor, targets: torch.Tensor, numbers: torch.Tensor) -> torch.Tensor:
    """Give the cross-entropy, lenient to a coordinate's neighbours.

    Parameters
    ----------
    logits
        float (tokens, vocabulary).
    targets
        int64 (tokens,).
    numbers
        int64 (101,): ids of 0.0 to 1.0.
    """
    likely = logits.log_softmax(dim=-1)
    exact = -likely.gather(1, targets[:, None]).squeeze(1)
    place = torch.full((logits.shape[1],), -1)
    place[numbers] = torch.arange(len(numbers))
    step = place[targets]
    is_number = step >= 0
    if not bool(is_number.any()):
        return exact.mean()
    row, step = likely[is_number], step[is_number]
    near = torch.zeros(len(step))
    for distance, worth in enumerate(_NEAR):
        for sign in (1,) if distance == 0 else (-1, 1):
            other = (step + sign * distance).clamp(0, len(numbers) - 1)
            near = near - worth * row.gather(1, numbers[other][:, None]).squeeze(1)
    total = exact[~is_number].sum() + _NUMBER_WORTH * near.sum()
    return total / (len(exact) + (_NUMBER_WORTH - 1) * len(step))


def fresh_language(
    model: LlavaOnevisionForConditionalGeneration,
    features: torch.Tensor,
    tokenizer: PreTrainedTokenizerBase,
) -> None:
    """Start projector and embeddings at scales that suit the features, numbers in their order.

    Parameters
    ----------
    model
        The model, changed in place.
    features
        Some films' features, for their scale.
    tokenizer
        For the ids of numbers.
    """
    draw = torch.Generator().manual_seed(1)
    projector = model.model.multi_modal_projector
    width = features.shape[-1]
    scale = float(features.square().mean().sqrt())
    hidden = model.config.text_config.hidden_size
    with torch.no_grad():
        projector.linear_1.weight.normal_(0, 1.5 / (scale * width**0.5), generator=draw)
        projector.linear_2.weight.normal_(0, 0.15 / hidden**0.5, generator=draw)
        projector.linear_1.bias.zero_()
        projector.linear_2.bias.zero_()
        embeddings = model.get_input_embeddings().weight
        embeddings.normal_(0, 0.06, generator=draw)
        # Neighbouring coordinates begin alike: smooth functions of the number.
        places = torch.linspace(0, 1, len(NUMBERS))[:, None]
        waves = torch.randn(1, hidden, generator=draw) * 12
        phases = torch.rand(1, hidden, generator=draw) * 6.2832
        ids = torch.tensor(tokenizer.convert_tokens_to_ids(list(NUMBERS)))
        embeddings[ids] = 0.06 * 2**0.5 * torch.cos(places * waves + phases)


def _optimizers(
    model: LlavaOnevisionForConditionalGeneration,
) -> list[torch.optim.Optimizer]:
    """Give Muon for the layers' matrices, AdamW for the rest; the encoder stays as it is."""
    model.model.vision_tower.requires_grad_(requires_grad=False)
    named = [(name, weight) for name, weight in model.named_parameters() if weight.requires_grad]
    inner = [w for name, w in named if ".layers." in name and w.ndim == _MATRIX]
    known = {id(weight) for weight in inner}
    others = [weight for _, weight in named if id(weight) not in known]
    return [
        torch.optim.Muon(inner, lr=1.0, weight_decay=0.02, adjust_lr_fn="match_rms_adamw"),
        torch.optim.AdamW(others, lr=1.0, weight_decay=0.0, betas=(0.9, 0.98)),
    ]


def train_language(
    model: LlavaOnevisionForConditionalGeneration,
    tokenizer: PreTrainedTokenizerBase,
    store: FilmStore,
    plan: LanguagePlan,
    work: Path,
) -> None:
    """Train projector and decoder, or go on where a killed run stopped.

    Parameters
    ----------
    model
        The model with its trained encoder, and projector and decoder as they are to begin with;
        changed in place.
    tokenizer
        Its tokenizer.
    store
        Films to learn from.
    plan
        How long and how fast.
    work
        Folder of the checkpoint.
    """
    path = work / "language.pt"
    truths = store.truths
    optimizers = _optimizers(model)
    state = load_checkpoint(path)
    first = 0
    if state is not None:
        first = int(state["step"])
        model.load_state_dict(state["model"], strict=False)
        for optimizer, saved in zip(optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(saved)
    numbers = torch.tensor(tokenizer.convert_tokens_to_ids(list(NUMBERS)))
    before = torch.tensor(tokenizer(prompts.before_image(system=False)).input_ids)
    model.train()
    started = time.monotonic()
    for step in range(first, plan.steps):
        for optimizer in optimizers:
            share = learning_rate(step, plan.steps, plan.warmup)
            optimizer.param_groups[0]["lr"] = plan.rate * share
            optimizer.zero_grad(set_to_none=True)
        rows = _rows(step, plan.batch, len(truths))
        draw = np.random.default_rng([step, 31])
        packs = [pack(tokenizer, conversations(truths[row], draw)) for row in rows]
        aspects = [float(truths[row]["aspect"]) for row in rows]
        films = film_embeddings(model, film_features(model, store.tiles[rows]), aspects)
        loss = batch_loss(model, films, packs, before, numbers)
        loss.backward()  # type: ignore[no-untyped-call]  # torch does not type it
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimizer in optimizers:
            optimizer.step()
        if (step + 1) % _REPORT_EVERY == 0:
            seconds = time.monotonic() - started
            _LOG.info("language %d: loss %.4f, %.0f s", step + 1, loss.item(), seconds)
        if (step + 1) % plan.save_every == 0 or step + 1 == plan.steps:
            learnt = {k: v for k, v in model.state_dict().items() if "vision_tower" not in k}
            saved_optimizers = [optimizer.state_dict() for optimizer in optimizers]
            save_checkpoint(
                path, {"step": step + 1, "model": learnt, "optimizers": saved_optimizers}
            )
    model.eval()


def _rows(step: int, batch: int, films: int) -> npt.NDArray[np.int64]:
    """Give the films of an update: every film once an epoch, in an order of that epoch's own."""
    per_epoch = films // batch
    order = np.random.default_rng([step // per_epoch, 41]).permutation(films)
    first = (step % per_epoch) * batch
    return np.sort(order[first : first + batch]).astype(np.int64)
