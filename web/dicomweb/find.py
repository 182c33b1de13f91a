"""Searches the stored objects: studies, series and instances (PS3.18 section 10.6)."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from itertools import islice
from typing import Final

from sqlalchemy.orm import Session

from db.models import Study
from db.stored_objects import StoredObject
from web.dicomweb.candidates import candidates
from web.dicomweb.documents import addressed, values_at
from web.dicomweb.json_model import Document
from web.dicomweb.levels import (
    bulk_address,
    gathered,
    header_of,
    included,
    instance_record,
    more_of_series,
    more_of_study,
    series_of,
    series_record,
    study_record,
    study_row,
)
from web.dicomweb.matching import Key
from web.dicomweb.query import Query

Told = Callable[[], Document]
"""Makes a result when it turns out to be asked for."""
MOST_EXAMINED: Final = 2000
"""Studies of which a search opens a header."""


class Level(StrEnum):
    """What is searched for."""

    STUDY = "study"
    SERIES = "series"
    INSTANCE = "instance"


@dataclass(frozen=True, slots=True)
class Found:
    """What a search gave.

    Parameters
    ----------
    documents
        One for each result, in the DICOM JSON model.
    study_ids
        The studies that they are of.
    more
        Whether there are further ones behind them.
    given_up
        Whether it ended before every study was looked at.
    """

    documents: tuple[Document, ...]
    study_ids: tuple[int, ...]
    more: bool
    given_up: bool


class Search:
    """One search over what is stored.

    Parameters
    ----------
    query
        What is searched for.
    level
        What is given.
    address
        Where studies are retrieved: the URL above all their UIDs.
    in_study
        Whether the study stands in the request's own path, so that nothing of it is told again.
    """

    def __init__(self, query: Query, level: Level, address: str, *, in_study: bool) -> None:
        self._query = query
        self._level = level
        self._address = address
        self._in_study = in_study
        self._examined = 0

    def run(self, session: Session, closed: Collection[int]) -> Found:
        """Search.

        Parameters
        ----------
        session
            A reading session.
        closed
            Studies that the person may not open.
        """
        query = self._query
        self._examined = 0
        wanted = islice(
            self._results(session, closed), query.offset, query.offset + query.limit + 1
        )
        found = list(wanted)
        kept = found[: query.limit]
        return Found(
            documents=tuple(told() for _study_id, told in kept),
            study_ids=tuple(sorted({study_id for study_id, _told in kept})),
            more=len(found) > query.limit,
            given_up=self._given_up,
        )

    @property
    def _given_up(self) -> bool:
        return self._examined > MOST_EXAMINED

    def _results(self, session: Session, closed: Collection[int]) -> Iterator[tuple[int, Told]]:
        for study, objects in candidates(session, self._query, closed):
            row = study_row(study)
            if not _fit((key for key in self._query.keys if key.path[0] in row), row):
                continue
            if self._level is Level.STUDY and all(key.path[0] in row for key in self._query.keys):
                # Nothing of the headers decides, so that none is opened for what is passed over.
                yield study.id, partial(self._study, study, objects)
                continue
            self._examined += 1
            if self._given_up:
                return
            for document in self._of_study(study, objects):
                yield study.id, partial(_as_it_is, document)

    def _study(self, study: Study, objects: Sequence[StoredObject]) -> Document:
        at = f"{self._address}/{study.uid}"
        header = _header(objects[0], at)
        return self._told(study_record(study, objects, at), header, more_of_study(header))

    def _of_study(self, study: Study, objects: Sequence[StoredObject]) -> Iterator[Document]:
        record = study_record(study, objects, f"{self._address}/{study.uid}")
        if self._level is Level.STUDY:
            if _fit(self._query.keys, record, gathered(objects), header_of(objects[0])):
                yield self._study(study, objects)
            return
        for series in _series(objects):
            yield from self._of_series(study, record, series)

    def _of_series(
        self, study: Study, above: Document, objects: Sequence[StoredObject]
    ) -> Iterator[Document]:
        root = f"{self._address}/{study.uid}"
        at = f"{root}/series/{series_of(objects[0])}"
        record = series_record(objects, at)
        kept = {"0020000D": above["0020000D"]} if self._in_study else above
        if self._level is Level.SERIES:
            header = _header(objects[0], root)
            if _fit(self._query.keys, {**above, **record}, gathered(objects), header):
                yield self._told({**kept, **record}, header, more_of_series(header))
            return
        for stored in objects:
            own = instance_record(stored, f"{at}/instances/{stored.uid}")
            header = _header(stored, root)
            if _fit(self._query.keys, {**above, **record, **own}, header):
                yield self._told({**kept, **record, **own}, header, header)

    def _told(self, record: Document, header: Document, everything: Document) -> Document:
        more = everything if self._query.include_all else {}
        asked = included({**header, **record}, self._query.include)
        return dict(sorted({**more, **asked, **record}.items()))


def _as_it_is(document: Document) -> Document:
    return document


def _header(stored: StoredObject, study_address: str) -> Document:
    return addressed(header_of(stored), bulk_address(stored, study_address))


def _series(objects: Sequence[StoredObject]) -> list[list[StoredObject]]:
    series: dict[str, list[StoredObject]] = {}
    for stored in objects:
        series.setdefault(series_of(stored), []).append(stored)
    return list(series.values())


def _fit(keys: Iterable[Key], *documents: Document) -> bool:
    """Tell whether all keys match, each in the first document that has its attribute."""
    return all(
        key.fits(
            next(
                (
                    values_at(document, key.path)
                    for document in documents
                    if key.path[0] in document
                ),
                (),
            )
        )
        for key in keys
    )
