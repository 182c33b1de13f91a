"""Readings as JSON text and back: equal, whatever is in them."""

import json
from typing import Any

import pytest
from hypothesis import given

from core.labels import Label
from core.reading import DraftReport, Flag, ModelIdentity, Presence, Reading
from core.reading_json import flag_from_json, reading_from_json, reading_to_json
from tests.core.readings import readings

_READING = Reading(
    "r",
    ModelIdentity("f", "n", "1", "ab", "float32", "cpu", "1", "l", "u"),
    (Flag(Label.EDEMA, Presence.PRESENT, 0.5),),
    (),
    DraftReport("Clear."),
)


@given(readings)
def test_a_reading_survives_the_trip_through_json(reading: Reading) -> None:
    text = json.dumps(reading_to_json(reading), allow_nan=False)
    assert reading_from_json(json.loads(text)) == reading


def test_values_stay_of_their_types() -> None:
    back = reading_from_json(json.loads(json.dumps(reading_to_json(_READING))))
    assert back.flags[0].label is Label.EDEMA
    assert back.flags[0].presence is Presence.PRESENT
    assert back.model.labels == tuple(Label)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"report": {"findings": " ", "impression": ""}}, ValueError),
        ({"flags": [{"label": "scurvy", "presence": "present", "score": None}]}, ValueError),
        ({"flags": [{"label": "edema", "presence": "present", "score": 2}]}, ValueError),
        ({"model": {"labels": []}}, TypeError),
        ({"model": {}}, KeyError),
    ],
)
def test_values_of_no_reading_are_refused(change: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        reading_from_json(reading_to_json(_READING) | change)


def test_a_flag_is_built_from_its_values() -> None:
    values = {"label": "pneumothorax", "presence": "uncertain", "score": None}
    assert flag_from_json(values) == Flag(Label.PNEUMOTHORAX, Presence.UNCERTAIN)


def test_readings_from_before_calibration_are_read() -> None:
    values = reading_to_json(_READING)
    del values["flags"][0]["own_score"], values["model"]["calibration"]
    assert reading_from_json(values) == _READING
