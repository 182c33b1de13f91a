"""The objects that a request names, found for somebody who may open their study."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from db.stored_objects import StoredObject, stored_objects
from web.access.studies import study_of
from web.access.who import Person
from web.dicomweb.address import studies_address
from web.dicomweb.levels import series_of
from web.dicomweb.paths import InstanceUid, SeriesUid, StudyUid
from web.dicomweb.refusals import gone, not_found
from web.services import Given


@dataclass(frozen=True, slots=True)
class Shelf:
    """Some objects of one study.

    Parameters
    ----------
    objects
        At least one.
    address
        The URL of their study.
    """

    objects: tuple[StoredObject, ...]
    address: str

    @property
    def one(self) -> StoredObject:
        """The first object; the only one where an instance was asked for."""
        return self.objects[0]

    @property
    def with_pixels(self) -> tuple[StoredObject, ...]:
        """Those that retention left whole.

        Raises
        ------
        starlette.exceptions.HTTPException
            410, if there are none.
        """
        whole = tuple(stored for stored in self.objects if not stored.pixels_removed)
        if not whole:
            message = "the rule of retention removed the pixels"
            raise gone(message)
        return whole

    def location(self, stored: StoredObject) -> str:
        """Give the URL of one of the objects."""
        return f"{self.address}/series/{series_of(stored)}/instances/{stored.uid}"


def _of_study(request: Request, ours: Given, who: Person, study: StudyUid) -> Shelf:
    found = study_of(ours, who, study)
    with ours.db.read() as session:
        objects = stored_objects(session, [found.id]).get(found.id, ())
    if not objects:
        message = "nothing of that study is stored"
        raise not_found(message)
    return Shelf(objects, f"{studies_address(request, ours)}/{study}")


def _of_series(shelf: Annotated[Shelf, Depends(_of_study)], series: SeriesUid) -> Shelf:
    return _part(shelf, tuple(one for one in shelf.objects if series_of(one) == series))


def _of_instance(shelf: Annotated[Shelf, Depends(_of_series)], instance: InstanceUid) -> Shelf:
    return _part(shelf, tuple(one for one in shelf.objects if one.uid == instance))


def _part(shelf: Shelf, objects: tuple[StoredObject, ...]) -> Shelf:
    if not objects:
        message = "there is no such series or instance in that study"
        raise not_found(message)
    return Shelf(objects, shelf.address)


StudyShelf = Annotated[Shelf, Depends(_of_study)]
SeriesShelf = Annotated[Shelf, Depends(_of_series)]
InstanceShelf = Annotated[Shelf, Depends(_of_instance)]
