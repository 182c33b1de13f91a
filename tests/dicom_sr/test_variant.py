"""What a peer's profile changes in every object.

Covers: series numbers, series descriptions that never lose the notice, and character sets that
never lose a letter. SR class and LUT shape are covered with their objects.
"""

from dataclasses import replace
from io import BytesIO

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset

from core.reading import Reading
from core.report import ReportKind
from core.states import DRAFT_KINDS, ResultKind
from dicom_sr.build import build_all, encoded
from dicom_sr.context import BuildContext, FilmPlace, Variant
from dicom_sr.kinds import kinds_of
from dicom_sr.series_description import series_description
from tests.dicom_sr.headers import film_header
from tests.dicom_sr.pictures import picture
from tests.dicom_sr.readings import DEMO, ORDINARY, draft_of, reviewed
from tests.dicom_sr.words import BANNER

SHORT = "AI draft, research use"
LATIN = Variant(character_set="ISO_IR 100")


def built(
    variant: Variant, reading: Reading = ORDINARY, **header: object
) -> dict[ResultKind, Dataset]:
    context = BuildContext(variant, place=FilmPlace(1, 2, "AP"))
    return build_all(reading, draft_of(reading), film_header(**header), context)


def test_series_numbers_follow_the_base() -> None:
    objects = built(Variant(series_number_base=501))
    assert [int(objects[kind].SeriesNumber) for kind in DRAFT_KINDS] == [501, 502, 503]


def test_the_description_is_the_profiles() -> None:
    objects = built(Variant(series_description="{notice} ({kind} {film})"))
    assert objects[ResultKind.GSPS].SeriesDescription == f"{BANNER} (Marks AP 1/2)"


@pytest.mark.parametrize(
    ("template", "film", "expected"),
    [
        ("{kind} {film}: {notice}", "AP 1/2", f"Report AP 1/2: {BANNER}"),
        ("{kind} {film}: {notice}", "", f"Report: {BANNER}"),
        ("{notice}", "AP 1/2", BANNER),
        # The film goes first, then the notice is said in fewer words, then the template goes.
        ("Radiology {kind} {film}: {notice}", "AP 1/2", f"Radiology Report: {BANNER}"),
        (
            "Department of Radiology {kind}: {notice}",
            "",
            f"Department of Radiology Report: {SHORT}",
        ),
        ("{notice} " + "x" * 64, "", f"Report: {SHORT}"),
        ("{kind.__class__} {notice}", "", f"{{kind.__class__}} {BANNER}"),
        ("ä\\{kind} {notice}", "", f"ä/Report {BANNER}"),
    ],
)
def test_the_notice_is_never_lost(template: str, film: str, expected: str) -> None:
    found = series_description(
        template, kind="Report", film=film, notice=BANNER, short_notice=SHORT
    )
    assert found == expected
    assert len(found.encode()) <= 64


@pytest.mark.parametrize("reading", [ORDINARY, DEMO], ids=["real", "demo"])
@pytest.mark.parametrize("template", ["{notice}", "{kind} {film}: {notice}", "Süd {notice} " * 2])
def test_every_objects_description_holds_its_notice(reading: Reading, template: str) -> None:
    for item in built(Variant(series_description=template), reading).values():
        assert BANNER in item.SeriesDescription or SHORT in item.SeriesDescription
        assert len(item.SeriesDescription.encode()) <= 64


@pytest.mark.parametrize("reading", [ORDINARY, DEMO], ids=["real", "demo"])
@pytest.mark.parametrize("kind", ReportKind)
@pytest.mark.parametrize("final", [False, True])
@pytest.mark.parametrize("authorised", [False, True])
def test_what_a_series_holds_is_told_beside_every_notice(
    reading: Reading,
    kind: ReportKind,
    final: bool,  # noqa: FBT001
    authorised: bool,  # noqa: FBT001
) -> None:
    draft = kind is ReportKind.DRAFT
    version = draft_of(reading) if draft else reviewed(reading, kind, final=final)
    context = BuildContext(place=FilmPlace(10, 12, "PA"), authorised=authorised)
    kinds = [one for one in kinds_of(kind) if one is not ResultKind.ORU]
    made = build_all(reading, version, film_header(), context, kinds=kinds, picture=picture())
    said = {one: str(item.SeriesDescription) for one, item in made.items()}
    assert len(set(said.values())) == len(said) == len(kinds)
    for words in said.values():
        assert len(words.encode()) <= 64
        assert ("DEMO" in words) is reading.model.demo
        assert "AI " in words


def test_latin_letters_are_written_in_latin_1() -> None:
    for item in built(LATIN, SpecificCharacterSet="ISO_IR 100", PatientName="Müller^Jürg").values():
        assert item.SpecificCharacterSet == "ISO_IR 100"
        data = encoded(item)
        assert "Müller^Jürg".encode("latin-1") in data
        assert dcmread(BytesIO(data)).PatientName == "Müller^Jürg"


@pytest.mark.parametrize("name", ["Yamada^Tarou=山田^太郎", "Kowalski^Łukasz"])
def test_where_a_letter_does_not_fit_the_object_is_in_utf_8(name: str) -> None:
    for item in built(LATIN, SpecificCharacterSet="ISO_IR 192", PatientName=name).values():
        assert item.SpecificCharacterSet == "ISO_IR 192"
        assert name.encode() in encoded(item)


def test_each_object_is_judged_by_its_own_words() -> None:
    odd = replace(ORDINARY, indication="боль")
    objects = built(LATIN, odd)
    sets = {kind: item.SpecificCharacterSet for kind, item in objects.items()}
    assert sets == {
        ResultKind.FINDINGS_SR: "ISO_IR 192",
        ResultKind.REPORT_SR: "ISO_IR 192",
        ResultKind.GSPS: "ISO_IR 100",
    }
