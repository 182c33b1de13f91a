"""Why results are taken back, in the words of the note: a draft, or the hospital's final report.

Not covered: the note itself (tests/dicom_sr/test_rejection.py) and whom it goes to (tests/db).
"""

from pathlib import Path

import pytest

from core.labels import Label
from db.engine import Database
from db.retractions import to_take_back
from db.spool import Spool
from gateway.retracting import words_of
from tests.db.builders import built, film, peer, publish, read_next, reading
from tests.db.reviewing import accepted, all_sent, rejected
from tests.gateway.edge import make_settings, prepare_database


@pytest.mark.parametrize(
    ("final", "what"), [(True, "the final report"), (False, "the draft")], ids=["final", "draft"]
)
def test_what_a_radiologist_rejected_is_named(tmp_path: Path, *, final: bool, what: str) -> None:
    settings = make_settings(tmp_path)
    prepare_database(settings)
    db, spool = Database(settings.database_url), Spool(settings.spool_folder, 0)
    film(db, spool)
    said = reading(Label.EDEMA)
    read_next(db, said)
    version = accepted(db, final=final)
    publish(db, built(spool, said, version.id, peer(db, takes_rejections=True)))
    all_sent(db)
    rejected(db)
    with db.read() as session:
        (item,) = to_take_back(session, 1)
    assert words_of(item) == f"a radiologist rejected {what}: Wrong side."
    db.close()
