"""A review goes under the rights of the reading room's own role in PostgreSQL, from end to end.

What each role must not do is in test_rights.py; what a review makes of results in
test_review_at_the_archive.py.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.accounts import AccountRole
from core.labels import Label
from core.settings import Settings
from db.engine import Database
from db.rights import Role
from db.roles import apply
from db.upgrade import upgrade
from tests.integration.installation import url_of
from tests.peers.postgres import PostgresServer
from tests.web.drafts import CALLS, STUDY, Drafted, drafted
from tests.web.room import Room, open_room

_PREFIX = "review"


@pytest.fixture
def owned(postgres_server: PostgresServer, tmp_path: Path) -> Iterator[Room]:
    """A reading room as the owner of its database sees it."""
    url = postgres_server.new_database()
    upgrade(url)
    apply(url, _PREFIX)
    room = open_room(tmp_path, url)
    yield room
    room.db.close()


@pytest.fixture
def draft(owned: Room) -> Drafted:
    """A draft that another process stored."""
    return drafted(owned, Label.FRACTURE)


@pytest.fixture
def room(owned: Room) -> Iterator[Room]:
    """The same room under its own role."""
    url = url_of(owned.settings.database_url, f"{_PREFIX}_{Role.WEB}")
    settings: Settings = owned.settings.model_copy(
        update={"database": owned.settings.database.model_copy(update={"url": url})}
    )
    under = Room(settings, Database(url), owned.spool)
    yield under
    under.db.close()


def test_from_the_first_word_to_the_rejection(room: Room, draft: Drafted) -> None:
    radiologist = room.visitor(AccountRole.RADIOLOGIST)
    opened = radiologist.put(f"/api/v1/studies/{STUDY}/opening", params={"shown": True})
    typed = {
        "reading_id": draft.said.id,
        "version_id": draft.version_id,
        "findings": "Mine.",
        "impression": "",
        "page": "page",
        "step": 1,
        "revision": 0,
    }
    kept = radiologist.put(f"{CALLS}/unsigned", json=typed)
    finding = {"reading_id": draft.said.id, "finding_id": draft.said.findings[0].id}
    judged = radiologist.post(f"{CALLS}/verdicts", json={**finding, "verdict": "wrong"})
    said = {"version_id": draft.version_id, "findings": "Mine.", "impression": ""}
    revision = kept.json()["revision"]
    signed = radiologist.post(f"{CALLS}/edit", json={**said, "revision": revision})
    assert [answer.status_code for answer in (opened, kept, judged, signed)] == [200] * 4
    reason = {"version_id": signed.json()["version"]["id"], "reason": "After all", "code": "unfit"}
    assert radiologist.post(f"{CALLS}/reject", json=reason).status_code == 204
    assert radiologist.delete(f"/api/v1/studies/{STUDY}/opening").status_code == 204
    assert radiologist.get(CALLS).json()["no_draft"] == "rejected"
