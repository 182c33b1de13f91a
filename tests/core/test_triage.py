"""Triage: tiers from flags, held as properties over all flags and rules."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.labels import Label
from core.reading import Flag, Presence
from core.triage import DEFAULT_RULES, Tier, TriageRule, tier_of
from tests.core.readings import flags

_flags = st.lists(flags, max_size=6)
_MODELS = ("", "2.25.1", "2.25.2")
_rules = st.lists(
    st.builds(
        TriageRule,
        st.sampled_from(Label),
        st.sampled_from(Tier),
        st.none() | st.floats(0.0, 1.0),
        st.sampled_from(_MODELS),
    ),
    unique_by=lambda rule: (rule.label, rule.tier, rule.model),
)
_models = st.sampled_from(_MODELS)


@given(_flags, flags, _rules, _models)
def test_another_flag_never_lowers_the_tier(
    given_flags: list[Flag], another: Flag, rules: list[TriageRule], model: str
) -> None:
    before = tier_of(given_flags, rules, model=model)
    assert tier_of([*given_flags, another], rules, model=model) >= before


@given(_flags, _rules, _models)
def test_neither_the_order_of_flags_nor_that_of_rules_matters(
    given_flags: list[Flag], rules: list[TriageRule], model: str
) -> None:
    tier = tier_of(given_flags, rules, model=model)
    assert tier_of(reversed(given_flags), rules[::-1], model=model) == tier


@given(_flags, _rules, _models)
def test_absences_move_nothing(
    given_flags: list[Flag], rules: list[TriageRule], model: str
) -> None:
    stated = [flag for flag in given_flags if flag.presence is not Presence.ABSENT]
    assert tier_of(given_flags, rules, model=model) == tier_of(stated, rules, model=model)


@given(st.sampled_from(Label), st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_a_present_label_counts_from_its_threshold_on(
    label: Label, score: float, threshold: float
) -> None:
    rules = [TriageRule(label, Tier.URGENT, threshold)]
    tier = tier_of([Flag(label, Presence.PRESENT, score)], rules)
    assert tier is (Tier.URGENT if score >= threshold else Tier.ROUTINE)


def test_a_flag_without_a_score_counts_whatever_the_threshold() -> None:
    rules = [TriageRule(Label.EDEMA, Tier.RAISED, 1.0)]
    assert tier_of([Flag(Label.EDEMA, Presence.PRESENT)], rules) is Tier.RAISED


def test_an_uncertain_pneumothorax_is_urgent() -> None:
    assert tier_of([Flag(Label.PNEUMOTHORAX, Presence.UNCERTAIN, 0.1)]) is Tier.URGENT


def test_what_no_rule_names_and_no_flag_at_all_are_routine() -> None:
    unnamed = set(Label) - {rule.label for rule in DEFAULT_RULES}
    assert {tier_of([Flag(label, Presence.PRESENT, 1.0)]) for label in unnamed} == {Tier.ROUTINE}
    assert tier_of([]) is Tier.ROUTINE


def test_a_models_own_rule_takes_the_place_of_the_one_for_all() -> None:
    flag = Flag(Label.EDEMA, Presence.PRESENT, 0.5)
    rules = [
        TriageRule(Label.EDEMA, Tier.URGENT, 0.4),
        TriageRule(Label.EDEMA, Tier.URGENT, 0.9, "2.25.1"),
        TriageRule(Label.EDEMA, Tier.URGENT, None, "2.25.2"),
        TriageRule(Label.EDEMA, Tier.RAISED, 0.1),
    ]
    tiers = {model: tier_of([flag], rules, model=model) for model in _MODELS}
    assert tiers == {"": Tier.URGENT, "2.25.1": Tier.RAISED, "2.25.2": Tier.RAISED}


def test_never_holds_for_flags_without_a_score_too() -> None:
    flag = Flag(Label.EDEMA, Presence.PRESENT)
    assert tier_of([flag], [TriageRule(Label.EDEMA, Tier.URGENT, None)]) is Tier.ROUTINE


def test_a_rule_wants_a_probability() -> None:
    with pytest.raises(ValueError, match=r"1\.5"):
        TriageRule(Label.EDEMA, Tier.URGENT, 1.5)
