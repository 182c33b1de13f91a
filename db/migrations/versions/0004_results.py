"""What each peer gets and how, HL7 peers, and what persons did with drafts.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

NUMBER = sa.Integer()
TEXT = sa.Text()
TIME = sa.DateTime(timezone=True)
WORD = sa.String(32)
PEER_TEXTS = {
    "protocol": "dicom",
    "series_description": "{kind} {film}: {notice}",
    "character_set": "ISO_IR 192",
    "receiving_application": "",
    "receiving_facility": "",
    "tls_ca_file": "",
    "tls_certificate_file": "",
    "tls_key_file": "",
}
KINDS = '["findings_sr", "report_sr", "gsps"]'


def upgrade() -> None:
    for name, default in PEER_TEXTS.items():
        op.add_column("peer", sa.Column(name, TEXT, nullable=False, server_default=default))
    op.add_column(
        "peer", sa.Column("result_kinds", sa.JSON(), nullable=False, server_default=KINDS)
    )
    base = sa.Column("series_number_base", NUMBER, nullable=False, server_default="9001")
    op.add_column("peer", base)
    op.add_column("peer", sa.Column("tls", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("delivery", sa.Column("begun_at", TIME, nullable=True))
    op.add_column("reading", sa.Column("withdrawn_code", TEXT, nullable=True))
    no = sa.false()
    op.add_column(
        "report_version", sa.Column("final", sa.Boolean(), nullable=False, server_default=no)
    )
    op.create_table(
        "review",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("study_id", NUMBER, nullable=False),
        sa.Column("reading_id", TEXT, nullable=False),
        sa.Column("version_id", TEXT, nullable=False),
        sa.Column("act", WORD, nullable=False),
        sa.Column("author", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_review"),
        sa.ForeignKeyConstraint(["study_id"], ["study.id"], name="fk_review_study_id_study"),
        sa.ForeignKeyConstraint(
            ["reading_id"], ["reading.id"], name="fk_review_reading_id_reading"
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["report_version.id"], name="fk_review_version_id_report_version"
        ),
    )
    op.create_index("ix_review_study_id", "review", ["study_id"])
    op.create_index("ix_review_reading_id", "review", ["reading_id"])


def downgrade() -> None:
    op.drop_table("review")
    op.drop_column("report_version", "final")
    op.drop_column("reading", "withdrawn_code")
    op.drop_column("delivery", "begun_at")
    for name in ("tls", "series_number_base", "result_kinds", *PEER_TEXTS):
        op.drop_column("peer", name)
