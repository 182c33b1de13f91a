"""Every kind of object of every case before every validator that knows it.

Covers: dciodvfy on all kinds, dsrdump on reports and key objects, dcmpschk on presentation states,
dcm2pnm on pictures, dcm2pdf on pages, PixelMed's validator on a sample of the reports, since it
takes seconds for each. What is let through stands in tests/peers/leftovers.toml, and each entry
must still be needed. Not covered: what viewers make of them.
"""

from collections.abc import Iterable
from pathlib import Path

import pytest

from core.report import ReportKind
from core.states import DRAFT_KINDS, EXTRA_KINDS, ResultKind
from tests.conformance.cases import Case, cases
from tests.conformance.objects import objects_of
from tests.peers.leftovers import Leftover, leftovers, without_leftovers
from tests.peers.pixelmed import pixelmed
from tests.peers.validators import all_complaints, complaints

pytestmark = pytest.mark.slow
CASES = {case.name: case for case in cases()}
_REPORTS = (ResultKind.FINDINGS_SR, ResultKind.REPORT_SR)
_SAMPLE = (
    "reading: every label",
    "reading: every site",
    "reading: no finding",
    "reading: thirty",
    "reading: hostile",
    "reading: absent and uncertain",
    "film: japanese",
    "film: nearly everything missing",
    "peer: comprehensive, sound",
    "version: accepted, final",
    "version: edited",
)


def expected(case: Case) -> set[ResultKind]:
    """Give the kinds that a case must have."""
    if case.report.kind is not ReportKind.DRAFT:
        return {ResultKind.REPORT_SR, ResultKind.PDF}
    kinds = {*DRAFT_KINDS, *EXTRA_KINDS}
    return kinds if case.reading.abnormal else kinds - {ResultKind.KEY_OBJECTS}


@pytest.mark.parametrize("name", CASES)
def test_no_validator_complains(name: str, tmp_path: Path) -> None:
    built = objects_of(CASES[name], tmp_path)
    assert set(built) == expected(CASES[name])
    found = {kind.value: complaints(path) for kind, path in built.items()}
    assert {kind: lines for kind, lines in found.items() if lines} == {}


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", _SAMPLE)
def test_pixelmed_finds_no_error(name: str, tmp_path: Path) -> None:
    built = objects_of(CASES[name], tmp_path)
    judged = {
        kind.value: without_leftovers("pixelmed", pixelmed(path))
        for kind, path in built.items()
        if kind in _REPORTS
    }
    assert judged
    assert {kind: lines for kind, lines in judged.items() if lines} == {}


@pytest.mark.parametrize("leftover", leftovers(), ids=lambda one: f"{one.validator}-{one.words[0]}")
def test_each_leftover_is_still_needed(leftover: Leftover, tmp_path: Path) -> None:
    built = objects_of(CASES[leftover.case], tmp_path).values()
    assert any(leftover.is_in(line) for line in _said(leftover.validator, built))


def _said(validator: str, paths: Iterable[Path]) -> list[str]:
    if validator == "pixelmed":
        return [line for path in paths if path.stem in _REPORTS for line in pixelmed(path)]
    return [line for path in paths for line in all_complaints(path).get(validator, [])]
