"""What the reading room's tables begin with: what was there before it, for revision 0006.

Rows are read and written as they are in that revision, whatever the models say later.
"""

import sqlalchemy as sa
from alembic import op

from db.study_search import search_words

_TIME = sa.DateTime(timezone=True)


def fill_places() -> None:
    """Say of each study where it stands, as `core.places` does; no model was in shadow yet."""
    read_film = "FROM instance i WHERE i.study_id = study.id AND i.purpose = 'read'"
    whole = "SELECT 1 FROM reading r WHERE r.instance_id = i.id AND r.completed_at IS NOT NULL"
    op.execute(
        f"""
        UPDATE study SET place = CASE
            WHEN state IN ('accepted', 'edited', 'rejected')
                OR EXISTS (SELECT 1 FROM signed_report s WHERE s.study_id = study.id) THEN 'done'
            WHEN state = 'draft_ready'
                AND EXISTS (SELECT 1 {read_film} AND i.state = 'read')
                AND NOT EXISTS (SELECT 1 {read_film} AND i.state = 'read' AND NOT EXISTS ({whole}))
                THEN 'drafts'
            ELSE 'no_result' END
        WHERE EXISTS (SELECT 1 {read_film} AND i.state <> 'received')
        """  # noqa: S608 - of constants alone
    )


def fill_search_words() -> None:
    """Keep of each study what it is searched by."""
    connection = op.get_bind()
    names = ("id", "patient_name", "patient_id", "accession", "search_words")
    study = sa.table("study", *(sa.column(name) for name in names))
    change = (
        sa.update(study)
        .where(study.c.id == sa.bindparam("number"))
        .values(search_words=sa.bindparam("words"))
    )
    last = 0
    while rows := connection.execute(
        sa.select(study).where(study.c.id > last).order_by(study.c.id).limit(1000)
    ).all():
        last = rows[-1].id
        found = [
            {
                "number": row.id,
                "words": search_words(
                    name=row.patient_name, patient_id=row.patient_id, accession=row.accession
                ),
            }
            for row in rows
        ]
        connection.execute(change, found)


def fill_flags() -> None:
    """Enter the positive flags of all readings; the time before the reading room waits for none."""
    connection = op.get_bind()
    reading = sa.table(
        "reading",
        *(sa.column(name) for name in ("id", "instance_id", "study_id")),
        sa.column("flags", sa.JSON),
    )
    flag = sa.table(
        "positive_flag",
        *(
            sa.column(name)
            for name in ("reading_id", "instance_id", "study_id", "label", "presence", "told")
        ),
    )
    last = ""
    while rows := connection.execute(
        sa.select(reading).where(reading.c.id > last).order_by(reading.c.id).limit(1000)
    ).all():
        last = rows[-1].id
        found = [
            {
                "reading_id": row.id,
                "instance_id": row.instance_id,
                "study_id": row.study_id,
                "label": one["label"],
                "presence": one["presence"],
                "told": True,
            }
            for row in rows
            for one in row.flags
            if one["presence"] != "absent"
        ]
        if found:
            connection.execute(sa.insert(flag), found)


def before_the_room() -> None:
    """Let no study rise that waited before anybody could open it here, and go on as it was.

    Models that have read are not put into shadow.
    """
    op.execute("UPDATE study SET waited_at = received_at")
    connection = op.get_bind()
    reading = sa.table(
        "reading",
        *(sa.column(name) for name in ("id", "model_uid", "demo", "completed_at")),
        sa.column("flagged_at", _TIME),
        sa.column("model", sa.JSON),
    )
    model = sa.table(
        "model",
        sa.column("uid"),
        sa.column("identity", sa.JSON),
        sa.column("demo", sa.Boolean),
        sa.column("first_seen_at", _TIME),
    )
    standing = sa.table(
        "model_standing",
        *(sa.column(name) for name in ("model_uid", "standing", "basis", "actor")),
        sa.column("at", _TIME),
    )
    for uid, at in connection.execute(
        sa.select(reading.c.model_uid, sa.func.min(reading.c.flagged_at)).group_by(
            reading.c.model_uid
        )
    ).all():
        one = connection.execute(
            sa.select(reading.c.model, reading.c.demo).where(reading.c.model_uid == uid).limit(1)
        ).one()
        connection.execute(
            sa.insert(model).values(
                uid=uid, identity=one.model, demo=bool(one.demo), first_seen_at=at
            )
        )
        connection.execute(
            sa.insert(standing).values(
                model_uid=uid,
                standing="research",
                basis="it read here before standings were kept",
                actor="firstread db upgrade",
                at=at,
            )
        )
