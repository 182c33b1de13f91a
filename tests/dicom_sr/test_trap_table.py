"""What real headers hold and libraries stumble over: one test for each trap, over all objects.

Covers: each row of the list that was made while building on highdicom 0.28.2 and pydicom 3.0, with
what the objects say in its place, and before all validators. More odd headers, for single values
and at random, are in test_source and test_validators; odd readings in test_validators.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydicom.dataset import Dataset
from pydicom.uid import DigitalXRayImageStorageForPresentation

from core.labels import Label
from core.reading import Box, Finding, Presence
from core.states import DRAFT_KINDS, EXTRA_KINDS, ResultKind
from dicom_sr import concepts
from dicom_sr.build import build_all, encoded
from dicom_sr.context import BuildContext
from tests.dicom_sr.headers import COLUMNS, ROWS, film_header, lut_item
from tests.dicom_sr.pictures import picture
from tests.dicom_sr.readings import ORDINARY, TOLD, draft_of, make_reading
from tests.dicom_sr.trees import named
from tests.peers.validators import complaints

ALL = (*DRAFT_KINDS, *EXTRA_KINDS)
Objects = dict[ResultKind, Dataset]
CONTEXT = BuildContext(institution="General Hospital")


@pytest.fixture
def built(tmp_path: Path) -> Callable[..., Objects]:
    """Build all objects of a film with changes to its header; no validator complains of any."""

    def build(changes: dict[str, Any], **options: Any) -> Objects:
        reading = options.pop("reading", ORDINARY)
        header = film_header(**changes)
        drawn = picture()
        objects = build_all(
            reading, draft_of(reading), header, CONTEXT, kinds=ALL, picture=drawn, **options
        )
        for kind, dataset in objects.items():
            path = tmp_path / f"{kind}.dcm"
            path.write_bytes(encoded(dataset))
            assert complaints(path) == [], kind
        return objects

    return build


def _window(gsps: Dataset) -> tuple[float, float]:
    voi = gsps.SoftcopyVOILUTSequence
    assert len(voi) == 1
    return float(voi[0].WindowCenter), float(voi[0].WindowWidth)


def test_monochrome1_is_inverted_once(built: Callable[..., Objects]) -> None:
    gsps = built({"PhotometricInterpretation": "MONOCHROME1"})[ResultKind.GSPS]
    assert gsps.PresentationLUTShape == "INVERSE"


def test_of_several_windows_one_is_given(built: Callable[..., Objects]) -> None:
    windows = {"WindowCenter": ["2048", "1500"], "WindowWidth": ["4096", "2000"]}
    assert _window(built(windows)[ResultKind.GSPS]) == (2048, 4096)


def test_of_table_and_window_the_table_is_given(built: Callable[..., Objects]) -> None:
    [voi] = built({"VOILUTSequence": [lut_item()]})[ResultKind.GSPS].SoftcopyVOILUTSequence
    assert "VOILUTSequence" in voi
    assert "WindowWidth" not in voi


@pytest.mark.parametrize("width", ["0", "", "-5", "wide"])
def test_a_window_that_shows_nothing_is_not_given(
    width: str, built: Callable[..., Objects]
) -> None:
    gsps = built({"WindowWidth": width})[ResultKind.GSPS]
    for item in gsps.get("SoftcopyVOILUTSequence", ()):
        assert float(item.WindowWidth) >= 1


def test_pixels_that_are_not_square_stay_so(built: Callable[..., Objects]) -> None:
    changes = {"ImagerPixelSpacing": None, "PixelAspectRatio": [2, 1]}
    [area] = built(changes)[ResultKind.GSPS].DisplayedAreaSelectionSequence
    assert list(area.PresentationPixelAspectRatio) == [2, 1]


def test_what_a_header_does_not_say_is_never_invented(built: Callable[..., Objects]) -> None:
    silent = dict.fromkeys(("ImagerPixelSpacing", "Modality", "PatientOrientation"))
    objects = built(silent)
    said = {
        item.ConceptNameCodeSequence[0].CodeValue
        for item in named(objects[ResultKind.FINDINGS_SR], concepts.IMAGE_LIBRARY)[0]
        .ContentSequence[0]
        .ContentSequence[0]
        .ContentSequence
    }
    unsaid = (
        *(concepts.MODALITY, concepts.PATIENT_ORIENTATION_ROW, concepts.HORIZONTAL_PIXEL_SPACING),
    )
    assert said.isdisjoint(code.value for code in unsaid)
    for dataset in objects.values():
        assert "PixelSpacing" not in dataset


@pytest.mark.parametrize(
    ("characters", "name"),
    [
        (["", "ISO 2022 IR 87"], "Yamada^Tarou=山田^太郎=やまだ^たろう"),
        (["", "ISO 2022 IR 149"], "Hong^Gildong=洪^吉洞=홍^길동"),
        ("GB18030", "Wang^XiaoDong=王^小东"),
        ("ISO_IR 127", "قباني^لنزار"),
        ("ISO_IR 138", "שרון^דבורה"),
        ("ISO_IR 144", "Бюллетень^Юлия"),
        ("ISO_IR 126", "Διονυσιος"),
        ("ISO_IR 166", "สมชาย^ใจดี"),
        ("ISO_IR 192", "Ng^Văn=神^一"),
    ],
    ids=["ja", "ko", "zh", "ar", "he", "ru", "el", "th", "utf-8"],
)
def test_names_of_every_script_arrive_whole(
    characters: Any, name: str, built: Callable[..., Objects]
) -> None:
    for dataset in built({"SpecificCharacterSet": characters, "PatientName": name}).values():
        assert dataset.SpecificCharacterSet == "ISO_IR 192"
        assert name.encode() in encoded(dataset)


@pytest.mark.parametrize("characters", ["ISO_IR 999", ["ISO_IR 100", "ISO_IR 100"], "latin1"])
def test_character_sets_that_are_none_stop_nothing(
    characters: Any, built: Callable[..., Objects]
) -> None:
    assert len(built({"SpecificCharacterSet": characters})) == len(ALL)


@pytest.mark.parametrize(
    "changes",
    [
        {"PatientID": None, "PatientBirthDate": None, "PatientName": None, "PatientSex": None},
        {"PatientBirthDate": "1950.13.01", "StudyDate": "20261340", "StudyTime": "996100"},
        {"PatientBirthDate": "?", "StudyDate": "today", "StudyTime": "noon"},
        {"StudyDate": ["20260101", "20260102"], "StudyTime": ["1200", ""]},
        {"SOPClassUID": DigitalXRayImageStorageForPresentation, "Modality": "DX"},
    ],
    ids=["no patient", "bad dates", "words for dates", "two dates", "DX"],
)
def test_whatever_is_missing_or_wrong_stops_nothing(
    changes: dict[str, Any], built: Callable[..., Objects]
) -> None:
    objects = built(changes)
    assert set(objects) == set(ALL)
    for dataset in objects.values():
        for keyword in ("PatientID", "PatientBirthDate", "StudyDate", "StudyTime"):
            assert keyword in dataset


def test_a_class_that_nobody_knows_stops_nothing(tmp_path: Path) -> None:
    """Of which dsrdump complains, rightly; no such film is read unless somebody wants it."""
    private = "1.2.840.113619.4.5.251"
    header = film_header(SOPClassUID=private)
    objects = build_all(ORDINARY, draft_of(ORDINARY), header, CONTEXT, kinds=ALL, picture=picture())
    assert set(objects) == set(ALL)
    for kind, dataset in objects.items():
        path = tmp_path / f"{kind}.dcm"
        path.write_bytes(encoded(dataset))
        assert [line for line in complaints(path) if not line.startswith("dsrdump")] == []


def test_coordinates_lie_on_the_film(built: Callable[..., Objects]) -> None:
    corners = [Box(0, 0, 1, 1), Box(0.999999999, 0, 1, 1e-9), Box(0, 0.999999999, 1e-9, 1)]
    finding = Finding("", Label.EDEMA, Presence.PRESENT, boxes=tuple(corners))
    objects = built({}, reading=make_reading([finding]))
    for region in named(objects[ResultKind.FINDINGS_SR], concepts.IMAGE_REGION):
        assert all(0 <= column <= COLUMNS for column in list(region.GraphicData)[::2])
        assert all(0 <= row <= ROWS for row in list(region.GraphicData)[1::2])


def test_presentation_and_picture_say_that_it_is_the_chest(built: Callable[..., Objects]) -> None:
    objects = built({"BodyPartExamined": None})
    for kind in (ResultKind.GSPS, ResultKind.SECONDARY_CAPTURE):
        assert objects[kind].BodyPartExamined == "CHEST"


def test_values_keep_within_their_lengths(built: Callable[..., Objects]) -> None:
    objects = built({"StudyDescription": "ü" * 200}, reading=TOLD)
    for dataset in objects.values():
        for element in dataset.iterall():
            values = element.value if element.VM > 1 else [element.value]
            limit = {"SH": 16, "CS": 16, "LO": 64, "ST": 1024}.get(element.VR)
            if limit is not None:
                assert max(len(str(value).encode()) for value in values) <= limit, element.keyword


def test_the_creator_is_a_person_name_and_times_have_a_zone(built: Callable[..., Objects]) -> None:
    objects = built({})
    assert "^" in str(objects[ResultKind.GSPS].ContentCreatorName)
    for dataset in objects.values():
        assert dataset.TimezoneOffsetFromUTC == "+0000"
