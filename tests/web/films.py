"""Real DICOM files in a reading room: films as they come in, and objects that stand for results."""

from datetime import UTC
from typing import Any

from pydicom import dcmread
from pydicom.dataset import Dataset

from db.intake import take_in
from gateway.headers import received_object
from tests.db.builders import TO_READ, never_same
from tests.gateway.objects import film, save
from tests.web.room import Room


def store_object(room: Room, dataset: Dataset) -> int:
    """Take an object in as the gateway does, and give its row's number."""
    temporary = room.spool.temporary()
    save(dataset, temporary.parent, temporary.name)
    received = received_object(
        dcmread(temporary), temporary, calling_ae="TEST", called_ae="FIRSTREAD", zone=UTC
    )
    outcome = take_in(room.db, room.spool, received, TO_READ, never_same)
    assert outcome.instance_id is not None
    return outcome.instance_id


def store_film(room: Room, **values: Any) -> Dataset:
    """Take in a small film, and give its data set."""
    dataset = film(**values)
    store_object(room, dataset)
    return dataset
