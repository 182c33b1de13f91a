"""From which side a film was taken, as far as its header says."""

from dataclasses import dataclass
from typing import Final

from pydicom.dataset import Dataset

from core.film_facts import Source, View
from gateway.header_words import film_words, first_item, items_of, study_words, words
from gateway.headers import text
from gateway.lexicon import Lexicon, lexicon
from gateway.vocabulary import PORTABLE, SUPINE, UPRIGHT


@dataclass(frozen=True, slots=True)
class ViewEvidence:
    """What a header says of the view.

    Parameters
    ----------
    view
        The verdict; None where it is silent.
    rule
        Which attribute gave it.
    contradicted_by
        The attribute that says otherwise of frontal or not; None where none does.
    doubted_by
        The attribute that leaves open whether a view that another calls frontal is: it names both,
        or a side, or modifies the view in a way that is not known.
    """

    view: View | None
    rule: Source
    contradicted_by: Source | None = None
    doubted_by: Source | None = None

    @property
    def judged(self) -> View:
        """The verdict, where nothing contradicts it."""
        if self.contradicted_by:
            return View.CONTRADICTED
        if self.doubted_by:
            return View.UNKNOWN
        return self.view or View.UNKNOWN


_CODES: Final = {
    "272479007": View.PA,
    "R-10214": View.PA,
    "R-40888": View.PA,
    "399348003": View.AP,
    "R-10206": View.AP,
    "399033003": View.FRONTAL,
    "R-10202": View.FRONTAL,
}
"""The frontal views of CID 4010: SNOMED CT, and the retired SRT codes."""
_POSITIONS: Final = {
    **dict.fromkeys(("LL", "RL", "L", "R", "LLAT", "RLAT"), View.LATERAL),
    **dict.fromkeys(("LLD", "RLD"), View.DECUBITUS),
    **dict.fromkeys(("LLO", "RLO", "LAO", "RAO", "LPO", "RPO"), View.OBLIQUE),
    **dict.fromkeys(("MLO", "LMO", "CC", "ML", "LM"), View.OTHER),
}
"""Defined terms of View Position (PS3.3 sections C.8.1.1, C.8.7.1 and C.8.11.5), and initials of
the field, that are no plain words."""
_PLAIN_MODIFIERS: Final = PORTABLE | SUPINE | UPRIGHT | words("inspiration expiration sitting grid")
"""Modifiers of a view that leave it what it is."""
_QUALIFYING: Final = frozenset({View.DECUBITUS, View.LORDOTIC, View.OBLIQUE, View.OTHER})
"""Words that go with PA and AP and make another view of them; "PA, lateral" are two films."""


def view_of(header: Dataset, names: Lexicon | None = None) -> ViewEvidence:
    r"""Judge the view: View Code, View Position, texts on the film, then Patient Orientation.

    Parameters
    ----------
    header
        Untrusted.
    names
        What views are called; None takes the built-in words.

    Returns
    -------
    ViewEvidence
        The first attribute that names a view gives it; any other one may contradict it. A
        Patient Orientation of L\F is often a fixed setting of the modality and stands on
        laterals, too: it speaks only where no attribute names a view, texts that name another one
        contradict it, and it contradicts nothing. One in the sagittal plane does. Texts on the
        examination, which may hold several views, come last.
    """
    names = names or lexicon()
    plane = _orientation(text(header, "PatientOrientation"))
    named = [
        (rule, view)
        for rule, view in (
            (Source.VIEW_CODE, _coded(header, names)),
            (Source.VIEW_POSITION, _position(text(header, "ViewPosition"), names)),
            # Some rooms write CHEST LAT.
            (Source.BODY_PART, _worded(words(text(header, "BodyPartExamined")), names)),
            (Source.FILM_TEXTS, _worded(film_words(header), names)),
        )
        if view is not None
    ]
    if not named:
        return _unnamed(header, plane, names)
    rule, view = named[0]
    against = [other for other, said in named if said.is_frontal is not view.is_frontal]
    if view.is_frontal and plane is View.LATERAL:
        against.append(Source.ORIENTATION)
    doubt = _doubt(header, names) if view.is_frontal and not against else None
    return ViewEvidence(view, rule, against[0] if against else None, doubt)


