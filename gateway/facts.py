"""What is true of an object as far as its header says, in the words that a policy's rules use."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any, Final

from pydicom.dataset import Dataset

from core.film_facts import CLASS_UIDS, Orientation, Part, Source, Species, View
from core.policy import Policy
from gateway.body_part import body_part
from gateway.header_words import (
    FILM_TEXTS,
    STUDY_TEXTS,
    film_words,
    first_item,
    study_words,
    words,
    words_of,
)
from gateway.headers import acquired_at, date_of, text
from gateway.lexicon import lexicon
from gateway.view import view_of
from gateway.vocabulary import ANIMALS, VETERINARY

_HUMAN_CODES: Final = frozenset({"337915000", "L-85003", "L-85B00"})
_HUMAN_WORDS: Final = words(
    "human homo mensch humain humano umano mens människa człowiek člověk insan человек ヒト 人"
)
_SAYS_NOTHING: Final = words("unknown unspecified none n a na other")
_ANIMAL_AXES: Final = frozenset({"LE", "RT", "D", "V", "CR", "CD"})
"""Patient Orientation of quadrupeds (PS3.3 section C.7.6.1.1.1)."""
_OF_ANIMALS: Final = ("PatientBreedDescription", "PatientSexNeutered")
"""Attributes that only animals have (PS3.3 section C.7.1.1)."""
_HUMAN_AXES: Final = frozenset({"L", "R", "H", "F"})
_AGE: Final = re.compile(r"(\d{3})([DWMY])")
_YEARS: Final = {"D": 1 / 365.25, "W": 7 / 365.25, "M": 1 / 12, "Y": 1.0}
_OLDEST_YEARS: Final = 130.0
_FOR_PROCESSING: Final = "FOR PROCESSING"
_GREY: Final = {"MONOCHROME1": True, "MONOCHROME2": True, "": None}


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that a rule may ask of an object; texts are as the header writes them.

    Parameters
    ----------
    sop_class, modality, presentation_intent, conversion_type, image_type
        What it is; `image_type` holds each part of Image Type.
    plain_film
        Whether neither Image Type nor the texts on the film name another kind of picture.
    greyscale
        Whether it is grey; None where the header does not say.
    calling_ae, called_ae
        Between whom it travelled, "" where it did not.
    station_name, manufacturer, model, institution
        Where it was made.
    body_part_examined, view_position
        The two attributes themselves.
    part, part_from, part_against
        The body part as judged, which attribute said so, and which one another or left it open.
    view, view_from, view_against
        The view, likewise.
    orientation, species
        As judged.
    age_years
        The patient's age; None where unknown.
    film_age_hours
        How long ago it was taken; None where unknown.
    too_young, too_old
        By the policy's numbers; never where the age is unknown.
    film_words, study_words
        The words of the texts on the film, and on its examination.
    """

    sop_class: str
    modality: str
    presentation_intent: str
    conversion_type: str
    image_type: tuple[str, ...]
    plain_film: bool
    greyscale: bool | None
    calling_ae: str
    called_ae: str
    station_name: str
    manufacturer: str
    model: str
    institution: str
    body_part_examined: str
    view_position: str
    part: Part
    part_from: Source
    part_against: Source | None
    view: View
    view_from: Source
    view_against: Source | None
    orientation: Orientation
    species: Species
    age_years: float | None
    film_age_hours: float | None
    too_young: bool
    too_old: bool
    film_words: frozenset[str]
    study_words: frozenset[str]

    def plain(self) -> Mapping[str, Any]:
        """Give them as plain JSON values by name, for people to look at."""
        named = ((field.name, getattr(self, field.name)) for field in fields(self))
        return {
            name: sorted(value) if isinstance(value, frozenset) else value for name, value in named
        }


