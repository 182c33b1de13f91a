"""Which films are read, as an administrator keeps it."""

import sys
from pathlib import Path
from zoneinfo import ZoneInfo

from commands.operator import operator
from commands.output import console, print_json, print_table
from commands.policy_explain import explain_file
from commands.policy_trial import try_policy
from core.clock import now
from core.errors import WrongArgumentError
from core.policy import LONGEST_TEXT, NumberedPolicy
from core.policy_toml import built_in, read_policy, toml_of
from core.settings import Settings, load_settings
from core.states import FilmState
from db.engine import Database
from db.policies import import_policy, policy_in_force, policy_of_version, policy_versions


def policy_for(settings: Settings) -> NumberedPolicy:
    """Give the policy in force; the built-in one where there is no database yet.

    Raises
    ------
    DatabaseAwayError, SettingsError
        If there is one, and it cannot be had of it.
    """
    if settings.embedded and not (settings.data / "firstread.db").exists():
        return built_in()
    db = Database(settings.database_url)
    try:
        with db.read() as session:
            return policy_in_force(session)
    finally:
        db.close()


def import_(path: Path | None, file: Path, note: str) -> None:
    """Put the policy of a TOML file in force.

    Raises
    ------
    WrongArgumentError
        If the note is too long for the history, or not printable.
    SettingsError
        If the file holds no policy.
    """
    if len(note) > LONGEST_TEXT or not note.isprintable():
        message = f"a note has at most {LONGEST_TEXT} printable characters"
        raise WrongArgumentError(message)
    policy = read_policy(file)
    with Database(load_settings(path).database_url).write() as session:
        version = import_policy(session, policy, actor=operator(), note=note)
    console().print(f"version {version} is in force: {len(policy.rule)} rules")


def export(path: Path | None, version: int | None) -> None:
    """Print a policy as TOML."""
    settings = load_settings(path)
    if version == 0:
        policy = built_in()
    elif version is None:
        policy = policy_for(settings)
    else:
        with Database(settings.database_url).read() as session:
            policy = policy_of_version(session, version)
    sys.stdout.write(toml_of(policy.policy))


def history(path: Path | None, *, as_json: bool) -> None:
    """List the versions of the policy, newest first; the first is in force."""
    with Database(load_settings(path).database_url).read() as session:
        rows = [
            {
                "version": row.version,
                "imported_at": row.created_at.isoformat(),
                "actor": row.actor,
                "note": row.note,
                "rules": len(row.document.get("rule", ())),
            }
            for row in policy_versions(session)
        ]
    built = built_in().policy
    rows.append(
        {
            "version": 0,
            "imported_at": None,
            "actor": "FirstRead",
            "note": "built in",
            "rules": len(built.rule),
        }
    )
    if as_json:
        print_json({"in_force": rows[0]["version"], "versions": rows})
    else:
        columns = ("version", "imported_at", "actor", "note", "rules")
        print_table("Versions of the policy", columns, [[row[c] for c in columns] for row in rows])


def explain(
    path: Path | None, file: Path, calling_ae: str, policy: Path | None, *, as_json: bool
) -> bool:
    """Show the facts of a file, each rule that is looked at, and the decision.

    Returns
    -------
    bool
        Whether the policy has the file queued to be read, whatever its pixels say.

    Raises
    ------
    UnreadableObjectError
        If it is no readable DICOM file.
    """
    settings = load_settings(path)
    numbered = policy_for(settings) if policy is None else NumberedPolicy(None, read_policy(policy))
    explained = explain_file(file, numbered, settings, now(), calling_ae=calling_ae)
    if as_json:
        print_json({"file": str(file), **explained.plain()})
    else:
        explained.show()
    return explained.decision.state is FilmState.QUEUED


def test(path: Path | None, file: Path, last: int, *, as_json: bool) -> None:
    """Show what a policy would change for the last objects."""
    settings = load_settings(path)
    db = Database(settings.database_url)
    trial = try_policy(
        db,
        policy_for(settings),
        NumberedPolicy(None, read_policy(file)),
        last=last,
        zone=ZoneInfo(settings.site.timezone),
    )
    db.close()
    if as_json:
        print_json(trial.plain())
        return
    print_table(
        f"What would change: {trial.changed} of {trial.looked_at} objects",
        ("objects", "now", "by rule", "then", "by rule", "such as"),
        [
            (
                change.count,
                change.before.words,
                change.before.rule,
                change.after.words,
                change.after.rule,
                change.example,
            )
            for change in trial.changes
        ],
    )
    print_table(
        "Rules of the policy in the file",
        ("rule", "decides"),
        trial.by_rule.items(),
    )
    for words, count in (
        ("objects whose file is missing or unreadable", trial.missing),
        ("priors, which no policy decides", trial.priors),
    ):
        if count:
            console().print(f"left out: {count} {words}")
