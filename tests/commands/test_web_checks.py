"""What `firstread doctor` says of the reading room's door and of who may sign in.

Not covered: the identity provider's answer, which `tests/web/test_provider.py` asks for.
"""

from pathlib import Path

import pytest
from pydantic import HttpUrl

from commands.check import Verdict
from commands.web_checks import web_checks
from core.accounts import AccountRole
from core.settings import DatabaseSettings, Settings, WebSettings
from core.web_settings import OidcSettings
from db.accounts import add_account
from db.engine import Database
from db.upgrade import upgrade


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """An empty database."""
    made = f"sqlite:///{tmp_path_factory.mktemp('checks') / 'firstread.db'}"
    upgrade(made)
    return made


def _said(url: str, **web: object) -> dict[str, tuple[Verdict, str]]:
    settings = Settings(
        database=DatabaseSettings(url=url),
        web=WebSettings(**web),  # type: ignore[arg-type]
    )
    return {check.name: (check.verdict, check.words) for check in web_checks(settings)}


@pytest.mark.parametrize(
    ("web", "verdict"),
    [
        ({}, Verdict.OK),
        ({"host": "0.0.0.0"}, Verdict.WRONG),  # noqa: S104 - as a site may set it
        ({"host": "0.0.0.0", "public_url": "http://room.example"}, Verdict.WRONG),  # noqa: S104
        ({"host": "0.0.0.0", "public_url": "https://room.example"}, Verdict.REMARK),  # noqa: S104
        (
            {
                "host": "0.0.0.0",  # noqa: S104 - as above
                "public_url": "https://room.example",
                "proxies": ("10.0.0.1/32",),
            },
            Verdict.OK,
        ),
    ],
)
def test_it_says_who_reaches_the_door(url: str, web: dict[str, object], verdict: Verdict) -> None:
    assert _said(url, **web)["reading room"][0] is verdict


def test_a_key_that_others_may_read_is_wrong(url: str, tmp_path: Path) -> None:
    certificate, key = tmp_path / "web.pem", tmp_path / "web.key"
    certificate.write_text("")
    key.write_text("")
    key.chmod(0o644)
    verdict, words = _said(url, certificate_file=certificate, key_file=key)["reading room"]
    assert verdict is Verdict.WRONG
    assert "others may use the key" in words


def test_it_says_that_nobody_may_sign_in(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'firstread.db'}"
    upgrade(url)
    verdict, words = _said(url)["accounts"]
    assert (verdict, "firstread users add" in words) == (Verdict.REMARK, True)
    db = Database(url)
    with db.write() as session:
        add_account(session, "boss", person="Boss", roles=[AccountRole.ADMINISTRATOR])
    db.close()
    assert _said(url)["accounts"] == (Verdict.OK, "1 may sign in")


def test_a_provider_that_does_not_answer_is_wrong(url: str) -> None:
    oidc = OidcSettings(
        issuer=HttpUrl("http://127.0.0.1:9"), client_id="x", radiologists=("readers",)
    )
    verdict, words = _said(url, oidc=oidc)["identity provider"]
    assert verdict is Verdict.WRONG
    assert "cannot be reached" in words
