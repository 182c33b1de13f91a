"""Which cues reach a finding within one clause.

All cues of a clause are found once, so that the work grows with the clause's length and not with
the number of findings in it.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise
from typing import Final

from core.labels import Label
from core.reading import Presence
from reader import sentence_cues as cues
from reader.sentence_cues import Cue

_BACK: Final = (
    (Cue.DOUBT_BACK, Presence.UNCERTAIN),
    (Cue.DENIAL_BACK, Presence.ABSENT),
)


@dataclass(frozen=True, slots=True)
class Mention:
    """A finding's name in a clause.

    Parameters
    ----------
    label
        What is named.
    start, end
        Where, in characters of the clause.
    """

    label: Label
    start: int
    end: int


class ClauseCues:
    """The cues of one clause.

    Parameters
    ----------
    clause
        Its words in lower case.
    mentions
        The findings that it names, by place.
    """

    def __init__(self, clause: str, mentions: Sequence[Mention]) -> None:
        self._clause = clause
        self._mentions = mentions
        self._furthest = list(accumulate((mention.end for mention in mentions), max))
        self._found: dict[Cue, list[tuple[int, int]]] = {kind: [] for kind in Cue}
        left = clause
        for kind, pattern in cues.CUES:
            found = [match.span() for match in pattern.finditer(left)]
            self._found[kind] += found
            left = _blanked(left, found)
        for places in self._found.values():
            places.sort()

    def presence(self, place: int) -> Presence | None:
        """Decide what the clause says of its finding at this place of the list.

        Returns
        -------
        Presence or None
            None where it is named without a statement.
        """
        mention = self._mentions[place]
        if self._reaches_on(Cue.SILENCE_ON, mention) >= 0:
            return None
        for kind, presence in _BACK:
            if self._reaches_back(kind, mention):
                return presence
        return self._from_before(mention)

    def _from_before(self, mention: Mention) -> Presence:
        """Decide by the cues that point on: the last one counts."""
        doubt = self._reaches_on(Cue.DOUBT_ON, mention)
        denial = max(
            self._reaches_on(kind, mention) for kind in (Cue.DENIAL_ON, Cue.DENIED_DOUBT_ON)
        )
        if self._reaches_on(Cue.CONTRAST_ON, mention) >= 0:
            return Presence.UNCERTAIN if doubt >= 0 else Presence.ABSENT
        if denial > doubt and not self._stated_anew(mention, denial):
            return Presence.ABSENT
        if doubt >= 0 or mention in self._alternatives:
            return Presence.UNCERTAIN
        return Presence.PRESENT

    def _reaches_on(self, kind: Cue, mention: Mention) -> int:
        """Give the place of the last cue whose scope reaches on to the mention, -1 for none.

        A cue within the mention reaches it, too: "the heart is not enlarged". A later cue's scope
        never ends before an earlier one's, so the last cue decides.
        """
        found = self._found[kind]
        before = bisect_left(found, (mention.end, 0)) - 1
        if before < 0:
            return -1
        start, end = found[before]
        first = bisect_right(self._furthest, end)
        behind = self._mentions[first].end if first < len(self._mentions) else mention.end
        return start if mention.start < self._scope_end(kind, behind) else -1

    def _reaches_back(self, kind: Cue, mention: Mention) -> bool:
        """Tell whether the next cue behind the mention speaks of it.

        No other verb may lie between. Over other findings it reaches as a list goes: "edema and
        effusion are not seen", "edema or effusion is not seen"; "edema and effusion is not seen"
        denies the last one only.
        """
        found = self._found[kind]
        behind = bisect_left(found, (mention.end, 0))
        if behind == len(found):
            return False
        start, _ = found[behind]
        if _any_between(self._verbs, mention.end, start):
            return False
        following = bisect_left(self._mention_starts, mention.end)
        if following == len(self._mentions) or self._mentions[following].start >= start:
            return True
        joined = _any_between(self._ors, mention.end, start)
        several = _any_between(self._ands, mention.end, start)
        singular = re.match(r"(?:is|was|has)\b", self._clause[start : start + 4]) is not None
        return joined or (several and not singular)

    def _scope_end(self, kind: Cue, behind: int) -> int:
        ends = self._ends if kind in {Cue.DOUBT_ON, Cue.CONTRAST_ON} else self._denial_ends
        place = bisect_left(ends, behind)
        return ends[place] if place < len(ends) else len(self._clause) + 1

    def _stated_anew(self, mention: Mention, denial: int) -> bool:
        """Tell whether a verb of its own states the mention: "no edema, effusion is present"."""
        if not cues.STATED_BY_VERB.match(self._clause, mention.end):
            return False
        return _any_between(self._commas, denial, mention.start) and not _any_between(
            self._ors, denial, mention.start
        )

    @cached_property
    def _alternatives(self) -> frozenset[Mention]:
        """The mentions that "or" or "versus" joins, of different labels.

        Those before a comma belong to them where a comma is before the "or", too: "edema,
        effusion, or pneumonia", but not "opacity, edema or pneumonia".
        """
        found: set[Mention] = set()
        listed: list[Mention] = []
        for first, second in pairwise(self._mentions):
            between = self._clause[first.end : second.start]
            comma = between.lstrip().startswith(",")
            if cues.EITHER.search(between) and not cues.EXPLAINED.search(between):
                either = {*(listed if comma else ()), first, second}
                if len({mention.label for mention in either}) > 1:
                    found |= either
                listed = []
            elif comma and not cues.LISTING_AND.search(between):
                listed.append(first)
            else:
                listed = []
        return frozenset(found)

    @cached_property
    def _mention_starts(self) -> list[int]:
        return [mention.start for mention in self._mentions]

    @cached_property
    def _ends(self) -> list[int]:
        last_or = self._ors[-1] if self._ors else -1
        listed = [place for place in self._places(cues.LIST_SCOPE_END) if place > last_or]
        return sorted(self._places(cues.CLAUSE_SCOPE_END) + listed)

    @cached_property
    def _denial_ends(self) -> list[int]:
        return sorted(self._ends + self._places(cues.DENIAL_SCOPE_END))

    @cached_property
    def _verbs(self) -> list[int]:
        return self._places(cues.VERB)

    @cached_property
    def _ors(self) -> list[int]:
        return self._places(cues.LISTING_OR)

    @cached_property
    def _ands(self) -> list[int]:
        return self._places(cues.LISTING_AND)

    @cached_property
    def _commas(self) -> list[int]:
        return self._places(cues.COMMA)

    def _places(self, pattern: re.Pattern[str]) -> list[int]:
        return [match.start() for match in pattern.finditer(self._clause)]


def _any_between(places: Sequence[int], low: int, high: int) -> bool:
    place = bisect_left(places, low)
    return place < len(places) and places[place] < high


def _blanked(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """Blank out what was understood, so that its words are not read again."""
    pieces, last = [], 0
    for start, end in spans:
        pieces += [text[last:start], " " * (end - start)]
        last = end
    return "".join([*pieces, text[last:]])
