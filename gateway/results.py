"""The DICOM objects of one report version, each once for all peers that want it alike."""

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import structlog
from pydicom.dataset import Dataset

from core.errors import PermanentError
from core.report import ReportVersion
from core.states import REVIEWED_KINDS, ResultKind
from db.publishable import Publishable
from db.publishing import BuiltObject
from db.spool import Spool
from dicom_sr.build import build_all, encoded, result_uid
from dicom_sr.character_set import settle_character_set
from dicom_sr.context import BuildContext, FilmPlace
from dicom_sr.key_objects import build_key_objects, has_key_objects
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


@dataclass(slots=True)
class _Bench:
    """What is under way for one version; objects by their UIDs."""

    item: Publishable
    source: Dataset
    picture: FilmPicture
    spool: Spool
    made: dict[str, BuiltObject] = field(default_factory=dict)
    datasets: dict[str, Dataset] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)


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

    Returns
    -------
    Built
        Its failures say which kinds are missing since the film could not be drawn.

    Raises
    ------
    RetriableError, OSError
        If something cannot be had now.
    PermanentError, ValueError
        If nothing can ever be built of this film.
    """
    bench = _Bench(item, source, picture, spool)
    for group in by_predecessors(groups, item.sent, item.kinds):
        place = FilmPlace(item.number, item.of, item.view)
        context = replace(site, variant=group.variant, replaces=group.replaces, place=place)
        _add_selections(bench, group, context, _add_objects(bench, group, context))
    return Built(tuple(bench.made.values()), tuple(dict.fromkeys(bench.failures)))


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


def _add_objects(
    bench: _Bench, group: Audience, context: BuildContext
) -> Mapping[ResultKind, Dataset]:
    """Build what a group gets and no other group got before; give all that it gets."""
    item = bench.item
    shared: dict[ResultKind, Dataset] = {}
    wanted = []
    for kind in sorted(group.kinds & item.kinds - {ResultKind.KEY_OBJECTS}):
        uid = result_uid(item.version.id, kind, context)
        if uid in bench.made:
            shared[kind] = bench.datasets[uid]
            _give(bench, uid, group.peers_for(kind))
        else:
            wanted.append(kind)
    for kind, dataset in _built(bench, context, wanted):
        shared[kind] = dataset
        before = predecessors(item.version, kind, context)
        _keep(bench, dataset, kind, context)
        uid = str(dataset.SOPInstanceUID)
        if before:
            named = before[0][0].sop_instance_uid
            bench.made[uid] = replace(bench.made[uid], predecessor_uid=named)
        _give(bench, uid, group.peers_for(kind))
    return shared


def _add_selections(
    bench: _Bench,
    group: Audience,
    context: BuildContext,
    results: Mapping[ResultKind, Dataset],
) -> None:
    """Build key object selections, which name to each peer what that very peer gets.

    Reports are not named: a person may take one's place before it leaves.
    """
    item = bench.item
    if ResultKind.KEY_OBJECTS not in item.kinds or not has_key_objects(item.reading):
        return
    for taker in group.takers:
        if ResultKind.KEY_OBJECTS in taker.kinds:
            lasting = taker.kinds.difference(REVIEWED_KINDS)
            had = {kind: dataset for kind, dataset in results.items() if kind in lasting}
            dataset = build_key_objects(item.reading, item.version, bench.source, context, had)
            settle_character_set(dataset, context.variant.character_set)
            if str(dataset.SOPInstanceUID) not in bench.made:
                _keep(bench, dataset, ResultKind.KEY_OBJECTS, context)
            _give(bench, str(dataset.SOPInstanceUID), (taker.peer_id,))


def _keep(bench: _Bench, dataset: Dataset, kind: ResultKind, context: BuildContext) -> None:
    kept = keep_object(bench.spool, dataset, kind, context.variant.key, bench.item.version)
    bench.made[kept.uid] = kept
    bench.datasets[kept.uid] = dataset


def _give(bench: _Bench, uid: str, peer_ids: tuple[int, ...]) -> None:
    made = bench.made[uid]
    bench.made[uid] = replace(made, peer_ids=(*made.peer_ids, *peer_ids))


def _built(
    bench: _Bench, context: BuildContext, kinds: Collection[ResultKind]
) -> Iterator[tuple[ResultKind, Dataset]]:
    """Build what is wanted; what shows the film is left out, and told, where none can be drawn."""
    item, film, drawn = bench.item, bench.picture, None
    pictured = [kind for kind in kinds if kind in _PICTURED]
    if pictured:
        try:
            drawn = film.drawn(item.reading, context, bench.source)
        except PermanentError as error:
            kinds = [kind for kind in kinds if kind not in _PICTURED]
            bench.failures += [f"reading {item.reading.id}: no {one}: {error}" for one in pictured]
            _log.error("film_not_drawn", reading_id=item.reading.id, error=type(error).__name__)
    voi = film.grey_scale if ResultKind.GSPS in kinds else None
    yield from build_all(
        item.reading, item.version, bench.source, context, kinds=kinds, picture=drawn, voi=voi
    ).items()
