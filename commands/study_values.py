"""What is known of one study, as values that a program reads."""

from datetime import datetime
from pathlib import Path
from typing import Any

from core.errors import UnreadableObjectError
from core.reading import Presence
from core.reading_json import flag_from_json
from core.states import CommitmentState, DeliveryState, FilmState, Purpose
from db.frontals import preference
from db.models import Delivery, Instance, ReadingRow, ResultObject, Retrieval
from db.priors import Prior
from db.retractions import TakeBack
from db.study_facts import StudyFacts
from dicom_sr.report_text import report_text
from imaging.header import read_header

KEPT_BESIDE = "kept beside a reviewed one"
"""Standing of a reading that was made after a person accepted or edited the film's draft."""


def study_values(facts: StudyFacts) -> dict[str, Any]:
    """Give everything as JSON values; the preferred film and its draft come first."""
    study = facts.study
    paths = {film.id: film.path for film in facts.films}
    return {
        "study": {
            "uid": study.uid,
            "state": study.state.value,
            "review": study.review.value,
            "tier": study.tier.name.lower(),
            "patient_id": study.patient_id,
            "issuer": study.issuer,
            "patient_name": study.patient_name,
            "birth_date": study.birth_date,
            "sex": study.sex,
            "accession": study.accession,
            "description": study.description,
            "acquired_at": _iso(study.acquired_at),
            "received_at": _iso(study.received_at),
        },
        "remarks": _remarks(facts),
        "films": [_film(film) for film in _in_order(facts.films)],
        "readings": [
            _reading(reading, facts)
            for film in _in_order(facts.films)
            for reading in facts.readings
            if reading.instance_id == film.id
        ],
        "results": [_result(result, facts) for result in facts.results],
        "rejections": [
            {
                "instance": rejection.instance_uid,
                "code": rejection.code,
                "note": rejection.note_uid,
                "received_at": _iso(rejection.received_at),
            }
            for rejection in facts.rejections
        ],
        "signed_reports": [
            {
                "uid": report.uid,
                "title": report.title,
                "verified_at": _iso(report.verified_at),
                "received_at": _iso(report.received_at),
                "text": _text(paths.get(report.instance_id or 0)),
            }
            for report in facts.signed
        ],
        "priors": [_prior(prior) for prior in facts.priors],
        "retrievals": [_retrieval(retrieval) for retrieval in facts.retrievals],
    }


def _in_order(films: tuple[Instance, ...]) -> list[Instance]:
    """Put the films that were read today first, the preferred one before the others."""
    return sorted(
        films,
        key=lambda film: (
            film.purpose is not Purpose.READ or film.state is not FilmState.READ,
            preference(film),
        ),
    )


def _remarks(facts: StudyFacts) -> list[str]:
    """Say what a person must know beyond the states."""
    film = any(one.rejection_code is not None for one in facts.films)
    what = "a draft of a rejected film" if film else "a rejected draft"
    remarks = [f"{what} {_how_far(how, name)}" for name, how in facts.left_behind.items()]
    remarks.extend(
        f"a rejection note waits in quarantine and has no effect: {reason}"
        for reason in facts.waiting_notes
    )
    if facts.signed:
        remarks.append("a signed report is known: drafts that were not sent by then stay here")
    if any(standing(reading, facts) == KEPT_BESIDE for reading in facts.readings):
        remarks.append(
            "a film was read again after its draft was reviewed: the later draft is not sent"
        )
    remarks.extend(f"not all results could be built: {failure}" for failure in facts.failures)
    if removed := [film.removed_at for film in facts.films if film.removed_at is not None]:
        remarks.append(
            f"the pixels of {len(removed)} films were removed by retention, "
            f"the last on {max(removed):%Y-%m-%d}: their headers and drafts are kept"
        )
    return remarks


def _how_far(how: TakeBack, peer: str) -> str:
    """Say whether results remain at a peer; the place stands before what went wrong."""
    state, _, why = how.value.partition(":")
    return f"{state} at {peer}{f':{why}' if why else ''}"


def _film(film: Instance) -> dict[str, Any]:
    return {
        "uid": film.uid,
        "modality": film.modality,
        "view": film.view,
        "state": film.state.value,
        "reason": film.reason,
        "rule": film.rule,
        "policy_version": film.policy_version,
        "asked_of_pixels": film.asked_of_pixels,
        "purpose": film.purpose.value,
        "rejection_code": film.rejection_code,
        "corrects": film.corrects_uid,
        "derived_from": film.derived_from_uid,
        "calling_ae": film.calling_ae,
        "called_ae": film.called_ae,
        "acquired_at": _iso(film.acquired_at),
        "received_at": _iso(film.received_at),
        "pixels_removed_at": _iso(film.removed_at),
    }


