"""`python -m evaluation.chaos`: the command line of the tool."""

import argparse
import json
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import structlog

from core.errors import FirstReadError
from evaluation.chaos.plan import Plan
from evaluation.chaos.run import run


def main(arguments: Sequence[str] | None = None) -> int:
    """Do a run; its last line is one JSON object.

    Returns
    -------
    int
        0 where everything was kept, 1 where not or the run was too mild, 2 where it could not be
        done.
    """
    chosen = _parser().parse_args(arguments)
    # What was started and mounted is taken away on SIGTERM, too.
    signal.signal(signal.SIGTERM, _leave)

    def say(words: str) -> None:
        if not chosen.json:
            print(words, flush=True)

    try:
        plan = Plan(
            chosen.minutes,
            chosen.seed,
            embedded=chosen.embedded,
            senders=chosen.senders,
            each=chosen.each,
            quiet_minutes=chosen.quiet_minutes,
        )
        with _folder(chosen.keep) as folder:
            with (folder / "chaos.log").open("w", encoding="utf-8") as log:
                structlog.configure(logger_factory=structlog.PrintLoggerFactory(log))
                outcome = run(plan, folder, say)
            for name in ("lost", "two_drafts", "duplicate_objects", "stuck"):
                for one in getattr(outcome.found, name):
                    print(f"{name}: {one}", file=sys.stderr)
    except (FirstReadError, ValueError) as error:
        print(f"no run: {error}", file=sys.stderr)
        return 2
    finally:
        structlog.reset_defaults()
    print(json.dumps(outcome.figures))
    return 0 if outcome.held else 1


def _leave(number: int, _frame: FrameType | None) -> None:
    sys.exit(128 + number)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m evaluation.chaos", description=__doc__)
    parser.add_argument("--minutes", type=float, default=5.0, help="how long everything is broken")
    parser.add_argument("--embedded", action="store_true", help="break `firstread up` instead")
    parser.add_argument("--seed", type=int, default=1, help="of the films and of the schedule")
    parser.add_argument("--senders", type=int, default=3, help="dcmtk clients at once")
    parser.add_argument(
        "--each", type=int, default=2, help="deliveries and workers in the hospital form"
    )
    parser.add_argument(
        "--quiet-minutes", type=float, default=10.0, help="the most that is waited afterwards"
    )
    parser.add_argument("--keep", type=Path, help="a new folder for everything, which stays")
    parser.add_argument("--json", action="store_true", help="print the JSON object only")
    return parser


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    if keep is None:
        with tempfile.TemporaryDirectory(prefix="firstread-chaos-") as name:
            yield Path(name)
        return
    folder = keep.absolute()
    if folder.exists() and any(folder.iterdir()):
        message = f"{folder} is not empty: name another folder"
        raise ValueError(message)
    folder.mkdir(parents=True, exist_ok=True)
    yield folder


if __name__ == "__main__":
    sys.exit(main())
