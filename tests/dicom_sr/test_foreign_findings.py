"""Findings of other writers' imaging measurement reports.

Covers: documents of highdicom's TID 1500 classes in all three SR classes, deviations that vendors
are known for, what is not understood, and hostile documents. Not covered: files of real products,
of which none may be kept here.
"""

import time
from collections.abc import Callable
from typing import Any

import pytest
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code
from pydicom.tag import Tag

from core.errors import FirstReadError, NotReadError, UnreadableObjectError
from core.reading import Presence
from dicom_sr import concepts
from dicom_sr.content_tree import DEEPEST, MOST_ITEMS
from dicom_sr.foreign_finding import ForeignFinding
from dicom_sr.foreign_findings import CAD_REPORTS, read_foreign_findings
from tests.dicom_sr.foreign_documents import (
    ABSENT,
    CALCIFICATION,
    FILM,
    GRAPHICS,
    NODULE,
    PRESENT,
    SR_CLASSES,
    by_highdicom,
    coded,
    document,
    group,
    image,
    item,
    measurements,
    number,
    place,
    read_again,
)

UID = FILM.SOPInstanceUID
SITE = concepts.FINDING_SITE
PERCENT = concepts.PERCENT
MILLIMETER = concepts.MILLIMETER
DIAMETER = codes.SCT.Diameter


def only(made: Dataset) -> ForeignFinding:
    (finding,) = read_foreign_findings(read_again(made)).findings
    return finding


@pytest.mark.parametrize("sr_class", SR_CLASSES.values(), ids=SR_CLASSES)
def test_highdicoms_reports(sr_class: type) -> None:
    read = read_foreign_findings(by_highdicom(sr_class))
    assert read.left_out == ()
    assert [image.sop_instance_uid for image in read.images] == [UID]
    assert len(read.findings) == len(GRAPHICS) + 1
    for index, (sort, points) in enumerate(GRAPHICS.items()):
        finding = read.findings[index]
        assert finding.finding is not None
        assert finding.finding.means(NODULE)
        assert finding.site is not None
        assert finding.site.means(codes.SCT.Lung)
        assert finding.laterality is not None
        assert finding.laterality.means(codes.SCT.Left)
        assert finding.presence is Presence.PRESENT
        assert finding.certainty == 0.875
        assert (finding.tracking_uid, finding.tracking_identifier) == (
            f"1.2.3.{index}",
            f"nodule {index}",
        )
        (diameter,) = finding.measurements
        assert diameter.name.means(DIAMETER)
        assert diameter.number.value == 12.5
        assert diameter.number.unit is not None
        assert diameter.number.unit.value == "mm"
        (evaluation,) = finding.evaluations
        assert evaluation.name.means(CALCIFICATION)
        (region,) = finding.regions
        assert (region.sort, region.points) == (sort, tuple(points))
        assert region.image is not None
        assert region.image.sop_instance_uid == UID
        assert (finding.algorithm.name, finding.algorithm.version) == ("Lung Finder", "4.2")
        assert finding.algorithm.parameters == ("threshold=0.3",)
    last = read.findings[-1]
    assert (last.presence, last.regions) == (Presence.ABSENT, ())


def test_a_flat_tree_is_divided_where_a_finding_begins_again() -> None:
    read = read_foreign_findings(
        read_again(
            document(
                measurements(
                    coded(concepts.FINDING, NODULE),
                    place(1, 2, 3, 4, below=[image(UID)]),
                    coded(concepts.FINDING, codes.SCT.Pneumothorax),
                    coded(codes.SCT.Pneumothorax, ABSENT),
                )
            )
        )
    )
    assert [one.presence for one in read.findings] == [None, Presence.ABSENT]
    assert [len(one.regions) for one in read.findings] == [1, 0]


def test_a_site_may_be_contained() -> None:
    finding = only(
        document(
            measurements(
                group(
                    coded(concepts.FINDING, NODULE),
                    coded(SITE, codes.SCT.Lung),
                    coded(concepts.LATERALITY, codes.SCT.Right),
                )
            )
        )
    )
    assert finding.site is not None
    assert finding.site.means(codes.SCT.Lung)
    assert finding.laterality is not None
    assert finding.laterality.means(codes.SCT.Right)
    assert (finding.tracking_uid, finding.tracking_identifier) == (None, "")


@pytest.mark.parametrize("scheme", ["SRT", "SNM3", "99SDM"])
def test_older_schemes_mean_the_same(scheme: str) -> None:
    pneumothorax = Code("D2-80300", scheme, "Pneumothorax")
    finding = only(
        document(
            measurements(
                group(
                    coded(concepts.FINDING, pneumothorax),
                    coded(
                        Code("G-C0E3", scheme, "Finding Site"), Code("T-29000", scheme, "Pleura")
                    ),
                    coded(pneumothorax, Code("G-A203", scheme, "Present")),
                )
            )
        )
    )
    assert finding.finding is not None
    assert finding.finding.means(codes.SCT.Pneumothorax)
    assert finding.site is not None
    assert finding.site.means(codes.SCT.Pleura)
    assert finding.presence is Presence.PRESENT


