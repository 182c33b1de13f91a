"""Readings, films and peers' wishes on which every kind of object is judged.

Each case is one reading of one film; the films have few pixels, since only their headers are odd.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final

from core.reading import Reading
from core.report import ReportKind, ReportVersion
from dicom_sr.context import FilmPlace, Variant
from tests.dicom_sr.headers import NASTY
from tests.dicom_sr.readings import ORDINARY, READINGS, draft_of

NAMES: Final[dict[str, dict[str, Any]]] = {
    "japanese": {
        "SpecificCharacterSet": ["", "ISO 2022 IR 87"],
        "PatientName": "Yamada^Tarou=山田^太郎=やまだ^たろう",
        "StudyDescription": "胸部正面",
    },
    "korean name": {
        "SpecificCharacterSet": ["", "ISO 2022 IR 149"],
        "PatientName": "Hong^Gildong=洪^吉洞=홍^길동",
    },
    "arabic name": {"SpecificCharacterSet": "ISO_IR 127", "PatientName": "قباني^لنزار"},
    "chinese": {"SpecificCharacterSet": "GB18030", "PatientName": "Wang^XiaoDong=王^小东"},
    "hebrew": {"SpecificCharacterSet": "ISO_IR 138", "PatientName": "שרון^דבורה"},
    "greek": {"SpecificCharacterSet": "ISO_IR 126", "PatientName": "Διονυσιος"},
    "russian": {"SpecificCharacterSet": "ISO_IR 144", "PatientName": "Жуков^Юрий"},
    "thai": {"SpecificCharacterSet": "ISO_IR 166", "PatientName": "นามสกุล^ชื่อ"},
    "german": {"SpecificCharacterSet": "ISO_IR 100", "PatientName": "Äneas^Rüdiger"},
}
DATES: Final[dict[str, dict[str, Any]]] = {"born in 1800": {"PatientBirthDate": "18000101"}}
SHAPES: Final[dict[str, dict[str, Any]]] = {
    "spacing 0": {"ImagerPixelSpacing": ["0", "0"]},
    "spacing 1": {"ImagerPixelSpacing": ["1", "1"]},
    "no spacing": {"ImagerPixelSpacing": None},
    "monochrome 1 with a table": NASTY["table and window"]
    | {"PhotometricInterpretation": "MONOCHROME1"},
    "wide": {"Rows": 120, "Columns": 480},
    "high, pixels not square": {"Rows": 480, "Columns": 120, "PixelAspectRatio": [1, 2]},
}
VARIANTS: Final = {
    "comprehensive": Variant(sr_class="comprehensive"),
    "identity": Variant(presentation_lut_shape="IDENTITY"),
    "inverse": Variant(presentation_lut_shape="INVERSE"),
    "latin 1": Variant(character_set="ISO_IR 100"),
    "own series": Variant(series_number_base=700, series_description="AI {kind} - {notice}"),
}


@dataclass(frozen=True)
class Case:
    """One reading of one film for one kind of peer.

    Parameters
    ----------
    name
        What is odd about it.
    reading
        What the model said.
    changes
        To a sound film's header.
    version
        The draft of it, or what a person made of that.
    variant
        What the peer wants.
    authorised
        Whether the site's authorisation is recorded.
    place
        Which of the study's films it is.
    """

    name: str
    reading: Reading
    changes: dict[str, Any] = field(default_factory=dict)
    version: ReportVersion | None = None
    variant: Variant = field(default_factory=Variant)
    authorised: bool = False
    place: FilmPlace | None = None

    @property
    def report(self) -> ReportVersion:
        """The version that is built."""
        return self.version or draft_of(self.reading)


def cases() -> list[Case]:
    """Give all cases, each under a name of its own."""
    found = [*_readings(), *_films(), *_peers(), *_versions()]
    assert len({case.name for case in found}) == len(found), "two cases of one name"
    return found


def _readings() -> Iterator[Case]:
    for name, reading in READINGS.items():
        yield Case(f"reading: {name}", reading)
    bare = NASTY["nearly everything missing"]
    for name in ("every label", "no finding", "thirty"):
        yield Case(f"reading: {name}, bare header", READINGS[name], bare)


def _films() -> Iterator[Case]:
    for name, changes in {**NASTY, **NAMES, **DATES, **SHAPES}.items():
        yield Case(f"film: {name}", ORDINARY, changes)
    yield Case("film: thirty on a narrow one", READINGS["thirty"], SHAPES["wide"])


def _peers() -> Iterator[Case]:
    for name, variant in VARIANTS.items():
        for film in ("sound", "monochrome 1", "korean"):
            yield Case(f"peer: {name}, {film}", ORDINARY, NASTY[film], variant=variant)
    yield Case("peer: authorised", ORDINARY, authorised=True)
    yield Case("peer: second of two", ORDINARY, place=FilmPlace(2, 2, "AP"))


def _versions() -> Iterator[Case]:
    accepted = replace(draft_of(ORDINARY), number=2, kind=ReportKind.ACCEPTED, author="Roe^Rita")
    edited = replace(
        accepted,
        kind=ReportKind.EDITED,
        author="Ärztin^Änne",
        findings="There is a left pleural effusion. The heart is of normal size.",
    )
    for name, version in {
        "accepted": accepted,
        "accepted, final": replace(accepted, final=True),
        "edited": edited,
        "edited, final": replace(edited, final=True),
        "edited, another script": replace(edited, author="山田^太郎"),
    }.items():
        yield Case(f"version: {name}", ORDINARY, version=version)
