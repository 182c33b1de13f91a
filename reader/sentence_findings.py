"""What one sentence of a report states: label, presence, side, site.

A small grammar over words, not a search for names: "no pneumothorax" is absent, "pneumothorax
cannot be excluded" uncertain, "no change in the effusion" present. It follows the idea of ConText
(Harkema et al., 2009): a cue has a direction and a scope that ends with its clause.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from core.labels import DEFAULT_SITE, UNPAIRED, Label, Side, Site
from core.reading import Presence
from reader import sentence_words as words

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


@dataclass(frozen=True, slots=True)
class _Mention:
    label: Label
    start: int
    end: int


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
    found: list[Statement] = []
    for clause in words.CLAUSE_END.split(sentence.lower()):
        found += _clause(clause, sentence)
    return tuple(found)


def _clause(clause: str, sentence: str) -> Iterator[Statement]:
    mentions = _mentions(clause)
    for place, mention in enumerate(mentions):
        presence = _presence(clause, mention, mentions)
        if presence is None:
            continue
        low = mentions[place - 1].end if place else 0
        high = mentions[place + 1].start if place + 1 < len(mentions) else len(clause)
        shared = presence is not Presence.ABSENT
        side = _side(clause, mention, low, high, shared=shared)
        yield Statement(mention.label, presence, side, _site(clause, mention, low, high), sentence)
    for pattern, labels in words.NORMAL_WORDS:
        if pattern.search(clause):
            for label in labels:
                yield Statement(label, Presence.ABSENT, None, DEFAULT_SITE[label], sentence)


def _mentions(clause: str) -> list[_Mention]:
    found = [
        _Mention(label, match.start(), match.end())
        for label, pattern in words.LABEL_WORDS.items()
        for match in pattern.finditer(clause)
    ]
    return sorted(found, key=lambda mention: (mention.start, mention.end))


def _presence(clause: str, mention: _Mention, mentions: list[_Mention]) -> Presence | None:
    """Decide by the nearest cue that reaches the mention; None where nothing is stated."""
    hidden = _hide(clause, words.NOTHING_SAID)
    if any(match.end() <= mention.start for match in words.NOTHING_SAID.finditer(clause)):
        return None
    hidden = _hide(hidden, words.NO_DENIAL)
    if _reaches_back(hidden, words.DOUBT_AFTER, mention):
        return Presence.UNCERTAIN
    hidden = _hide(hidden, words.DOUBT_AFTER)
    doubt = _reaches_on(hidden, words.DOUBT_BEFORE, mention, mentions)
    hidden = _hide(hidden, words.DOUBT_BEFORE)
    if _reaches_back(hidden, words.DENIAL_AFTER, mention):
        return Presence.ABSENT
    denial = _reaches_on(_hide(hidden, words.DENIAL_AFTER), words.DENIAL_BEFORE, mention, mentions)
    if denial > doubt:
        return Presence.ABSENT
    if doubt >= 0 or _alternative(clause, mention, mentions):
        return Presence.UNCERTAIN
    return Presence.PRESENT


def _hide(clause: str, pattern: re.Pattern[str]) -> str:
    """Blank out cues that were understood, so that their words are not read again."""
    return pattern.sub(lambda match: " " * len(match.group()), clause)


def _reaches_on(
    clause: str, pattern: re.Pattern[str], mention: _Mention, mentions: list[_Mention]
) -> int:
    """Give the place of the last cue whose scope reaches on to the mention, -1 for none.

    A cue within the mention reaches it, too: "the heart is not enlarged".
    """
    reached = -1
    for cue in pattern.finditer(clause):
        if cue.start() >= mention.end:
            break
        first = next((other for other in mentions if other.end > cue.end()), mention)
        stop = words.SCOPE_END.search(clause, first.end)
        if stop is None or mention.start < stop.start():
            reached = cue.start()
    return reached


def _reaches_back(clause: str, pattern: re.Pattern[str], mention: _Mention) -> bool:
    """Tell whether a cue behind the mention speaks of it: no other verb lies between."""
    return any(
        cue.start() >= mention.end and not words.VERB.search(clause, mention.end, cue.start())
        for cue in pattern.finditer(clause)
    )


def _alternative(clause: str, mention: _Mention, mentions: list[_Mention]) -> bool:
    """Tell whether the mention is one of two that "or" or "versus" joins."""
    return any(
        words.DOUBT_BETWEEN.search(clause, first.end, second.start)
        for first, second in pairwise(mentions)
        if mention in {first, second} and first.end <= second.start
    )


def _side(clause: str, mention: _Mention, low: int, high: int, *, shared: bool) -> Side | None:
    if mention.label in UNPAIRED:
        return None
    near = clause[mention.end : min(high, mention.end + _NEAR)]
    behind = re.search(r"\b(?:on|in|at|of|within|to)\b", near)
    after = _sides(near[behind.end() :]) if behind else []
    if after:
        return after[0]
    before = _sides(clause[low : mention.end])
    if not before and shared:
        # A list shares the side of its first entry: "left atelectasis and effusion".
        before = _sides(clause[: mention.end])
    return before[-1] if before else None


def _sides(text: str) -> list[Side]:
    """Give the sides that a text names, in its order."""
    return [Side(str(match.lastgroup)) for match in words.SIDES.finditer(text)]


def _site(clause: str, mention: _Mention, low: int, high: int) -> Site | None:
    allowed = words.SITES_OF.get(mention.label, frozenset())
    for text in (clause[low : mention.end], clause[mention.end : high]):
        for site, pattern in words.SITE_WORDS:
            if site in allowed and re.search(rf"\b(?:{pattern})\b", text):
                return site
    return DEFAULT_SITE[mention.label]
