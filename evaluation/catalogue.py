"""The words of the pages as a catalogue for translators: `python -m evaluation.catalogue`.

Writes `web/locale/firstread.pot` (gettext) from the templates and modules of `web`. A translation
is a `<language>/LC_MESSAGES/firstread.po` beside it; `--compile` makes the `.mo` files that pages
are served with.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from web.texts import DOMAIN, LOCALES

_WEB: Final = Path(__file__).parents[1] / "web"
_METHODS: Final = [("**/*.py", "python"), ("templates/**.html", "jinja2.ext:babel_extract")]
_OPTIONS: Final = {"templates/**.html": {"trimmed": "false", "silent": "false"}}
_KEYWORDS: Final = {"_": None, "mark": None, "gettext": None, "ngettext": (1, 2)}
POT: Final = LOCALES / f"{DOMAIN}.pot"


def extracted() -> Catalog:
    """Gather every word that stands in the pages."""
    catalogue = Catalog(project="FirstRead", charset="utf-8", fuzzy=False)
    for name, line, words, comments, context in _found():
        catalogue.add(words, locations=[(name, line)], auto_comments=comments, context=context)
    return catalogue


def _found() -> Iterator[tuple[str, int, str | tuple[str, ...], list[str], str | None]]:
    yield from extract_from_dir(
        _WEB, method_map=_METHODS, options_map=_OPTIONS, keywords=_KEYWORDS, strip_comment_tags=True
    )


def main() -> None:
    """Write the catalogue, or compile translations."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--compile", action="store_true", help="make .mo of every .po")
    if parser.parse_args().compile:
        for source in LOCALES.glob(f"*/LC_MESSAGES/{DOMAIN}.po"):
            with source.open("rb") as words, source.with_suffix(".mo").open("wb") as target:
                write_mo(target, read_po(words))
            print(source.with_suffix(".mo").name)
        return
    with POT.open("wb") as target:
        # No dates and no line numbers: they would change with every commit.
        write_po(target, extracted(), omit_header=True, no_location=True, sort_output=True)
    print(f"{POT.name}: {len(extracted())} texts")


if __name__ == "__main__":
    main()
