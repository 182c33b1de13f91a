"""What waits, what runs, what failed."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from commands.output import print_json, print_table
from commands.sending import print_peers
from core.clock import now
from core.settings import load_settings
from core.states import DeliveryState, FilmState, JobState, SendingMode
from db.engine import Database
from db.status import status_counts

_SILENT = timedelta(seconds=60)
"""A worker that said nothing for so long counts as gone."""


def status(path: Path | None, *, as_json: bool) -> bool:
    """Print the counts of every queue and the last word of workers and peers.

    Returns
    -------
    bool
        Whether nothing failed, nothing is quarantined, and a worker is alive.

    Raises
    ------
    DatabaseAwayError
        If the database does not answer.
    """
    settings = load_settings(path)
    db = Database(settings.database_url)
    with db.read() as session:
        counts = status_counts(session, ZoneInfo(settings.site.timezone))
    db.close()
    troubles = list(_troubles(counts))
    if as_json:
        print_json({"healthy": not troubles, "troubles": troubles, **counts})
    else:
        _show(counts, troubles)
    return not troubles


def _troubles(counts: Mapping[str, Any]) -> Iterator[str]:
    if failed := counts["films"].get(FilmState.FAILED, 0):
        yield f"{failed} films failed"
    yield from _kept_aside(counts)
    if failed := counts["deliveries"].get(DeliveryState.FAILED, 0):
        yield f"{failed} deliveries failed for good"
    yield from _not_kept(counts["commitment"])
    if failed := counts["retrievals"].get(JobState.FAILED, 0):
        yield f"{failed} studies could not be fetched from their peers"
    for kind, states in counts["jobs"].items():
        if failed := states.get(JobState.FAILED, 0):
            yield f"{failed} {kind} jobs failed"
    if not_built := counts["not_built"]:
        yield f"results of {len(not_built)} studies were not built: {not_built[0]}"
    if put_off := counts["put_off"]:
        yield f"results of {len(put_off)} studies are put off: {put_off[0]}"
    yield from _not_sent_to(counts["peers"])
    if not any(now() - datetime.fromisoformat(w["seen_at"]) < _SILENT for w in counts["workers"]):
        yield "no worker is alive"


def _not_sent_to(peers: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for peer in peers:
        if peer["failures"]:
            yield f"peer {peer['name']} failed {peer['failures']} times: {peer['last_error']}"
        if peer["mode"] != SendingMode.SEND and peer["waiting"]:
            yield f"peer {peer['name']} is in mode {peer['mode']}: {peer['waiting']} results wait"


def _not_kept(peers: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for one in peers:
        if one["left"]:
            yield (
                f"{one['left']} results are stored at {one['peer']} and not committed, "
                "and asked about no more"
            )
        if one["error"]:
            yield f"{one['peer']} cannot be asked what it keeps: {one['error']}"


def _kept_aside(counts: Mapping[str, Any]) -> Iterator[str]:
    if counts["quarantined"]:
        notes = counts["waiting_notes"]
        said = f", {notes} of them rejection notes without effect" if notes else ""
        yield f"{counts['quarantined']} objects are in quarantine{said}"


def _show(counts: Mapping[str, Any], troubles: list[str]) -> None:
    rows = [
        *((what, state, n) for what in ("studies", "films") for state, n in counts[what].items()),
        *(
            (f"{kind} jobs", state, n)
            for kind, by in counts["jobs"].items()
            for state, n in by.items()
        ),
        *(("deliveries", state, n) for state, n in counts["deliveries"].items()),
        *(("retrievals", state, n) for state, n in counts["retrievals"].items()),
        *(
            ("studies of which rejected results remain", f"at {peer}", n)
            for peer, n in counts["remaining"].items()
        ),
        ("objects", "quarantined", counts["quarantined"]),
    ]
    print_table("Queues", ("what", "state", "number"), rows)
    print_table(
        "Workers",
        ("name", "device", "at", "seen"),
        [(w["name"], w["device"], w["progress"], w["seen_at"]) for w in counts["workers"]],
    )
    print_peers(counts["peers"])
    if counts["commitment"]:
        names = ("stored", "committed", "lost", "stored_since", "asked_since", "error")
        print_table(
            "Kept by peers",
            ("peer", "asked by", *(name.replace("_", " ") for name in names)),
            [
                (one["peer"], one["way"], *(one[name] for name in names))
                for one in counts["commitment"]
            ],
        )
    print_table("Needs attention", ("what",), [(trouble,) for trouble in troubles or ["nothing"]])
