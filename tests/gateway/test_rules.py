"""What a policy may ask of an object, condition by condition, and that the first rule decides.

The built-in policy's rules are tested in `test_eligibility`, documents in `tests/core`.
"""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.dataset import Dataset
from pydicom.uid import (
    ComputedRadiographyImageStorage,
    CTImageStorage,
    DigitalXRayImageStorageForProcessing,
)

from core.policy import Conditions, NumberedPolicy, Outcome, Policy, Rule
from core.policy_toml import built_in, policy_of
from core.states import FilmState
from gateway.eligibility import decide, decision
from gateway.facts import facts_of
from gateway.rules import deciding, walk
from tests.core.test_policy import policies

AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def header(**values: Any) -> Dataset:
    """Make a header of a frontal chest film with these values."""
    made = Dataset()
    facts: dict[str, Any] = {
        "SOPClassUID": ComputedRadiographyImageStorage,
        "Modality": "CR",
        "BodyPartExamined": "CHEST",
        "ViewPosition": "PA",
        "StationName": "ICU-3",
        "Manufacturer": "Acme  Imaging",
        "ManufacturerModelName": "Ray 7",
        "InstitutionName": "General",
        "ImageType": ["DERIVED", "PRIMARY", "POST_PROCESSED"],
        "PhotometricInterpretation": "MONOCHROME1",
        "PatientAge": "007Y",
        "StudyDate": "20261121",
        "StudyTime": "120000",
        "SeriesDescription": "Thorax liegend, Kontrolle",
        "StudyDescription": "Röntgen Thorax stationär",
    }
    for keyword, value in (facts | values).items():
        setattr(made, keyword, value)
    return made


def policy(**when: Any) -> Policy:
    """Make a policy with one rule that has these conditions, and one that has none."""
    return policy_of(
        {
            "rule": [
                {"name": "asked", "when": when, "then": "store"},
                {"name": "rest", "then": "not_read", "reason": "not asked for"},
            ]
        }
    )


def holds(made: Dataset, **when: Any) -> bool:
    """Tell whether conditions hold for an object that ICU sent to us."""
    asked = policy(**when)
    facts = facts_of(made, asked, AT, calling_ae="ICU", called_ae="FIRSTREAD")
    return deciding(asked, facts).name == "asked"


@pytest.mark.parametrize(
    ("name", "yes", "no"),
    [
        ("sop_class", ["CR"], ["DX", "SC"]),
        ("sop_class", [str(ComputedRadiographyImageStorage)], [str(CTImageStorage)]),
        ("modality", ["dx", "cr"], ["DX", ""]),
        ("presentation_intent", [""], ["FOR PROCESSING"]),
        ("conversion_type", [""], ["DF"]),
        ("image_type", ["post_processed"], ["POST", "DERIVED\\PRIMARY"]),
        ("plain_film", True, False),
        ("greyscale", True, False),
        ("calling_ae", ["I*"], ["ICU2", "CU"]),
        ("called_ae", ["FIRSTREAD"], ["OTHER"]),
        ("station_name", ["icu-*"], ["ICU-", "CU-3*"]),
        ("manufacturer", ["acme imaging"], ["Acme"]),
        ("model", ["Ray*"], ["Ray"]),
        ("institution", ["General"], ["GEN"]),
        ("body_part_examined", ["chest"], ["THORAX"]),
        ("view_position", ["PA"], ["P"]),
        ("part", ["chest", "other"], ["unknown"]),
        ("part_from", ["BodyPartExamined"], ["film texts"]),
        ("view", ["PA"], ["AP"]),
        ("view_from", ["ViewPosition"], ["ViewCodeSequence"]),
        ("orientation", ["unknown"], ["upright"]),
        ("species", ["unknown", "human"], ["animal"]),
        ("age_years", {"below": 8}, {"least": 8}),
        ("film_age_hours", {"least": 24, "below": 25}, {"least": 25}),
        ("too_old", False, True),
        ("too_young", False, True),
        ("film_words", ["LIEGEND"], ["lieg"]),
        ("film_words", ["kontrolle thorax"], ["kontrolle becken"]),
        ("study_words", ["Stationaer", "stationär"], ["liegend"]),
    ],
)
def test_each_condition(name: str, yes: Any, no: Any) -> None:
    made = header()
    assert holds(made, **{name: yes})
    assert not holds(made, **{name: no})


def test_the_table_above_leaves_no_condition_out() -> None:
    mark = next(mark for mark in test_each_condition.pytestmark if mark.name == "parametrize")
    assert {case[0] for case in mark.args[1]} == set(Conditions.model_fields)


def test_all_of_when_must_hold_and_nothing_of_unless() -> None:
    made = header()
    assert holds(made, modality="CR", part="chest")
    assert not holds(made, modality="CR", part="other")
    rule = {
        "name": "asked",
        "when": {"modality": "CR"},
        "unless": {"part": "other", "calling_ae": "ICU"},
        "then": "store",
    }
    asked = policy_of({"rule": [rule, {"name": "rest", "then": "store"}]})
    for calling, name, stopped in (("ICU", "rest", "unless.calling_ae"), ("ER", "asked", None)):
        looks = list(walk(asked, facts_of(made, asked, AT, calling_ae=calling)))
        assert looks[-1].rule.name == name
        assert looks[0].stopped_by == stopped


def test_an_empty_value_is_a_missing_attribute() -> None:
    made = header(StationName=None)
    assert holds(made, station_name="")
    assert not holds(made, station_name="ICU*")
    assert not holds(header(), station_name="")


