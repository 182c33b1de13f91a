"""Settings from arguments, environment and TOML, and what is refused of them."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from core.errors import SettingsError
from core.settings import (
    DatabaseSettings,
    GatewaySettings,
    Settings,
    SiteSettings,
    load_settings,
)


def _toml(folder: Path, text: str) -> Path:
    path = folder / "firstread.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_nothing_set_is_the_embedded_installation() -> None:
    settings = Settings()
    assert settings.embedded
    assert settings.database_url == f"sqlite:///{Path('firstread-data').absolute()}/firstread.db"
    assert settings.spool_folder == Path("firstread-data").absolute() / "spool"
    assert settings.broker.url is None


def test_a_file_is_read(tmp_path: Path) -> None:
    settings = load_settings(
        _toml(
            tmp_path,
            """
            data = "/srv/firstread"
            [gateway]
            ae_title = "READER 1"
            allowed_ae_titles = ["CR1", "DX2"]
            [database]
            url = "postgresql+psycopg://u@h/d"
            """,
        )
    )
    assert settings.gateway.allowed_ae_titles == ("CR1", "DX2")
    assert settings.gateway.ae_title == "READER 1"
    assert not settings.embedded
    assert settings.spool_folder == Path("/srv/firstread/spool")


def test_the_environment_wins_over_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _toml(tmp_path, "[gateway]\nport = 1\nmaximum_associations = 7\n")
    monkeypatch.setenv("FIRSTREAD_GATEWAY__PORT", "2")
    settings = load_settings(path)
    assert settings.gateway.port == 2
    assert settings.gateway.maximum_associations == 7


def test_the_working_folders_file_is_read_where_there_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert load_settings().gateway.port == GatewaySettings().port
    _toml(tmp_path, "[gateway]\nport = 4242\n")
    assert load_settings().gateway.port == 4242


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[gateway]\nport = 70000\n", "gateway.port"),
        ('[gateway]\nae_title = "SEVENTEEN LETTERS"\n', "gateway.ae_title"),
        ('[gateway]\nae_title = " LEADING"\n', "gateway.ae_title"),
        ('[gateway]\nae_title = "BACK\\\\SLASH"\n', "gateway.ae_title"),
        ('[gateway]\nallowed_ae_titles = [""]\n', "gateway.allowed_ae_titles"),
        ("[gateway]\nprot = 1\n", "gateway.prot"),
        ("[gatway]\nport = 1\n", "gatway"),
        ("[worker]\nlease_seconds = 0\n", "worker.lease_seconds"),
        ('[worker]\ndtype = "int4"\n', "worker.dtype"),
        ("[delivery]\npoll_seconds = -1\n", "delivery.poll_seconds"),
        ('[database]\nurl = "mysql://h/d"\n', "sqlite:/// or postgresql"),
        ("[gateway\n", "firstread.toml"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(_toml(tmp_path, text))
    assert told in str(caught.value)


def test_every_wrong_setting_is_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"gateway\.port.*worker\.lease_seconds"):
        load_settings(_toml(tmp_path, "[gateway]\nport = -1\n[worker]\nlease_seconds = 0\n"))


def test_an_error_tells_no_password() -> None:
    with pytest.raises(ValidationError) as caught:
        DatabaseSettings.model_validate({"url": "mysql://u:secret@h/d", "x": 1})
    assert "secret" not in str(caught.value)
    with pytest.raises(ValidationError) as caught:
        Settings(database=DatabaseSettings(url="mysql://u:secret@h/d"))
    assert "secret" not in str(caught.value.errors()[0]["msg"])


def test_a_named_file_that_is_missing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="there is no settings file"):
        load_settings(tmp_path / "none.toml")


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Settings().gateway.port = 1


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../UTC", "/etc/localtime", ""])
def test_a_time_zone_must_be_known(zone: str) -> None:
    with pytest.raises(ValidationError, match="no time zone is called"):
        SiteSettings(timezone=zone)


@pytest.mark.parametrize("name", ["A\\B", "A\nB", "x" * 65])
def test_an_institution_must_fit_its_attribute(name: str) -> None:
    with pytest.raises(ValidationError, match="institution"):
        SiteSettings(institution=name)


@pytest.mark.parametrize(
    "line",
    [
        'sending_application = ""',
        'sending_application = " "',
        'sending_facility = "RAD\\rOLOGY"',
        'sending_facility = "a name of twenty-one c"',
        "acknowledgement_seconds = 0",
    ],
)
def test_no_message_could_be_sent_under_such_a_name(tmp_path: Path, line: str) -> None:
    with pytest.raises(SettingsError, match=r"hl7\."):
        load_settings(_toml(tmp_path, f"[hl7]\n{line}\n"))
