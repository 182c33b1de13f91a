"""The first tables.

Revision ID: 0001
Revises: nothing

Plain types and texts only: what the models become later changes nothing here.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

NUMBER = sa.Integer()
TEXT = sa.Text()
TIME = sa.DateTime(timezone=True)
WORD = sa.String(32)
OPEN_DRAFT = sa.text("kind = 'draft' AND state IN ('waiting', 'claimed')")
WAITING_PUBLISH = sa.text("kind = 'publish' AND state = 'waiting'")
CURRENT = sa.text("current")
TABLES = (
    "peer",
    "quarantine",
    "study",
    "worker",
    "instance",
    "retrieval",
    "audit_event",
    "job",
    "reading",
    "finding",
    "report_version",
    "result_object",
    "delivery",
)


def upgrade() -> None:
    op.create_table(
        "peer",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("ae_title", TEXT, nullable=False),
        sa.Column("host", TEXT, nullable=False),
        sa.Column("port", NUMBER, nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("sends_films", sa.Boolean(), nullable=False),
        sa.Column("takes_results", sa.Boolean(), nullable=False),
        sa.Column("accepts_demo", sa.Boolean(), nullable=False),
        sa.Column("accepted_sop_classes", sa.JSON(), nullable=False),
        sa.Column("presentation_lut_shape", TEXT, nullable=False),
        sa.Column("sr_class", TEXT, nullable=False),
        sa.Column("next_attempt_at", TIME, nullable=True),
        sa.Column("failures", NUMBER, nullable=False),
        sa.Column("last_error", TEXT, nullable=True),
        sa.Column("last_sent_at", TIME, nullable=True),
        sa.Column("busy_worker", TEXT, nullable=True),
        sa.Column("busy_until", TIME, nullable=True),
        sa.Column("changed_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_peer"),
        sa.UniqueConstraint("name", name="uq_peer_name"),
    )
    op.create_table(
        "quarantine",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("sop_instance_uid", TEXT, nullable=False),
        sa.Column("study_uid", TEXT, nullable=False),
        sa.Column("sha256", TEXT, nullable=False),
        sa.Column("calling_ae", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("path", TEXT, nullable=False),
        sa.Column("times", NUMBER, nullable=False),
        sa.Column("received_at", TIME, nullable=False),
        sa.Column("last_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_quarantine"),
        sa.UniqueConstraint("path", name="uq_quarantine_path"),
        sa.UniqueConstraint(
            "sop_instance_uid", "sha256", name="uq_quarantine_sop_instance_uid_sha256"
        ),
    )
    op.create_table(
        "study",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("uid", TEXT, nullable=False),
        sa.Column("patient_id", TEXT, nullable=False),
        sa.Column("issuer", TEXT, nullable=False),
        sa.Column("patient_name", TEXT, nullable=False),
        sa.Column("birth_date", TEXT, nullable=False),
        sa.Column("sex", TEXT, nullable=False),
        sa.Column("accession", TEXT, nullable=False),
        sa.Column("description", TEXT, nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("review", WORD, nullable=False),
        sa.Column("tier", sa.SmallInteger(), nullable=False),
        sa.Column("acquired_at", TIME, nullable=True),
        sa.Column("received_at", TIME, nullable=False),
        sa.Column("changed_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_study"),
        sa.UniqueConstraint("uid", name="uq_study_uid"),
    )
    op.create_index("ix_study_tier_received_at", "study", ["tier", "received_at"])

    op.create_table(
        "worker",
        sa.Column("name", TEXT, nullable=False),
        sa.Column("pid", NUMBER, nullable=False),
        sa.Column("model_uid", TEXT, nullable=False),
        sa.Column("device", TEXT, nullable=False),
        sa.Column("job_id", NUMBER, nullable=True),
        sa.Column("progress", TEXT, nullable=False),
        sa.Column("started_at", TIME, nullable=False),
        sa.Column("seen_at", TIME, nullable=False),
        sa.Column("progress_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_worker"),
    )
    op.create_table(
        "instance",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("study_id", NUMBER, nullable=False),
        sa.Column("uid", TEXT, nullable=False),
        sa.Column("sop_class_uid", TEXT, nullable=False),
        sa.Column("series_uid", TEXT, nullable=False),
        sa.Column("transfer_syntax_uid", TEXT, nullable=False),
        sa.Column("modality", TEXT, nullable=False),
        sa.Column("view", TEXT, nullable=False),
        sa.Column("path", TEXT, nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("reason", TEXT, nullable=True),
        sa.Column("rule", TEXT, nullable=False),
        sa.Column("purpose", WORD, nullable=False),
        sa.Column("indication", TEXT, nullable=True),
        sa.Column("calling_ae", TEXT, nullable=False),
        sa.Column("called_ae", TEXT, nullable=False),
        sa.Column("acquired_at", TIME, nullable=True),
        sa.Column("received_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["study_id"], ["study.id"], name="fk_instance_study_id_study"),
        sa.PrimaryKeyConstraint("id", name="pk_instance"),
        sa.UniqueConstraint("path", name="uq_instance_path"),
        sa.UniqueConstraint("uid", name="uq_instance_uid"),
    )
    op.create_index("ix_instance_study_id", "instance", ["study_id"])

    op.create_table(
        "retrieval",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("peer_id", NUMBER, nullable=False),
        sa.Column("study_uid", TEXT, nullable=False),
        sa.Column("purpose", WORD, nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("error", TEXT, nullable=True),
        sa.Column("requested_at", TIME, nullable=False),
        sa.Column("finished_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(["peer_id"], ["peer.id"], name="fk_retrieval_peer_id_peer"),
        sa.PrimaryKeyConstraint("id", name="pk_retrieval"),
    )
    op.create_index("ix_retrieval_study_uid", "retrieval", ["study_uid"])

    op.create_table(
        "audit_event",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("actor", TEXT, nullable=False),
        sa.Column("action", WORD, nullable=False),
        sa.Column("study_id", NUMBER, nullable=True),
        sa.Column("instance_id", NUMBER, nullable=True),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["instance.id"], name="fk_audit_event_instance_id_instance"
        ),
        sa.ForeignKeyConstraint(["study_id"], ["study.id"], name="fk_audit_event_study_id_study"),
        sa.PrimaryKeyConstraint("id", name="pk_audit_event"),
    )
    op.create_index("ix_audit_event_at", "audit_event", ["at"])
    op.create_index("ix_audit_event_study_id", "audit_event", ["study_id"])

    op.create_table(
        "job",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("instance_id", NUMBER, nullable=True),
        sa.Column("study_id", NUMBER, nullable=True),
        sa.Column("urgency", NUMBER, nullable=False),
        sa.Column("due_at", TIME, nullable=False),
        sa.Column("attempts", NUMBER, nullable=False),
        sa.Column("token", NUMBER, nullable=False),
        sa.Column("worker", TEXT, nullable=True),
        sa.Column("lease_until", TIME, nullable=True),
        sa.Column("progress", TEXT, nullable=False),
        sa.Column("progress_at", TIME, nullable=True),
        sa.Column("error", TEXT, nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("finished_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["instance.id"], name="fk_job_instance_id_instance"
        ),
        sa.ForeignKeyConstraint(["study_id"], ["study.id"], name="fk_job_study_id_study"),
        sa.PrimaryKeyConstraint("id", name="pk_job"),
    )
    op.create_index("ix_job_state_kind_due_at", "job", ["state", "kind", "due_at"])
    op.create_index(
        "uq_job_open_draft",
        "job",
        ["instance_id"],
        unique=True,
        sqlite_where=OPEN_DRAFT,
        postgresql_where=OPEN_DRAFT,
    )
    op.create_index(
        "uq_job_waiting_publish",
        "job",
        ["study_id"],
        unique=True,
        sqlite_where=WAITING_PUBLISH,
        postgresql_where=WAITING_PUBLISH,
    )

    op.create_table(
        "reading",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("instance_id", NUMBER, nullable=False),
        sa.Column("study_id", NUMBER, nullable=False),
        sa.Column("job_id", NUMBER, nullable=False),
        sa.Column("current", sa.Boolean(), nullable=False),
        sa.Column("model_uid", TEXT, nullable=False),
        sa.Column("model", sa.JSON(), nullable=False),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.Column("tier", sa.SmallInteger(), nullable=False),
        sa.Column("flags", sa.JSON(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=True),
        sa.Column("flagged_at", TIME, nullable=False),
        sa.Column("completed_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["instance.id"], name="fk_reading_instance_id_instance"
        ),
        sa.ForeignKeyConstraint(["job_id"], ["job.id"], name="fk_reading_job_id_job"),
        sa.ForeignKeyConstraint(["study_id"], ["study.id"], name="fk_reading_study_id_study"),
        sa.PrimaryKeyConstraint("id", name="pk_reading"),
    )
    op.create_index("ix_reading_instance_id", "reading", ["instance_id"])
    op.create_index("ix_reading_study_id", "reading", ["study_id"])
    op.create_index(
        "uq_reading_current",
        "reading",
        ["instance_id"],
        unique=True,
        sqlite_where=CURRENT,
        postgresql_where=CURRENT,
    )

    op.create_table(
        "finding",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("reading_id", TEXT, nullable=False),
        sa.Column("position", NUMBER, nullable=False),
        sa.Column("label", WORD, nullable=False),
        sa.Column("presence", WORD, nullable=False),
        sa.Column("score", sa.Double(), nullable=True),
        sa.Column("site", WORD, nullable=True),
        sa.Column("side", WORD, nullable=True),
        sa.Column("sentence", TEXT, nullable=True),
        sa.Column("boxes", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reading_id"], ["reading.id"], name="fk_finding_reading_id_reading"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_finding"),
        sa.UniqueConstraint("reading_id", "position", name="uq_finding_reading_id_position"),
    )
    op.create_table(
        "report_version",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("reading_id", TEXT, nullable=False),
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("findings", TEXT, nullable=False),
        sa.Column("impression", TEXT, nullable=False),
        sa.Column("author", TEXT, nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("published_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(
            ["reading_id"], ["reading.id"], name="fk_report_version_reading_id_reading"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_report_version"),
        sa.UniqueConstraint("reading_id", "number", name="uq_report_version_reading_id_number"),
    )
    op.create_table(
        "result_object",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("uid", TEXT, nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("variant_key", TEXT, nullable=False),
        sa.Column("sop_class_uid", TEXT, nullable=False),
        sa.Column("path", TEXT, nullable=False),
        sa.Column("sha256", TEXT, nullable=False),
        sa.Column("study_id", NUMBER, nullable=False),
        sa.Column("instance_id", NUMBER, nullable=False),
        sa.Column("reading_id", TEXT, nullable=False),
        sa.Column("version_id", TEXT, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["instance.id"], name="fk_result_object_instance_id_instance"
        ),
        sa.ForeignKeyConstraint(
            ["reading_id"], ["reading.id"], name="fk_result_object_reading_id_reading"
        ),
        sa.ForeignKeyConstraint(["study_id"], ["study.id"], name="fk_result_object_study_id_study"),
        sa.ForeignKeyConstraint(
            ["version_id"], ["report_version.id"], name="fk_result_object_version_id_report_version"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_result_object"),
        sa.UniqueConstraint("path", name="uq_result_object_path"),
        sa.UniqueConstraint("uid", name="uq_result_object_uid"),
    )
    op.create_index("ix_result_object_instance_id", "result_object", ["instance_id"])
    op.create_index("ix_result_object_study_id", "result_object", ["study_id"])
    op.create_index("ix_result_object_version_id", "result_object", ["version_id"])

    op.create_table(
        "delivery",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("result_id", NUMBER, nullable=False),
        sa.Column("peer_id", NUMBER, nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("attempts", NUMBER, nullable=False),
        sa.Column("status", NUMBER, nullable=True),
        sa.Column("words", TEXT, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("changed_at", TIME, nullable=False),
        sa.Column("sent_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(["peer_id"], ["peer.id"], name="fk_delivery_peer_id_peer"),
        sa.ForeignKeyConstraint(
            ["result_id"], ["result_object.id"], name="fk_delivery_result_id_result_object"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_delivery"),
        sa.UniqueConstraint("result_id", "peer_id", name="uq_delivery_result_id_peer_id"),
    )
    op.create_index("ix_delivery_peer_id_state", "delivery", ["peer_id", "state"])


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
