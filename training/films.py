"""A store of phantoms as the model's image processor would see them, made once, on all cores.

Training draws on it for hours: a memory map of tiles and one JSON line of truth per film. It is
made block by block, and a block that has its truth file is never made again, so a killed run goes
on where it stopped.
"""

from __future__ import annotations

import json
import logging
import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from PIL import Image

from training.findings import LABELS
from training.phantom import Phantom, sample

_LOG = logging.getLogger(__name__)
_BLOCK: Final = 500
_LONG_SIDE: Final = 224

# Series of phantoms that training has seen; an evaluation takes other seeds.
TRAINING_SEED: Final = 70_001
VALIDATION_SEED: Final = 70_002


@dataclass(frozen=True)
class FilmStore:
    """Films ready for the vision encoder.

    Parameters
    ----------
    tiles
        uint8 (films, 2, size, size): the whole film squeezed to a square, and the film at its own
        aspect with black beside it, which are the base and the only tile of the processor.
    truths
        What `training.phantom.Phantom.truth` says of each.
    """

    tiles: npt.NDArray[np.uint8]
    truths: list[dict[str, Any]]


def training_phantom(seed: int, index: int) -> Phantom:
    """Draw a film of the training mix: every second one has more findings than life deals out."""
    if index % 2 == 0:
        return sample(seed, index)
    rng = np.random.default_rng([seed, index, 9])
    count = int(rng.choice([1, 2, 3, 4], p=[0.25, 0.35, 0.25, 0.15]))
    chosen = rng.choice(len(LABELS), size=count, replace=False)
    return sample(seed, index, findings=tuple(LABELS[int(which)] for which in chosen))


def tiles_of(phantom: Phantom, size: int) -> npt.NDArray[np.uint8]:
    """Render a film and give its two tiles as LLaVA-OneVision's processor makes them.

    Parameters
    ----------
    phantom
        The film.
    size
        Side of the encoder's input in pixels.

    Returns
    -------
    ndarray
        uint8 (2, size, size).
    """
    wide = min(_LONG_SIDE, round(_LONG_SIDE * phantom.aspect))
    tall = min(_LONG_SIDE, round(_LONG_SIDE / phantom.aspect))
    film = Image.fromarray((phantom.render(wide, tall) * 255 + 0.5).astype(np.uint8))
    base = film.resize((size, size), Image.Resampling.BICUBIC)
    inner = (round(size * min(1.0, wide / tall)), round(size * min(1.0, tall / wide)))
    tile = Image.new("L", (size, size))
    tile.paste(
        film.resize(inner, Image.Resampling.BICUBIC),
        ((size - inner[0]) // 2, (size - inner[1]) // 2),
    )
    return np.stack([np.asarray(base), np.asarray(tile)])


def _make_block(folder: Path, seed: int, block: range, shape: tuple[int, ...]) -> int:
    """Make the films of one block in their place in the map; runs in a process of its own."""
    tiles = np.memmap(folder / "tiles.u8", dtype=np.uint8, mode="r+", shape=shape)
    lines = []
    for index in block:
        phantom = training_phantom(seed, index)
        tiles[index] = tiles_of(phantom, shape[-1])
        lines.append(json.dumps(phantom.truth()))
    tiles.flush()
    name = folder / f"truth-{block.start:06d}.jsonl"
    partial = name.with_suffix(".partial")
    partial.write_text("\n".join(lines) + "\n", encoding="utf-8")
    partial.replace(name)
    return block.start


def open_store(folder: Path, seed: int, total: int, size: int) -> FilmStore:
    """Give the store of a series, making what of it is not yet there.

    Parameters
    ----------
    folder
        Where it is kept; made if it is not there.
    seed
        Series of phantoms.
    total
        Number of films.
    size
        Side of the encoder's input in pixels.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "tiles.u8"
    shape = (total, 2, size, size)
    # Opening for update keeps the blocks of an earlier run; the file grows where it is too short.
    with path.open("ab") as handle:
        handle.truncate(int(np.prod(shape)))
    starts = list(range(0, total, _BLOCK))
    missing = [first for first in starts if not (folder / f"truth-{first:06d}.jsonl").is_file()]
    if missing:
        spawn = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(os.cpu_count(), mp_context=spawn) as pool:
            waiting = [
                pool.submit(_make_block, folder, seed, range(first, end), shape)
                for first in missing
                for end in [min(first + _BLOCK, total)]
            ]
            for done in as_completed(waiting):
                _LOG.info("films of block %d are made", done.result())
    truths = [
        json.loads(line)
        for first in starts
        for line in (folder / f"truth-{first:06d}.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    # Read, not mapped: the kernel may drop a map's pages, and a step would wait for the disk.
    return FilmStore(np.fromfile(path, dtype=np.uint8).reshape(shape), truths)
