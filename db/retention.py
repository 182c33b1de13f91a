"""Removes the files that are needed no more (`db.retention_rule`); every row stays.

Of a film its header stays as well, in a small file of its own, so that a report that is accepted
or corrected years later can still be built. The row says first that a file was removed, then it
goes: a kill in between leaves a file that no row speaks of, which the sweep finds (`db.orphans`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import structlog
from sqlalchemy import select, union
from sqlalchemy.orm import Session

from core.clock import now
from core.errors import OutOfMemoryError, StorageFullError, UnreadableObjectError
from db.audit import record
from db.engine import Database
from db.films import lock_study
from db.models import AuditAction, Instance, Quarantine, ResultObject, Study
from db.retention_rule import Cutoffs, film_may_go, quarantined_may_go, result_may_go
from db.spool import Spool

LastLook = Callable[[Path], tuple[bytes, str] | None]
"""Gives what stays of a film's file: its header as a file, and the digest of its content; None
where it is nothing but a header. Raises UnreadableObjectError where it cannot tell."""
AT_ONCE: Final = 10_000
"""Studies that are looked for in one query."""
_QUARANTINED_AT_ONCE: Final = 100
_ACTOR: Final = "retention"
_log = structlog.get_logger()


@dataclass(slots=True)
class Removed:
    """What was removed, or would be.

    Parameters
    ----------
    studies, films, results, quarantined
        How many; `studies` are those of which any file was.
    size
        Bytes that came free.
    """

    studies: int = 0
    films: int = 0
    results: int = 0
    quarantined: int = 0
    size: int = 0

    def add(self, other: "Removed") -> None:
        """Count what else was removed."""
        self.studies += other.studies
        self.films += other.films
        self.results += other.results
        self.quarantined += other.quarantined
        self.size += other.size


@dataclass(slots=True)
class _Step:
    """What becomes of one study's files; headers by the number of their film.

    `old` are files that go, `unused` headers of films that stay after all.
    """

    headers: dict[int, tuple[Path, str]] = field(default_factory=dict)
    old: list[Path] = field(default_factory=list)
    unused: list[Path] = field(default_factory=list)
    films: list[str] = field(default_factory=list)
    results: list[str] = field(default_factory=list)


def studies_with_removable(
    session: Session, cutoffs: Cutoffs, *, after: int = 0, limit: int = AT_ONCE
) -> list[int]:
    """List the first studies behind a number of which any file may go."""
    films = (
        select(Instance.study_id).join(Study).where(Instance.study_id > after, film_may_go(cutoffs))
    )
    results = select(ResultObject.study_id).where(
        ResultObject.study_id > after, result_may_go(cutoffs)
    )
    either = union(films, results).subquery()
    return list(session.scalars(select(either.c.study_id).order_by(either.c.study_id).limit(limit)))


def would_remove(session: Session, study_id: int, cutoffs: Cutoffs) -> Removed:
    """Count a study's files that may go, and their bytes."""
    films, results = _films(session, study_id, cutoffs), _results(session, study_id, cutoffs)
    paths = [*(film.path for film in films), *(result.path for result in results)]
    return Removed(
        studies=int(bool(paths)),
        films=len(films),
        results=len(results),
        size=sum(_size(Path(path)) for path in paths),
    )


def would_remove_quarantined(session: Session, cutoffs: Cutoffs) -> Removed:
    """Count the quarantined objects whose files may go, and their bytes."""
    paths = session.scalars(select(Quarantine.path).where(quarantined_may_go(cutoffs))).all()
    return Removed(quarantined=len(paths), size=sum(_size(Path(path)) for path in paths))


