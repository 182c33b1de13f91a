"""The film as a key image: a Key Object Selection "Of Interest" (PS3.3 A.35.4, TID 2010).

It is made only where something was flagged: a key image on a film on which the model found
nothing would draw the eye to nothing, and its absence says no more than that no flag was raised.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from pydicom.dataset import Dataset
from pydicom.sr.coding import Code
from pydicom.uid import KeyObjectSelectionDocumentStorage

from core.reading import Presence, Reading
from core.report import ReportVersion
from core.states import ResultKind
from dicom_sr import concepts, items
from dicom_sr.checks import check_inputs
from dicom_sr.context import BuildContext
from dicom_sr.elements import put, reference
from dicom_sr.header import ObjectClass, new_object
from dicom_sr.linkage import tracked
from dicom_sr.notice import notice_of
from dicom_sr.observers import device_observer, language
from dicom_sr.selection import add_selection
from dicom_sr.source import read_source
from dicom_sr.text import SHORT_TEXT, cut, one_line
from dicom_sr.wording_table import Word

_OF_INTEREST: Final = Code("113000", "DCM", "Of Interest")
_BESIDE: Final = (ResultKind.FINDINGS_SR, ResultKind.REPORT_SR)
"""What is named beside the film; its presentation state is named with it, as TID 2010 wants."""
_NAMED: Final = frozenset({*_BESIDE, ResultKind.GSPS, ResultKind.SECONDARY_CAPTURE})


def has_key_objects(reading: Reading) -> bool:
    """Tell whether a reading gets a key object selection: whether anything was flagged."""
    return reading.abnormal


def build_key_objects(
    reading: Reading,
    version: ReportVersion,
    source: Dataset,
    context: BuildContext,
    results: Mapping[ResultKind, Dataset],
) -> Dataset:
    """Build the key object selection.

    Parameters
    ----------
    reading
        What was flagged.
    version
        The report version that the object belongs to.
    source
        The film's header; its pixels are not looked at and it is not changed.
    context
        Site and variant.
    results
        The version's other results that the same peer gets; they are named, and count for the
        object's UID.

    Returns
    -------
    Dataset
        Complete, with file meta information.

    Raises
    ------
    UnreadableObjectError
        If the film's header lacks a UID or the size of its matrix.
    ValueError
        If the version is not a draft of this reading, or nothing was flagged.
    """
    check_inputs(reading, version, ResultKind.KEY_OBJECTS)
    if not has_key_objects(reading):
        message = f"nothing was flagged in reading {reading.id}: no key image"
        raise ValueError(message)
    origin = read_source(source)
    film = origin.film
    marks, picture = results.get(ResultKind.GSPS), results.get(ResultKind.SECONDARY_CAPTURE)
    documents = [results[kind] for kind in _BESIDE if kind in results]
    others = [one for one in (marks, picture, *documents) if one is not None]
    sort = ObjectClass(ResultKind.KEY_OBJECTS, KeyObjectSelectionDocumentStorage, "KO")
    names = [str(one.SOPInstanceUID) for one in others]
    dataset = new_object(sort, reading, version, origin, context, names=names)
    image = items.image(film, items.CONTAINS)
    if marks is not None:
        shown = reference(marks.SOPClassUID, marks.SOPInstanceUID)
        put(image.ReferencedSOPSequence[0], "ReferencedSOPSequence", [shown])
    named = [image]
    if picture is not None:
        burned = replace(
            film, sop_class_uid=picture.SOPClassUID, sop_instance_uid=picture.SOPInstanceUID
        )
        named.append(items.image(burned, items.CONTAINS))
    content = [
        language(context),
        *device_observer(reading.model, context),
        items.text(
            concepts.KEY_OBJECT_DESCRIPTION,
            _description(reading, context),
            items.CONTAINS,
        ),
        *named,
        *(
            items.composite(document.SOPClassUID, document.SOPInstanceUID, items.CONTAINS)
            for document in documents
        ),
    ]
    evidence = [(film.series_uid, reference(film.sop_class_uid, film.sop_instance_uid))]
    evidence += [
        (str(one.SeriesInstanceUID), reference(one.SOPClassUID, one.SOPInstanceUID))
        for one in others
    ]
    add_selection(dataset, _OF_INTEREST, content, origin.study.uid, evidence)
    return dataset


def _description(reading: Reading, context: BuildContext) -> str:
    """Say what was flagged: the statements, then the flags that no statement repeats."""
    wording = context.wording
    uncertain = f"{wording.word(Word.UNCERTAIN)}: "
    shown = [item for item in tracked(reading) if item.finding.presence is not Presence.ABSENT]
    stated = {item.finding.label for item in shown}
    words = [item.caption(wording) for item in shown]
    words += [
        f"{uncertain if flag.presence is Presence.UNCERTAIN else ''}{flag.label.value}"
        for flag in reading.flags
        if flag.presence is not Presence.ABSENT and flag.label not in stated
    ]
    said = f"{notice_of(reading, context)}. {wording.word(Word.FLAGGED)}: {'; '.join(words)}"
    return cut(one_line(said), SHORT_TEXT)
