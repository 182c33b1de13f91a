"""Builds what a publish job asks for: results once for each variant, and notes that undo them."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import structlog
from pydicom.dataset import Dataset

from core.errors import (
    DatabaseAwayError,
    FirstReadError,
    LostLeaseError,
    RetriableError,
    StaleResultsError,
    StorageFullError,
)
from core.settings import Settings
from db.engine import Database
from db.jobs import Claim, fail, give_back, retry
from db.pauses import Pause
from db.peers import enabled_peers
from db.publishable import Publishable, unpublished
from db.publishing import BuiltObject, store_results
from db.retractions import Retraction, to_take_back
from db.spool import Spool
from gateway.audiences import Audience, audiences, variant_of
from gateway.headers import tell_patient
from gateway.hl7.envelope import Envelope
from gateway.messages import build_messages, envelopes, take_messages_back
from gateway.pictures import FilmPicture
from gateway.results import Built, build_results
from gateway.retracting import take_back
from gateway.site_context import site_context
from imaging.header import read_header

_log = structlog.get_logger()


class Builder:
    """Does publish jobs.

    Parameters
    ----------
    settings
        The whole tree.
    db, spool
        Where readings are, and where the objects' bytes are kept.
    """

    def __init__(self, settings: Settings, db: Database, spool: Spool) -> None:
        self._settings = settings
        self._site = site_context(settings)
        self._db = db
        self._spool = spool
        self._pause = Pause(
            settings.delivery.first_retry_seconds, settings.delivery.longest_retry_seconds
        )
        self._in_want = 0
        self._rests_until = 0.0

    @property
    def rests(self) -> bool:
        """Whether it waits for room on the disk: no other study's results could be built either."""
        return time.monotonic() < self._rests_until

    def publish(self, claim: Claim) -> None:
        """Build what a claimed study waits for, and enter it with its deliveries.

        A film whose results cannot be built ends a job of its own as failed, with the reason;
        the study's other films are published. Where only its picture is lost, all other results
        leave, and the job ends as failed all the same. What is no fault of the study (a full disk,
        a database that is away, a peer that got something meanwhile) puts the job off for as long
        as it takes; whatever else keeps it from being done does so at most
        `delivery.maximum_attempts` times.

        Parameters
        ----------
        claim
            A claimed publish job.

        Raises
        ------
        DatabaseAwayError
            If the database is away; the claim's lease will end.
        """
        try:
            self._publish(claim)
        except LostLeaseError:
            _log.warning("publish_lost", job_id=claim.job_id)
        except StorageFullError as error:
            self._in_want += 1
            pause = self._pause.after(self._in_want)
            self._rests_until = time.monotonic() + pause
            self._put_off(claim, error, pause)
        except (StaleResultsError, DatabaseAwayError) as error:
            self._put_off(claim, error, self._pause.after(claim.attempts))
        except Exception as error:  # noqa: BLE001 - whatever it is, the service goes on
            self._try_again(claim, error)
        else:
            self._in_want = 0

    def _put_off(self, claim: Claim, error: RetriableError, pause_seconds: float) -> None:
        _log.warning("publish_put_off", job_id=claim.job_id, error=type(error).__name__)
        with self._db.write() as session:
            give_back(session, claim, str(error), pause_seconds=pause_seconds)

    def _try_again(self, claim: Claim, error: Exception) -> None:
        most = self._settings.delivery.maximum_attempts
        words = _in_words(error)
        if claim.attempts >= most:
            words = f"{words} (attempt {claim.attempts}, the last one)"
        with self._db.write() as session:
            state = retry(
                session,
                claim,
                words,
                maximum_attempts=most,
                pause_seconds=self._pause.after(claim.attempts),
            )
        _log.warning(
            "publish_not_done", job_id=claim.job_id, error=type(error).__name__, job_state=state
        )

    def _publish(self, claim: Claim) -> None:
        assert claim.study_id is not None  # noqa: S101 - for the type checker: a publish job has one
        with self._db.read() as session:
            peers = enabled_peers(session)
            waiting = unpublished(session, claim.study_id)
            retractions = to_take_back(session, claim.study_id)
        groups = audiences(peer for peer in peers if peer.protocol == "dicom")
        written_to = envelopes(peers, self._settings.hl7)
        built: list[BuiltObject] = []
        done: list[Publishable] = []
        failures: list[str] = []
        errors: list[str] = []
        pictures: dict[Path, FilmPicture] = {}
        for item in waiting:
            picture = pictures.setdefault(item.source_path, self._picture(item))
            with self._told(item.reading.id, errors):
                made = self._build(item, groups, written_to, picture)
                built += made.objects
                failures += made.failures
                done.append(item)
        for retraction in retractions:
            with self._told(retraction.reading.id, errors):
                built.extend(self._take_back(retraction, groups, written_to))
        if errors and not (built or done):
            with self._db.write() as session:
                fail(session, claim, "; ".join(errors))
            return
        # What could not be built is all that is left then, and fails alone.
        store_results(self._db, claim, built, of=done, failures=failures, again=bool(errors))
        _log.info("published", study_id=claim.study_id, objects=len(built))

    @contextmanager
    def _told(self, reading_id: str, errors: list[str]) -> Iterator[None]:
        """Note what cannot be built for good; want of disk, memory or database is raised."""
        try:
            yield
        except (RetriableError, OSError, MemoryError):
            raise
        except Exception as error:  # noqa: BLE001 - builders meet every odd header of the field
            errors.append(f"reading {reading_id}: {_in_words(error)}")
            _log.error("build_failed", reading_id=reading_id, error=type(error).__name__)

    def _build(
        self,
        item: Publishable,
        groups: Sequence[Audience],
        written_to: Mapping[int, Envelope],
        picture: FilmPicture,
    ) -> Built:
        source = _header(item)
        site, spool = replace(self._site, authorised=item.authorised), self._spool
        built = build_results(item, groups, source, site=site, picture=picture, spool=spool)
        messages = build_messages(item, written_to, source, site=site, spool=spool)
        return replace(built, objects=(*built.objects, *messages))

    def _take_back(
        self, item: Retraction, groups: Sequence[Audience], written_to: Mapping[int, Envelope]
    ) -> Sequence[BuiltObject]:
        source = _header(item)
        site, spool = replace(self._site, authorised=item.authorised), self._spool
        if item.messages:
            return take_messages_back(item, written_to, source, site=site, spool=spool)
        # What they have is in one variant, and so is the note on it.
        site = replace(site, variant=variant_of(groups, item.peer_ids[0]))
        return [take_back(item, source, site=site, spool=spool)]

    def _picture(self, item: Publishable) -> FilmPicture:
        settings = self._settings
        return FilmPicture(
            item.source_path,
            maximum_pixels=settings.gateway.maximum_pixels,
            font=settings.site.font,
            removed_at=item.pixels_removed_at,
        )


def _header(item: Publishable | Retraction) -> Dataset:
    """Give a film's header, with what was last told of its patient."""
    source = read_header(item.source_path)
    tell_patient(source, item.patient)
    return source


def _in_words(error: BaseException) -> str:
    """Say an error without the values of a header that a library's own text may quote."""
    return str(error) if isinstance(error, FirstReadError) else type(error).__name__
