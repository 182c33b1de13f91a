"""Well-formed data sets with any values at all: what the rules on headers make of them.

Covered: any attribute that the edge looks at, with any value, missing, empty, several, of another
type, in sequences; the functions that gather facts and decide never raise what is not theirs, and
never repeat a text of the header in a reason. Damaged bytes are in test_mutated_files.py.
"""

from datetime import UTC
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom import config
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian

from core.errors import UnreadableObjectError
from db.received import ReceivedObject
from gateway.given import given_of
from gateway.headers import acquired_at, received_object
from gateway.size import refuse_huge
from tests.gateway.objects import film

_TEXT_KEYWORDS = (
    "PatientID",
    "PatientName",
    "IssuerOfPatientID",
    "PatientBirthDate",
    "PatientSex",
    "PatientAge",
    "Modality",
    "BodyPartExamined",
    "ViewPosition",
    "PatientOrientation",
    "SeriesDescription",
    "StudyDescription",
    "ProtocolName",
    "AccessionNumber",
    "StudyDate",
    "StudyTime",
    "AcquisitionDateTime",
    "TimezoneOffsetFromUTC",
    "ReasonForTheRequestedProcedure",
    "StudyInstanceUID",
    "SeriesInstanceUID",
    "SOPInstanceUID",
    "SOPClassUID",
    "PresentationIntentType",
    "PatientSpeciesDescription",
    "NumberOfFrames",
)
_SEQUENCES = ("ViewCodeSequence", "AnatomicRegionSequence", "RequestAttributesSequence")
_MARK = "Zyxw-mark"
_texts = st.text(max_size=80) | st.sampled_from(
    ["", "\\", "../../x", "'; DROP TABLE study", "<b>", "\x00", "\r\n", "1.2..3", _MARK, "9" * 300]
)
_values = st.none() | _texts | st.lists(_texts, max_size=4)


@st.composite
def _headers(draw: st.DrawFn) -> Dataset:
    header = film(PatientName=_MARK)
    with config.disable_value_validation():
        for keyword in draw(st.sets(st.sampled_from(_TEXT_KEYWORDS), max_size=8)):
            _put(header, keyword, draw(_values))
        for keyword in draw(st.sets(st.sampled_from(_SEQUENCES))):
            item = Dataset()
            for inner in draw(st.sets(st.sampled_from(("CodeValue", "CodeMeaning")))):
                _put(item, inner, draw(_values))
            setattr(header, keyword, Sequence([item]))
    header.file_meta = FileMetaDataset()
    header.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    return header


def _put(dataset: Dataset, keyword: str, value: Any) -> None:
    try:
        setattr(dataset, keyword, value)
    except (ValueError, TypeError, OverflowError):
        # pydicom will not even hold it: no file could bring it, either.
        dataset.pop(keyword, None)


@settings(max_examples=300, deadline=None)
@given(_headers())
def test_facts_are_gathered_or_the_object_is_refused(header: Dataset) -> None:
    assert given_of(header) is not None
    taken = acquired_at(header, UTC)
    assert taken is None or taken.tzinfo is not None
    refuse_huge(header, 1000)
    found = _received(header)
    if isinstance(found, UnreadableObjectError):
        assert _MARK not in str(found)
    else:
        assert "\n" not in found.patient.name
        assert "\r" not in found.study_description


def _received(header: Dataset) -> ReceivedObject | UnreadableObjectError:
    try:
        return received_object(header, Path("x"), calling_ae="A", called_ae="B", zone=UTC)
    except UnreadableObjectError as error:
        return error
