"""The DICOM objects of one report version, each once for all peers that want it alike."""

import hashlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

import structlog
from pydicom.dataset import Dataset

from core.errors import PermanentError
from core.report import ReportVersion
from core.states import ResultKind
from db.publishable import Publishable
from db.publishing import BuiltObject
from db.spool import Spool
from dicom_sr.build import build_all, encoded, result_uid
from dicom_sr.context import BuildContext, FilmPlace
from dicom_sr.notice import notice_of
from dicom_sr.predecessors import predecessors
from gateway.audiences import Audience, by_predecessors
from gateway.pictures import FilmPicture

_log = structlog.get_logger()
_PICTURED = frozenset({ResultKind.SECONDARY_CAPTURE, ResultKind.PDF})


@dataclass(frozen=True, slots=True)
class Built:
    """What was made of one version, and what of it could not be, in words."""

    objects: tuple[BuiltObject, ...]
    failures: tuple[str, ...] = ()


def build_results(
    item: Publishable,
    groups: Sequence[Audience],
    source: Dataset,
    *,
    site: BuildContext,
    picture: FilmPicture,
    spool: Spool,
) -> Built:
    """Build and keep the DICOM objects of a version.

    Parameters
    ----------
    item
        The version, and what of it is to be built.
    groups
        The peers, as `gateway.audiences.audiences` gives them.
    source
        The film's header, with what was last told of the patient.
    site
        What the site says of every result.
    picture
        The film's picture.
    spool
        Where the bytes are kept.

    Raises
    ------
    RetriableError, OSError
        If something cannot be had now.
    PermanentError, ValueError
        If nothing can ever be built of this film.
    """
    made: dict[str, BuiltObject] = {}
    failures: dict[str, None] = {}
    for group in by_predecessors(groups, item.sent, item.kinds):
        place = FilmPlace(item.number, item.of, item.view)
        context = replace(site, variant=group.variant, replaces=group.replaces, place=place)
        wanted = []
        for kind in sorted(group.kinds & item.kinds):
            uid = result_uid(item.version.id, kind, context)
            if uid in made:
                peers = (*made[uid].peer_ids, *group.peers_for(kind))
                made[uid] = replace(made[uid], peer_ids=peers)
            else:
                wanted.append(kind)
        for kind, dataset in _built(item, source, context, wanted, film=picture, failures=failures):
            built = keep_object(spool, dataset, kind, context.variant.key, item.version)
            before = predecessors(item.version, kind, context)
            made[built.uid] = replace(
                built,
                peer_ids=group.peers_for(kind),
                predecessor_uid=before[0][0].sop_instance_uid if before else None,
            )
    return Built(tuple(made.values()), tuple(failures))


def keep_object(
    spool: Spool, dataset: Dataset, kind: ResultKind, variant_key: str, version: ReportVersion
) -> BuiltObject:
    """Keep an object's bytes; it is for nobody yet.

    Raises
    ------
    StorageFullError, OSError
        If there is no room.
    """
    data = encoded(dataset)
    return BuiltObject(
        uid=str(dataset.SOPInstanceUID),
        kind=kind,
        variant_key=variant_key,
        path=spool.keep_bytes(data, f"{kind.value}.dcm"),
        sha256=hashlib.sha256(data).hexdigest(),
        sop_class_uid=str(dataset.SOPClassUID),
        series_uid=str(dataset.SeriesInstanceUID),
        reading_id=version.reading_id,
        version_id=version.id,
    )


def _built(
    item: Publishable,
    source: Dataset,
    context: BuildContext,
    kinds: Collection[ResultKind],
    *,
    film: FilmPicture,
    failures: dict[str, None],
) -> Iterator[tuple[ResultKind, Dataset]]:
    """Build what is wanted; what shows the film is left out, and told, where none can be drawn."""
    drawn = None
    pictured = [kind for kind in kinds if kind in _PICTURED]
    if pictured:
        try:
            drawn = film.drawn(item.reading, notice_of(item.reading, context), source)
        except PermanentError as error:
            kinds = [kind for kind in kinds if kind not in _PICTURED]
            for kind in pictured:
                failures[f"reading {item.reading.id}: no {kind.value}: {error}"] = None
            _log.error("film_not_drawn", reading_id=item.reading.id, error=type(error).__name__)
    voi = film.grey_scale if ResultKind.GSPS in kinds else None
    yield from build_all(
        item.reading, item.version, source, context, kinds=kinds, picture=drawn, voi=voi
    ).items()
