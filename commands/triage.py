"""Which studies are to be read sooner, as an administrator keeps it."""

import sys
from pathlib import Path

from commands.operator import operator
from commands.output import console, print_json, print_table
from core.settings import load_settings
from core.triage_toml import built_in_triage, document_of_triage, read_triage, toml_of_triage
from db.engine import Database
from db.triage_policies import (
    save_triage,
    triage_in_force,
    triage_of_version,
    triage_versions,
)
from db.triage_preview import preview_triage


def show(path: Path | None, *, as_json: bool) -> None:
    """Show the policy in force."""
    with Database(load_settings(path).database_url).read() as session:
        found = triage_in_force(session)
    if as_json:
        print_json({"version": found.version, "policy": document_of_triage(found.policy)})
        return
    wait = f"nobody sees to a study for {found.policy.longest_wait_minutes:g} minutes: urgent"
    print_table(
        f"Triage policy, version {found.version}; {wait}",
        ("label", "tier", "from score", "model"),
        [(rule.label.value, rule.tier, rule.score, rule.model) for rule in found.policy.rule],
    )


def import_(path: Path | None, file: Path, note: str, after: int | None) -> None:
    """Put the triage policy of a TOML file in force.

    Raises
    ------
    TriageConflictError
        If another version than `after` is in force by now.
    SettingsError
        If the file holds no policy, or the note does not fit.
    """
    policy = read_triage(file)
    with Database(load_settings(path).database_url).write() as session:
        version = save_triage(session, policy, actor=operator(), note=note, after=after)
    console().print(f"version {version} is in force: {len(policy.rule)} rules")


def export(path: Path | None, version: int | None) -> None:
    """Print a triage policy as TOML."""
    with Database(load_settings(path).database_url).read() as session:
        found = triage_in_force(session) if version is None else triage_of_version(session, version)
    sys.stdout.write(toml_of_triage(found.policy))


def history(path: Path | None, *, as_json: bool) -> None:
    """List the versions of the triage policy, newest first; the first is in force."""
    with Database(load_settings(path).database_url).read() as session:
        rows = [
            {
                "version": row.version,
                "at": row.created_at.isoformat(),
                "actor": row.actor,
                "note": row.note,
                "rules": len(row.document.get("rule", ())),
            }
            for row in triage_versions(session)
        ]
    built_in = {"version": 0, "at": None, "actor": "FirstRead", "note": "built in"}
    rows.append({**built_in, "rules": len(built_in_triage().policy.rule)})
    if as_json:
        print_json({"in_force": rows[0]["version"], "versions": rows})
    else:
        columns = ("version", "at", "actor", "note", "rules")
        cells = [[row[column] for column in columns] for row in rows]
        print_table("Versions of the triage policy", columns, cells)


def preview(path: Path | None, file: Path, last: int, *, as_json: bool) -> None:
    """Show what a triage policy would have done to the last studies.

    Raises
    ------
    SettingsError
        If the file holds no policy.
    """
    tried = read_triage(file)
    with Database(load_settings(path).database_url).read() as session:
        said = preview_triage(session, triage_in_force(session).policy, tried, last=last).plain()
    if as_json:
        print_json(said)
        return
    rows = [(tier, count, said["after"][tier]) for tier, count in said["before"].items()]
    rows.append(("waited too long", said["waited_before"], said["waited_after"]))
    print_table(f"The last {said['studies']} studies", ("tier", "now", "then"), rows)
    unlisted = f", and {said['unlisted']} restricted" if said["unlisted"] else ""
    print_table(
        f"Studies that would stand elsewhere{unlisted}",
        ("accession", "study", "received", "now", "then", "since"),
        [
            (
                move["accession"],
                move["study_uid"],
                move["received_at"],
                move["before"],
                move["after"],
                ", ".join(move["labels"]),
            )
            for move in said["moves"]
        ],
    )
