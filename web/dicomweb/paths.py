"""The parts of a DICOMweb address, checked (PS3.18 section 10.1)."""

from typing import Annotated

from fastapi import Depends

from core.uids import is_uid
from web.dicomweb.refusals import bad_request


def _checked(what: str, uid: str) -> str:
    if not is_uid(uid):
        message = f"the {what} is no UID"
        raise bad_request(message)
    return uid


def _study(study: str) -> str:
    return _checked("study", study)


def _series(series: str) -> str:
    return _checked("series", series)


def _instance(instance: str) -> str:
    return _checked("instance", instance)


StudyUid = Annotated[str, Depends(_study)]
SeriesUid = Annotated[str, Depends(_series)]
InstanceUid = Annotated[str, Depends(_instance)]