def facts_of(
    header: Dataset,
    policy: Policy,
    at: datetime | None,
    *,
    zone: tzinfo = UTC,
    calling_ae: str = "",
    called_ae: str = "",
) -> Facts:
    """Gather the facts of an object; never raises, whatever its header holds.

    Parameters
    ----------
    header
        Untrusted; what cannot be decoded counts as missing.
    policy
        Whose words and numbers count.
    at
        The present time, aware; None takes every film for a new one.
    zone
        The zone of the header's times where it names none.
    calling_ae, called_ae
        AE titles of its association.
    """
    names = lexicon(policy.words)
    part, view = body_part(header, names), view_of(header, names)
    taken = acquired_at(header, zone)
    age, film_age = _age_years(header, taken), _film_age_hours(taken, at)
    named = film_words(header)
    sop_class = text(header, "SOPClassUID")
    intent = text(header, "PresentationIntentType")
    if sop_class == CLASS_UIDS["DX FOR PROCESSING"]:
        intent = _FOR_PROCESSING
    return Facts(
        sop_class=sop_class,
        modality=text(header, "Modality"),
        presentation_intent=intent,
        conversion_type=text(header, "ConversionType"),
        image_type=tuple(text(header, "ImageType").split("\\")),
        plain_film=not names.no_plain_film.named_in(named | words_of(header, ("ImageType",))),
        greyscale=_GREY.get(text(header, "PhotometricInterpretation").upper(), False),
        calling_ae=calling_ae,
        called_ae=called_ae,
        station_name=text(header, "StationName"),
        manufacturer=text(header, "Manufacturer"),
        model=text(header, "ManufacturerModelName"),
        institution=text(header, "InstitutionName"),
        body_part_examined=text(header, "BodyPartExamined"),
        view_position=text(header, "ViewPosition"),
        part=part.judged,
        part_from=part.rule,
        part_against=part.contradicted_by or part.doubted_by,
        view=view.judged,
        view_from=view.rule,
        view_against=view.contradicted_by or view.doubted_by,
        orientation=_orientation(header),
        species=_species(header),
        age_years=age,
        film_age_hours=film_age,
        too_young=age is not None and age < policy.youngest_age_years,
        too_old=film_age is not None
        and policy.film_age_hours != "any"
        and film_age > policy.film_age_hours,
        film_words=named,
        study_words=study_words(header),
    )


def _species(header: Dataset) -> Species:
    item = first_item(header, "PatientSpeciesCodeSequence")
    code, meaning = (
        ("", "") if item is None else (text(item, "CodeValue"), text(item, "CodeMeaning"))
    )
    described = words(text(header, "PatientSpeciesDescription")) | words(meaning)
    human = code in _HUMAN_CODES or bool(described & _HUMAN_WORDS)
    named = bool(code) or not described <= _SAYS_NOTHING
    if (
        (named and not human)
        or any(text(header, keyword) for keyword in _OF_ANIMALS)
        or text(header, "ResponsiblePersonRole").upper() == "OWNER"
        or words_of(header, (*FILM_TEXTS, *STUDY_TEXTS)) & (ANIMALS | VETERINARY)
        or words(text(header, "InstitutionName")) & VETERINARY
        or _axes(header) & _ANIMAL_AXES
    ):
        return Species.ANIMAL
    return Species.HUMAN if human else Species.UNKNOWN


def _orientation(header: Dataset) -> Orientation:
    r"""Judge whether a film is stored upright.

    `R\F` counts as upright: it is mirrored, and `imaging` remarks on it.
    """
    axes = text(header, "PatientOrientation").upper().split("\\")
    if len(axes) != len("LF") or not set(axes) <= _HUMAN_AXES:
        return Orientation.UNKNOWN
    return Orientation.UPRIGHT if axes[1] == "F" else Orientation.NOT_UPRIGHT


def _axes(header: Dataset) -> set[str]:
    return set(text(header, "PatientOrientation").upper().split("\\"))


def _age_years(header: Dataset, taken: datetime | None) -> float | None:
    """Give the patient's age by Patient's Age (VR AS), else by the dates of birth and film."""
    age = _AGE.fullmatch(text(header, "PatientAge").upper())
    if age is not None:
        years = int(age[1]) * _YEARS[age[2]]
        return years if years <= _OLDEST_YEARS else None
    born = date_of(text(header, "PatientBirthDate"))
    if born is None or taken is None:
        return None
    years = _years_between(born, taken.date())
    return years if 0 <= years <= _OLDEST_YEARS else None


def _years_between(born: date, day: date) -> float:
    """Count whole years by birthdays, and the rest in days."""
    whole = day.year - born.year - ((day.month, day.day) < (born.month, born.day))
    if whole >= 1:
        return float(whole)
    return (day - born).days / 365.25


def _film_age_hours(taken: datetime | None, at: datetime | None) -> float | None:
    if at is None:
        return 0.0
    if taken is None:
        return None
    if taken.time() == time():
        # A date alone: the film may be as young as that day's end.
        taken += timedelta(days=1)
    return max(0.0, (at - taken) / timedelta(hours=1))