def test_words_of_a_language_without_spaces() -> None:
    made = header(SeriesDescription="胸部仰臥位ポータブル")
    assert holds(made, film_words="ポータブル")
    assert holds(made, film_words="仰臥位")
    assert not holds(made, film_words="立位")


def test_unknown_ages_are_in_a_span_only_where_it_says_so() -> None:
    made = header(PatientAge="7", StudyDate="rubbish")
    assert not holds(made, age_years={"below": 18})
    assert holds(made, age_years={"below": 18, "unknown": True})
    assert not holds(made, film_age_hours={"least": 1})
    assert holds(made, film_age_hours={"unknown": True})


def test_raw_films_are_known_by_their_class_alone() -> None:
    made = header(SOPClassUID=DigitalXRayImageStorageForProcessing)
    assert holds(made, presentation_intent="FOR PROCESSING")


@pytest.mark.parametrize(
    ("values", "asked"),
    [
        ({}, ""),
        ({"ViewPosition": None}, "view"),
        ({"ViewPosition": "LL"}, "view"),
        ({"BodyPartExamined": "HAND", "SeriesDescription": ""}, "body part"),
        ({"BodyPartExamined": "HAND"}, "body part"),
        ({"BodyPartExamined": None, "SeriesDescription": "", "StudyDescription": ""}, "body part"),
    ],
)
def test_no_policy_reads_on_its_word_what_the_header_does_not_say(
    values: dict[str, Any], asked: str
) -> None:
    reads = Policy(rule=(Rule(name="all", then=Outcome.READ),))
    said = decide(header(**values), NumberedPolicy(3, reads), AT)
    assert (said.state, said.rule, said.policy_version) == (FilmState.QUEUED, "all", 3)
    assert said.asked_of_pixels == asked


def test_a_policy_may_ask_the_pixels_although_the_header_says_it_all() -> None:
    asks = Policy(rule=(Rule(name="all", then=Outcome.ASK_PIXELS),))
    said = decide(header(), NumberedPolicy(1, asks), AT)
    assert said.asked_of_pixels == "body part and view"


@pytest.mark.parametrize("then", [Outcome.READ, Outcome.ASK_PIXELS])
def test_no_policy_reads_another_class(then: Outcome) -> None:
    reads = Policy(rule=(Rule(name="all", then=then),))
    said = decide(header(SOPClassUID=CTImageStorage), NumberedPolicy(1, reads), AT)
    assert said.state is FilmState.RECEIVED


def test_a_reason_names_the_policy_s_numbers() -> None:
    asked = policy_of(
        {
            "film_age_hours": 2.5,
            "youngest_age_years": 16,
            "rule": [
                {
                    "name": "all",
                    "then": "not_read",
                    "reason": "{view} {view_from} {part_against} {film_age_hours} "
                    "{youngest_age_years}",
                }
            ],
        }
    )
    said = decide(header(), NumberedPolicy(1, asked), AT)
    assert said.reason == "PA ViewPosition another attribute 2.5 16"


_KEYWORDS = re.findall(
    r"\w+",
    "SOPClassUID Modality BodyPartExamined ViewPosition PatientOrientation SeriesDescription"
    " StudyDescription ProtocolName PatientAge PatientBirthDate StudyDate StudyTime"
    " ConversionType PhotometricInterpretation ImageType StationName PresentationIntentType"
    " PatientSpeciesDescription TimezoneOffsetFromUTC ViewCodeSequence AnatomicRegionSequence"
    " RequestAttributesSequence ProcedureCodeSequence",
)
_LIKELY = st.sampled_from(
    re.findall(r"\S+", "CR DX PA LL CHEST HAND seitlich 胸部正面 L\\F R\\H 005Y 20261122 +0100 RGB")
)


class _Header(dict[str, Any]):
    """A header that gives whatever it was made with, also what no data set would hold."""


@given(
    st.dictionaries(
        st.sampled_from(_KEYWORDS),
        _LIKELY | st.text(max_size=30) | st.none() | st.floats() | st.binary(max_size=8),
    ),
    policies(),
    st.none() | st.datetimes(min_value=datetime(1900, 1, 1)),  # noqa: DTZ001 - zoned below
)
def test_any_header_is_decided_by_its_first_rule(
    values: dict[str, Any], asked: Policy, at: datetime | None
) -> None:
    made: Any = _Header(values)
    zoned = None if at is None else at.replace(tzinfo=UTC)
    for chosen in (asked, built_in().policy):
        numbered = NumberedPolicy(5, chosen)
        facts = facts_of(made, chosen, zoned)
        said = decide(made, numbered, zoned)
        looks = list(walk(chosen, facts))
        assert [look.rule for look in looks] == list(chosen.rule[: len(looks)])
        assert [look.stopped_by is None for look in looks] == [False] * (len(looks) - 1) + [True]
        assert said == decision(looks[-1].rule, facts, numbered)
        assert said.rule == looks[-1].rule.name
        if said.state is FilmState.QUEUED and not said.asked_of_pixels:
            assert facts.part == "chest"
            assert facts.view.is_frontal


def test_old_films_are_too_old_by_the_document_s_number() -> None:
    day = policy(too_old=True).model_copy(update={"film_age_hours": 24.0})
    made = header()
    for hours, old in ((0, False), (1, True)):
        facts = facts_of(made, day, AT + timedelta(hours=hours))
        assert facts.too_old is old
