"""Builds what a publish job asks for: results once for each variant, and notes that undo them."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

import structlog
from pydicom.dataset import Dataset

from core.clock import now
from core.errors import FirstReadError, LostLeaseError, RetriableError
from core.report import ReportVersion
from core.settings import Settings
from core.states import ResultKind
from db.engine import Database
from db.films import lock_study
from db.jobs import Claim, fail, push_back_publish, retry
from db.pauses import Pause
from db.peers import dicom_peers
from db.publishing import BuiltObject, Publishable, store_results, unpublished
from db.retractions import Retraction, to_take_back
from db.spool import Spool
from dicom_sr.build import build_all, encoded
from dicom_sr.context import BuildContext, FilmPlace, Variant
from dicom_sr.rejection import RejectedResult, RejectionNote, build_rejection
from gateway.audiences import Audience, audiences, by_predecessors
from gateway.headers import tell_patient
from imaging.header import read_header

_log = structlog.get_logger()
_ENDLESSLY = 1 << 30
"""Attempts at a publish job that fails for want of disk or database: no result is dropped."""


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
        self._db = db
        self._spool = spool
        self._pause = Pause(
            settings.delivery.first_retry_seconds, settings.delivery.longest_retry_seconds
        )

    def publish(self, claim: Claim) -> None:
        """Build what a claimed study waits for, and enter it with its deliveries.

        A film whose results cannot be built ends a job of its own as failed, with the reason;
        the study's other films are published. Want of disk or database puts the job off.

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
        except Exception as error:  # noqa: BLE001 - whatever it is, no result is dropped for it
            _log.warning("publish_put_off", job_id=claim.job_id, error=type(error).__name__)
            with self._db.write() as session:
                retry(
                    session,
                    claim,
                    _in_words(error),
                    maximum_attempts=_ENDLESSLY,
                    pause_seconds=self._pause.after(claim.attempts),
                )

    def _publish(self, claim: Claim) -> None:
        assert claim.study_id is not None  # noqa: S101 - for the type checker: a publish job has one
        with self._db.read() as session:
            groups = audiences(dicom_peers(session))
            waiting = unpublished(session, claim.study_id)
            retractions = to_take_back(session, claim.study_id)
        built: list[BuiltObject] = []
        errors: list[str] = []
        wanted: list[Publishable | Retraction] = [*waiting, *retractions]
        for item in wanted:
            try:
                built += (
                    self._build(item, groups)
                    if isinstance(item, Publishable)
                    else [self._take_back(item)]
                )
            except (RetriableError, OSError, MemoryError):
                raise
            except Exception as error:  # noqa: BLE001 - builders meet every odd header of the field
                errors.append(f"reading {item.reading.id}: {_in_words(error)}")
                _log.error("build_failed", reading_id=item.reading.id, error=type(error).__name__)
        if errors and not built:
            with self._db.write() as session:
                fail(session, claim, "; ".join(errors))
            return
        if errors:
            self._leave_the_failed(claim.study_id)
        store_results(self._db, claim, built)
        _log.info("published", study_id=claim.study_id, objects=len(built))

    def _leave_the_failed(self, study_id: int) -> None:
        """Queue the study once more: only what could not be built is left, and fails alone."""
        with self._db.write() as session:
            lock_study(session, study_id)
            push_back_publish(session, study_id, now())

    def _build(self, item: Publishable, groups: Sequence[Audience]) -> list[BuiltObject]:
        source = read_header(item.source_path)
        tell_patient(source, item.patient)
        place = FilmPlace(item.number, item.of, item.view)
        built = []
        for group in by_predecessors(groups, item.sent):
            context = replace(
                self._site_context(group.variant), replaces=group.replaces, place=place
            )
            for kind, dataset in build_all(item.reading, item.version, source, context).items():
                replaced = context.replaced_by(kind)
                built.append(
                    replace(
                        self._kept(dataset, kind, group, item.version),
                        predecessor_uid=replaced[0].sop_instance_uid if replaced else None,
                    )
                )
        return built

    def _take_back(self, item: Retraction) -> BuiltObject:
        """Build the rejection note on what some peers have of a rejected film."""
        note = RejectionNote(
            item.code, item.rejected_at, [RejectedResult(*one) for one in item.objects]
        )
        source = read_header(item.source_path)
        tell_patient(source, item.patient)
        group = Audience(Variant(), item.peer_ids)
        dataset = build_rejection(note, item.reading, source, self._site_context(group.variant))
        kept = self._kept(dataset, ResultKind.REJECTION, group, item.version)
        return replace(kept, rejects=tuple(one.sop_instance_uid for one in note.results))

    def _site_context(self, variant: Variant) -> BuildContext:
        site = self._settings.site
        return BuildContext(
            variant=variant,
            institution=site.institution,
            timezone=site.timezone,
            authorised=site.authorised,
        )

    def _kept(
        self, dataset: Dataset, kind: ResultKind, group: Audience, version: ReportVersion
    ) -> BuiltObject:
        """Keep an object's bytes."""
        data = encoded(dataset)
        return BuiltObject(
            uid=str(dataset.SOPInstanceUID),
            kind=kind,
            variant_key=group.variant.key,
            path=self._spool.keep_bytes(data, f"{kind.value}.dcm"),
            sha256=hashlib.sha256(data).hexdigest(),
            sop_class_uid=str(dataset.SOPClassUID),
            series_uid=str(dataset.SeriesInstanceUID),
            reading_id=version.reading_id,
            version_id=version.id,
            peer_ids=group.peer_ids,
        )


def _in_words(error: BaseException) -> str:
    """Say an error without the values of a header that a library's own text may quote."""
    return str(error) if isinstance(error, FirstReadError) else type(error).__name__
