"""A rejection note on results of ours: a Key Object Selection (PS3.3 A.35.4, PS3.16 TID 2010).

As IHE's Imaging Object Change Management asks (RAD TF-2): the title says why, each object that is
rejected is named, and there is no title modifier. An archive that knows such notes hides what
they name; others keep it, and a reader of the note sees what is no longer valid.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pydicom.dataset import Dataset
from pydicom.uid import KeyObjectSelectionDocumentStorage

from core.reading import Reading
from core.states import ResultKind
from dicom_sr import concepts, items
from dicom_sr.context import BuildContext
from dicom_sr.elements import reference
from dicom_sr.header import Making, ObjectClass, begin_object
from dicom_sr.notice import notice_of, short_notice_of
from dicom_sr.observers import device_observer, language
from dicom_sr.selection import add_selection
from dicom_sr.source import read_source
from dicom_sr.text import one_line
from dicom_sr.uids import rejection_uid


@dataclass(frozen=True, slots=True)
class RejectedResult:
    """A result object that is taken back; it lies in the film's study."""

    sop_class_uid: str
    sop_instance_uid: str
    series_uid: str


@dataclass(frozen=True, slots=True)
class RejectionNote:
    """What is taken back, and why.

    Parameters
    ----------
    code
        A key of `concepts.REJECTION_TITLES`: the title of the department's own note, or what the
        radiologist chose.
    created_at
        When that note came, or the draft was rejected, aware.
    results
        What is taken back, in the order in which it is named.
    because
        Why, in plain words on one line; untrusted.

    Raises
    ------
    ValueError
        If nothing is taken back, or the code is no rejection.
    """

    code: str
    created_at: datetime
    results: Sequence[RejectedResult]
    because: str = "its film was rejected"

    def __post_init__(self) -> None:
        if not self.results:
            message = "a rejection note must name something"
            raise ValueError(message)
        if self.code not in concepts.REJECTION_TITLES:
            message = f"no title of a rejection note: {self.code!r}"
            raise ValueError(message)


def build_rejection(
    note: RejectionNote, reading: Reading, source: Dataset, context: BuildContext
) -> Dataset:
    """Build the note.

    Parameters
    ----------
    note
        What is taken back, and why.
    reading
        What the results were made of.
    source
        The header of the film.
    context
        The site; the variant is of no consequence.

    Returns
    -------
    Dataset
        Complete, with file meta information. The same results and code give the same UID.

    Raises
    ------
    UnreadableObjectError
        If the film's header lacks a UID or the size of its matrix.
    ValueError
        If the note's time is naive.
    """
    origin = read_source(source)
    uids = [result.sop_instance_uid for result in note.results]
    making = Making(
        sop_instance_uid=rejection_uid(uids, note.code, note.because),
        series_uid=rejection_uid(uids, note.code, note.because, series=True),
        created_at=note.created_at,
        model=reading.model,
        notice=notice_of(reading, context),
        short_notice=short_notice_of(reading, context),
    )
    sort = ObjectClass(ResultKind.REJECTION, KeyObjectSelectionDocumentStorage, "KO")
    dataset = begin_object(sort, making, origin, context)
    references = [
        (result.series_uid, reference(result.sop_class_uid, result.sop_instance_uid))
        for result in note.results
    ]
    title = concepts.REJECTION_TITLES[note.code]
    content = [
        language(context),
        *device_observer(reading.model, context),
        items.text(
            concepts.KEY_OBJECT_DESCRIPTION,
            one_line(f"{making.notice}: taken back, since {note.because} ({title.meaning})"),
            items.CONTAINS,
        ),
        *(
            items.composite(result.sop_class_uid, result.sop_instance_uid, items.CONTAINS)
            for result in note.results
        ),
    ]
    add_selection(dataset, title, content, origin.study.uid, references)
    return dataset
