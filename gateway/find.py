"""C-FIND as a client, Study Root model (PS3.4 section C.4.1): which studies and series a peer has.

What a peer answers is untrusted, and an archive may ignore an optional key: what the keys were
is looked at again in each answer, and what does not fit is left out.
"""

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from pydicom.dataset import Dataset
from pydicom.uid import UID, ExplicitVRLittleEndian, ImplicitVRLittleEndian
from pynetdicom import build_context
from pynetdicom.association import Association

from core.errors import PeerUnavailableError, RefusedByPeerError
from core.uids import is_uid
from gateway.address import PeerAddress
from gateway.association import associate
from gateway.headers import text
from gateway.statuses import query_in_words

STUDY_ROOT_FIND: Final = "1.2.840.10008.5.1.4.1.2.2.1"
"""SOP Class UID of Study Root Query/Retrieve Information Model - FIND."""
MOST_ANSWERS: Final = 5_000
_LONGEST: Final = 20.0
"""How many times the time-out a whole query may take."""
_PENDING: Final = frozenset({0xFF00, 0xFF01})
_CAN_BE_ASKED_AGAIN: Final = frozenset({0xA700, 0x0110, 0x0213})
_LONGEST_TEXT: Final = 256
_MOST_DIGITS: Final = 9
_STUDY_KEYS: Final = (
    "StudyTime",
    "StudyDescription",
    "AccessionNumber",
    "IssuerOfPatientID",
    "NumberOfStudyRelatedInstances",
)
_SERIES_KEYS: Final = ("BodyPartExamined", "SeriesNumber", "SeriesDescription")


@dataclass(frozen=True, slots=True)
class StudyQuery:
    """Which studies are asked for; what is left out matches everything.

    Parameters
    ----------
    patient_id
        Exactly, and never as a pattern: an answer with another one is left out.
    issuer
        Issuer of Patient ID; an answer that names another one is left out, one that names none
        is given with an empty issuer, for whoever asks to judge.
    first, last
        Study dates, both included.
    modalities
        Any of them in the study; each is asked for by itself.
    study_uid, accession
        Exactly.

    Raises
    ------
    ValueError
        If nothing narrows the query, or `study_uid` is no UID.
    """

    patient_id: str = ""
    issuer: str = ""
    first: date | None = None
    last: date | None = None
    modalities: tuple[str, ...] = ()
    study_uid: str = ""
    accession: str = ""

    def __post_init__(self) -> None:
        if not (self.patient_id or self.first or self.last or self.study_uid or self.accession):
            message = "a query for all studies of a peer is never meant"
            raise ValueError(message)
        if self.study_uid and not is_uid(self.study_uid):
            message = f"study_uid is no UID: {self.study_uid!r}"
            raise ValueError(message)

    @property
    def dates(self) -> str:
        """The range as DICOM writes it (PS3.4 section C.2.2.2.5), empty for all."""
        if self.first is None and self.last is None:
            return ""
        first = "" if self.first is None else self.first.strftime("%Y%m%d")
        last = "" if self.last is None else self.last.strftime("%Y%m%d")
        return first if first == last else f"{first}-{last}"


@dataclass(frozen=True, slots=True)
class FoundStudy:
    """A study that a peer says it has; each text untrusted, one line, "" where it said nothing.

    Parameters
    ----------
    study_uid
        Checked to be a UID.
    patient_id, issuer, accession, description
        As told.
    study_date, study_time
        DA and TM as told, unchecked.
    modalities
        Of its series.
    instances
        Their number; None where unknown.
    """

    study_uid: str
    patient_id: str = ""
    issuer: str = ""
    study_date: str = ""
    study_time: str = ""
    modalities: tuple[str, ...] = ()
    description: str = ""
    accession: str = ""
    instances: int | None = None


@dataclass(frozen=True, slots=True)
class FoundSeries:
    """A series that a peer says it has; texts as in `FoundStudy`.

    Parameters
    ----------
    series_uid
        Checked to be a UID.
    modality, body_part, description
        As told.
    number
        Series Number; None where unknown.
    """

    series_uid: str
    modality: str = ""
    body_part: str = ""
    description: str = ""
    number: int | None = None


