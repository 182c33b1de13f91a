"""How the MLLP peer of the tests answers, as a file that the test writes and the peer reads."""

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Answer:
    """One word of the script, such as AA, half, or AE:207 and delay:0.5 with their detail."""

    word: str
    detail: str = ""


def pop_answer(script: Path) -> Answer:
    """Take the first line of a script; AA where there is none."""
    lines = script.read_text("utf-8").splitlines()
    if not lines:
        return Answer("AA")
    write_answers(script, lines[1:])
    word, _, detail = lines[0].partition(":")
    return Answer(word, detail)


def write_answers(script: Path, answers: list[str]) -> None:
    """Put a script in place at once, so that nobody reads half of one."""
    temporary = script.with_suffix(".new")
    temporary.write_text("".join(f"{answer}\n" for answer in answers), "utf-8")
    os.replace(temporary, script)  # noqa: PTH105 - as durable files are put in place elsewhere
