"""Rejection notes on objects of ours that no longer stand."""

from dataclasses import replace

from pydicom.dataset import Dataset

from core.states import ResultKind
from db.publishing import BuiltObject
from db.retractions import Retraction
from db.spool import Spool
from dicom_sr.context import BuildContext
from dicom_sr.rejection import RejectedResult, RejectionNote, build_rejection
from gateway.results import keep_object

_FILM_REJECTED = "its film was rejected"
_TAKEN_BACK = "the administrator took the results back"
_DRAFT_REJECTED = "a radiologist rejected the draft"
_REPORT_REJECTED = "a radiologist rejected the final report"


def words_of(item: Retraction) -> str:
    """Say why results are taken back."""
    if item.author is None:
        return f"{_TAKEN_BACK}: {item.reason}" if item.reason else _FILM_REJECTED
    return f"{_REPORT_REJECTED if item.version.final else _DRAFT_REJECTED}: {item.reason}"


def take_back(
    item: Retraction, source: Dataset, *, site: BuildContext, spool: Spool
) -> BuiltObject:
    """Build and keep the note on what some peers have.

    Parameters
    ----------
    item
        What is taken back, and where.
    source
        The film's header, with what was last told of the patient.
    site
        What the site says of every result.
    spool
        Where the bytes are kept.
    """
    note = RejectionNote(
        item.code,
        item.rejected_at,
        [RejectedResult(one.sop_class_uid, one.uid, one.series_uid) for one in item.objects],
        words_of(item),
    )
    dataset = build_rejection(note, item.reading, source, site)
    kept = keep_object(spool, dataset, ResultKind.REJECTION, site.variant.key, item.version)
    rejects = tuple(one.uid for one in item.objects)
    return replace(kept, peer_ids=item.peer_ids, rejects=rejects)
