"""A reading room with its database, and visitors of each role, for tests without a browser."""

from dataclasses import dataclass
from pathlib import Path

from starlette.testclient import TestClient

from core.accounts import AccountRole, SignInWay
from core.settings import DatabaseSettings, Settings, SpoolSettings, WebSettings
from db.accounts import add_account
from db.engine import Database
from db.models import Account
from db.sign_ins import begin_sign_in
from db.spool import Spool
from web.access.csrf import csrf_token
from web.access.sessions import COOKIE
from web.application import application

HOST = "firstread.test"


@dataclass
class Room:
    """An application and what lies behind it."""

    settings: Settings
    db: Database
    spool: Spool

    def __post_init__(self) -> None:
        self.application = application(self.settings, self.db)

    def stranger(self) -> TestClient:
        """Somebody who is not signed in."""
        return TestClient(self.application, base_url=f"https://{HOST}", follow_redirects=False)

    def visitor(self, *roles: AccountRole, name: str = "") -> TestClient:
        """A new person of these roles, signed in, whose changes bring the session's token."""
        with self.db.write() as session:
            number = session.query(Account).count() + 1
            account = add_account(
                session, name or f"person{number}", person=f"Person^{number}", roles=roles
            )
            token = begin_sign_in(session, account, SignInWay.PASSWORD)
        client = self.stranger()
        client.cookies.set(COOKIE, token, domain=HOST, path="/")
        client.headers["x-csrf-token"] = csrf_token(token)
        return client


def open_room(folder: Path, url: str, **web: object) -> Room:
    """Build a reading room over a database of the newest revision."""
    settings = Settings(
        data=folder / "data",
        database=DatabaseSettings(url=url),
        spool=SpoolSettings(folder=folder / "spool", reserve_bytes=0),
        web=WebSettings(**{"port": 0, "public_url": f"https://{HOST}", **web}),  # type: ignore[arg-type]
    )
    spool = Spool.of(settings)
    spool.prepare()
    return Room(settings, Database(url), spool)