def standing(reading: ReadingRow, facts: StudyFacts) -> str:
    """Say in a word what a reading is worth today."""
    if reading.instance.rejection_code is not None:
        return "of a rejected film"
    if reading.withdrawn_code is not None:
        return "rejected"
    if reading.completed_at is None:
        return "not finished"
    if reading.shadow:
        return "in shadow"
    if reading.current:
        return "current"
    later = any(
        other.current
        and other.instance_id == reading.instance_id
        and other.completed_at is not None
        and other.completed_at < reading.completed_at
        for other in facts.readings
    )
    return KEPT_BESIDE if later else "superseded"


def _reading(reading: ReadingRow, facts: StudyFacts) -> dict[str, Any]:
    flags = [flag_from_json(values) for values in reading.flags]
    return {
        "id": reading.id,
        "film": reading.instance.uid,
        "current": reading.current,
        "standing": standing(reading, facts),
        "withdrawn_code": reading.withdrawn_code,
        "demo": reading.demo,
        "model": reading.model.get("name"),
        "tier": reading.tier.name.lower(),
        "flags": [flag.label.value for flag in flags if flag.presence is not Presence.ABSENT],
        "completed_at": _iso(reading.completed_at),
        "versions": [
            {
                "number": version.number,
                "kind": version.kind.value,
                "findings": version.findings,
                "impression": version.impression,
                "author": version.author,
                "final": version.final,
                "created_at": _iso(version.created_at),
                "published_at": _iso(version.published_at),
            }
            for version in facts.versions
            if version.reading_id == reading.id
        ],
        "reviews": [
            {
                "act": review.act.value,
                "by": review.author,
                "version": next(
                    version.number for version in facts.versions if version.id == review.version_id
                ),
                "reason": review.reason,
                "at": _iso(review.at),
            }
            for review in facts.reviews
            if review.reading_id == reading.id
        ],
    }


def _result(result: ResultObject, facts: StudyFacts) -> dict[str, Any]:
    return {
        "uid": result.uid,
        "kind": result.kind.value,
        "variant": result.variant_key,
        "reading": result.reading_id,
        "version": next(
            version.number for version in facts.versions if version.id == result.version_id
        ),
        "replaces": result.predecessor_uid,
        "created_at": _iso(result.created_at),
        "file_removed_at": _iso(result.removed_at),
        "deliveries": [
            {
                "peer": delivery.peer.name,
                "state": delivery.state.value,
                "words": delivery.words,
                "sent_at": _iso(delivery.sent_at),
                "asked_at": _iso(_asked_at(delivery)),
                "committed_at": _iso(delivery.committed_at),
                "lost": delivery.lost,
                "taken_back_by": delivery.rejection_uid,
            }
            for delivery in facts.deliveries
            if delivery.result_id == result.id
        ],
    }


def _asked_at(delivery: Delivery) -> datetime | None:
    """Give since when the peer has been asked whether it keeps an object, without an answer."""
    request = delivery.commitment
    if delivery.state is not DeliveryState.SENT or request is None:
        return None
    return request.asked_at if request.state is CommitmentState.ASKED else None


def _prior(prior: Prior) -> dict[str, Any]:
    return {
        "study": prior.study_uid,
        "description": prior.description,
        "taken_at": _iso(prior.taken_at),
        "films": [
            {
                "uid": film.uid,
                "view": film.view,
                "taken_at": _iso(film.taken_at),
                "source": film.source,
            }
            for film in prior.films
        ],
        "reports": [
            {
                "uid": report.uid,
                "title": report.title,
                "verified_at": _iso(report.verified_at),
                "text": _text(report.path),
            }
            for report in prior.reports
        ],
    }


def _retrieval(retrieval: Retrieval) -> dict[str, Any]:
    return {
        "study": retrieval.study_uid,
        "purpose": retrieval.purpose.value,
        "state": retrieval.state.value,
        "completed": retrieval.completed,
        "failed": retrieval.failed,
        "error": retrieval.error,
        "requested_at": _iso(retrieval.requested_at),
    }


def _text(path: Path | str | None) -> str:
    """Give the text of a report's file; empty where it cannot be had."""
    if path is None:
        return ""
    try:
        return report_text(read_header(Path(path)))
    except (UnreadableObjectError, OSError):
        return ""


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
