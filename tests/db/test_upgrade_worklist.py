"""An upgrade gives the studies of before their place, their flags and what they are found by."""

import json

import pytest
from alembic import command
from sqlalchemy import text

from core.labels import Label
from core.places import Place
from db.engine import Database
from db.upgrade import alembic_config, upgrade
from db.worklist_filters import Filters
from tests.db.listing import listed, places, uids

STUDY = """
    INSERT INTO study (id, uid, patient_id, issuer, patient_name, birth_date, sex, accession,
        description, state, review, tier, received_at, changed_at)
    VALUES (:id, :uid, 'P7', '', 'Doe^Jane', '', '', 'A7', '', :state, 'none', 0,
        '2026-01-01 00:00:00', '2026-01-01 00:00:00')
"""
FILM = """
    INSERT INTO instance (id, study_id, uid, sop_class_uid, series_uid, transfer_syntax_uid,
        modality, view, path, state, rule, purpose, asked_of_pixels, calling_ae, called_ae,
        received_at)
    VALUES (:id, :study, :uid, '1', '1', '1', 'CR', 'PA', :uid, :state, '', :purpose, '', '', '',
        '2026-01-01 00:00:00')
"""
JOB = """
    INSERT INTO job (id, kind, state, urgency, attempts, token, progress, due_at, created_at)
    VALUES (1, 'draft', 'done', 0, 1, 1, '', '2026-01-01 00:00:00', '2026-01-01 00:00:00')
"""
READING = """
    INSERT INTO reading (id, instance_id, study_id, job_id, current, model_uid, model, demo, tier,
        flags, flagged_at, completed_at)
    VALUES (:id, :film, :film, 1, :yes, '1', '{}', :no, 0, :flags, '2026-01-01 00:00:00', :done)
"""
SIGNED = """
    INSERT INTO signed_report (id, study_id, uid, title, received_at)
    VALUES (1, 5, '9', '', '2026-01-01 00:00:00')
"""
CASES = (
    # study and film, its state, the film's, why it came in, whether its reading is whole
    (1, "draft_ready", "read", "read", True),
    (2, "draft_ready", "read", "read", False),
    (3, "failed", "failed", "read", None),
    (4, "accepted", "read", "read", True),
    (5, "draft_ready", "read", "read", True),
    (6, "not_read", "received", "prior", None),
)
FLAGS = [
    {"label": "edema", "presence": "present", "score": 0.5},
    {"label": "fracture", "presence": "absent", "score": None},
    {"label": "pneumonia", "presence": "uncertain", "score": None},
]


def test_an_upgrade_fills_in_what_lists_need(
    backend: str, request: pytest.FixtureRequest, tmp_path: object
) -> None:
    url = (
        f"sqlite:///{tmp_path}/old.db"
        if backend == "sqlite"
        else request.getfixturevalue("postgres_server").new_database()
    )
    db = Database(url)
    config = alembic_config()
    with db._engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0005")
        connection.execute(text(JOB))
        for number, state, film_state, purpose, whole in CASES:
            names = {"id": number, "uid": f"1.{number}", "study": number, "purpose": purpose}
            connection.execute(text(STUDY), names | {"state": state})
            connection.execute(text(FILM), names | {"state": film_state})
            if whole is not None:
                values = {
                    "id": f"r{number}",
                    "film": number,
                    "flags": json.dumps(FLAGS),
                    "done": "2026-01-01 00:00:00" if whole else None,
                    "yes": True,
                    "no": False,
                }
                connection.execute(text(READING), values)
        connection.execute(text(SIGNED))
    upgrade(url)
    assert places(db) == {
        "1.1": Place.DRAFTS,
        "1.2": Place.NO_RESULT,
        "1.3": Place.NO_RESULT,
        "1.4": Place.DONE,
        "1.5": Place.DONE,
    }
    (study,) = listed(db, Filters())
    assert [flag.label for flag in study.flags] == [Label.EDEMA, Label.PNEUMONIA]
    assert study.unseen_since is None
    assert uids(listed(db, Filters(place=None, label=Label.PNEUMONIA))) == [
        "1.5",
        "1.4",
        "1.2",
        "1.1",
    ]
    assert len(listed(db, Filters(place=None, text="doe a7 p7"))) == 5
    db.close()
