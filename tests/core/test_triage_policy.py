"""Triage policies as documents: what is refused and in which words, and there and back.

What the rules make of flags is tested in `tests/core/test_triage.py`.
"""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import SettingsError
from core.labels import Label
from core.toml_documents import LARGEST_DOCUMENT
from core.triage import DEFAULT_RULES
from core.triage_policy import LONGEST_WAIT, TriageEntry, TriagePolicy
from core.triage_toml import (
    built_in_triage,
    document_of_triage,
    read_triage,
    toml_of_triage,
    triage_of,
    triage_of_toml,
)

_entries = st.one_of(
    st.builds(
        TriageEntry,
        label=st.sampled_from(Label),
        tier=st.sampled_from(["raised", "urgent"]),
        score=st.floats(0, 1),
    ),
    st.builds(
        TriageEntry,
        label=st.sampled_from(Label),
        tier=st.sampled_from(["raised", "urgent"]),
        score=st.floats(0, 1) | st.just("never"),
        model=st.sampled_from(["2.25.1", "2.25.23"]),
    ),
)
_policies = st.builds(
    TriagePolicy,
    title=st.text(max_size=20).filter(str.isprintable),
    longest_wait_minutes=st.floats(1, LONGEST_WAIT),
    rule=st.lists(_entries, unique_by=lambda one: (one.label, one.tier, one.model)).map(tuple),
)


@given(_policies)
def test_what_is_written_is_read_again(policy: TriagePolicy) -> None:
    assert triage_of_toml(toml_of_triage(policy)) == policy
    assert triage_of(document_of_triage(policy)) == policy


def test_the_built_in_policy_is_the_built_in_rules() -> None:
    built_in = built_in_triage()
    assert (built_in.version, built_in.policy.rules) == (0, DEFAULT_RULES)


def test_there_is_always_a_longest_wait() -> None:
    assert (
        triage_of_toml("format = 1").longest_wait_minutes
        == built_in_triage().policy.longest_wait_minutes
    )


_RULE = '[[rule]]\nlabel = "edema"\ntier = "raised"\n'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("format = 2", "format"),
        ("longest_wait_minutes = 0", "longest_wait_minutes: .*1"),
        ("longest_wait_minutes = inf", "longest_wait_minutes"),
        ("longest_wait_minutes = 99999", "longest_wait_minutes: .*10080"),
        ('longest_wait_minutes = "never"', "longest_wait_minutes: a number is wanted"),
        ("wait = 3", "wait: there is no such key"),
        (_RULE + "score = 1.5", "rule 1 'edema', score: .*1"),
        (_RULE + 'score = "never"', "rule 1 'edema': .*one model"),
        (_RULE + 'model = "radvlm"', "rule 1 'edema', model: .*'radvlm'"),
        (_RULE + _RULE, "more than one rule makes edema raised"),
        (_RULE.replace("raised", "routine"), "rule 1 'edema', tier: .*urgent"),
        (_RULE.replace("edema", "oedema"), "rule 1 'oedema', label: "),
        ('[[rule]]\nlabel = "edema"', "rule 1 'edema', tier: this key is missing"),
        ("rule = 3", "rule"),
        ("format = ", "Invalid value"),
        ("a = " + "[" * 5000, "nested|recursion|Invalid"),
        ("# " + "x" * LARGEST_DOCUMENT, "at most"),
        ("a.b.c." * 9000 + "d = 1", "32 parts"),
        ('\'a\' . "b\\"".' * 5000 + "d = 1", "32 parts"),
        ('a = { b = """\n"""", ' + "c." * 9000 + "d = 1 }", "32 parts"),
        ("a = '" + '"\\' * 30_000 + "'", "a: there is no such key"),
        ("longest_wait_minutes = " + "9" * 5000, "4300 digits"),
        ("[[rule]]\nlabel = 0x" + "f" * 5000, "rule 1, label"),
        ("k" * 5000 + " = 1", "^k{64}…: there is no such key$"),
        ("\n".join(f"k{n} = 1" for n in range(3000)), "k19: [a-z ]+; and 2980 more$"),
        (_RULE + f'model = "{"x" * 9000}"', "^.{400,600}$"),
    ],
)
def test_each_mistake_is_named(text: str, words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        triage_of_toml(text)


def test_dots_in_texts_and_comments_make_no_key() -> None:
    title = ".".join("a" * 40)
    assert triage_of_toml(f"# {title}\ntitle = '{title}'").title == title


def test_a_file_is_named_with_its_mistake(tmp_path: Path) -> None:
    path = tmp_path / "triage.toml"
    with pytest.raises(SettingsError, match=r"triage\.toml: .*No such file"):
        read_triage(path)
    path.write_bytes(b"\xff")
    with pytest.raises(SettingsError, match=r"triage\.toml"):
        read_triage(path)
    path.write_text(toml_of_triage(built_in_triage().policy))
    assert read_triage(path) == built_in_triage().policy
