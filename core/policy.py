"""Which films are read: an ordered list of rules over facts of a header, as plain values.

The first rule whose conditions hold decides. A policy holds no code, no expression and no
pattern but a `*` at the end of a value, so that whoever may write one can do nothing else with it,
and looking at an object takes a time that the policy's size bounds. What is true of an object is
gathered in `gateway.facts`, the rules are walked in `gateway.rules`; `core.policy_toml` reads and
writes documents.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Final, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StringConstraints,
    model_validator,
)

from core.film_facts import CLASS_UIDS, Orientation, Part, Source, Species, View
from core.uids import is_uid

MOST_RULES: Final = 100
MOST_VALUES: Final = 200
LONGEST_VALUE: Final = 128
LONGEST_TEXT: Final = 500

PLACES: Final = frozenset(
    {
        "part_from",
        "part_against",
        "view",
        "view_from",
        "view_against",
        "film_age_hours",
        "youngest_age_years",
    }
)
"""What a reason may hold in braces; each stands for fixed words or a number of the policy, never
for a value of a header."""


class Outcome(StrEnum):
    """What becomes of an object."""

    READ = "read"
    """It is read; what its header leaves open is asked of the pixels all the same."""
    ASK_PIXELS = "ask_pixels"
    """It is read only if its pixels clearly show what the header leaves open; everything, where
    the header leaves nothing open."""
    NOT_READ = "not_read"
    """It is listed as not read, with the reason."""
    STORE = "store"
    """It belongs to the study, and nothing of it is to be read."""


def _one_or_more(value: object) -> object:
    return value if isinstance(value, (list, tuple)) else (value,)


def _printable(text: str) -> str:
    if not text.isprintable():
        message = f"printable characters are wanted, not {text!r}"
        raise ValueError(message)
    return text


def _pattern(text: str) -> str:
    if "*" in text[:-1]:
        message = f"a * may only stand at the end: {text!r}"
        raise ValueError(message)
    return text


def _class_uid(text: str) -> str:
    uid = CLASS_UIDS.get(text.upper(), text)
    if not is_uid(uid):
        message = f"no UID, nor one of {', '.join(CLASS_UIDS)}: {text!r}"
        raise ValueError(message)
    return text


def _word(text: str) -> str:
    if not any(character.isalnum() for character in text):
        message = f"a word is wanted, not {text!r}"
        raise ValueError(message)
    return text


def _filled(reason: str) -> str:
    bare = reason
    for place in PLACES:
        bare = bare.replace("{" + place + "}", "")
    if "{" in bare or "}" in bare:
        message = f"braces may hold one of {', '.join(sorted(PLACES))}: {reason!r}"
        raise ValueError(message)
    return reason


Text = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=LONGEST_VALUE),
    AfterValidator(_printable),
]
Line = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=LONGEST_TEXT),
    AfterValidator(_printable),
]
Reason = Annotated[Line, AfterValidator(_filled)]

_FEW: Final = Field(min_length=1, max_length=MOST_VALUES)
Values = Annotated[
    tuple[Annotated[Text, AfterValidator(_pattern)], ...], BeforeValidator(_one_or_more), _FEW
]
"""Values of an attribute: one of them must be it, whatever its case; `*` at the end stands for any
rest, and "" is an attribute that is empty or missing."""
Classes = Annotated[
    tuple[Annotated[Text, AfterValidator(_class_uid)], ...], BeforeValidator(_one_or_more), _FEW
]
Words = Annotated[
    tuple[Annotated[Text, AfterValidator(_word)], ...],
    BeforeValidator(_one_or_more),
    Field(max_length=MOST_VALUES),
]
"""Whole words, without regard to case and accents; one of several words wants all of them."""
SomeWords = Annotated[Words, Field(min_length=1)]


class _Value(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Span(_Value):
    """A range of an age; at least one of its parts must be given.

    Parameters
    ----------
    least
        The smallest that is in it.
    below
        The smallest that is in it no more.
    unknown
        Whether it holds where the age is not known; where only this is given, nowhere else.
    """

    least: Annotated[float, Field(ge=0, allow_inf_nan=False, strict=True)] | None = None
    below: Annotated[float, Field(gt=0, allow_inf_nan=False, strict=True)] | None = None
    unknown: StrictBool = False

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.least is None and self.below is None and not self.unknown:
            message = "a span needs least, below or unknown = true"
            raise ValueError(message)
        if self.least is not None and self.below is not None and self.least >= self.below:
            message = f"nothing is at least {self.least:g} and below {self.below:g}"
            raise ValueError(message)
        return self

    def holds(self, value: float | None) -> bool:
        """Tell whether an age is in the range; None is one that is not known."""
        if value is None:
            return self.unknown
        if self.least is None and self.below is None:
            return False
        return (self.least is None or value >= self.least) and (
            self.below is None or value < self.below
        )


class Conditions(_Value):
    """What a rule asks of an object; an attribute that is not named is not looked at."""

    sop_class: Classes | None = None
    """UIDs, or CR, DX, DX FOR PROCESSING, SC."""
    modality: Values | None = None
    presentation_intent: Values | None = None
    """FOR PROCESSING also where only the class says so."""
    conversion_type: Values | None = None
    image_type: Values | None = None
    """One of the parts of Image Type."""
    plain_film: bool | None = None
    """False where Image Type or the texts on the film name tomosynthesis, one energy of two, a test
    picture, a contrast study or the like."""
    greyscale: StrictBool | None = None
    """By Photometric Interpretation."""
    calling_ae: Values | None = None
    called_ae: Values | None = None
    station_name: Values | None = None
    manufacturer: Values | None = None
    model: Values | None = None
    institution: Values | None = None
    body_part_examined: Values | None = None
    """As the header writes it; `part` is the verdict."""
    view_position: Values | None = None
    """As the header writes it; `view` is the verdict."""
    part: Annotated[tuple[Part, ...], BeforeValidator(_one_or_more), _FEW] | None = None
    part_from: Annotated[tuple[Source, ...], BeforeValidator(_one_or_more), _FEW] | None = None
    view: Annotated[tuple[View, ...], BeforeValidator(_one_or_more), _FEW] | None = None
    view_from: Annotated[tuple[Source, ...], BeforeValidator(_one_or_more), _FEW] | None = None
    orientation: Annotated[tuple[Orientation, ...], BeforeValidator(_one_or_more), _FEW] | None = (
        None
    )
    species: Annotated[tuple[Species, ...], BeforeValidator(_one_or_more), _FEW] | None = None
    age_years: Span | None = None
    film_age_hours: Span | None = None
    too_young: StrictBool | None = None
    """Known to be younger than the document's `youngest_age_years`."""
    too_old: StrictBool | None = None
    """Known to be taken longer ago than the document's `film_age_hours`."""
    film_words: SomeWords | None = None
    """In the texts on this film."""
    study_words: SomeWords | None = None
    """In the texts on its examination."""

    @property
    def named(self) -> tuple[tuple[str, Any], ...]:
        """The conditions that are given, in the order above."""
        values = ((name, getattr(self, name)) for name in type(self).model_fields)
        return tuple((name, value) for name, value in values if value is not None)