def test_a_long_code_value_is_a_code() -> None:
    name = Code("12345678901234567890", "99VENDOR", "Something long")
    made = coded(concepts.FINDING, NODULE)
    code = made.ConceptCodeSequence[0]
    code.LongCodeValue, code.CodingSchemeDesignator = name.value, name.scheme_designator
    del code.CodeValue
    finding = only(document(measurements(group(made))))
    assert finding.finding is not None
    assert finding.finding.means(name)


def test_coordinates_below_a_number_are_a_place() -> None:
    below = place(1, 2, 3, 4, below=[image(UID)])
    finding = only(
        document(
            measurements(
                group(coded(concepts.FINDING, NODULE), number(DIAMETER, "7", MILLIMETER, below))
            )
        )
    )
    assert [one.number.value for one in finding.measurements] == [7.0]
    assert [region.points for region in finding.regions] == [((1.0, 2.0), (3.0, 4.0))]


def test_several_points_are_one_region() -> None:
    made = place(1, 2, 3, 4, sort="MULTIPOINT", below=[image(UID)])
    (region,) = only(document(measurements(group(coded(concepts.FINDING, NODULE), made)))).regions
    assert (region.sort, region.points) == ("MULTIPOINT", ((1.0, 2.0), (3.0, 4.0)))


def test_the_only_image_is_the_one_that_is_meant() -> None:
    library = item(
        "CONTAINER",
        concepts.IMAGE_LIBRARY,
        item("CONTAINER", concepts.IMAGE_LIBRARY_GROUP, image(UID)),
    )
    made = group(coded(concepts.FINDING, NODULE), place(1, 2, 3, 4))
    (region,) = only(document(library, measurements(made))).regions
    assert region.image is not None
    assert region.image.sop_instance_uid == UID
    (region,) = only(document(measurements(made))).regions
    assert region.image is None


def test_a_groups_image_is_that_of_its_places() -> None:
    made = group(coded(concepts.FINDING, NODULE), image("1.2.5", "CONTAINS"), place(1, 2, 3, 4))
    other = group(coded(concepts.FINDING, NODULE), place(1, 2, 3, 4, below=[image("1.2.6")]))
    read = read_foreign_findings(read_again(document(measurements(made, other))))
    placed = [region.image for finding in read.findings for region in finding.regions]
    assert [one and one.sop_instance_uid for one in placed] == ["1.2.5", "1.2.6"]
    assert [len(finding.images) for finding in read.findings] == [1, 0]


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        ("87.5", PERCENT, 0.875),
        ("0.25", Code("1", "UCUM", "no units"), 0.25),
        ("87.5", Code("1", "UCUM", "no units"), None),
        ("-1", PERCENT, None),
    ],
)
def test_a_certainty_is_a_share(value: str, unit: Code, expected: float | None) -> None:
    made = document(
        measurements(
            group(
                coded(concepts.FINDING, NODULE),
                number(concepts.CERTAINTY_OF_FINDING, value, unit),
            )
        )
    )
    read = read_foreign_findings(read_again(made))
    assert read.findings[0].certainty == expected
    assert bool(read.left_out) is (expected is None)


@pytest.mark.parametrize(
    ("name", "value", "presence"),
    [
        (NODULE, PRESENT, Presence.PRESENT),
        (NODULE, codes.SCT.No, Presence.ABSENT),
        (concepts.FINDING, Code("373068000", "SCT", "Undetermined"), Presence.UNCERTAIN),
        (Code("705057003", "SCT", "Presence"), ABSENT, Presence.ABSENT),
        (CALCIFICATION, ABSENT, None),
    ],
    ids=["of itself", "in yes and no", "under Finding", "under Presence", "of something else"],
)
def test_presence_is_what_is_said_of_the_finding_itself(
    name: Code, value: Code, presence: Presence | None
) -> None:
    made = group(coded(concepts.FINDING, NODULE), coded(name, value))
    assert only(document(measurements(made))).presence is presence


def test_what_is_not_understood_is_counted() -> None:
    made = document(
        measurements(
            group(
                coded(concepts.FINDING, NODULE),
                place(1, 2, 3),
                place(1, 2, float("nan"), 4),
                item("SCOORD3D", None, GraphicType="POINT", GraphicData=[1.0, 2.0, 3.0]),
                item("NUM", DIAMETER),
                item("IMAGE", Code("121191", "DCM", "Referenced Segment")),
            ),
            group(),
        )
    )
    assert sorted(read_foreign_findings(read_again(made)).left_out) == [
        "a group that tells of nothing",
        "a number without a usable value or a name",
        "a region of a segmentation",
        "coordinates in space (SCOORD3D)",
        "coordinates that are no pairs of numbers (2 x)",
    ]


