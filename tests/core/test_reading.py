"""The values of a reading: what is refused, and what is derived from them."""

import math
from dataclasses import FrozenInstanceError, replace

import pytest

from core.labels import Label
from core.reading import (
    Box,
    DraftReport,
    Finding,
    Flag,
    ModelIdentity,
    Presence,
    Reading,
    finding_id,
    new_reading_id,
)
from core.uids import derived_uid, is_uid

_MODEL = ModelIdentity("radvlm", "RadVLM", "1", "ab", "float16", "cuda", "1", "CC", "research")
_BOX = Box(0.1, 0.2, 0.3, 0.4)


def _reading(*findings: Finding, flags: tuple[Flag, ...] = ()) -> Reading:
    return Reading("r", _MODEL, flags, findings, DraftReport("Clear."))


@pytest.mark.parametrize(
    "edges",
    [
        (-0.01, 0.0, 1.0, 1.0),
        (0.0, 0.0, 1.01, 1.0),
        (0.0, math.nan, 1.0, 1.0),
        (0.0, 0.0, math.inf, 1.0),
    ],
)
def test_a_box_outside_the_picture_is_refused(edges: tuple[float, float, float, float]) -> None:
    with pytest.raises(ValueError, match="box edges must lie in"):
        Box(*edges)


@pytest.mark.parametrize(
    "edges",
    [(0.5, 0.1, 0.5, 0.2), (0.1, 0.5, 0.2, 0.5), (0.6, 0.1, 0.5, 0.2), (0.1, 0.6, 0.2, 0.5)],
)
def test_an_empty_or_reversed_box_is_refused_and_echoed(
    edges: tuple[float, float, float, float],
) -> None:
    with pytest.raises(ValueError, match=r"empty or reversed: \(0\.\d"):
        Box(*edges)


def test_the_whole_picture_is_a_box() -> None:
    assert Box(0.0, 0.0, 1.0, 1.0) == Box(0, 0, 1, 1)


@pytest.mark.parametrize("score", [-0.1, 1.1, math.nan, math.inf])
def test_a_score_that_is_no_probability_is_refused(score: float) -> None:
    with pytest.raises(ValueError, match=f"score must lie in .*{score}"):
        Flag(Label.EDEMA, Presence.PRESENT, score)
    with pytest.raises(ValueError, match="score must lie in"):
        Finding("1", Label.EDEMA, Presence.PRESENT, score)


def test_a_calibrated_flag_keeps_the_model_s_own_score() -> None:
    assert Flag(Label.EDEMA, Presence.PRESENT, 0.5, 0.7).own_score == 0.7
    with pytest.raises(ValueError, match=r"score must lie in .*: 1\.1"):
        Flag(Label.EDEMA, Presence.PRESENT, 0.5, 1.1)
    with pytest.raises(ValueError, match=r"calibrated score is missing: edema 0\.7"):
        Flag(Label.EDEMA, Presence.PRESENT, None, 0.7)


def test_an_absent_finding_has_no_place() -> None:
    with pytest.raises(ValueError, match="an absent finding has no place: edema"):
        Finding("1", Label.EDEMA, Presence.ABSENT, boxes=(_BOX,))


@pytest.mark.parametrize("text", ["", " \n\t"])
def test_a_blank_report_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="needs a findings section"):
        DraftReport(text, "An impression does not make up for it.")


def test_a_reading_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        _reading().id = "other"  # type: ignore[misc]


@pytest.mark.parametrize("presence", [Presence.PRESENT, Presence.UNCERTAIN])
def test_whatever_is_not_absent_makes_a_reading_abnormal(presence: Presence) -> None:
    assert _reading(Finding("1", Label.EDEMA, presence)).abnormal
    assert _reading(flags=(Flag(Label.EDEMA, presence),)).abnormal


def test_only_absences_make_no_reading_abnormal() -> None:
    absent = Finding("1", Label.EDEMA, Presence.ABSENT)
    reading = _reading(absent, flags=(Flag(Label.EDEMA, Presence.ABSENT, 0.9),))
    assert not reading.abnormal
    assert reading.present == ()


def test_present_findings_are_those_that_are_stated_to_be_there() -> None:
    present, unsure, absent = (
        Finding(presence, Label.EDEMA, presence)
        for presence in (Presence.PRESENT, Presence.UNCERTAIN, Presence.ABSENT)
    )
    assert _reading(present, unsure, absent).present == (present,)


@pytest.mark.parametrize(
    "name",
    ["family", "name", "version", "weights_sha256", "dtype", "prompt_version"],
)
def test_another_model_has_another_uid(name: str) -> None:
    changed = replace(_MODEL, **{name: "other"})  # type: ignore[arg-type]
    assert is_uid(_MODEL.uid)
    assert changed.uid != _MODEL.uid


def test_a_calibration_is_another_device_and_its_lack_is_none() -> None:
    assert replace(_MODEL, calibration="ab12").uid != _MODEL.uid
    # Results that were delivered before calibrations existed keep their device.
    assert _MODEL.uid == derived_uid("model", "radvlm", "RadVLM", "1", "ab", "float16", "1")


def test_the_same_model_on_another_device_has_the_same_uid() -> None:
    assert replace(_MODEL, device="cpu").uid == _MODEL.uid


def test_ids_of_findings_are_fixed_by_reading_and_position() -> None:
    one, other = new_reading_id(), new_reading_id()
    assert one != other
    assert finding_id(one, 0) == finding_id(one, 0)
    assert len({finding_id(reading, i) for reading in (one, other) for i in range(3)}) == 6
    assert is_uid(finding_id(one, 0))
