"""Who may do what in PostgreSQL: one role for each kind of process, and nothing that is not here.

Rights on a table are SELECT (S), INSERT (I), UPDATE (U) and DELETE (D); where a process changes
some columns only, these are named. `FOR UPDATE` asks for the right to update, too. Found by running
each process under its role, and held by `tests/integration/test_rights.py`.

Nobody but the owner changes tables, policies, where a peer is and what it may have, or a signed
report. A person's review is written by the reading room, and changed by nobody; nobody changes the
words of a report, which result goes to which peer, or which patient a study is of. No right of a
column hides a patient's name from a worker: it opens the film's file, which bears it, and locks the
study's row.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from db.models import Base

VERSION_TABLE: Final = "alembic_version"


class Role(StrEnum):
    """Kinds of processes; the part of a role's name behind the prefix."""

    GATEWAY = "gateway"
    DELIVER = "deliver"
    WORKER = "worker"
    WEB = "web"
    """The reading room, which alone sees what proves who somebody is."""
    READER = "reader"
    """Commands that only show something, each showing an audit event."""


OWNER: Final = "owner"
"""The role that owns the tables: upgrades, and the commands of an administrator."""


@dataclass(frozen=True, slots=True)
class Right:
    """What a role may do to one table.

    Parameters
    ----------
    letters
        Of S, I, U and D.
    columns
        That may be updated; empty with U are all.
    """

    letters: str
    columns: tuple[str, ...] = field(default=())

    @property
    def privileges(self) -> list[str]:
        """The privileges in SQL's words."""
        names = {"S": "SELECT", "I": "INSERT", "D": "DELETE"}
        given = [name for letter, name in names.items() if letter in self.letters]
        if self.columns:
            given.append(f"UPDATE ({', '.join(self.columns)})")
        elif "U" in self.letters:
            given.append("UPDATE")
        return given


_ALL_TABLES: Final = tuple(table.name for table in Base.metadata.sorted_tables)
_LOCKED: Final = ("busy_worker", "busy_until")
"""Columns of a peer by which processes keep each other off it."""
_CLOCK: Final = (
    *_LOCKED,
    "next_attempt_at",
    "failures",
    "last_error",
    "last_sent_at",
    "learned_sr_class",
    "commitment_at",
    "commitment_failures",
    "commitment_error",
    "changed_at",
)
_STUDY: Final = ("state", "review", "place", "changed_at")
"""Columns of a study that follow from its films' states, which each process sets."""
_DEMOGRAPHICS: Final = (
    "patient_name",
    "birth_date",
    "sex",
    "accession",
    "description",
    "search_words",
    "acquired_at",
)
_ANOTHER_COPY: Final = (
    "path",
    "removed_at",
    "content_sha256",
    "transfer_syntax_uid",
    "purpose",
    "view",
    "rule",
    "policy_version",
    "asked_of_pixels",
    "calling_ae",
    "called_ae",
)
"""Columns of a film that may change when it comes again."""
_COMMITTED: Final = ("commitment_id", "committed_at", "asks", "ask_at", "lost")
_UNANSWERED: Final = ("state", "error", "begun_at", "answered_at")
"""Columns of a question that change without an answer to it."""
_REPORTED: Final = ("state", "words", "changed_at", "attempts", "next_attempt_at", *_COMMITTED)
"""Columns of a delivery that the answer of who keeps it changes, and what makes it obsolete."""
_AUDIT: Final = {"audit_event": Right("SI"), "audit_head": Right("S"), VERSION_TABLE: Right("S")}
_PRIVATE: Final = (
    "account",
    "sign_in",
    "failed_sign_in",
    "one_time_link",
    "api_token",
    "unsigned_edit",
)
"""Tables with digests of what proves who somebody is, and with what nobody said yet."""
_SEEN: Final = {name: Right("S") for name in (*_ALL_TABLES, VERSION_TABLE) if name not in _PRIVATE}

