"""How result objects are named where nobody says otherwise."""

from typing import Final

SERIES_DESCRIPTION: Final = "{kind} {film}: {notice}"
"""Template of a Series Description: what it holds, which of several films, the banner."""
SERIES_DESCRIPTION_WORDS: Final = frozenset({"kind", "film", "notice"})
