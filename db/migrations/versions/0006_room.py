"""The reading room: accounts, openings, verdicts, talk, triage policies, models' standings.

Revision ID: 0006
Revises: 0005
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.sql.schema import SchemaItem
from sqlalchemy.types import TypeEngine

from db.migrations.before_the_room import (
    before_the_room,
    fill_flags,
    fill_places,
    fill_search_words,
)

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

NUMBER = sa.Integer()
TEXT = sa.Text()
TIME = sa.DateTime(timezone=True)
WORD = sa.String(32)
JSON = sa.JSON()
BOOLEAN = sa.Boolean()
_ORDERS = (
    ("place", "tier", "received_at", "id"),
    ("place", "received_at", "id"),
    ("received_at", "id"),
)
"""Of the worklist."""


def upgrade() -> None:
    _persons()
    _what_they_may_open()
    _policies()
    _reviewing()
    _talk()
    _columns()
    _worklist()
    before_the_room()


def _column(name: str, kind: TypeEngine[Any], *, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=null)


def _table(name: str, *columns: SchemaItem, key: str = "id", unique: Sequence[str] = ()) -> None:
    """Make a table whose single unique columns stand in `unique`."""
    op.create_table(
        name,
        *columns,
        sa.PrimaryKeyConstraint(key, name=f"pk_{name}"),
        *(sa.UniqueConstraint(column, name=f"uq_{name}_{column}") for column in unique),
    )


def _to(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{table}_{column}_{target}")


def _persons() -> None:
    _table(
        "account",
        _column("id", NUMBER),
        _column("name", TEXT),
        _column("person_name", TEXT),
        _column("roles", JSON),
        _column("password_hash", TEXT, null=True),
        _column("issuer", TEXT, null=True),
        _column("subject", TEXT, null=True),
        _column("enabled", BOOLEAN),
        _column("created_at", TIME),
        _column("changed_at", TIME),
        _column("signed_in_at", TIME, null=True),
        sa.UniqueConstraint("issuer", "subject", name="uq_account_issuer_subject"),
        unique=("name",),
    )
    _table(
        "sign_in",
        _column("id", NUMBER),
        _column("token_sha256", TEXT),
        _column("account_id", NUMBER),
        _column("way", WORD),
        _column("address", TEXT),
        _column("begun_at", TIME),
        _column("seen_at", TIME),
        _column("proved_at", TIME),
        _column("locked_at", TIME, null=True),
        _column("ended_at", TIME, null=True),
        _to("sign_in", "account_id", "account"),
        unique=("token_sha256",),
    )
    op.create_index("ix_sign_in_account_id", "sign_in", ["account_id"])
    _table(
        "failed_sign_in",
        _column("key", TEXT),
        _column("failures", NUMBER),
        _column("pause_until", TIME, null=True),
        _column("last_at", TIME),
        key="key",
    )
    op.create_index("ix_failed_sign_in_last_at", "failed_sign_in", ["last_at"])
    _table(
        "one_time_link",
        _column("id", NUMBER),
        _column("token_sha256", TEXT),
        _column("account_id", NUMBER),
        _column("created_at", TIME),
        _column("expires_at", TIME),
        _column("used_at", TIME, null=True),
        _to("one_time_link", "account_id", "account"),
        unique=("token_sha256",),
    )
    _table(
        "api_token",
        _column("id", NUMBER),
        _column("token_sha256", TEXT),
        _column("account_id", NUMBER),
        _column("label", TEXT),
        _column("created_at", TIME),
        _column("expires_at", TIME, null=True),
        _column("revoked_at", TIME, null=True),
        _column("used_at", TIME, null=True),
        _to("api_token", "account_id", "account"),
        unique=("token_sha256",),
    )


def _what_they_may_open() -> None:
    _table(
        "restriction",
        _column("id", NUMBER),
        _column("study_id", NUMBER),
        _column("accounts", JSON),
        _column("reason", TEXT),
        _column("actor", TEXT),
        _column("at", TIME),
        _to("restriction", "study_id", "study"),
        unique=("study_id",),
    )
    _table(
        "break_glass",
        _column("id", NUMBER),
        _column("account_id", NUMBER),
        _column("study_id", NUMBER),
        _column("reason", TEXT),
        _column("at", TIME),
        _column("until", TIME),
        _to("break_glass", "account_id", "account"),
        _to("break_glass", "study_id", "study"),
    )
    op.create_index("ix_break_glass_study_id", "break_glass", ["study_id"])
    _table(
        "opening",
        _column("id", NUMBER),
        _column("study_id", NUMBER),
        _column("account_id", NUMBER),
        _column("opened_at", TIME),
        _column("seen_at", TIME),
        _column("closed_at", TIME, null=True),
        _to("opening", "study_id", "study"),
        _to("opening", "account_id", "account"),
        sa.UniqueConstraint("study_id", "account_id", name="uq_opening_study_id_account_id"),
    )
    op.create_index("ix_opening_seen_at", "opening", ["seen_at"])


def _policies() -> None:
    _table(
        "triage_policy",
        _column("id", NUMBER),
        _column("version", NUMBER),
        _column("document", JSON),
        _column("actor", TEXT),
        _column("note", TEXT),
        _column("created_at", TIME),
        unique=("version",),
    )
    _table(
        "model",
        _column("uid", TEXT),
        _column("identity", JSON),
        _column("demo", BOOLEAN),
        _column("first_seen_at", TIME),
        key="uid",
    )
    _table(
        "model_standing",
        _column("id", NUMBER),
        _column("model_uid", TEXT),
        _column("standing", WORD),
        _column("basis", TEXT),
        _column("actor", TEXT),
        _column("at", TIME),
        sa.ForeignKeyConstraint(
            ["model_uid"], ["model.uid"], name="fk_model_standing_model_uid_model"
        ),
    )
    op.create_index("ix_model_standing_model_uid", "model_standing", ["model_uid"])


def _reviewing() -> None:
    _table(
        "unsigned_edit",
        _column("id", NUMBER),
        _column("reading_id", TEXT),
        _column("account_id", NUMBER),
        _column("base_version_id", TEXT),
        _column("findings", TEXT),
        _column("impression", TEXT),
        _column("revision", NUMBER),
        _column("page", TEXT),
        _column("step", NUMBER),
        _column("saved_at", TIME),
        _to("unsigned_edit", "account_id", "account"),
        _to("unsigned_edit", "base_version_id", "report_version"),
        _to("unsigned_edit", "reading_id", "reading"),
        sa.UniqueConstraint(
            "reading_id", "account_id", name="uq_unsigned_edit_reading_id_account_id"
        ),
    )
    _table(
        "finding_verdict",
        _column("id", NUMBER),
        _column("reading_id", TEXT),
        _column("finding_id", TEXT),
        _column("verdict", WORD, null=True),
        _column("label", WORD),
        _column("boxes", JSON),
        _column("note", TEXT),
        _column("account_id", NUMBER),
        _column("at", TIME),
        _to("finding_verdict", "account_id", "account"),
        _to("finding_verdict", "reading_id", "reading"),
    )
    op.create_index("ix_finding_verdict_reading_id", "finding_verdict", ["reading_id"])


def _talk() -> None:
    _table(
        "chat_turn",
        _column("id", NUMBER),
        _column("study_id", NUMBER),
        _column("instance_id", NUMBER),
        _column("account_id", NUMBER),
        _column("number", NUMBER),
        _column("told", NUMBER),
        _column("job_id", NUMBER, null=True),
        _column("question", TEXT),
        _column("answer", TEXT),
        _column("boxes", JSON),
        _column("state", WORD),
        _column("error", TEXT, null=True),
        _column("model_uid", TEXT),
        _column("demo", BOOLEAN),
        _column("asked_at", TIME),
        _column("begun_at", TIME, null=True),
        _column("answered_at", TIME, null=True),
        _to("chat_turn", "account_id", "account"),
        _to("chat_turn", "instance_id", "instance"),
        _to("chat_turn", "job_id", "job"),
        _to("chat_turn", "study_id", "study"),
        sa.UniqueConstraint(
            "instance_id",
            "account_id",
            "number",
            name="uq_chat_turn_instance_id_account_id_number",
        ),
    )
    op.create_index("ix_chat_turn_job_id", "chat_turn", ["job_id"])
    op.create_index("ix_chat_turn_study_id", "chat_turn", ["study_id"])
    _table(
        "chat_event",
        _column("id", NUMBER),
        _column("turn_id", NUMBER),
        _column("kind", WORD),
        _column("text", TEXT),
        _column("at", TIME),
        _to("chat_event", "turn_id", "chat_turn"),
    )
    op.create_index("ix_chat_event_turn_id_id", "chat_event", ["turn_id", "id"])


def _columns() -> None:
    for target in ("peer", "quarantine"):
        # SQLite adds a foreign key to a table that is there only together with its column.
        op.execute(
            f"ALTER TABLE job ADD COLUMN {target}_id INTEGER"
            f" CONSTRAINT fk_job_{target}_id_{target} REFERENCES {target} (id)"
        )
    for table, column in (
        ("job", "actor"),
        ("job", "outcome"),
        ("quarantine", "called_ae"),
        ("quarantine", "decided_by"),
        ("worker", "model_name"),
    ):
        op.add_column(table, sa.Column(column, TEXT, nullable=False, server_default=""))
    op.add_column("quarantine", _column("decision", WORD, null=True))
    for table, column in (
        ("quarantine", "decided_at"),
        ("study", "opened_at"),
        ("study", "waited_at"),
    ):
        op.add_column(table, _column(column, TIME, null=True))
    op.create_index("ix_study_changed_at", "study", ["changed_at"])
    op.add_column(
        "reading", sa.Column("shadow", BOOLEAN, nullable=False, server_default=sa.false())
    )
    for column in ("memory_used", "memory_total"):
        op.add_column("worker", _column(column, sa.BigInteger(), null=True))
    for column in ("films", "hour_films"):
        op.add_column("worker", sa.Column(column, NUMBER, nullable=False, server_default="0"))


def _worklist() -> None:
    op.add_column("study", sa.Column("place", WORD, nullable=False, server_default="nowhere"))
    op.add_column("study", _column("unseen_since", TIME, null=True))
    op.add_column("study", sa.Column("search_words", TEXT, nullable=False, server_default=""))
    _table(
        "positive_flag",
        _column("id", NUMBER),
        _column("reading_id", TEXT),
        _column("instance_id", NUMBER),
        _column("study_id", NUMBER),
        _column("label", WORD),
        _column("presence", WORD),
        _column("told", BOOLEAN),
        _to("positive_flag", "instance_id", "instance"),
        _to("positive_flag", "reading_id", "reading"),
        _to("positive_flag", "study_id", "study"),
        sa.UniqueConstraint("reading_id", "label", name="uq_positive_flag_reading_id_label"),
    )
    for columns in (("study_id",), ("label", "study_id")):
        op.create_index(f"ix_positive_flag_{'_'.join(columns)}", "positive_flag", list(columns))
    fill_places()
    fill_flags()
    fill_search_words()
    for order in _ORDERS:
        op.create_index(f"ix_study_{'_'.join(order)}", "study", list(order))
    waits = sa.text("unseen_since IS NOT NULL")
    op.create_index(
        "ix_study_unseen", "study", ["unseen_since"], sqlite_where=waits, postgresql_where=waits
    )


def downgrade() -> None:
    op.drop_table("positive_flag")
    op.drop_index("ix_study_unseen", "study")
    for order in _ORDERS:
        op.drop_index(f"ix_study_{'_'.join(order)}", "study")
    for column in ("search_words", "unseen_since", "place"):
        op.drop_column("study", column)
    for table, columns in (
        ("worker", ("hour_films", "films", "memory_total", "memory_used", "model_name")),
        ("reading", ("shadow",)),
        ("quarantine", ("called_ae", "decision", "decided_at", "decided_by")),
    ):
        for column in columns:
            op.drop_column(table, column)
    op.drop_index("ix_study_changed_at", "study")
    for column in ("waited_at", "opened_at"):
        op.drop_column("study", column)
    for column in ("quarantine_id", "peer_id", "outcome", "actor"):
        op.drop_column("job", column)
    for table in (
        "chat_event",
        "chat_turn",
        "finding_verdict",
        "unsigned_edit",
        "model_standing",
        "model",
        "triage_policy",
        "opening",
        "break_glass",
        "restriction",
        "api_token",
        "one_time_link",
        "failed_sign_in",
        "sign_in",
        "account",
    ):
        op.drop_table(table)