def test_statements_on_the_whole_film() -> None:
    made = document(
        measurements(),
        item(
            "CONTAINER",
            concepts.QUALITATIVE_EVALUATIONS,
            coded(codes.SCT.Pneumothorax, ABSENT),
        ),
    )
    read = read_foreign_findings(read_again(made))
    assert read.findings == ()
    assert [one.value.means(ABSENT) for one in read.evaluations] == [True]


@pytest.mark.parametrize("title", CAD_REPORTS, ids=lambda title: title.meaning)
def test_cad_reports_are_refused(title: Code) -> None:
    with pytest.raises(NotReadError, match="a CAD report is not read"):
        read_foreign_findings(document(measurements(group()), title=title))


def test_a_report_in_words_is_refused() -> None:
    made = document(item("TEXT", concepts.FINDING, TextValue="Clear."))
    with pytest.raises(NotReadError, match="no imaging measurement report"):
        read_foreign_findings(made)


def nested(levels: int) -> Dataset:
    made = group(coded(concepts.FINDING, NODULE))
    for _ in range(levels):
        made = group(made)
    return document(measurements(made))


def test_a_document_that_is_too_deep() -> None:
    read_foreign_findings(nested(DEEPEST - 4))
    with pytest.raises(UnreadableObjectError, match="deeper than"):
        read_foreign_findings(nested(DEEPEST))


def test_a_document_that_leads_round_in_a_circle() -> None:
    made = document(measurements())
    made.ContentSequence[0].ContentSequence = [made]
    with pytest.raises(UnreadableObjectError, match="deeper than"):
        read_foreign_findings(made)


def test_a_million_items_are_refused_before_they_are_parsed() -> None:
    made = document(measurements())
    whole = Dataset()
    # An item of no length, a million times, as the bytes that a file holds.
    whole.update(made)
    raw = b"\xfe\xff\x00\xe0\x00\x00\x00\x00" * 1_000_000
    began = time.process_time()
    with pytest.raises(UnreadableObjectError, match="items of sequences"):
        read_foreign_findings(with_raw_content(whole, raw))
    assert time.process_time() - began < 2.0


def test_content_of_no_representation_is_none() -> None:
    with pytest.raises(NotReadError, match="no imaging measurement report"):
        read_foreign_findings(with_raw_content(document(), b"\0" * 8, "YQ"))


def test_coordinates_of_half_a_number_are_none() -> None:
    made = place(1, 2, 3, 4)
    tag = Tag("GraphicData")
    made._dict[tag] = RawDataElement(
        tag, "FL", 7, b"\0" * 7, 0, is_implicit_VR=False, is_little_endian=True
    )
    read = read_foreign_findings(document(measurements(group(made))))
    assert any("no pairs of numbers" in one for one in read.left_out)


def with_raw_content(made: Dataset, raw: bytes, representation: str = "SQ") -> Dataset:
    tag = Tag("ContentSequence")
    element = RawDataElement(
        tag, representation, len(raw), raw, 0, is_implicit_VR=False, is_little_endian=True
    )
    made._dict[tag] = element
    return made


def test_too_many_content_items_are_refused() -> None:
    many = [item("TEXT", None) for _ in range(MOST_ITEMS)]
    with pytest.raises(UnreadableObjectError, match="content items"):
        read_foreign_findings(document(measurements(*many)))


def _text_for_content(made: Dataset) -> None:
    made.ContentSequence[0].add_new("ContentSequence", "LO", "no sequence")


def _numbers_for_names(made: Dataset) -> None:
    made.ContentSequence[0].ContentSequence[0].add_new("ConceptNameCodeSequence", "US", 3)


def _words_for_points(made: Dataset) -> None:
    made.ContentSequence[0].ContentSequence[0].ContentSequence[1].add_new(
        "GraphicData", "LO", ["one", "two"]
    )


def _bytes_for_a_uid(made: Dataset) -> None:
    made.ContentSequence[0].ContentSequence[0].ContentSequence[1].add_new("UID", "OB", b"\xff\xfe")


@pytest.mark.parametrize(
    "spoil", [_text_for_content, _numbers_for_names, _words_for_points, _bytes_for_a_uid]
)
def test_wrong_value_representations_never_crash(spoil: Callable[[Any], None]) -> None:
    made = document(measurements(group(coded(concepts.FINDING, NODULE), place(1, 2, 3, 4))))
    spoil(made)
    try:
        read = read_foreign_findings(made)
    except FirstReadError:
        return
    assert len(read.findings) <= 1
