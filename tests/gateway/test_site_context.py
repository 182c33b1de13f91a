"""What the site's settings and files put into results, and how `firstread codes` shows it.

Covers: files that are there and sound, missing, broken, too large or of another language; the two
commands; that services do not start with a broken file. What a file may say is tested in
tests/dicom_sr.
"""

import json
from importlib.resources import files
from pathlib import Path

import pytest
from typer.testing import CliRunner

import dicom_sr
from core.errors import SettingsError
from core.labels import Label
from core.settings import Settings, SiteSettings, load_settings
from dicom_sr.codes_toml import built_in_codes
from firstread import app
from gateway.site_context import code_table, site_context, wording_of

ENGLISH = (Path(dicom_sr.__file__).parent / "wording" / "en.toml").read_text()
VERIFIED = '[labels.pneumonia]\nverified = "site"\n'


@pytest.fixture
def codes(tmp_path: Path) -> Path:
    path = tmp_path / "codes.toml"
    path.write_text(VERIFIED)
    return path


@pytest.fixture
def settings(tmp_path: Path, codes: Path) -> Path:
    """Give a settings file with a site's own codes."""
    path = tmp_path / "firstread.toml"
    path.write_text(f'data = "{tmp_path / "data"}"\n[site]\ncodes = "{codes}"\n')
    return path


def run(settings: Path, *arguments: str, code: int = 0) -> str:
    done = CliRunner().invoke(app, ["--settings", str(settings), *arguments])
    assert done.exit_code == code, done.output
    return done.stdout


def test_without_files_all_is_built_in() -> None:
    context = site_context(Settings())
    assert context.codes == built_in_codes()
    assert context.wording.language.value == "en"


def test_the_sites_files_are_in_every_result(codes: Path, tmp_path: Path) -> None:
    headings = tmp_path / "de.toml"
    german = ENGLISH.replace('tag = "en"', 'tag = "de"').replace('"Findings"', '"Befund"')
    headings.write_text(german)
    site = SiteSettings(
        institution="Spital",
        timezone="Europe/Zurich",
        language="de",
        headings=headings,
        codes=codes,
    )
    context = site_context(Settings(site=site))
    assert context.codes.label(Label.PNEUMONIA).value == "233604007"
    assert context.wording.headings["findings"] == "Befund"  # type: ignore[index]
    assert (context.institution, context.timezone) == ("Spital", "Europe/Zurich")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "site.codes: .*codes.toml cannot be read: No such file"),
        (b"[labels", "site.codes: .*codes.toml: "),
        (b"\xff\xfe", "site.codes: .*codes.toml: 'utf-8' codec"),
        (b"[labels.edema]\nvalue = 7", "codes.toml: labels.edema: value must be text"),
        (b"#" * ((1 << 20) + 1), "has more than 1048576 bytes"),
        (b"a = " + b"[" * 20_000, "site.codes: .*codes.toml: "),
    ],
    ids=["missing", "no TOML", "no UTF-8", "no code", "too large", "too deep"],
)
def test_a_broken_file_is_refused(content: bytes | None, words: str, tmp_path: Path) -> None:
    path = tmp_path / "codes.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SettingsError, match=words):
        code_table(path)


def test_headings_of_another_language_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"site.language is 'de', and FirstRead's own headings"):
        wording_of(SiteSettings(language="de"))
    path = tmp_path / "headings.toml"
    path.write_text(ENGLISH)
    with pytest.raises(SettingsError, match=r"'fr', and .*headings.toml is of 'en'"):
        wording_of(SiteSettings(language="fr", headings=path))


def test_list_shows_the_table_in_force(settings: Path) -> None:
    shown = json.loads(run(settings, "codes", "list", "--json"))
    by_word = {(row["group"], row["word"]): row for row in shown["codes"]}
    pneumonia = by_word["labels", "pneumonia"]
    assert (pneumonia["written"], pneumonia["verified"]) == ("233604007 SCT", "site")
    atelectasis = by_word["labels", "atelectasis"]
    assert (atelectasis["written"], atelectasis["verified"]) == ("ATELECTASIS 99FIRSTREAD", "seen")
    assert "emphysema" in shown["unmapped"]["findings"]
    assert "233604007 SCT" in run(settings, "codes", "list")


def test_check_shows_what_a_file_changes(settings: Path, codes: Path) -> None:
    shown = json.loads(run(settings, "codes", "check", str(codes), "--json"))
    assert shown["usable"] is True
    [change] = shown["changes"]
    assert (change["word"], change["before"], change["written"]) == (
        *("pneumonia", "PNEUMONIA 99FIRSTREAD", "233604007 SCT"),
    )


def test_check_shows_a_meaning_that_was_changed(settings: Path, codes: Path) -> None:
    codes.write_text('[sides.left]\nmeaning = "Links"\n')
    shown = json.loads(run(settings, "codes", "check", str(codes), "--json"))
    [change] = shown["changes"]
    assert (change["meant"], change["meaning"], change["verified"]) == ("Left", "Links", "site")
    assert (change["before"], change["written"]) == ("7771000 SCT", "7771000 SCT")
    table = run(settings, "codes", "check", str(codes))
    assert "Links" in table
    assert "Left" in table
    in_force = json.loads(run(settings, "codes", "list", "--json"))["codes"]
    assert {"Links": "site"}.items() <= {
        row["meaning"]: row["verified"] for row in in_force
    }.items()


def test_check_refuses_the_meaning_of_another_word(settings: Path, codes: Path) -> None:
    codes.write_text('[sides.left]\nmeaning = "Right"\n')
    shown = json.loads(run(settings, "codes", "check", str(codes), "--json", code=1))
    assert shown["changes"] == []
    assert "sides.left: 'Right' says what sides.right means" in shown["reason"]


def test_check_says_why_a_file_cannot_be_used(settings: Path, codes: Path) -> None:
    codes.write_text('[labels.pneumonia]\nvalue = "1"\n')
    shown = json.loads(run(settings, "codes", "check", str(codes), "--json", code=1))
    assert shown["usable"] is False
    assert "labels.pneumonia: another code needs scheme, value and meaning" in shown["reason"]


@pytest.mark.parametrize("command", [["up"], ["deliver"], ["codes", "list"]], ids=" ".join)
def test_nothing_starts_with_a_broken_file(command: list[str], settings: Path, codes: Path) -> None:
    codes.write_text("[labels.pnuemonia]\n")
    assert load_settings(settings).site.codes == codes
    done = CliRunner().invoke(app, ["--settings", str(settings), *command])
    assert isinstance(done.exception, SettingsError)
    assert "labels.pnuemonia: no such word" in str(done.exception)


def test_the_sites_font_is_in_every_result(tmp_path: Path) -> None:
    content = files("reportlab").joinpath("fonts/VeraIt.ttf").read_bytes()
    path = tmp_path / "site.ttf"
    path.write_bytes(content)
    assert site_context(Settings(site=SiteSettings(font=path))).font == content
    assert site_context(Settings()).font is None


@pytest.mark.parametrize("content", [None, b"", b"no font"], ids=["missing", "empty", "none"])
def test_a_font_of_which_no_page_can_be_made_is_refused(
    content: bytes | None, tmp_path: Path
) -> None:
    path = tmp_path / "site.ttf"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SettingsError, match=r"site.font: .*site.ttf"):
        site_context(Settings(site=SiteSettings(font=path)))
