"""How the quality gate judges films: `python -m evaluation.quality_gate FOLDER`.

FOLDER holds films and a `MANIFEST.csv` with the columns `file` and `expected`; what is expected is
`frontal_cxr` of films that should pass, a word with `review` of films that should at least raise a
remark or be of no harm, and anything else of what should be refused. Files that no picture comes
out of are counted apart, by the error: the gate never sees them. With `--defects` the defects are
made of the folder's own frontals as well, those in `derived` left out. With `--phantoms N` the
films are phantoms instead, and each defect is made of them.

The intervals are Wilson's at 95 %. They take the films for independent, which copies of one film
in several encodings are not: `originals` leaves the folder `derived` out.
"""

import argparse
import csv
import json
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from PIL import Image

from core.errors import FirstReadError
from evaluation.wilson import wilson
from imaging.film import load_film
from reader.picture import Picture, rgb
from reader.quality.gate import judge
from reader.quality.weights import load
from training.phantom import View, sample
from training.quality.others import other

FRONTAL: Final = "frontal_cxr"
MIRRORED: Final = "mirrored"
_PASSED: Final = "passed"
_REMARKED: Final = "passed with a remark"
_MASK: Final = "mask"
_PHANTOM_SIDE: Final = 512


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of one film.

    Parameters
    ----------
    name
        The file, or the phantom's number and defect.
    expected
        What it is, in the words of the manifest or of the defect.
    verdict
        The reason of the refusal, `passed`, `passed with a remark`, or `not decoded: ...`.
    good
        The classifier's probability of a good film; None where it was not asked.
    seconds
        Time of the gate alone.
    """

    name: str
    expected: str
    verdict: str
    good: float | None = None
    seconds: float = 0.0

    @property
    def original(self) -> bool:
        """Whether it is a frontal as it was published, no derived copy."""
        return self.expected == FRONTAL and not self.name.startswith("derived/")

    @property
    def decoded(self) -> bool:
        """Whether the gate saw it."""
        return not self.verdict.startswith("not decoded")

    @property
    def must_be_refused(self) -> bool:
        """Whether reading it would be a mistake; a mirrored film may be read with a remark."""
        return self.expected not in {FRONTAL, MIRRORED} and "review" not in self.expected

    @property
    def passed(self) -> bool:
        """Whether it would be read."""
        return self.verdict in {_PASSED, _REMARKED}


def judge_folder(folder: Path, *, defects: bool = False, asked: bool = False) -> list[Judged]:
    """Judge the films of a folder with a manifest, masks left out.

    Parameters
    ----------
    folder
        As the module says.
    defects
        Whether to turn, invert, halve and mirror its original frontals too.
    asked
        Whether to judge as where a header does not say what the film shows.

    Raises
    ------
    OSError
        If the manifest cannot be read.
    """
    with (folder / "MANIFEST.csv").open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["expected"] != _MASK]
    judged = [_judge_file(folder, row["file"], row["expected"], asked=asked) for row in rows]
    if defects:
        names = [film.name for film in judged if film.original and film.decoded]
        judged += [
            _judge(name, kind, picture, asked=asked)
            for name in names
            for kind, picture in _defects(_grey(_picture(folder / name)))
        ]
    return judged


def judge_phantoms(count: int, seed: int, *, asked: bool = False) -> list[Judged]:
    """Judge phantoms as they are and with each defect, and as many pictures of other things.

    Parameters
    ----------
    count
        Phantoms; every second one is of the harder setting.
    seed
        Of the series; not one that the gate's classifier was made with.
    asked
        As in `judge_folder`.
    """
    return [
        _judge(f"{index}", kind, picture, asked=asked)
        for index in range(count)
        for kind, picture in _phantom_pictures(seed, index)
    ]


def _phantom_pictures(seed: int, index: int) -> Iterator[tuple[str, Picture]]:
    side = _PHANTOM_SIDE
    phantom = sample(seed, index, difficulty="hard" if index % 2 else "default")
    film = (phantom.render(round(side * phantom.aspect), side) * 255).astype(np.uint8)
    yield FRONTAL, film
    yield from _defects(film)
    lateral = sample(seed, index, view=View.LATERAL)
    yield "lateral", (lateral.render(side, side) * 255).astype(np.uint8)
    thing = Image.fromarray((other(seed, index) * 255).astype(np.uint8))
    yield "not_chest", thing.resize((side, side))


def _defects(film: npt.NDArray[np.uint8]) -> Iterator[tuple[str, Picture]]:
    rows, columns = film.shape
    for turns in (1, 2, 3):
        yield f"turned {90 * turns}", np.rot90(film, turns).copy()
    yield "inverted", np.asarray(255 - film, dtype=np.uint8)
    yield "half, left", film[:, : columns // 2]
    yield "half, right", film[:, columns // 2 :]
    yield "half, top", film[: rows // 2]
    yield "half, bottom", film[rows // 2 :]
    yield "corner", film[int(0.4 * rows) :, : int(0.6 * columns)]
    yield MIRRORED, film[:, ::-1].copy()


def _grey(picture: Picture) -> npt.NDArray[np.uint8]:
    return np.asarray(rgb(picture).convert("L"))


def _judge_file(folder: Path, name: str, expected: str, *, asked: bool) -> Judged:
    try:
        picture = _picture(folder / name)
    except (FirstReadError, OSError) as error:
        return Judged(name, expected, f"not decoded: {type(error).__name__}")
    return _judge(name, expected, picture, asked=asked)


def _picture(path: Path) -> Picture:
    if path.suffix.lower() in {".png", ".jpg", ".jpeg"}:
        with Image.open(path) as image:
            return image.convert("L" if image.mode in {"1", "L"} else "RGB")
    return load_film(path).pixels


def _judge(name: str, expected: str, picture: Picture, *, asked: bool) -> Judged:
    start = time.perf_counter()
    verdict = judge(picture, asked=asked)
    seconds = time.perf_counter() - start
    said = verdict.reason.value if verdict.reason else _REMARKED if verdict.remarks else _PASSED
    guessed = verdict.probabilities
    return Judged(name, expected, said, guessed.good if guessed else None, seconds)


def figures(judged: Sequence[Judged]) -> dict[str, Any]:
    """Give the shares with their intervals and the confusion table, as plain values for JSON.

    Parameters
    ----------
    judged
        The films, in any order.
    """
    table: dict[str, Counter[str]] = {}
    for film in judged:
        table.setdefault(film.expected, Counter())[film.verdict] += 1
    seen = [film for film in judged if film.decoded]
    frontals = [film for film in seen if film.expected == FRONTAL]
    others = [film for film in seen if film.must_be_refused]
    mirrored = [film for film in seen if film.expected == MIRRORED]
    gate = load()
    return {
        "gate_version": gate.version,
        "gate_sha256": gate.sha256,
        "judged": len(seen),
        "not_decoded": len(judged) - len(seen),
        "frontals_passed": _share([film.passed for film in frontals]),
        "original_frontals_passed": _share([film.passed for film in frontals if film.original]),
        "others_refused": _share([not film.passed for film in others]),
        "mirrored_spoken_of": _share([film.verdict != _PASSED for film in mirrored]),
        "refused_by_kind": {
            kind: _share([not film.passed for film in seen if film.expected == kind])
            for kind in dict.fromkeys(film.expected for film in others)
        },
        "median_ms": round(1000 * float(np.median([film.seconds for film in seen] or [0])), 1),
        "table": {expected: dict(counts) for expected, counts in table.items()},
    }


def _share(hits: list[bool]) -> dict[str, Any]:
    low, high = wilson(sum(hits), len(hits))
    return {"n": sum(hits), "of": len(hits), "wilson95": [round(low, 3), round(high, 3)]}


def main(arguments: list[str] | None = None) -> None:
    """Print each film's verdict, the table, and the figures as JSON on the last line."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.quality_gate", description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", help="films and their MANIFEST.csv")
    parser.add_argument("--defects", action="store_true", help="make defects of the frontals too")
    parser.add_argument("--phantoms", type=int, metavar="N", help="judge N phantoms instead")
    parser.add_argument("--seed", type=int, default=73_001, help="series of the phantoms")
    parser.add_argument(
        "--asked", action="store_true", help="judge as where the header does not say what it shows"
    )
    parser.add_argument("--json", action="store_true", help="print nothing but the last line")
    options = parser.parse_args(arguments)
    if (options.folder is None) == (options.phantoms is None):
        parser.error("name either a folder or --phantoms N")
    judged = (
        judge_folder(options.folder, defects=options.defects, asked=options.asked)
        if options.folder
        else judge_phantoms(options.phantoms, options.seed, asked=options.asked)
    )
    found = figures(judged)
    if not options.json:
        if options.folder:
            for film in judged:
                good = "" if film.good is None else f"{film.good:.3f}"
                print(f"{film.name:45} {film.expected:20} {film.verdict:35} {good}")
            print()
        for expected, counts in found["table"].items():
            print(f"{expected:20} {', '.join(f'{word} {n}' for word, n in counts.items())}")
    print(json.dumps(found))


if __name__ == "__main__":
    main()
