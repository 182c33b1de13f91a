"""A long conversation on one encoding, and the model's own tasks as commands within it.

Runs `firstread chat` with the demonstration model on a phantom with a pneumothorax.
"""

from pathlib import Path

import pytest

from tests.commands.shell import firstread

QUESTIONS = (
    "Is this film normal?",
    "Is there a pneumothorax?",
    "Where is it?",
    "Which side?",
    "How large is it?",
    "Is there a pleural effusion?",
    "Are there other findings?",
    "Is there a pneumothorax?",
    "Is there cardiomegaly?",
    "What is your impression?",
)


@pytest.fixture(scope="module")
def pneumothorax(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("phantom")
    made = firstread(
        "phantom", "--out", str(folder), "--count", "1", "--seed", "77", "--finding", "pneumothorax"
    )
    assert made.returncode == 0, made.stderr
    (film,) = folder.glob("*.dcm")
    return film


@pytest.mark.slow
def test_ten_turns_on_one_encoding_that_agree(pneumothorax: Path) -> None:
    run = firstread("chat", str(pneumothorax), stdin="\n".join(QUESTIONS) + "\n")
    assert run.returncode == 0, run.stderr
    answers = run.stdout.splitlines()
    assert len(answers) == len(QUESTIONS)
    assert "turns kept: 10; encodings of the film: 1" in run.stderr
    assert answers[0].startswith("No")
    assert answers[1].startswith("Yes")
    assert answers[7] == answers[1]
    assert "[" in answers[2]
    assert "pneumothorax" in answers[9].lower()


@pytest.mark.slow
def test_tasks_are_carried_out_and_leave_no_turn(pneumothorax: Path) -> None:
    lines = [
        "/labels",
        "/report",
        "/detect",
        "/locate pneumothorax",
        "/region left lung",
        "/sentence There is a pneumothorax.",
        "/dance",
        "/locate",
        "/",
        "/locate <image>",
        "Is there a pneumothorax?",
    ]
    run = firstread("chat", str(pneumothorax), stdin="\n".join(lines) + "\n")
    assert run.returncode == 0, run.stderr
    assert "turns kept: 1; encodings of the film: 1" in run.stderr
    assert run.stderr.count("not asked") == 3
    assert "pneumothorax: listed, " in run.stdout
    assert "edema: not listed, " in run.stdout
    assert run.stdout.count("[") >= 3
