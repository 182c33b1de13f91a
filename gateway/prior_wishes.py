"""What is asked of a peer for a study's priors, and which of its answers are fetched."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from core.settings import PriorsSettings
from core.states import Purpose
from db.engine import Database
from db.priors import Here, here
from db.retrievals import Wish
from gateway.address import PeerAddress
from gateway.find import FoundSeries, FoundStudy, StudyQuery, find_series, find_studies

_MOST_SERIES: Final = 20
_DOCUMENTS: Final = frozenset({"SR"})
_NOTES: Final = frozenset({"KO"})
"""Rejection notes: a film that they name is no prior."""


@dataclass(frozen=True, slots=True)
class Question:
    """Of whom priors are wanted.

    Parameters
    ----------
    study_id, study_uid
        The study beside whose draft they are to stand.
    patient_id, issuer
        Its patient.
    taken_on
        Its day, in the site's zone.
    """

    study_id: int
    study_uid: str
    patient_id: str
    issuer: str
    taken_on: date


@dataclass(frozen=True, slots=True)
class DatedWish:
    """A study that is to be fetched, and its date as the peer told it."""

    study_date: str
    wish: Wish


def wishes(
    db: Database,
    question: Question,
    peer_id: int,
    address: PeerAddress,
    limits: PriorsSettings,
) -> list[DatedWish]:
    """Ask one peer, and give what it has and is not here yet, the newest first.

    Raises
    ------
    PeerUnavailableError, RefusedByPeerError
        As `gateway.find.find_studies`.
    """
    query = StudyQuery(
        patient_id=question.patient_id,
        issuer=question.issuer,
        first=_years_before(question.taken_on, limits.years),
        last=question.taken_on,
        modalities=limits.modalities,
    )
    studies = [study for study in find_studies(address, query) if _is_prior(study, question)]
    studies.sort(key=lambda study: (study.study_date, study.study_time), reverse=True)
    found = []
    for study in studies[: limits.most]:
        with db.read() as session:
            known = here(session, study.study_uid)
        series = _wanted(known, address, study.study_uid, limits)
        if series:
            found.append(DatedWish(study.study_date, _wish(question, peer_id, study, series)))
    return found


def _wanted(known: Here, address: PeerAddress, study_uid: str, limits: PriorsSettings) -> list[str]:
    """Give the series that may hold a radiograph or a signed report that is not here."""
    modalities: set[str] = set()
    if not known.films:
        modalities |= {*limits.modalities, *_NOTES}
    if not known.report:
        modalities |= _DOCUMENTS
    if not modalities:
        return []
    found = [one for one in find_series(address, study_uid) if _modality(one) in modalities]
    useful = {_modality(one) for one in found} - _NOTES
    return [one.series_uid for one in found[:_MOST_SERIES]] if useful else []


def _modality(series: FoundSeries) -> str:
    return series.modality.upper()


def _is_prior(study: FoundStudy, question: Question) -> bool:
    """Tell whether an answer is another study of this very patient, as far as it says.

    One that names no issuer is fetched where the patient's has one, since many archives do not
    answer with it; the listener refuses objects that bear another.
    """
    return (
        study.study_uid != question.study_uid
        and study.patient_id == question.patient_id
        and study.issuer in {"", question.issuer}
    )


def _wish(question: Question, peer_id: int, study: FoundStudy, series: Sequence[str]) -> Wish:
    return Wish(
        peer_id=peer_id,
        study_uid=study.study_uid,
        purpose=Purpose.PRIOR,
        campaign=question.study_uid,
        series_uids=tuple(series),
        for_study_id=question.study_id,
        patient_id=question.patient_id,
        issuer=question.issuer,
        study_date=study.study_date,
    )


def _years_before(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        # The 29th of February of a year that has none, or a year before the first.
        return day - timedelta(days=365 * min(years, day.year - 1))
