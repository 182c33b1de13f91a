"""What the demo shows: each object, what was asked of it, and what came of it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from sqlalchemy import select
from sqlalchemy.orm import Session

from commands.demo_cast import Actor, Ending
from commands.demo_stage import Stage
from commands.output import print_json, print_table
from core.reading import Presence
from core.states import DRAFT_KINDS, FilmState
from db.models import FindingRow, Instance, Quarantine, ReadingRow, ResultObject

_AT_REST = {FilmState.READ, FilmState.NOT_READ, FilmState.FAILED, FilmState.QUARANTINED}


@dataclass(frozen=True, slots=True)
class Row:
    """One object of the demo.

    Parameters
    ----------
    name, truth
        Its part in the demo, and what the phantom shows.
    asked, ended
        How it should end, and how it ended or how far it is.
    found
        What the model marked as present, or why there is nothing.
    tier
        The study's place in the worklist; empty where it has none.
    seconds
        From its commit in FirstRead to its last result in the archive; None without results.
    files
        Its results in the archive.
    at_rest, as_asked
        Whether nothing more will happen to it, and whether it ended as asked, with every result
        in the archive where it was read.
    """

    name: str
    truth: str
    asked: Ending
    ended: str
    found: str
    tier: str
    seconds: float | None
    files: tuple[Path, ...]
    at_rest: bool
    as_asked: bool


def report_row(session: Session, actor: Actor, answer: int | None, archive: Path) -> Row:
    """Look up what became of one object.

    Parameters
    ----------
    session
        FirstRead's own database.
    actor
        The object as it was sent.
    answer
        Status of its C-STORE; None where no answer came.
    archive
        Folder of the archive that plays the PACS.
    """
    instance = session.scalar(select(Instance).where(Instance.uid == actor.uid))
    if actor.asked is Ending.SAME:
        return _duplicate(session, actor, answer)
    if instance is None:
        return _aside(session, actor)
    results, files = _results(session, instance, archive)
    complete = len(files) == len(results) == len(DRAFT_KINDS)
    read = instance.state is FilmState.READ
    arrived = max((file.stat().st_mtime for file in files), default=None)
    return Row(
        name=actor.name,
        truth=actor.truth,
        asked=actor.asked,
        ended=instance.state,
        found=_found(session, instance) if read else instance.reason or "",
        tier=instance.study.tier.name.lower(),
        seconds=arrived - instance.received_at.timestamp() if arrived and complete else None,
        files=files,
        at_rest=instance.state in _AT_REST and (complete or not read),
        as_asked=instance.state.value == actor.asked.value and (complete or not read),
    )


def show(
    rows: Sequence[Row], stage: Stage, worklist: str, *, as_json: bool, stays: bool = False
) -> None:
    """Print the rows, and where to look next.

    Parameters
    ----------
    rows
        What came of each object.
    stage
        Where the demo plays.
    worklist
        The address that signs somebody in once.
    as_json
        Print one JSON object instead.
    stays
        Whether its FirstRead goes on running.
    """
    if as_json:
        objects = [asdict(row) for row in rows]
        print_json({"folder": str(stage.folder), "objects": objects, "worklist": worklist})
        return
    print_table(
        "Eight objects, from the X-ray room to the PACS",
        ("object, and what it shows", "ended", "found, or why not", "tier", "to PACS", "files"),
        [
            (
                f"{row.name}: {row.truth}",
                row.ended if row.as_asked else f"{row.ended}, NOT {row.asked}",
                row.found,
                row.tier,
                None if row.seconds is None else f"{row.seconds:.1f} s",
                len(row.files) or None,
            )
            for row in rows
        ],
    )
    _say_where_next(rows, stage.folder, stage.settings_file)
    _say_where_the_worklist_is(stage.settings_file, worklist, stays=stays)


def _say_where_next(rows: Sequence[Row], folder: Path, settings_file: Path) -> None:
    speak = Console(highlight=False, soft_wrap=True, markup=False)
    speak.print(f"Everything is in {folder}: films/ as sent, pacs/ as received, firstread.log.")
    example = next((file for row in rows for file in row.files), None)
    film = folder / "films"
    if example is not None:
        speak.print("A draft report, if dcmtk is installed:", f"  dsrdump {example}", sep="\n")
    speak.print(
        "Every queue:",
        f"  firstread --settings {settings_file} status",
        "Ask about a film:",
        f"  firstread chat {min(film.glob('*.dcm'))}",
        sep="\n",
    )


def _say_where_the_worklist_is(settings_file: Path, worklist: str, *, stays: bool) -> None:
    speak = Console(highlight=False, soft_wrap=True, markup=False)
    if stays:
        speak.print(
            "The worklist, until Ctrl+C (the address signs in once):", f"  {worklist}", sep="\n"
        )
        return
    speak.print(
        "The worklist, once this runs (or `firstread demo --stay`; the address signs in once):",
        f"  firstread --settings {settings_file} up",
        f"  {worklist}",
        sep="\n",
    )


def _found(session: Session, instance: Instance) -> str:
    rows = session.scalars(
        select(FindingRow.label)
        .join(ReadingRow, ReadingRow.id == FindingRow.reading_id)
        .where(ReadingRow.instance_id == instance.id, ReadingRow.current)
        .where(FindingRow.presence == Presence.PRESENT)
        .order_by(FindingRow.position)
    )
    return ", ".join(dict.fromkeys(rows)) or "nothing marked as present"


def _results(
    session: Session, instance: Instance, archive: Path
) -> tuple[list[str], tuple[Path, ...]]:
    uids = list(
        session.scalars(
            select(ResultObject.uid)
            .where(ResultObject.instance_id == instance.id)
            .order_by(ResultObject.kind.desc())
        )
    )
    return uids, tuple(file for uid in uids if (file := archive / f"{uid}.dcm").is_file())


def _duplicate(session: Session, actor: Actor, answer: int | None) -> Row:
    count = len(session.scalars(select(Instance.id).where(Instance.uid == actor.uid)).all())
    aside = session.scalar(select(Quarantine).where(Quarantine.sop_instance_uid == actor.uid))
    if answer == 0 and count == 1 and aside is None:
        return _without_results(actor, Ending.SAME, "success, nothing new")
    words = "no answer" if answer is None else f"answered 0x{answer:04X}"
    kept = "also kept aside" if aside else f"kept {count} times"
    return _without_results(actor, "not taken as the same", f"{words}, {kept}")


def _aside(session: Session, actor: Actor) -> Row:
    row = session.scalar(select(Quarantine).where(Quarantine.sop_instance_uid == actor.uid))
    if row is None:
        return _without_results(actor, "lost", "no row speaks of it")
    return _without_results(actor, FilmState.QUARANTINED, row.reason)


def _without_results(actor: Actor, ended: str, found: str) -> Row:
    return Row(
        name=actor.name,
        truth=actor.truth,
        asked=actor.asked,
        ended=ended,
        found=found,
        tier="",
        seconds=None,
        files=(),
        at_rest=True,
        as_asked=ended == actor.asked.value,
    )