def named_view(header: Dataset) -> str:
    """Give the view in the words of `core.film_facts.View`; "" where it is not plainly said."""
    judged = view_of(header).judged
    return "" if judged in {View.UNKNOWN, View.CONTRADICTED} else judged.value


def _unnamed(header: Dataset, plane: View | None, names: Lexicon) -> ViewEvidence:
    """Judge by the plane, else by the texts on the examination."""
    examination = study_words(header)
    if plane is None:
        view = _worded(examination, names)
        return ViewEvidence(view, Source.NONE if view is None else Source.STUDY_TEXTS)
    said = _worded(examination | film_words(header), names)
    doubted = plane is View.FRONTAL and said is not None and not said.is_frontal
    return ViewEvidence(plane, Source.ORIENTATION, Source.TEXTS if doubted else None)


def _coded(header: Dataset, names: Lexicon) -> View | None:
    item = first_item(header, "ViewCodeSequence")
    if item is None:
        return None
    value = text(item, "CodeValue")
    meaning = text(item, "CodeMeaning")
    if not value and not meaning:
        return None
    view = _CODES.get(value) or _worded(words(meaning), names) or View.OTHER
    for modifier in items_of(item, "ViewModifierCodeSequence"):
        modified = _worded(words(text(modifier, "CodeMeaning")), names)
        if modified in _QUALIFYING:
            return modified
    return view


def _doubt(header: Dataset, names: Lexicon) -> Source | None:
    """Give the attribute that leaves open whether a film is frontal."""
    item = first_item(header, "ViewCodeSequence")
    if item is not None and any(
        _puzzles(modifier, names) for modifier in items_of(item, "ViewModifierCodeSequence")
    ):
        return Source.VIEW_CODE
    film = film_words(header)
    for rule, found in (
        (Source.VIEW_POSITION, words(text(header, "ViewPosition"))),
        (Source.BODY_PART, words(text(header, "BodyPartExamined"))),
        (Source.FILM_TEXTS, film),
    ):
        frontal = {view.is_frontal for view, listed in names.views if listed.named_in(found)}
        if len(frontal) > 1:
            return rule
    return Source.FILM_TEXTS if names.sides.named_in(film) else None


def _puzzles(modifier: Dataset, names: Lexicon) -> bool:
    """Tell whether a modifier says something that is not understood."""
    meaning = words(text(modifier, "CodeMeaning"))
    if not meaning:
        return bool(text(modifier, "CodeValue"))
    return meaning.isdisjoint(_PLAIN_MODIFIERS) and _worded(meaning, names) is None


def _position(value: str, names: Lexicon) -> View | None:
    return _POSITIONS.get(value.upper()) or _worded(words(value), names)


def _orientation(value: str) -> View | None:
    """Give the plane of Patient Orientation (PS3.3 section C.7.6.1.1.1)."""
    axes = set(value.upper().split("\\"))
    if axes & {"A", "P"}:
        return View.LATERAL
    return View.FRONTAL if axes & {"L", "R"} and axes & {"H", "F"} else None


def _worded(found: frozenset[str], names: Lexicon) -> View | None:
    """Give the one view that words name; None where they name none, or frontal and lateral."""
    views = [view for view, listed in names.views if listed.named_in(found)]
    if views and views[0] in _QUALIFYING:
        return views[0]
    frontal = [view for view in views if view.is_frontal]
    if not views or 0 < len(frontal) < len(views):
        return None
    named = [view for view in views if view is not View.FRONTAL]
    if len(frontal) > 1 and len(named) > 1:
        return View.FRONTAL
    return named[0] if named else View.FRONTAL