RIGHTS: Final[dict[Role, dict[str, Right]]] = {
    Role.GATEWAY: {
        **_SEEN,
        **_AUDIT,
        "study": Right("SIU", (*_STUDY, *_DEMOGRAPHICS, "tier", "unseen_since", "waited_at")),
        "instance": Right("SIU", ("state", "reason", "rejection_code", *_ANOTHER_COPY)),
        "quarantine": Right(
            "SIU",
            (
                "times",
                "last_at",
                "path",
                "removed_at",
                "decision",
                "decided_by",
                "decided_at",
            ),
        ),
        "rejection": Right("SI"),
        "signed_report": Right("SID"),
        "job": Right("SIU"),
        "retrieval": Right("SIU"),
        "peer": Right("SU", (*_LOCKED, "last_received_at")),
        # What an audit read comes into the light, or stays in its model's shadow.
        "reading": Right("SU", ("current", "shadow")),
        "positive_flag": Right("SU", ("told",)),
        # A question whose worker is gone is put back, or fails.
        "chat_turn": Right("SU", _UNANSWERED),
        "chat_event": Right("SI"),
        "report_version": Right("SU", ("published_at",)),
        "delivery": Right("SU", _REPORTED),
        "commitment": Right("SU", ("state", "words", "answered_at")),
        "worker": Right("SD"),
    },
    Role.DELIVER: {
        **_SEEN,
        **_AUDIT,
        "study": Right("SU", _STUDY),
        # Retention leaves a film's header in another file.
        "instance": Right("SU", ("state", "reason", "path", "content_sha256", "removed_at")),
        "job": Right("SIU"),
        "report_version": Right("SU", ("published_at",)),
        "result_object": Right("SIU", ("path", "sha256", "removed_at")),
        "quarantine": Right("SU", ("removed_at",)),
        "delivery": Right("SIU", (*_REPORTED, "status", "begun_at", "sent_at", "rejection_uid")),
        "commitment": Right("SIU", ("state", "words", "answered_at")),
        "peer": Right("SU", _CLOCK),
        "retrieval": Right("SU"),
        "chat_turn": Right("SU", _UNANSWERED),
        "chat_event": Right("SI"),
        "worker": Right("SD"),
    },
    Role.WORKER: {
        **_AUDIT,
        "study": Right("SU", (*_STUDY, "tier", "unseen_since")),
        "instance": Right("SU", ("state", "reason")),
        "job": Right("SIU"),
        "reading": Right("SIU"),
        "finding": Right("SI"),
        "positive_flag": Right("SIUD"),
        "chat_turn": Right("SU", (*_UNANSWERED, "answer", "boxes", "told", "model_uid", "demo")),
        "chat_event": Right("SI"),
        # It says which model it loaded; what that may be used for is said by others.
        "model": Right("SI"),
        "model_standing": Right("S"),
        "triage_policy": Right("S"),
        "signed_report": Right("S"),
        "report_version": Right("SI"),
        "review": Right("S"),
        "peer": Right("SU", _LOCKED),
        "worker": Right("SIUD"),
    },
    Role.WEB: {
        **_SEEN,
        **_AUDIT,
        "account": Right("SIU"),
        "sign_in": Right("SIU"),
        "failed_sign_in": Right("SIUD"),
        "one_time_link": Right("SIU", ("used_at",)),
        "api_token": Right("SIU", ("revoked_at", "used_at")),
        "restriction": Right("SIUD"),
        "break_glass": Right("SI"),
        "opening": Right("SIU"),
        "unsigned_edit": Right("SIUD"),
        "finding_verdict": Right("SI"),
        "chat_turn": Right("SIU", _UNANSWERED),
        "chat_event": Right("SI"),
        "review": Right("SI"),
        "report_version": Right("SI"),
        "reading": Right("SU", ("current", "withdrawn_code")),
        "study": Right("SU", (*_STUDY, "opened_at", "unseen_since")),
        "job": Right("SIU"),
        # What an administrator sends once more, takes back, stops or decides about.
        "instance": Right("SU", ("state", "reason")),
        "delivery": Right("SU", _REPORTED),
        "peer": Right("SU", ("mode", "mode_changed_at", "next_attempt_at", "failures")),
        "recall": Right("SIU", ("reason", "actor", "at")),
        "retrieval": Right("SU", ("state", "attempts", "due_at", "finished_at", "worker")),
        "quarantine": Right("SU", ("decision", "decided_by", "decided_at")),
        "triage_policy": Right("SI"),
        # Whoever says what a model may be used for holds its row meanwhile.
        "model": Right("SU", ("first_seen_at",)),
        "model_standing": Right("SI"),
    },
    Role.READER: {**_SEEN, **_AUDIT},
}
