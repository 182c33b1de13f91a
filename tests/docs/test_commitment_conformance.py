"""The section on storage commitment in docs/conformance.md says what the code does."""

from pathlib import Path

from pydicom.uid import UID

from core.commitment import FAILURE_REASONS
from core.commitment_settings import CommitmentSettings
from db.commitments import MOST_OBJECTS
from db.models import Peer
from gateway.commitment.model import PUSH_MODEL, PUSH_MODEL_INSTANCE
from gateway.commitment.statuses import ACTION_STATUSES, ReportStatus

_DOCUMENT = (Path(__file__).parents[2] / "docs" / "conformance.md").read_text()


def _section(heading: str) -> str:
    return _DOCUMENT.split(f" {heading}\n", 1)[1].split("\n#", 1)[0]


def _table(heading: str) -> list[list[str]]:
    lines = [line for line in _section(heading).splitlines() if line.startswith("|")]
    assert len(lines) > 2, heading
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def test_the_class_and_its_numbers_are_as_stated() -> None:
    text = " ".join(_section("Storage commitment").split())
    rules = CommitmentSettings()
    assert f"{UID(PUSH_MODEL).name} ({PUSH_MODEL})" in text
    assert f"at most {MOST_OBJECTS} objects" in text
    assert f"`commitment.gather_seconds` (default {rules.gather_seconds:.0f} s)" in text
    assert f"`commitment.linger_seconds` (default {rules.linger_seconds:.0f} s)" in text
    assert f"after {rules.maximum_requests} requests without an answer" in text
    patience = Peer.__table__.c.commitment_seconds.default
    assert patience is not None
    assert f"`commitment_seconds` of the peer's row (default {patience.arg:.0f} s)" in text
    assert f"{rules.maximum_losses} times (`commitment.maximum_losses`)" in _DOCUMENT
    assert PUSH_MODEL_INSTANCE in _DOCUMENT


def test_the_failure_reasons_are_as_stated() -> None:
    expected = [
        [f"0x{reason.code:04X}", reason.words, reason.step.value] for reason in FAILURE_REASONS
    ]
    assert _table("What a peer's Failure Reason means") == expected


def test_the_answers_of_peers_are_as_stated() -> None:
    expected = [
        [f"0x{status:04X}", words, refusal.value]
        for status, (refusal, words) in ACTION_STATUSES.items()
    ]
    assert _table("What a peer's answer to N-ACTION means") == expected


def test_our_answers_are_as_stated() -> None:
    stated = [(status, name) for status, name, _ in _table("Answers to N-EVENT-REPORT")]
    assert stated == [(f"0x{status:04X}", status.name) for status in ReportStatus]
