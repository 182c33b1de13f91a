"""The benchmark of the worklist says what it promises, even over views without a study.

Its figures over many are in docs/benchmarks.md.
"""

import json

import pytest

from evaluation.bench_worklist import VIEWS, main
from tests.peers.programs import skipped_without_programs


@pytest.mark.slow
def test_it_times_every_view_while_rows_change(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--studies", "50", "--followers", "3", "--rounds", "2", "--json"]
    with skipped_without_programs():
        main(arguments)
    figures = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert figures["views"].keys() == VIEWS.keys()
    assert (figures["studies"], figures["followers"]) == (50, 3)
    assert figures["pages"] == 2 * len(VIEWS)
    assert 0 < figures["page_ms"] <= figures["p95_ms"]
