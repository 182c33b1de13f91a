"""The benchmark of latency: what it takes out, and that it measures both forms.

How long anything takes is no part of these tests: the machine that runs them is busy.
"""

import json

import pytest

from evaluation.bench_latency import Figures, main, model_seconds


def test_the_models_own_time_is_what_it_took_without_our_commit_of_the_flags() -> None:
    timings = {"encoding": 1.0, "flags": 1.5, "telling": 0.25, "report": 2.0, "grounding": 4.0}
    assert model_seconds(timings | {"total": 9.0}) == 1.0 + 2.0 + 4.0 - 0.25


def test_the_summary_holds_the_median_and_what_one_in_twenty_exceeds() -> None:
    found = Figures([float(value) for value in range(1, 22)], [5.0] * 21).summary()
    assert found == {"overhead_p50_ms": 11.0, "overhead_p95_ms": 20.0, "model_p50_ms": 5.0}


def test_one_film_is_too_few(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--films", "1"])
    assert "at least two films" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize("peer", ["storescp", "orthanc"])
def test_both_forms_are_measured(peer: str, capsys: pytest.CaptureFixture[str]) -> None:
    main(["--films", "2", "--peer", peer, "--json"])
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    forms = [found["embedded"], found["hospital"]]
    assert all(form["overhead_p50_ms"] > 0 and form["model_p50_ms"] > 0 for form in forms)
    assert found["overhead_p95_ms"] == max(form["overhead_p95_ms"] for form in forms)