def find_studies(
    address: PeerAddress, query: StudyQuery, *, most: int = MOST_ANSWERS
) -> list[FoundStudy]:
    """Ask a peer which studies it has.

    Parameters
    ----------
    address
        Of the peer.
    query
        Which studies.
    most
        Answers above which the query fails: a cut list would look like a whole one.

    Returns
    -------
    list of FoundStudy
        Each study once, in the order of the answers. Where modalities are asked for and an answer
        tells none, they are those of its series, for which a request more is made. An archive
        that cuts its answers off without a word cannot be found out; narrow ranges of dates keep
        below its limit.

    Raises
    ------
    PeerUnavailableError
        If the peer is away, falls silent, takes too long or cannot answer for the moment.
    RefusedByPeerError
        If it offers no Study Root queries, refuses this one, or has more than `most` answers.
    """
    found: dict[str, FoundStudy] = {}
    with query_association(address) as association:
        for modality in query.modalities or ("",):
            for answer in _answers(association, address, _study_identifier(query, modality), most):
                study = _study(answer)
                if study is not None and _fits(study, query):
                    found.setdefault(study.study_uid, study)
        studies = list(found.values())
        if query.modalities:
            # Modalities in Study is an optional key, which some archives neither match nor tell.
            studies = [_of_its_series(association, address, study) for study in studies]
    return [study for study in studies if _fits(study, query)]


def find_series(
    address: PeerAddress, study_uid: str, *, most: int = MOST_ANSWERS
) -> list[FoundSeries]:
    """Ask a peer which series it has of a study; otherwise as `find_studies`.

    Raises
    ------
    PeerUnavailableError, RefusedByPeerError
        As `find_studies`.
    ValueError
        If `study_uid` is no UID.
    """
    if not is_uid(study_uid):
        message = f"study_uid is no UID: {study_uid!r}"
        raise ValueError(message)
    with query_association(address) as association:
        return _series(association, address, study_uid, most)


def finds_instance(
    association: Association, address: PeerAddress, study_uid: str, series_uid: str, uid: str
) -> bool:
    """Ask a peer whether it has one instance in its study and series.

    Parameters
    ----------
    association
        As `query_association` opens it.
    address
        Of the peer.
    study_uid, series_uid, uid
        The whole way to it.

    Raises
    ------
    PeerUnavailableError, RefusedByPeerError
        As `find_studies`.
    """
    identifier = _identifier("IMAGE", ())
    identifier.StudyInstanceUID = study_uid
    identifier.SeriesInstanceUID = series_uid
    identifier.SOPInstanceUID = uid
    answers = list(_answers(association, address, identifier, MOST_ANSWERS))
    return any(text(answer, "SOPInstanceUID") == uid for answer in answers)


def _series(
    association: Association, address: PeerAddress, study_uid: str, most: int
) -> list[FoundSeries]:
    identifier = _identifier("SERIES", ("Modality", "SeriesInstanceUID", *_SERIES_KEYS))
    identifier.StudyInstanceUID = study_uid
    found: dict[str, FoundSeries] = {}
    for answer in _answers(association, address, identifier, most):
        uid = text(answer, "SeriesInstanceUID")
        if is_uid(uid) and text(answer, "StudyInstanceUID") in {"", study_uid}:
            series = FoundSeries(
                series_uid=uid,
                modality=_short(answer, "Modality"),
                body_part=_short(answer, "BodyPartExamined"),
                description=_short(answer, "SeriesDescription"),
                number=_number(answer, "SeriesNumber"),
            )
            found.setdefault(uid, series)
    return list(found.values())


def _of_its_series(association: Association, address: PeerAddress, study: FoundStudy) -> FoundStudy:
    """Fill in the modalities of a study that tells none, as far as its series tell them."""
    if study.modalities:
        return study
    series = _series(association, address, study.study_uid, MOST_ANSWERS)
    told = {one.modality.upper() for one in series} - {""}
    return replace(study, modalities=tuple(sorted(told)))


def query_association(address: PeerAddress) -> AbstractContextManager[Association]:
    """Open an association for Study Root queries; raises as `gateway.association.associate`."""
    syntaxes: list[str | UID] = [ExplicitVRLittleEndian, ImplicitVRLittleEndian]
    return associate(address, [build_context(STUDY_ROOT_FIND, syntaxes)])


