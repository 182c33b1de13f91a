"""Policies as values and as documents: there and back, and each mistake named by rule and key.

What a policy makes of an object is tested with the gateway (`test_eligibility`, `test_rules`).
"""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from core.errors import SettingsError
from core.film_facts import Orientation, Part, Source, Species, View
from core.policy import MOST_RULES, MOST_VALUES, Conditions, Outcome, Policy, Rule, SiteWords, Span
from core.policy_toml import (
    built_in,
    document_of,
    policy_of,
    policy_of_toml,
    read_policy,
    toml_of,
)
from core.toml_documents import LARGEST_DOCUMENT

_LAST = '\n[[rule]]\nname = "rest"\nthen = "not_read"\nreason = "so it is"\n'


def test_the_built_in_policy_is_the_document_that_an_export_gives() -> None:
    shipped = Path(__file__).parents[2] / "core" / "default_policy.toml"
    assert toml_of(built_in().policy) == shipped.read_text(encoding="utf-8")
    assert built_in().version == 0


def test_the_built_in_policy_says_why_it_does_not_read() -> None:
    rules = {rule.name: rule for rule in built_in().policy.rule}
    assert rules["rest"].then is Outcome.NOT_READ
    assert rules["sop_class"].then is Outcome.STORE
    assert all(rule.reason for rule in rules.values() if rule.then is Outcome.NOT_READ)
    reads = [rule.name for rule in rules.values() if rule.then is Outcome.READ]
    assert reads == ["frontal_chest"]


def test_films_of_any_age_differ_in_nothing_else() -> None:
    policy = built_in().policy
    assert policy.of_any_age().film_age_hours == "any"
    assert policy.of_any_age().model_copy(update={"film_age_hours": 48.0}) == policy
    assert built_in().of_any_age().version == 0


_TEXT = st.text(
    st.characters(exclude_categories=["C", "Z"], exclude_characters="*{}"), min_size=1, max_size=12
)
_AGE = st.floats(min_value=0, max_value=1e6)


@st.composite
def _spans(draw: st.DrawFn) -> Span:
    least = draw(st.none() | _AGE)
    below = draw(st.floats(min_value=(least or 0) + 1, max_value=3e6))
    return Span(least=least, below=below, unknown=draw(st.booleans()))


def _some(values: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(values, min_size=1, max_size=3).map(tuple)


_VALUES = st.none() | _some(_TEXT | _TEXT.map(lambda text: f"{text}*") | st.just(""))
_WORDS = _some(st.from_regex(r"[a-zäöé胸部]{1,8}", fullmatch=True))
_FLAG = st.none() | st.booleans()
_CONDITIONS = st.builds(
    Conditions,
    sop_class=st.none() | _some(st.sampled_from(["CR", "dx", "SC", "1.2.840.10008.1"])),
    modality=_VALUES,
    station_name=_VALUES,
    image_type=_VALUES,
    plain_film=_FLAG,
    greyscale=_FLAG,
    part=st.none() | _some(st.sampled_from(Part)),
    part_from=st.none() | _some(st.sampled_from(Source)),
    view=st.none() | _some(st.sampled_from(View)),
    orientation=st.none() | _some(st.sampled_from(Orientation)),
    species=st.none() | _some(st.sampled_from(Species)),
    age_years=st.none() | _spans(),
    too_old=_FLAG,
    film_words=st.none() | _WORDS,
)


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    """Draw any policy that may be."""
    rules = []
    for number in range(draw(st.integers(0, 4))):
        then = draw(st.sampled_from(Outcome))
        reasoned = then in {Outcome.NOT_READ, Outcome.STORE}
        rules.append(
            Rule(
                name=f"rule_{number}",
                note=draw(_TEXT | st.just("")),
                when=Conditions(modality=(draw(_TEXT),), view=draw(_CONDITIONS).view),
                unless=draw(_CONDITIONS),
                then=then,
                reason=draw(_TEXT) + " {view}" if reasoned else "",
            )
        )
    rules.append(Rule(name="last", then=Outcome.NOT_READ, reason="not read"))
    return Policy(
        title=draw(_TEXT | st.just("")),
        film_age_hours="any" if draw(st.booleans()) else draw(st.floats(0.001, 1e6)),
        youngest_age_years=draw(_AGE),
        words=SiteWords(chest=draw(_WORDS | st.just(())), lateral=draw(_WORDS | st.just(()))),
        rule=tuple(rules),
    )


@given(policies())
def test_any_policy_comes_back_from_its_document(policy: Policy) -> None:
    assert policy_of_toml(toml_of(policy)) == policy
    assert policy_of(document_of(policy)) == policy


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "rule: this key is missing"),
        ("rule = 3", "rule: "),
        ("nonsense", "after a key"),
        ("format = 2" + _LAST, "format: "),
        ("title = 3" + _LAST, "title: "),
        ("title = 'a\\u0000b'".replace("'", '"') + _LAST, "printable"),
        ("film_age_hours = 0" + _LAST, "film_age_hours"),
        ("film_age_hours = inf" + _LAST, "film_age_hours"),
        ("youngest_age_years = -1" + _LAST, "youngest_age_years"),
        ("youngest_age_years = true" + _LAST, "youngest_age_years: a number is wanted"),
        ("film_age_hours = '5'" + _LAST, "film_age_hours: a number is wanted, or "),
        ("[words]\nchest = ['--']" + _LAST, "words.chest.0"),
        ("[words]\nfeet = ['f']" + _LAST, "words.feet: there is no such key"),
        ("[[rule]]\nname = 'A b'\nthen = 'read'" + _LAST, "rule 1 'A b', name: "),
        ("[[rule]]\nname = 'a'\nthen = 'perhaps'" + _LAST, "rule 1 'a', then: "),
        ("[[rule]]\nname = 'a'\nwhen.prt = 'x'\nthen = 'read'" + _LAST, "when.prt: there is no"),
        ("[[rule]]\nname = 'a'\nwhen.part = 'leg'\nthen = 'read'" + _LAST, "when.part.0: "),
        ("[[rule]]\nname = 'a'\nwhen.modality = []\nthen = 'read'" + _LAST, "when.modality: at l"),
        ("[[rule]]\nname = 'a'\nwhen.modality = 'a*b'\nthen = 'read'" + _LAST, "end: 'a*b'"),
        ("[[rule]]\nname = 'a'\nwhen.modality = 5\nthen = 'read'" + _LAST, "when.modality.0: "),
        ("[[rule]]\nname = 'a'\nunless.sop_class = 'CT'\nthen = 'read'" + _LAST, "no UID"),
        ("[[rule]]\nname = 'a'\nwhen.greyscale = 'yes please'\nthen = 'read'" + _LAST, "greyscale"),
        ("[[rule]]\nname = 'a'\nwhen.age_years = {}\nthen = 'read'" + _LAST, "a span needs"),
        (
            "[[rule]]\nname = 'a'\nwhen.age_years = {least = 3, below = 2}\nthen = 'read'" + _LAST,
            "at least 3 and below 2",
        ),
        ("[[rule]]\nname = 'a'\nwhen.film_words = []\nthen = 'read'" + _LAST, "when.film_words"),
        (
            "[[rule]]\nname = 'a'\nwhen.modality = 'CR'\nthen = 'not_read'" + _LAST,
            "rule 1 'a': then = 'not_read' needs a reason",
        ),
        (
            "[[rule]]\nname = 'a'\nwhen.modality = 'CR'\nthen = 'read'\nreason = 'b'" + _LAST,
            "takes no reason",
        ),
        (
            "[[rule]]\nname = 'a'\nwhen.modality = 'CR'\nthen = 'not_read'\nreason = '{0.x}'"
            + _LAST,
            "braces may hold one of",
        ),
        ("[[rule]]\nname = 'a'\nthen = 'read'" + _LAST, "only the last rule may have no condition"),
        (_LAST + _LAST, "named more than once: rest"),
        (
            "[[rule]]\nname = 'a'\nwhen.modality = 'CR'\nthen = 'read'",
            "the last rule, 'a', must have no conditions",
        ),
    ],
)
def test_each_mistake_is_named(text: str, words: str) -> None:
    with pytest.raises(SettingsError) as raised:
        policy_of_toml(text)
    assert words in str(raised.value)


