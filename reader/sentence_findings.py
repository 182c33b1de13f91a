"""What one sentence of a report states: label, presence, side, site.

A small grammar over words, not a search for names: "no pneumothorax" is absent, "pneumothorax
cannot be excluded" uncertain, "no change in the effusion" present. It follows the idea of ConText
(Harkema et al., 2009): a cue has a direction and a scope that ends with its clause
(`reader.sentence_cues`).

What it cannot do:

- References: "it", "this", "the latter" state nothing; nor does a sentence that goes on from the
  one before it.
- "No edema, cardiomegaly": without a verb or an adjective, a noun behind a denial's comma counts as
  denied.
- General all-clears ("no acute cardiopulmonary process", "normal chest") deny no label; only
  organs' own all-clears do ("the lungs are clear").
- "Unlikely" and "clearing" are no denials but doubt and presence; "consistent with" is presence.
- Degrees, sizes, numbers and change over time are not read, and "no new" states nothing.
- One side per statement, or both; of "left upper and right lower lobe" only one. The side of a
  device or of the heart is not given.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from core.labels import DEFAULT_SITE, UNPAIRED, Label, Side, Site
from core.reading import Presence
from reader import sentence_cues as cues
from reader import sentence_words as words
from reader.clause_cues import ClauseCues, Mention

_NEAR: Final = 28
"""Characters behind a finding in which "on the left" still belongs to it."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One label as one sentence states it.

    Parameters
    ----------
    label, presence
        What is stated.
    side, site
        Where, as the sentence says; None where it does not.
    sentence
        The sentence itself.
    """

    label: Label
    presence: Presence
    side: Side | None
    site: Site | None
    sentence: str


def statements(sentence: str) -> tuple[Statement, ...]:
    """Give all that a sentence states.

    Parameters
    ----------
    sentence
        One sentence, as `reader.report_text.sentences` gives it.

    Returns
    -------
    tuple of Statement
        In the order of the words; one label may be stated twice ("left effusion ... no right
        effusion"). Empty where the sentence names nothing that is known here.
    """
    plain = " ".join(sentence.lower().split())
    if cues.BACKGROUND.match(plain):
        return ()
    plain = cues.HEADING.sub(r"\g<subject> is ", plain)
    asked = plain.rstrip().endswith("?")
    found: list[Statement] = []
    last = 0
    for mark in (*cues.CLAUSE_END.finditer(plain), None):
        clause = plain[last : mark.start() if mark else len(plain)]
        excepted = mark is not None and cues.EXCEPTION.match(mark.group()) is not None
        found += _clause(clause, sentence, asked=asked, clear=not excepted)
        last = mark.end() if mark else last
    return tuple(found)


def _clause(clause: str, sentence: str, *, asked: bool, clear: bool) -> Iterator[Statement]:
    """Give a clause's statements; all-clears count only where no exception follows."""
    if not clause.strip(" .,"):
        return
    mentions = _mentions(clause)
    reach = ClauseCues(clause, mentions)
    sides = _Sides(clause)
    for place, mention in enumerate(mentions):
        presence = reach.presence(place)
        if presence is None:
            continue
        if asked and presence is Presence.PRESENT:
            presence = Presence.UNCERTAIN
        low = mentions[place - 1].end if place else 0
        high = mentions[place + 1].start if place + 1 < len(mentions) else len(clause)
        side = sides.of(mention, low, high, shared=presence is not Presence.ABSENT)
        yield Statement(mention.label, presence, side, _site(clause, mention, low, high), sentence)
    if clear and not cues.EXCEPTION.search(clause):
        for pattern, labels in words.NORMAL_WORDS:
            if pattern.search(clause):
                for label in labels:
                    yield Statement(label, Presence.ABSENT, None, DEFAULT_SITE[label], sentence)


def _mentions(clause: str) -> list[Mention]:
    found = [
        Mention(label, match.start(), match.end())
        for label, pattern in words.LABEL_WORDS.items()
        for match in pattern.finditer(clause)
    ]
    return sorted(found, key=lambda mention: (mention.start, mention.end))


class _Sides:
    """The sides that a clause names."""

    def __init__(self, clause: str) -> None:
        self._clause = clause
        found = list(words.SIDES.finditer(clause))
        self._sides = [Side(str(match.lastgroup)) for match in found]
        self._starts = [match.start() for match in found]

    def of(self, mention: Mention, low: int, high: int, *, shared: bool) -> Side | None:
        """Give the side of a finding between its neighbours at low and high.

        Both sides before it, else behind it with a preposition, else before it; a list shares the
        side of its first entry ("left atelectasis and effusion"), unless it is denied.
        """
        if mention.label in UNPAIRED:
            return None
        own = self._between(low, mention.end)
        if own and own[-1] is Side.BILATERAL:
            return Side.BILATERAL
        near = self._clause[mention.end : min(high, mention.end + _NEAR)]
        near = words.SIDE_END.split(near, maxsplit=1)[0]
        behind = words.SIDE_BEHIND.search(near)
        if behind:
            after = self._between(mention.end + behind.end(), mention.end + len(near))
            if after:
                return after[0]
        before = self._between(0 if shared else low, mention.end)
        return before[-1] if before else None

    def _between(self, low: int, high: int) -> Sequence[Side]:
        first, end = bisect_right(self._starts, low - 1), bisect_right(self._starts, high - 1)
        return self._sides[max(first, end - 1) : end] if low == 0 else self._sides[first:end]


def _site(clause: str, mention: Mention, low: int, high: int) -> Site | None:
    allowed = words.SITES_OF.get(mention.label, frozenset())
    if not allowed:
        return DEFAULT_SITE[mention.label]
    for text in (clause[low : mention.end], clause[mention.end : high]):
        found = [
            site
            for site, pattern in words.SITE_WORDS
            if site in allowed and re.search(rf"\b(?:{pattern})\b", text)
        ]
        if len({*found} - {DEFAULT_SITE[mention.label]}) > 1 and words.TWO_PLACES.search(text):
            # Neither of the two is the place on both sides.
            return DEFAULT_SITE[mention.label]
        if found:
            return found[0]
    return DEFAULT_SITE[mention.label]
