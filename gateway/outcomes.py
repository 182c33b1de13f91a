"""Notes what becomes of parcels, each in a transaction of its own, and tells it in the log."""

import structlog

from db.deliveries import (
    begin,
    mark_failed,
    mark_rehearsed,
    mark_retry,
    mark_sent,
    peer_away,
)
from db.engine import Database
from db.pauses import Pause
from db.sr_classes import build_in_other_class
from gateway.carrier import Address, Answer, Parcel
from gateway.statuses import Verdict

_log = structlog.get_logger()


class Outcomes:
    """What is noted under a deliverer's name.

    Parameters
    ----------
    db
        Where the deliveries are.
    worker
        The deliverer, which must hold the peer.
    pause
        How pauses grow.
    """

    def __init__(self, db: Database, worker: str, pause: Pause) -> None:
        self._db = db
        self._worker = worker
        self._pause = pause

    def begin(self, parcel: Parcel) -> bool:
        """Note that a parcel leaves; False where it is not to leave any more."""
        with self._db.write() as session:
            return begin(session, parcel.delivery_id, worker=self._worker)

    def answered(
        self, parcel: Parcel, address: Address, answer: Answer, following: Parcel | None = None
    ) -> bool:
        """Note a peer's answer, unless it says that the peer is to be left alone.

        Parameters
        ----------
        parcel, address, answer
            What was answered, and by whom; its verdict is no transient one.
        following
            The parcel that leaves next, which is noted at once: a commit less.

        Returns
        -------
        bool
            Whether the following one leaves.
        """
        if answer.verdict is Verdict.PERMANENT:
            self.failed(parcel, address, answer.status, answer.words)
            return following is not None and self.begin(following)
        with self._db.write() as session:
            mark_sent(session, parcel.delivery_id, answer.status, answer.words)
            begun = following is not None and begin(
                session, following.delivery_id, worker=self._worker
            )
        _log.info("delivered", peer=address.name, sop_instance_uid=parcel.uid)
        return begun

    def failed(self, parcel: Parcel, address: Address, status: int | None, words: str) -> None:
        """Note a refusal for good."""
        with self._db.write() as session:
            mark_failed(session, parcel.delivery_id, status, words)
        _log.error("delivery_failed", peer=address.name, sop_instance_uid=parcel.uid, status=status)

    def damaged(self, parcel: Parcel, address: Address, words: str) -> None:
        """Note that a parcel cannot leave, since its kept file is not what was made."""
        _log.error("kept_result_damaged", sop_instance_uid=parcel.uid, path=str(parcel.path))
        self.failed(parcel, address, None, words)

    def put_off(self, parcel: Parcel, address: Address, status: int | None, words: str) -> None:
        """Note a failure that may pass."""
        with self._db.write() as session:
            mark_retry(session, parcel.delivery_id, status, words, pause=self._pause)
        _log.warning(
            "delivery_put_off", peer=address.name, sop_instance_uid=parcel.uid, status=status
        )

    def away(self, address: Address, words: str) -> None:
        """Note that a peer cannot be reached."""
        with self._db.write() as session:
            peer_away(session, address.peer_id, words, pause=self._pause)
        _log.warning("peer_away", peer=address.name)

    def rehearsed(self, parcel: Parcel, address: Address, words: str) -> None:
        """Note what would have become of a parcel."""
        with self._db.write() as session:
            noted = mark_rehearsed(session, parcel.delivery_id, words)
        if noted:
            _log.info("rehearsed", peer=address.name, sop_instance_uid=parcel.uid)

    def other_class_wanted(self, address: Address, study_id: int, refused: Parcel) -> bool:
        """Let what waits of a study be built in the class that the peer takes; False if nothing."""
        with self._db.write() as session:
            return build_in_other_class(session, address.peer_id, study_id, refused.sop_class_uid)