@pytest.mark.parametrize("then", ["perhaps", "not_read"])
def test_a_rule_that_is_wrong_is_no_rule_that_is_missing(then: str) -> None:
    with pytest.raises(SettingsError) as raised:
        policy_of_toml(f"[[rule]]\nname = 'a'\nthen = '{then}'")
    assert ";" not in str(raised.value)


def test_all_mistakes_are_told_at_once() -> None:
    text = "[[rule]]\nname = 'a'\nwhen.prt = 'x'\nthen = 'perhaps'" + _LAST
    with pytest.raises(SettingsError, match=r"when\.prt.*; rule 1 'a', then"):
        policy_of_toml(text)


def test_one_value_needs_no_list() -> None:
    text = "[[rule]]\nname = 'a'\nwhen.view = 'PA'\nwhen.modality = 'CR'\nthen = 'read'" + _LAST
    when = policy_of_toml(text).rule[0].when
    assert (when.view, when.modality) == ((View.PA,), ("CR",))


def test_a_file_that_is_none_is_named(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    with pytest.raises(SettingsError, match=r"policy\.toml"):
        read_policy(path)
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match=r"policy\.toml: .*codec"):
        read_policy(path)
    path.write_text(toml_of(built_in().policy), encoding="utf-8")
    assert read_policy(path) == built_in().policy


def test_sizes_are_bounded(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text("# " + "x" * LARGEST_DOCUMENT + _LAST)
    with pytest.raises(SettingsError, match="at most"):
        read_policy(path)
    with pytest.raises(ValidationError, match="modality"):
        Conditions(modality=("CR",) * (MOST_VALUES + 1))
    with pytest.raises(ValidationError, match="128 characters"):
        Conditions(modality=("x" * 129,))
    rule = Rule(name="a", when=Conditions(modality=("CR",)), then=Outcome.STORE)
    many = tuple(rule.model_copy(update={"name": f"r{n}"}) for n in range(MOST_RULES))
    with pytest.raises(ValidationError, match="at most 100"):
        Policy(rule=(*many, Rule(name="last", then=Outcome.STORE)))


def test_a_document_nested_without_end_is_refused() -> None:
    with pytest.raises(SettingsError):
        policy_of_toml("a = " + "[" * 20_000)


@pytest.mark.parametrize(
    ("span", "inside", "outside"),
    [
        (Span(least=2), (2.0, 90.0), (1.99, None)),
        (Span(below=2), (0.0, 1.99), (2.0, None)),
        (Span(least=1, below=2, unknown=True), (1.0, 1.5, None), (0.5, 2.0)),
        (Span(unknown=True), (None,), (0.0, 50.0)),
    ],
)
def test_spans(
    span: Span, inside: tuple[float | None, ...], outside: tuple[float | None, ...]
) -> None:
    assert all(span.holds(age) for age in inside)
    assert not any(span.holds(age) for age in outside)


def test_values_cannot_be_changed() -> None:
    policy = built_in().policy
    with pytest.raises(ValidationError):
        policy.title = "another"
    assert isinstance(hash(policy), int)
    assert tomllib.loads(toml_of(policy))["title"] == policy.title
