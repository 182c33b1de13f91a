"""Builds the result objects of a publish job, once for each variant that a peer needs."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import structlog

from core.clock import now
from core.errors import FirstReadError, LostLeaseError, RetriableError
from core.settings import Settings
from db.engine import Database
from db.films import lock_study
from db.jobs import Claim, fail, push_back_publish, retry
from db.models import Peer
from db.pauses import Pause
from db.peers import enabled_peers
from db.publishing import BuiltObject, Publishable, store_results, unpublished
from db.spool import Spool
from dicom_sr.build import build_all, encoded
from dicom_sr.context import BuildContext, PresentationLutShape, SrClass, Variant
from imaging.header import read_header

_log = structlog.get_logger()
_ENDLESSLY = 1 << 30
"""Attempts at a publish job that fails for want of disk or database: no result is dropped."""


@dataclass(frozen=True, slots=True)
class Audience:
    """The peers that share one variant.

    Parameters
    ----------
    variant
        What they want.
    peer_ids
        Their rows; none where no peer takes results, and the objects are kept all the same.
    """

    variant: Variant
    peer_ids: tuple[int, ...]


def audiences(peers: Sequence[Peer]) -> list[Audience]:
    """Group the peers that take results by what they want.

    Parameters
    ----------
    peers
        All enabled peers.

    Returns
    -------
    list of Audience
        One for each variant, in the order of their keys; the default variant for nobody where
        no peer takes results.

    Raises
    ------
    ValueError
        If a peer's row asks for something that no builder knows.
    """
    groups: dict[Variant, list[int]] = {}
    for peer in peers:
        if peer.takes_results:
            variant = Variant(
                # Checked by `Variant`, as every value from outside is.
                presentation_lut_shape=cast("PresentationLutShape", peer.presentation_lut_shape),
                sr_class=cast("SrClass", peer.sr_class),
            )
            groups.setdefault(variant, []).append(peer.id)
    found = [Audience(variant, tuple(ids)) for variant, ids in groups.items()]
    return sorted(found, key=lambda audience: audience.variant.key) or [Audience(Variant(), ())]


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
            groups = audiences(enabled_peers(session))
            waiting = unpublished(session, claim.study_id)
        built: list[BuiltObject] = []
        errors: list[str] = []
        for item in waiting:
            try:
                built += self._build(item, groups)
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
        site = self._settings.site
        built = []
        for group in groups:
            context = BuildContext(
                variant=group.variant,
                institution=site.institution,
                timezone=site.timezone,
                authorised=site.authorised,
            )
            for kind, dataset in build_all(item.reading, item.version, source, context).items():
                data = encoded(dataset)
                built.append(
                    BuiltObject(
                        uid=str(dataset.SOPInstanceUID),
                        kind=kind,
                        variant_key=group.variant.key,
                        path=self._spool.keep_bytes(data, f"{kind.value}.dcm"),
                        sha256=hashlib.sha256(data).hexdigest(),
                        sop_class_uid=str(dataset.SOPClassUID),
                        reading_id=item.reading.id,
                        version_id=item.version.id,
                        peer_ids=group.peer_ids,
                    )
                )
        return built


def _in_words(error: BaseException) -> str:
    """Say an error without the values of a header that a library's own text may quote."""
    return str(error) if isinstance(error, FirstReadError) else type(error).__name__
