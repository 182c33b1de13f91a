"""One study and all that is known of it, its priors beside it."""

from pathlib import Path
from typing import Any

from commands.output import console, print_json, print_table, printable
from commands.study_values import study_values
from commands.viewing import note_study
from core.settings import load_settings
from db.engine import Database
from db.study_facts import study_facts


def study(path: Path | None, uid: str, *, as_json: bool) -> bool:
    """Print one study: films, drafts, reviews, results, rejections, reports, priors, fetches.

    Who looked at it is an event of the audit, without which nothing is shown.

    Parameters
    ----------
    path
        The settings file.
    uid
        Its Study Instance UID.
    as_json
        Whether a program reads it.

    Returns
    -------
    bool
        Whether anything of the study ever came in.

    Raises
    ------
    DatabaseAwayError
        If the database does not answer.
    """
    db = Database(load_settings(path).database_url)
    try:
        with db.read() as session:
            facts = study_facts(session, uid)
            known = None if facts is None else study_values(facts)
        if facts is not None:
            note_study(db, facts.study.id)
    finally:
        db.close()
    if known is None:
        console().print(f"nothing of study {printable(uid)} ever came in")
        return False
    if as_json:
        print_json(known)
    else:
        _show(known)
    return True


def _show(known: dict[str, Any]) -> None:
    study = known["study"]
    print_table(f"Study {study['uid']}", ("what", "value"), study.items())
    if known["remarks"]:
        print_table("Remarks", ("what",), [(remark,) for remark in known["remarks"]])
    print_table(
        "Films",
        ("film", "view", "purpose", "state", "reason", "rule"),
        [
            (
                film["uid"],
                film["view"],
                film["purpose"],
                film["state"],
                film["reason"],
                film["rule"],
            )
            for film in known["films"]
        ],
    )
    print_table(
        "Readings",
        ("film", "standing", "flags", "version", "findings", "impression"),
        [
            (
                reading["film"],
                reading["standing"],
                ", ".join(reading["flags"]),
                _version(version),
                " ".join(version["findings"].split()),
                " ".join(version["impression"].split()),
            )
            for reading in known["readings"]
            for version in reading["versions"] or [{"findings": "", "impression": ""}]
        ],
    )
    _show_reviews(known)
    print_table(
        "Results",
        ("kind", "version", "object", "peer", "state", "kept", "words", "taken back by"),
        [
            (
                result["kind"],
                result["version"],
                result["uid"],
                sent["peer"],
                sent["state"],
                _kept(sent),
                sent["words"],
                back,
            )
            for result in known["results"]
            for sent in result["deliveries"] or [dict.fromkeys(("peer", "state", "words"))]
            for back in [sent.get("taken_back_by")]
        ],
    )
    _show_others(known)


def _kept(sent: dict[str, Any]) -> str:
    """Say how far the peer's word is that it keeps an object."""
    if sent.get("committed_at"):
        return f"committed {sent['committed_at']}"
    return f"asked since {sent['asked_at']}" if sent.get("asked_at") else ""


def _version(version: dict[str, Any]) -> str:
    """Say which version of a report it is, and whose."""
    if "kind" not in version:
        return ""
    by = f" by {version['author']}" if version["author"] else ""
    return f"{version['number']} {version['kind']}{by}{', final' if version['final'] else ''}"


def _show_reviews(known: dict[str, Any]) -> None:
    reviews = [
        (reading["film"], one["act"], one["by"], one["version"], one["reason"], one["at"])
        for reading in known["readings"]
        for one in reading["reviews"]
    ]
    if reviews:
        print_table("Reviews", ("film", "act", "by", "version", "reason", "at"), reviews)


def _show_others(known: dict[str, Any]) -> None:
    """Show what is not in every study."""
    if known["rejections"]:
        rows = [(one["instance"], one["code"], one["note"]) for one in known["rejections"]]
        print_table("Rejection notes", ("object", "code", "note"), rows)
    if known["signed_reports"]:
        reports = [
            (one["verified_at"], one["title"], one["text"]) for one in known["signed_reports"]
        ]
        print_table("Signed reports", ("verified", "title", "text"), reports)
    if known["priors"]:
        priors = [
            (prior["taken_at"], what, one["uid"], line)
            for prior in known["priors"]
            for what, one, said in (
                *((film["view"], film, film["source"]) for film in prior["films"]),
                *(("report", report, report["text"]) for report in prior["reports"]),
            )
            for line in said.splitlines() or [""]
        ]
        print_table("Priors", ("taken", "what", "object", "text or source"), priors)
    if known["retrievals"]:
        fetches = [
            (one["study"], one["purpose"], one["state"], one["completed"], one["error"])
            for one in known["retrievals"]
        ]
        print_table("Fetches", ("study", "for", "state", "objects", "error"), fetches)
