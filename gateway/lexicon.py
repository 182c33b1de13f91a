"""The built-in words for body parts and views together with those that a site's policy adds."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from core.film_facts import View
from core.policy import SiteWords
from gateway import vocabulary
from gateway.header_words import wanted

_NO_MORE = SiteWords()


@dataclass(frozen=True, slots=True)
class WordList:
    """What one thing is called.

    Parameters
    ----------
    words
        Each of them names it.
    phrases
        So does each of these, where all of its words are there.
    """

    words: frozenset[str]
    phrases: tuple[frozenset[str], ...] = ()

    def named_in(self, found: frozenset[str]) -> bool:
        """Tell whether a text's words name it."""
        return not self.words.isdisjoint(found) or any(phrase <= found for phrase in self.phrases)


@dataclass(frozen=True, slots=True)
class Lexicon:
    """What body parts and views are called.

    Parameters
    ----------
    chest, other_parts
        Names of the chest, and of what is another part.
    no_plain_film
        Names of pictures that are no plain film.
    sides
        Words that leave open whether a film is a lateral.
    views
        What tells most comes first: a lateral decubitus is a decubitus.
    """

    chest: WordList
    other_parts: WordList
    no_plain_film: WordList
    sides: WordList
    views: tuple[tuple[View, WordList], ...]


@lru_cache(maxsize=16)
def lexicon(site: SiteWords = _NO_MORE) -> Lexicon:
    """Give the built-in words and a site's own."""
    return Lexicon(
        chest=_list(vocabulary.CHEST, site.chest),
        other_parts=_list(vocabulary.OTHER_PARTS, site.other_parts),
        no_plain_film=_list(vocabulary.NO_PLAIN_FILM, vocabulary.NO_PLAIN_FILM_PHRASES),
        sides=_list(vocabulary.SIDES),
        views=(
            (View.DECUBITUS, _list(vocabulary.DECUBITUS)),
            (View.LORDOTIC, _list(vocabulary.LORDOTIC)),
            (View.OBLIQUE, _list(vocabulary.OBLIQUE)),
            (View.OTHER, _list(vocabulary.OTHER_VIEWS)),
            (View.LATERAL, _list(vocabulary.LATERAL, site.lateral)),
            (View.PA, _list(vocabulary.PA, site.pa)),
            (View.AP, _list(vocabulary.AP, site.ap)),
            (View.FRONTAL, _list(vocabulary.FRONTAL, site.frontal)),
        ),
    )


def _list(words: frozenset[str], more: Iterable[str] = ()) -> WordList:
    return WordList(words, tuple(wanted(phrase) for phrase in more))
