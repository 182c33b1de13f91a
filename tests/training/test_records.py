"""Covers a site's labelled films: what is read of a line, and what is refused with its number."""

from pathlib import Path

import pytest

from core.errors import SettingsError
from core.labels import Label
from training.phantom import sample
from training.records import read_records, record_of


def test_a_phantoms_truth_is_a_record() -> None:
    phantom = sample(1, 4, findings=("pleural effusion", "edema"))
    film = record_of(phantom.truth(), image="x.png")
    assert {found.label.value for found in film.findings} == set(phantom.labels())
    assert {found.label.value: found.side for found in film.findings} == {
        found.label: found.side for found in phantom.findings
    }
    assert set(film.regions) == set(phantom.regions)


def test_sides_of_the_parts_add_up() -> None:
    parts = [{"side": "left"}, {"side": "right"}]
    film = record_of({"image": "x", "findings": [{"label": "edema", "parts": parts}]})
    assert film.findings[0].side == "bilateral"
    assert film.finding(Label.EDEMA) is film.findings[0]
    assert film.finding(Label.FRACTURE) is None


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("{", "Expecting"),
        ('{"findings": []}', "image"),
        ('{"image": "a"}', "findings"),
        ('{"image": "a", "findings": [{"label": "gout", "parts": [{}]}]}', "gout"),
        ('{"image": "a", "findings": [{"label": "edema", "parts": []}]}', "no part"),
        (
            '{"image": "a", "findings": [{"label": "edema", "parts": [{"box": [1, 0, 0, 1]}]}]}',
            "reversed",
        ),
        ('{"image": "a", "findings": [], "report": {"findings": " "}}', "findings section"),
    ],
)
def test_a_line_that_cannot_be_used_is_named(line: str, text: str, tmp_path: Path) -> None:
    path = tmp_path / "films.jsonl"
    path.write_text(f'{{"image": "ok.png", "findings": []}}\n{line}\n', encoding="utf-8")
    with pytest.raises(SettingsError, match=rf"(?s)line 2: .*{text}"):
        list(read_records(path))