def _identifier(level: str, keys: tuple[str, ...]) -> Dataset:
    identifier = Dataset()
    identifier.QueryRetrieveLevel = level
    for key in keys:
        setattr(identifier, key, None if key.startswith("Number") else "")
    return identifier


def _study_identifier(query: StudyQuery, modality: str) -> Dataset:
    identifier = _identifier("STUDY", _STUDY_KEYS)
    identifier.StudyInstanceUID = query.study_uid
    identifier.PatientID = query.patient_id
    identifier.IssuerOfPatientID = query.issuer
    identifier.StudyDate = query.dates
    identifier.AccessionNumber = query.accession
    identifier.ModalitiesInStudy = modality
    if not (query.patient_id + query.issuer + query.accession).isascii():
        identifier.SpecificCharacterSet = "ISO_IR 192"
    return identifier


def _answers(
    association: Association, address: PeerAddress, identifier: Dataset, most: int
) -> Iterator[Dataset]:
    """Give the answers until the peer says that these were all, whatever else is an error."""
    deadline = time.monotonic() + _LONGEST * address.timeout
    try:
        responses = association.send_c_find(identifier, STUDY_ROOT_FIND)
    except RuntimeError as error:
        message = f"the association with {address} was lost"
        raise PeerUnavailableError(message) from error
    for count, (status, answer) in enumerate(responses, 1):
        if "Status" not in status:
            message = f"{address} did not finish its answer to C-FIND"
            raise PeerUnavailableError(message)
        code = int(status.Status)
        if code == 0:
            return
        if code not in _PENDING:
            _refused(address, code, str(status.get("ErrorComment", "")))
        if count > most or time.monotonic() > deadline:
            association.abort()
        if count > most:
            message = f"{address} has more than {most} answers: ask for less"
            raise RefusedByPeerError(message)
        if not association.is_established:
            message = f"{address} takes too long over its answer to C-FIND"
            raise PeerUnavailableError(message)
        if answer is not None:
            yield answer


def _refused(address: PeerAddress, code: int, comment: str) -> None:
    message = f"{address} answered C-FIND with {query_in_words(code, comment)}"
    if code in _CAN_BE_ASKED_AGAIN:
        raise PeerUnavailableError(message, code)
    raise RefusedByPeerError(message, code)


def _study(answer: Dataset) -> FoundStudy | None:
    uid = text(answer, "StudyInstanceUID")
    if not is_uid(uid):
        return None
    modalities = _short(answer, "ModalitiesInStudy").upper().split("\\")
    return FoundStudy(
        study_uid=uid,
        patient_id=_short(answer, "PatientID"),
        issuer=_short(answer, "IssuerOfPatientID"),
        study_date=_short(answer, "StudyDate"),
        study_time=_short(answer, "StudyTime"),
        modalities=tuple(sorted({one.strip() for one in modalities} - {""})),
        description=_short(answer, "StudyDescription"),
        accession=_short(answer, "AccessionNumber"),
        instances=_number(answer, "NumberOfStudyRelatedInstances"),
    )


def _fits(study: FoundStudy, query: StudyQuery) -> bool:
    """Tell whether an answer is one to the question; silence of an optional key counts as fit."""
    day = study.study_date
    first, last = (
        "" if one is None else one.strftime("%Y%m%d") for one in (query.first, query.last)
    )
    return (
        (not query.study_uid or study.study_uid == query.study_uid)
        and (not query.patient_id or study.patient_id == query.patient_id.strip())
        and (not (query.issuer and study.issuer) or study.issuer == query.issuer.strip())
        and (not query.accession or study.accession == query.accession.strip())
        and (not (query.modalities and study.modalities) or _any_of(study, query))
        and (not day or ((not first or day >= first) and (not last or day <= last)))
    )


def _any_of(study: FoundStudy, query: StudyQuery) -> bool:
    return not {one.upper() for one in query.modalities}.isdisjoint(study.modalities)


def _short(answer: Dataset, keyword: str) -> str:
    return text(answer, keyword)[:_LONGEST_TEXT]


def _number(answer: Dataset, keyword: str) -> int | None:
    value = text(answer, keyword)
    is_number = value.isascii() and value.isdigit() and len(value) <= _MOST_DIGITS
    return int(value) if is_number else None
