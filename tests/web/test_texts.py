"""The catalogue holds every word of the pages, and a translation of it is what pages show."""

import io
from pathlib import Path

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from evaluation.catalogue import POT, extracted
from tests.web.room import Room
from web import texts
from web.application import application


def test_the_catalogue_is_that_of_the_pages() -> None:
    with POT.open("rb") as file:
        kept = {message.id for message in read_po(file)}
    assert {message.id for message in extracted()} == kept, "run python -m evaluation.catalogue"


def test_pages_are_shown_in_the_language_of_the_site(
    room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    words = read_po(io.BytesIO(b'msgid "Sign in"\nmsgstr "Anmelden"\n'), locale="de")
    with (folder / "firstread.mo").open("wb") as file:
        write_mo(file, words)
    monkeypatch.setattr(texts, "LOCALES", tmp_path)
    german = room.settings.model_copy(
        update={"site": room.settings.site.model_copy(update={"language": "de"})}
    )
    room.application = application(german, room.db)
    assert ">Anmelden</h1>" in room.stranger().get("/sign-in").text