class Rule(_Value):
    """One rule: where all of `when` holds and nothing of `unless` does, it decides."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
    note: Line = ""
    """Why it is there, for whoever reads the document."""
    when: Conditions = Conditions()
    unless: Conditions = Conditions()
    then: Outcome
    reason: Reason = ""
    """In words, for the worklist; needed where the object is not read."""

    @model_validator(mode="after")
    def _has_its_reason(self) -> Self:
        if self.then is Outcome.NOT_READ and not self.reason:
            message = "then = 'not_read' needs a reason"
            raise ValueError(message)
        if self.reason and self.then in {Outcome.READ, Outcome.ASK_PIXELS}:
            message = f"then = '{self.then}' takes no reason: it is for what is not read"
            raise ValueError(message)
        return self

    @property
    def unconditional(self) -> bool:
        """Whether it always decides."""
        return not self.when.named and not self.unless.named


class SiteWords(_Value):
    """Words that a site uses beside the built-in ones; they mean the same in any text."""

    chest: Words = ()
    other_parts: Words = ()
    pa: Words = ()
    ap: Words = ()
    frontal: Words = ()
    lateral: Words = ()


class Policy(_Value):
    """Which films are read."""

    format: Literal[1] = 1
    title: Line = ""
    film_age_hours: (
        Annotated[float, Field(gt=0, allow_inf_nan=False, strict=True)] | Literal["any"]
    ) = 48.0
    """Films that were taken longer ago are `too_old`; "any" lets none be."""
    youngest_age_years: Annotated[float, Field(ge=0, allow_inf_nan=False, strict=True)] = 0.0
    """Younger patients are `too_young`; 0 lets none be."""
    words: SiteWords = SiteWords()
    rule: Annotated[tuple[Rule, ...], Field(min_length=1, max_length=MOST_RULES)]

    @model_validator(mode="after")
    def _decides_everything_once(self) -> Self:
        names = [rule.name for rule in self.rule]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            message = f"named more than once: {', '.join(twice)}"
            raise ValueError(message)
        if not self.rule[-1].unconditional:
            message = f"the last rule, {names[-1]!r}, must have no conditions"
            raise ValueError(message)
        idle = [rule.name for rule in self.rule[:-1] if rule.unconditional]
        if idle:
            message = f"only the last rule may have no conditions, not {idle[0]!r}"
            raise ValueError(message)
        return self

    def of_any_age(self) -> "Policy":
        """Give the same policy for films of any age, as an audit or a person's wish needs it."""
        return self.model_copy(update={"film_age_hours": "any"})


@dataclass(frozen=True, slots=True)
class NumberedPolicy:
    """A policy with its number.

    Parameters
    ----------
    version
        0 is the built-in one, None one that is only tried.
    policy
        The rules.
    """

    version: int | None
    policy: Policy

    def of_any_age(self) -> "NumberedPolicy":
        """Give the same for films of any age."""
        return NumberedPolicy(self.version, self.policy.of_any_age())


def uids_of(classes: Sequence[str]) -> frozenset[str]:
    """Give the UIDs of the classes that a condition names."""
    return frozenset(CLASS_UIDS.get(name.upper(), name) for name in classes)
