"""Signing in and what administrators do with accounts go under the reading room's own role.

What the role must not do is in test_rights.py.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.accounts import AccountRole
from core.settings import Settings
from db.accounts import add_account
from db.engine import Database
from db.provider_accounts import provider_account
from db.rights import Role
from db.roles import apply
from db.upgrade import upgrade
from tests.db.builders import film
from tests.integration.installation import url_of
from tests.peers.postgres import PostgresServer
from tests.web.quick_passwords import make_quick
from tests.web.room import Room, open_room

_PREFIX = "access"
_STUDY = "1.2.3"
_PASSWORD = "correct horse battery"  # noqa: S105 - of nobody
_REASON = "member of our own staff"


@pytest.fixture
def room(
    postgres_server: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Room]:
    """A room with one study and one radiologist, under its own role."""
    make_quick(monkeypatch)
    url = postgres_server.new_database()
    upgrade(url)
    apply(url, _PREFIX)
    owned = open_room(tmp_path, url)
    film(owned.db, owned.spool)
    roles = [AccountRole.RADIOLOGIST]
    with owned.db.write() as session:
        add_account(session, "jane", person="Doe^Jane", roles=roles, password=_PASSWORD)
    owned.db.close()
    under = url_of(url, f"{_PREFIX}_{Role.WEB}")
    settings: Settings = owned.settings.model_copy(
        update={"database": owned.settings.database.model_copy(update={"url": under})}
    )
    room = Room(settings, Database(under), owned.spool)
    yield room
    room.db.close()


def test_every_act_of_access_goes(room: Room) -> None:
    wrong = room.stranger().post("/sign-in", data={"name": "jane", "password": "wrong"})
    jane = room.stranger()
    right = jane.post("/sign-in", data={"name": "jane", "password": _PASSWORD})
    boss = room.visitor(AccountRole.ADMINISTRATOR, name="boss")
    base = "/operations/users"
    acts = [
        boss.post(base, data={"name": "new", "person": "New", "roles": "auditor"}),
        boss.post(f"{base}/new/roles", data={"roles": ["auditor", "researcher"]}),
        boss.post(f"{base}/new/enabled", data={"enabled": "false"}),
        boss.post(f"{base}/new/enabled", data={"enabled": "true"}),
        boss.post(f"{base}/new/reset"),
        boss.post(
            f"{base}/restrictions", data={"study": _STUDY, "names": "new", "reason": _REASON}
        ),
        jane.get(f"/studies/{_STUDY}"),
        boss.post(f"{base}/restrictions/lift", data={"study": _STUDY, "reason": _REASON}),
        jane.get(f"/studies/{_STUDY}"),
        boss.get(base),
    ]
    assert wrong.status_code == 403
    assert right.status_code == 303
    assert [one.status_code for one in acts] == [200, 303, 303, 303, 200, 303, 303, 303, 200, 200]
    other = room.visitor(AccountRole.RADIOLOGIST, name="other")
    boss.post(f"{base}/restrictions", data={"study": _STUDY, "names": "new", "reason": _REASON})
    broken = other.post(f"/studies/{_STUDY}/break-glass", data={"reason": _REASON})
    assert broken.status_code == 303
    assert other.get(f"/studies/{_STUDY}").status_code == 200
    assert other.post("/api/v1/session/lock").status_code == 200
    assert other.post("/sign-out").status_code == 303
    with room.db.write() as session:
        vouched = provider_account(
            session, "https://x", "s", name="p", person="P", roles=[AccountRole.AUDITOR]
        )
    assert vouched is not None
