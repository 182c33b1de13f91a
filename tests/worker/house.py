"""A small installation in a temporary folder: database, spool, films."""

import shutil
from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian, generate_uid
from sqlalchemy import select

from core.clock import now
from core.settings import (
    BrokerSettings,
    DatabaseSettings,
    GatewaySettings,
    Settings,
    SpoolSettings,
)
from core.states import FilmState, JobKind
from core.worker_settings import WorkerSettings
from db.engine import Database
from db.intake import PatientFacts, ReadDecision, ReceivedObject, take_in
from db.models import Instance, Job, ReadingRow, Study, WorkerRow
from db.spool import Spool
from db.upgrade import upgrade
from tests.db.builders import let_show
from tests.worker.odd_reader import IDENTITY

DX = UID("1.2.840.10008.5.1.4.1.1.1.1")


class House:
    """Everything that a worker needs but the model.

    Parameters
    ----------
    folder
        Where it keeps its files.
    broker
        A redis:// URL; None for the folder of rings.
    database
        A SQLAlchemy URL; None for SQLite.
    upgraded
        An empty SQLite database of this version to begin with, which saves the upgrade.
    worker
        How patient its worker is.
    """

    def __init__(
        self,
        folder: Path,
        *,
        broker: str | None = None,
        database: str | None = None,
        upgraded: Path | None = None,
        worker: WorkerSettings | None = None,
    ) -> None:
        self.folder = folder
        self.settings = Settings(
            data=folder,
            database=DatabaseSettings(url=database),
            broker=BrokerSettings(url=broker, polling_interval=0.02),
            spool=SpoolSettings(reserve_bytes=0),
            gateway=GatewaySettings(study_idle_seconds=0.0),
            # Its films are no chests, and its model does not mind.
            worker=(worker or WorkerSettings(lease_seconds=30.0)).model_copy(
                update={"quality_gate": "off"}
            ),
        )
        if upgraded is None:
            upgrade(self.settings.database_url)
        else:
            shutil.copy(upgraded, folder / "firstread.db")
        self.db = Database(self.settings.database_url)
        let_show(self.db, IDENTITY)
        self.spool = Spool(self.settings.spool_folder, 0)

    def add_film(self, pixels: np.ndarray | None = None, **attributes: object) -> int:
        """Take in a film that is to be read; give its row's id.

        Parameters
        ----------
        pixels
            uint16 grey levels `[rows, columns]`; None for a smooth picture.
        **attributes
            Header attributes that differ from an ordinary film's.
        """
        return self.add(film_dataset(smooth_picture() if pixels is None else pixels, **attributes))

    def add(self, source: Dataset) -> int:
        """Take in a data set as a film that is to be read; give its row's id."""
        temporary = self.spool.temporary()
        source.save_as(temporary, enforce_file_format=True)
        received = ReceivedObject(
            temporary=temporary,
            sop_instance_uid=source.SOPInstanceUID,
            sop_class_uid=source.SOPClassUID,
            study_uid=source.StudyInstanceUID,
            series_uid=source.SeriesInstanceUID,
            transfer_syntax_uid=ExplicitVRLittleEndian,
            modality="DX",
            view="PA",
            patient=PatientFacts(id=source.PatientID, name=str(source.PatientName)),
        )
        decision = ReadDecision(FilmState.QUEUED, None, "frontal")
        outcome = take_in(self.db, self.spool, received, decision, lambda _a, _b: True)
        assert outcome.instance_id is not None
        return outcome.instance_id

    def film(self, instance_id: int) -> Instance:
        """Give a film's row."""
        with self.db.read() as session:
            return session.get_one(Instance, instance_id)

    def study_of(self, instance_id: int) -> Study:
        """Give the row of a film's study."""
        with self.db.read() as session:
            return session.get_one(Study, session.get_one(Instance, instance_id).study_id)

    def draft(self, instance_id: int) -> Job:
        """Give a film's draft job."""
        with self.db.read() as session:
            return session.scalars(
                select(Job).where(Job.kind == JobKind.DRAFT, Job.instance_id == instance_id)
            ).one()

    def make_due(self, instance_id: int) -> None:
        """Let a film's draft job be claimed now, whatever its pause."""
        with self.db.write() as session:
            session.get_one(Job, self.draft(instance_id).id).due_at = now()

    def readings(self, instance_id: int) -> list[ReadingRow]:
        """Give all readings of a film."""
        with self.db.read() as session:
            return list(
                session.scalars(select(ReadingRow).where(ReadingRow.instance_id == instance_id))
            )

    def workers(self) -> list[WorkerRow]:
        """Give the rows of all workers."""
        with self.db.read() as session:
            return list(session.scalars(select(WorkerRow)))

    def close(self) -> None:
        """Close the database."""
        self.db.close()


def smooth_picture(rows: int = 96, columns: int = 80) -> np.ndarray:
    """Give uint16 grey levels that could be an X-ray's: a bright middle on a ramp."""
    y, x = np.mgrid[0:rows, 0:columns]
    ramp = 400 + 10 * y + 5 * x
    middle = 1500 * np.exp(-((x - columns / 2) ** 2) / 200)
    levels: np.ndarray = (ramp + middle).astype(np.uint16)
    return levels


def film_dataset(pixels: np.ndarray, **attributes: object) -> Dataset:
    """Build a DX film with the given uint16 pixels `[rows, columns]`, of 12 bits."""
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.MediaStorageSOPClassUID = DX
    meta.MediaStorageSOPInstanceUID = generate_uid()
    film = Dataset()
    film.file_meta = meta
    film.SOPClassUID = DX
    film.SOPInstanceUID = meta.MediaStorageSOPInstanceUID
    film.StudyInstanceUID = generate_uid()
    film.SeriesInstanceUID = generate_uid()
    film.Modality = "DX"
    film.PatientID = "P1"
    film.PatientName = "Doe^Jane"
    film.ViewPosition = "PA"
    film.PhotometricInterpretation = "MONOCHROME2"
    film.SamplesPerPixel = 1
    film.Rows, film.Columns = pixels.shape
    film.BitsAllocated, film.BitsStored, film.HighBit = 16, 12, 11
    film.PixelRepresentation = 0
    film.PixelData = pixels.tobytes()
    for name, value in attributes.items():
        setattr(film, name, value)
    return film
