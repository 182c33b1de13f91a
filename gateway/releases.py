"""Takes in objects that were kept aside, where an administrator wants it (`db.releases`).

A copy of the file goes the way of any received object, under its sender's rights as they are now;
the file itself stays in quarantine until that is done.
"""

import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final

from sqlalchemy import exists, select

from core.errors import RefusedByPeerError, UnreadableObjectError
from core.private_files import create_private
from core.settings import Settings
from core.states import JobKind
from db.engine import Database
from db.errands import Told
from db.jobs import Claim
from db.models import Quarantine, Retrieval
from db.received import IntakeKind
from db.releases import end_release, remove_decided, to_release
from db.spool import Spool
from gateway.callers import Caller, Callers
from gateway.errand_thread import ErrandThread
from gateway.incoming import IncomingFile
from gateway.second_title import fetching_caller
from gateway.statuses import StoreStatus
from gateway.store import Answer, Receiver, StoreRequest

_LEASE_SECONDS: Final = 300.0
"""Comparing two large films takes a minute where both are compressed."""
_TAKEN_IN: Final = {
    IntakeKind.NEW: "taken in",
    IntakeKind.SAME: "the same was here already",
    IntakeKind.REPLACED: "took the place of the picture that was here, which is kept aside",
}


class Releases(ErrandThread):
    """The thread; it removes the files of what was decided on as well.

    Parameters
    ----------
    settings
        The whole tree.
    db, spool
        Where objects are kept.
    ring
        Called where something was left to be read.
    """

    def __init__(
        self, settings: Settings, db: Database, spool: Spool, ring: Callable[[], None]
    ) -> None:
        super().__init__(db, JobKind.RELEASE, lease_seconds=_LEASE_SECONDS)
        self._settings = settings.gateway
        self._spool = spool
        self._callers = Callers(db, settings.gateway)
        self._receiver = Receiver(settings, db, spool, ring)

    def step(self) -> bool:
        """Take in one object, or remove the files of some; tell whether there may be more.

        Raises
        ------
        DatabaseAwayError
            If the database does not answer.
        """
        return super().step() or remove_decided(self._db) > 0

    def end(self, held: Claim, told: Told) -> None:
        """Note what came of it; see the base class."""
        with self._db.write() as session:
            end_release(session, held, told)

    def carry_out(self, held: Claim) -> Told:
        """Take one object in.

        Raises
        ------
        FirstReadError
            If it cannot be, with the reason.
        """
        with self._db.read() as session:
            row = to_release(session, held)
            fetched = session.scalars(
                select(exists().where(Retrieval.study_uid == row.study_uid))
            ).one()
        return self._told_of(self._offer(row, self._title(row, fetched=fetched)))

    def _title(self, row: Quarantine, *, fetched: bool) -> str:
        """Give the title at which it arrived: what was fetched must not be read by chance."""
        if row.called_ae:
            return row.called_ae
        # An earlier release did not note it.
        return self._second if fetched else self._settings.ae_title

    @property
    def _second(self) -> str:
        return self._settings.retrieval_ae_title.strip()

    def _caller(self, ae_title: str, called: str) -> Caller:
        caller = self._callers.find(ae_title)
        if caller is None:
            message = f"its sender {ae_title} is known no more"
            raise RefusedByPeerError(message)
        return fetching_caller(caller) if called == self._second else caller

    def _offer(self, row: Quarantine, called: str) -> Answer:
        caller = self._caller(row.calling_ae, called)
        self._spool.check_room()
        with closing(IncomingFile(self._spool.temporary())) as incoming:
            _copy(Path(row.path), incoming.path)
            return self._receiver.answer(StoreRequest(incoming, caller, called, released=True))

    @staticmethod
    def _told_of(answer: Answer) -> Told:
        outcome = answer.outcome
        if outcome is not None and outcome.kind in _TAKEN_IN:
            return Told(_TAKEN_IN[outcome.kind])
        if outcome is not None:
            return Told("", f"it still cannot be taken in: {outcome.reason}")
        if answer.status is StoreStatus.SUCCESS:
            return Told("", "it is a result of ours, which is not kept")
        return Told("", f"it still cannot be taken in: {answer.comment}")


def _copy(source: Path, target: Path) -> None:
    try:
        with source.open("rb") as there, create_private(target) as here:
            shutil.copyfileobj(there, here)
    except FileNotFoundError as error:
        message = "its file is missing from the spool"
        raise UnreadableObjectError(message) from error
