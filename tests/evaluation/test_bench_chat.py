"""The benchmark of questions gives its figures, with a few questions in a running installation.

How soon an answer begins is not held here: that is the machine's as well.
"""

import json

import pytest

from evaluation.bench_chat import main


@pytest.mark.slow
def test_the_last_line_is_the_figures(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--json", "--questions", "3"])
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert found["questions"] == 3
    assert 0 < found["first_words_p50_ms"] <= found["first_words_most_ms"]
    assert found["first_words_p50_ms"] <= found["whole_p50_ms"]
    assert found["model"].startswith("firstread-demo")


def test_a_quantile_needs_two() -> None:
    with pytest.raises(SystemExit):
        main(["--questions", "1"])
