"""Documents that were damaged anywhere end in an answer or in one of our errors.

Covers: bytes, value representations and lengths of our results and of another writer's report,
spoiled at random (the seed is the test's number), through every reader of documents. Not covered:
what a damaged document says, and files that are damaged so that no element can be told.
"""

import random
from collections.abc import Callable
from functools import cache
from io import BytesIO

import pytest
from pydicom import dcmread, dcmwrite
from pydicom.dataset import Dataset

from core.errors import FirstReadError
from dicom_sr.build import build_all, encoded
from dicom_sr.context import BuildContext
from dicom_sr.finding_marks import marks_of_findings
from dicom_sr.foreign_findings import read_foreign_findings
from dicom_sr.presentation_marks import films_of, read_marks
from dicom_sr.read_back import read_back
from dicom_sr.references import instance_uid, referenced_instances
from dicom_sr.report_text import report_heading, report_text
from dicom_sr.source import read_source
from tests.dicom_sr.foreign_documents import by_highdicom
from tests.dicom_sr.headers import COLUMNS, ROWS, film_header
from tests.dicom_sr.readings import ABSENT_AND_UNCERTAIN, draft_of

_EACH = 40
_REPRESENTATIONS = (b"SQ", b"UT", b"LO", b"US", b"OB", b"FL", b"DS", b"UI", b"UN", b"XX")
_CONTENT = 400
"""The first byte that may be spoiled: the file meta information stays."""


@cache
def files() -> tuple[bytes, ...]:
    reading = ABSENT_AND_UNCERTAIN
    built = build_all(reading, draft_of(reading), film_header(), BuildContext())
    foreign = BytesIO()
    dcmwrite(foreign, by_highdicom(), enforce_file_format=True)
    return (*map(encoded, built.values()), foreign.getvalue())


def spoiled(chance: random.Random) -> bytes:
    raw = bytearray(chance.choice(files()))
    for _ in range(chance.choice((1, 1, 2, 5, 20))):
        place = chance.randrange(_CONTENT, len(raw))
        match chance.randrange(4):
            case 0:
                raw[place] = chance.randrange(256)
            case 1:
                raw[place : place + 2] = chance.choice(_REPRESENTATIONS)
            case 2:
                del raw[place : place + chance.randrange(1, 30)]
            case _:
                raw[place:place] = raw[place - chance.randrange(1, 200) : place]
    return bytes(raw)


def _all_marks(document: Dataset) -> None:
    for uid in films_of(document):
        read_marks(document, uid, rows=ROWS, columns=COLUMNS)


def _all_findings(document: Dataset) -> None:
    marks_of_findings(read_foreign_findings(document), read_source(film_header()).film)


READERS: tuple[Callable[[Dataset], object], ...] = (
    lambda document: read_back([document]),
    _all_findings,
    _all_marks,
    report_text,
    report_heading,
    referenced_instances,
    instance_uid,
)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("seed", range(4))
def test_nothing_crashes(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - nothing secret
    read = 0
    for _ in range(_EACH):
        try:
            document = dcmread(BytesIO(spoiled(chance)), force=True)
        except Exception:  # noqa: BLE001, S112 - whoever opens the file says that it is none
            continue
        for reader in READERS:
            try:
                reader(document)
                read += 1
            except FirstReadError:
                pass
    assert read > _EACH
