"""Headings and sentences in the institution's language.

Covers: the built-in catalogue, faults of a site's own, and that what is told in a sentence is
never taken for one of its places. How documents use them is covered in test_report_sr.
"""

import tomllib
from pathlib import Path
from typing import Any

import pytest

import dicom_sr
from dicom_sr.text import LONG_STRING
from dicom_sr.wording_table import Notice, Phrase, built_in_wording, parse_wording

ENGLISH = tomllib.loads((Path(dicom_sr.__file__).parent / "wording" / "en.toml").read_text())


def with_entry(section: str, entry: str, value: object) -> dict[str, Any]:
    return ENGLISH | {section: ENGLISH[section] | {entry: value}}


def test_every_notice_leaves_room_for_that_of_the_demonstration_model() -> None:
    wording = built_in_wording()
    for notices, room in ((wording.notices, 0), (wording.short_notices, len("Picture PA 10/12: "))):
        for notice in Notice:
            whole = f"{notices[notice]}, {notices[Notice.DEMO]}"
            assert len(whole.encode()) <= LONG_STRING - room


def test_what_is_told_is_never_a_place() -> None:
    words = built_in_wording().phrase(Phrase.ACCEPTED, person="{time} {x}", time="{person}")
    assert words == "AI draft accepted as it stands by {time} {x} on {person}."


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (ENGLISH | {"extra": {}}, "extra: no such entry; known are headings, language"),
        ({}, "language is missing"),
        (with_entry("language", "tag", "German"), "language.tag: no RFC 5646 tag: 'German'"),
        (with_entry("language", "name", "x" * 65), "language.name: at most 64 bytes"),
        (with_entry("headings", "findngs", "x"), "headings.findngs: no such entry"),
        (with_entry("headings", "findings", ""), "headings.findings: a line of text is wanted"),
        (with_entry("headings", "findings", 7), "headings.findings: a line of text is wanted"),
        (with_entry("headings", "findings", "a\nb"), "headings.findings: a line of text"),
        (with_entry("headings", "findings", "ä" * 33), "headings.findings: at most 64 bytes"),
        (with_entry("headings", "findings", "a\\b"), "headings.findings: .* no backslash"),
        (with_entry("notices", "draft", "x" * 53), "notices.draft: at most 52 bytes"),
        (with_entry("short_notices", "draft", "x" * 35), "short_notices.draft: at most 34 bytes"),
        (with_entry("short_notices", "demo", "x" * 11), "short_notices.demo: at most 10 bytes"),
        (with_entry("notices", "demo", "x" * 11), "notices.demo: at most 10 bytes"),
        (
            with_entry("sentences", "accepted", "Angenommen von {person}."),
            "sentences.accepted: its places are {person}, {time}",
        ),
        (
            with_entry("sentences", "final", "Ende {person}."),
            "sentences.final: its places are none",
        ),
        (
            ENGLISH | {"notices": {k: v for k, v in ENGLISH["notices"].items() if k != "draft"}},
            "notices.draft: a line of text is wanted, not None",
        ),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_entry(values: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        parse_wording(values)
