"""What a header says beside the picture that may be told to a model: why and how it was taken.

These texts are written by hand, by anybody, in any language, and may hold names. They go to the
model and into the reading, never into a log. They are untrusted: an engine takes its model's
special tokens out of them (`reader.harmless`), and a family puts them where its training did.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from core.film_facts import View
from core.reading import Given
from gateway import vocabulary
from gateway.header_words import FILM_TEXTS, STUDY_TEXTS, words_of
from gateway.headers import text
from gateway.view import view_of
from imaging.values import value_of

LONGEST: Final = 500
"""Characters of an indication that are kept: a longer text is a history, and costs the model its
positions."""
_MOST_ITEMS: Final = 16
"""Items of a sequence that are looked at; a hostile one has millions."""
_REASONS: Final = (
    ("ReasonForTheRequestedProcedure", "ReasonForRequestedProcedureCodeSequence"),
    ("ReasonForStudy", None),
    (None, "ReasonForPerformedProcedureCodeSequence"),
)
"""Text and code of one attribute each, best first. Reason for Study (0032,1030) is retired, and
still what many modalities copy the order's reason to."""
_HISTORIES: Final = (
    ("AdmittingDiagnosesDescription", "AdmittingDiagnosesCodeSequence"),
    ("ReasonForVisit", "ReasonForVisitCodeSequence"),
    ("AdditionalPatientHistory", None),
)
"""What is known of the patient where nobody wrote why the film was asked for."""
_SILENT: Final = frozenset(
    {"", "na", "nil", "nk", "none", "null", "unknown", "unspecified", "unbekannt", "keine", "test"}
)
"""What people write where a form must not be empty; without signs, in lower case."""
_SIGN: Final = re.compile(r"[\W_]+")
_VIEWS: Final = {View.PA: "PA ", View.AP: "AP ", View.FRONTAL: "Frontal "}
_POSTURES: Final = (("supine", vocabulary.SUPINE), ("upright", vocabulary.UPRIGHT))


def given_of(header: Dataset) -> Given:
    """Gather what a model may be told beside the film.

    Parameters
    ----------
    header
        The film's header; nothing of it is trusted.

    Returns
    -------
    Given
        The indication: Reason for the Requested Procedure, of the object itself and then of its
        Request Attributes, and its kin; then the admitting diagnosis, the reason for the visit
        and the additional history. Only the first that says anything is taken. The technique, as
        far as view and texts tell it. There is no comparison: priors are not given to a model.
        Each is one line, and None where nothing is known; an order that knows more is not asked,
        since orders are not received.
    """
    return Given(indication=_indication(header), technique=_technique(header))


def one_line(value: str, longest: int = LONGEST) -> str:
    """Give a text without line breaks, control and format characters, cut between two words."""
    visible = "".join(
        char if not unicodedata.category(char).startswith("C") else " " * char.isspace()
        for char in value
    )
    line = " ".join(visible.split())
    if len(line) <= longest:
        return line
    return line[: longest + 1].rpartition(" ")[0].rstrip() or line[:longest]


def _indication(header: Dataset) -> str | None:
    places = (
        (header, _REASONS),
        *((item, _REASONS) for item in _items(header, "RequestAttributesSequence")),
        (header, _HISTORIES),
    )
    for place, attributes in places:
        for written, coded in attributes:
            said = one_line(text(place, written).replace("\\", "; ")) if written else ""
            if _SIGN.sub("", said.casefold()) not in _SILENT:
                return said
            meanings = _meanings(place, coded) if coded else ""
            if meanings:
                return meanings
    return None


def _meanings(place: Dataset, keyword: str) -> str:
    meanings = (text(item, "CodeMeaning") for item in _items(place, keyword))
    return one_line("; ".join(meaning for meaning in meanings if meaning))


def _items(place: Dataset, keyword: str) -> Iterator[Dataset]:
    items = value_of(place, keyword)
    if isinstance(items, Sequence):
        yield from items[:_MOST_ITEMS]


def _technique(header: Dataset) -> str | None:
    r"""Say how the film was taken in a report's words, such as "Portable AP chest radiograph".

    A view that another attribute contradicts is left out, and so is a posture where the texts
    name both.
    """
    evidence = view_of(header)
    known = evidence.view is not None and not evidence.contradicted_by
    view = _VIEWS.get(evidence.view, "") if known and evidence.view is not None else ""
    found = words_of(header, (*FILM_TEXTS, *STUDY_TEXTS))
    portable = "Portable " if found & vocabulary.PORTABLE else ""
    postures = [posture for posture, listed in _POSTURES if found & listed]
    posture = f", {postures[0]}" if len(postures) == 1 else ""
    if not (view or portable or posture):
        return None
    sentence = f"{portable}{view}chest radiograph{posture}"
    return sentence[0].upper() + sentence[1:]
