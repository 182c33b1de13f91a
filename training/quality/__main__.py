"""Make the quality gate's classifier: `python -m training.quality --out FOLDER`.

Takes about five minutes of one core. The same numbers give the same files on the same machine and
version of torch; no film of a patient is used.
"""

from __future__ import annotations

import argparse
import json
import logging
import time
from pathlib import Path
from typing import Final

import numpy as np
import torch

from reader.quality.weights import save
from training.quality.fit import fit
from training.quality.samples import make_store
from training.quality.thresholds import fix

# Series of chests: one that the classifier is fitted to, one that the thresholds are fixed on.
# Evaluations and tests take others.
FITTED_SEED: Final = 71_001
HELD_OUT_SEED: Final = 71_002

_LOG = logging.getLogger(__name__)


def main(arguments: list[str] | None = None) -> None:
    """Fit, fix the thresholds, write both files, print the figures as one line of JSON."""
    parser = argparse.ArgumentParser(prog="python -m training.quality", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder of gate.npz and gate.json")
    parser.add_argument("--version", default="1", help="version that results will name")
    parser.add_argument("--frontals", type=int, default=2400, help="chests painted to fit to")
    parser.add_argument("--steps", type=int, default=1100)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--held-out", type=int, default=2000, help="pictures to fix thresholds on")
    parser.add_argument("--seed", type=int, default=1, help="of first weights and distortions")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    # Sums over several threads come in another order each time.
    torch.set_num_threads(1)
    start = time.process_time()
    store = make_store(
        FITTED_SEED, options.frontals, 3 * options.frontals // 10, 8 * options.frontals // 10
    )
    _LOG.info("painted %d pictures", len(store.pictures))
    weights = fit(store, options.steps, options.batch, options.seed).weights()
    used = {name: value.astype(np.float32) for name, value in weights.items()}
    some = max(30, options.frontals // 5)
    held_out = make_store(HELD_OUT_SEED, some, some // 3, some)
    thresholds, figures = fix(used, held_out, HELD_OUT_SEED, options.held_out, options.seed + 1)
    made = {
        "seed": options.seed,
        "frontals": options.frontals,
        "steps": options.steps,
        "batch": options.batch,
        "held_out": figures,
    }
    options.out.mkdir(parents=True, exist_ok=True)
    digest = save(options.out, options.version, weights, thresholds, made)
    _LOG.info("took %.0f s of one core", time.process_time() - start)
    print(json.dumps({"sha256": digest, "thresholds": repr(thresholds), **made}))


if __name__ == "__main__":
    main()
