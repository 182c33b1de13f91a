"""Triage: tiers from flags, held as properties over all flags and rules."""

from hypothesis import given
from hypothesis import strategies as st

from core.labels import Label
from core.reading import Flag, Presence
from core.triage import DEFAULT_RULES, Tier, TriageRule, tier_of
from tests.core.readings import flags

_flags = st.lists(flags, max_size=6)
_rules = st.dictionaries(
    st.sampled_from(Label), st.builds(TriageRule, st.sampled_from(Tier), st.floats(0.0, 1.0))
)


@given(_flags, flags, _rules)
def test_another_flag_never_lowers_the_tier(
    given_flags: list[Flag], another: Flag, rules: dict[Label, TriageRule]
) -> None:
    assert tier_of([*given_flags, another], rules) >= tier_of(given_flags, rules)


@given(_flags, _rules)
def test_the_order_of_flags_does_not_matter(
    given_flags: list[Flag], rules: dict[Label, TriageRule]
) -> None:
    assert tier_of(given_flags, rules) == tier_of(reversed(given_flags), rules)


@given(_flags, _rules)
def test_absences_move_nothing(given_flags: list[Flag], rules: dict[Label, TriageRule]) -> None:
    stated = [flag for flag in given_flags if flag.presence is not Presence.ABSENT]
    assert tier_of(given_flags, rules) == tier_of(stated, rules)


@given(st.sampled_from(Label), st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_a_present_label_counts_from_its_threshold_on(
    label: Label, score: float, threshold: float
) -> None:
    rules = {label: TriageRule(Tier.URGENT, threshold)}
    tier = tier_of([Flag(label, Presence.PRESENT, score)], rules)
    assert tier is (Tier.URGENT if score >= threshold else Tier.ROUTINE)


def test_a_flag_without_a_score_counts_whatever_the_threshold() -> None:
    rules = {Label.EDEMA: TriageRule(Tier.RAISED, 1.0)}
    assert tier_of([Flag(Label.EDEMA, Presence.PRESENT)], rules) is Tier.RAISED


def test_an_uncertain_pneumothorax_is_urgent() -> None:
    assert tier_of([Flag(Label.PNEUMOTHORAX, Presence.UNCERTAIN, 0.1)]) is Tier.URGENT


def test_what_no_rule_names_and_no_flag_at_all_are_routine() -> None:
    unnamed = set(Label) - set(DEFAULT_RULES)
    assert {tier_of([Flag(label, Presence.PRESENT, 1.0)]) for label in unnamed} == {Tier.ROUTINE}
    assert tier_of([]) is Tier.ROUTINE