def remove_of_study(
    db: Database, spool: Spool, study_id: int, cutoffs: Cutoffs, last_look: LastLook
) -> Removed:
    """Remove a study's files that may go.

    Pixels are looked at before the study is locked, and whether the files may go is asked again
    under the lock.

    Parameters
    ----------
    db, spool
        Where.
    study_id
        Which.
    cutoffs
        As the settings have them now.
    last_look
        Asked once for each film. A film of which it cannot tell is kept.

    Raises
    ------
    DatabaseAwayError
        If nothing was removed, as far as is known.
    """
    step = _Step()
    with db.read() as session:
        films = [(film.id, Path(film.path)) for film in _films(session, study_id, cutoffs)]
    # Whether a commit that failed was done nobody knows: what is left of it then, headers that no
    # row speaks of, is swept later.
    for number, path in films:
        _look(spool, step, number, path, last_look)
    with db.write() as session:
        _remove(session, study_id, cutoffs, step)
    size = sum(_size(path) for path in step.old)
    size -= sum(_size(path) for path, _ in step.headers.values())
    _unlink((*step.old, *step.unused))
    films_gone, results_gone = len(step.films), len(step.results)
    if films_gone or results_gone:
        _log.info("files_removed", study_id=study_id, films=films_gone, results=results_gone)
    return Removed(
        studies=int(bool(films_gone or results_gone)),
        films=films_gone,
        results=results_gone,
        size=max(0, size),
    )


def remove_quarantined(db: Database, cutoffs: Cutoffs) -> Removed:
    """Remove the files of some quarantined objects whose time is over, a few at once.

    Raises
    ------
    DatabaseAwayError
        If the database does not answer.
    """
    with db.read() as session:
        due = select(Quarantine.id).where(quarantined_may_go(cutoffs)).limit(_QUARANTINED_AT_ONCE)
        if session.scalars(due).first() is None:
            return Removed()
    with db.write() as session:
        rows = session.scalars(
            select(Quarantine)
            .where(quarantined_may_go(cutoffs))
            .order_by(Quarantine.id)
            .limit(_QUARANTINED_AT_ONCE)
            .with_for_update(skip_locked=True)
        ).all()
        for row in rows:
            row.removed_at = now()
            record(
                session,
                AuditAction.FILES_REMOVED,
                actor=_ACTOR,
                quarantined=row.sop_instance_uid,
                sha256=row.sha256,
            )
        paths = [Path(row.path) for row in rows]
    size = sum(map(_size, paths))
    _unlink(paths)
    return Removed(quarantined=len(paths), size=size)


def _films(session: Session, study_id: int, cutoffs: Cutoffs) -> Sequence[Instance]:
    return session.scalars(
        select(Instance)
        .join(Study)
        .where(Study.id == study_id, film_may_go(cutoffs))
        .order_by(Instance.id)
    ).all()


def _results(session: Session, study_id: int, cutoffs: Cutoffs) -> Sequence[ResultObject]:
    return session.scalars(
        select(ResultObject)
        .where(ResultObject.study_id == study_id, result_may_go(cutoffs))
        .order_by(ResultObject.id)
    ).all()


def _look(spool: Spool, step: _Step, number: int, path: Path, last_look: LastLook) -> None:
    try:
        remains = last_look(path)
    except (UnreadableObjectError, OutOfMemoryError, OSError) as error:
        _log.warning("film_not_removed", instance_id=number, error=type(error).__name__)
        return
    if remains is None:
        return
    header, digest = remains
    try:
        step.headers[number] = (spool.keep_bytes(header, "header.dcm"), digest)
    except StorageFullError:
        # Results need no room to go, and make some.
        _log.warning("no_room_for_a_header", instance_id=number)


def _remove(session: Session, study_id: int, cutoffs: Cutoffs, step: _Step) -> None:
    """Note what goes, as far as it still may."""
    study = lock_study(session, study_id)
    at = now()
    gone = set()
    for film in _films(session, study_id, cutoffs):
        if film.id in step.headers:
            header, digest = step.headers[film.id]
            step.old.append(Path(film.path))
            step.films.append(film.uid)
            film.path, film.content_sha256, film.removed_at = str(header), digest, at
            gone.add(film.id)
    for result in _results(session, study_id, cutoffs):
        step.old.append(Path(result.path))
        step.results.append(result.uid)
        result.removed_at = at
    for number in step.headers.keys() - gone:
        step.unused.append(step.headers.pop(number)[0])
    if step.films or step.results:
        record(
            session,
            AuditAction.FILES_REMOVED,
            actor=_ACTOR,
            study_id=study.id,
            films=step.films,
            results=step.results,
        )


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _unlink(paths: Sequence[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)
