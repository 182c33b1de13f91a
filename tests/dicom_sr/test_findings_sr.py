"""The coded result, TID 1500.

Covers: its tree, codes, coordinates, certainties, normality, flags of the document and refusals.
The validators judge it in test_validators, an independent reader in test_independent_reader.
"""

from dataclasses import replace

import pytest
from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes

from core.labels import Label
from core.reading import Flag, Presence, Reading
from core.report import ReportKind
from dicom_sr import concepts
from dicom_sr.code_table import Normality
from dicom_sr.context import BuildContext, Variant
from dicom_sr.evaluations import normality
from dicom_sr.findings_sr import build_findings_sr
from tests.dicom_sr.headers import COLUMNS, ROWS, film_header
from tests.dicom_sr.readings import (
    ABSENT_AND_UNCERTAIN,
    CREATED_AT,
    DEMO,
    EDGES,
    EVERY_LABEL,
    HOSTILE,
    MODEL,
    NO_FINDING,
    ORDINARY,
    READINGS,
    TOLD,
    draft_of,
    make_reading,
)
from tests.dicom_sr.trees import children, code_of, named, value_of, walk
from tests.dicom_sr.words import label_code, normality_code, presence_code


def built(reading: Reading, **header: object) -> Dataset:
    return build_findings_sr(reading, draft_of(reading), film_header(**header), BuildContext())


def groups(root: Dataset) -> list[Dataset]:
    return named(root, concepts.MEASUREMENT_GROUP)


def test_root_holds_what_the_template_asks_for_in_its_order() -> None:
    root = built(ORDINARY)
    assert root.SOPClassUID == "1.2.840.10008.5.1.4.1.1.88.34"
    assert code_of(root.ConceptNameCodeSequence[0]) == ("126000", "DCM")
    assert root.ContentTemplateSequence[0].TemplateIdentifier == "1500"
    names = [code_of(child.ConceptNameCodeSequence[0])[0] for child in children(root)]
    assert names == [
        *("121049", "121005", "121012", "121013", "121014", "121015", "121016", "121058"),
        *("121106", "111028", "126010", "C0034375", "RECORD"),
    ]


@pytest.mark.parametrize("name", READINGS)
def test_library_and_measurements_are_there_whatever_was_found(name: str) -> None:
    root = built(READINGS[name])
    assert children(root, concepts.IMAGE_LIBRARY)
    assert children(root, concepts.IMAGING_MEASUREMENTS)


def test_comprehensive_sr_for_peers_that_take_no_other() -> None:
    context = BuildContext(Variant(sr_class="comprehensive"))
    root = build_findings_sr(ORDINARY, draft_of(ORDINARY), film_header(), context)
    assert root.SOPClassUID == root.file_meta.MediaStorageSOPClassUID
    assert root.SOPClassUID == "1.2.840.10008.5.1.4.1.1.88.33"


def test_a_draft_is_preliminary_complete_and_unverified() -> None:
    root = built(ORDINARY)
    flags = (root.PreliminaryFlag, root.CompletionFlag, root.VerificationFlag)
    assert flags == ("PRELIMINARY", "COMPLETE", "UNVERIFIED")
    assert "VerifyingObserverSequence" not in root


def test_one_group_for_each_box_and_one_for_a_finding_without() -> None:
    templates = [
        group.ContentTemplateSequence[0].TemplateIdentifier for group in groups(built(EDGES))
    ]
    assert templates == ["1410"] * 6
    without = groups(built(ABSENT_AND_UNCERTAIN))
    assert [g.ContentTemplateSequence[0].TemplateIdentifier for g in without] == [
        *("1501", "1501", "1410"),
    ]


@pytest.mark.parametrize("name", READINGS)
def test_no_group_has_a_number_without_coordinates(name: str) -> None:
    for group in groups(built(READINGS[name])):
        types = {child.ValueType for child in children(group)}
        assert "NUM" not in types or "SCOORD" in types


def test_coordinates_are_exact() -> None:
    region = named(built(ORDINARY), concepts.IMAGE_REGION)[0]
    assert region.GraphicType == "POLYLINE"
    left, top, right, bottom = 0.58 * COLUMNS, 0.62 * ROWS, 0.9 * COLUMNS, 0.9 * ROWS
    expected = [left, top, right, top, right, bottom, left, bottom, left, top]
    assert list(region.GraphicData) == pytest.approx(expected, rel=1e-6)
    assert children(region)[0].RelationshipType == "SELECTED FROM"


def test_the_whole_film_is_from_0_to_its_size_without_a_shift() -> None:
    data = list(named(built(EDGES), concepts.IMAGE_REGION)[0].GraphicData)
    assert data == [0, 0, COLUMNS, 0, COLUMNS, ROWS, 0, ROWS, 0, 0]


def test_presence_and_certainty() -> None:
    absent, uncertain, unscored = groups(built(ABSENT_AND_UNCERTAIN))
    for group, label, presence in (
        (absent, Label.PNEUMOTHORAX, Presence.ABSENT),
        (uncertain, Label.PNEUMONIA, Presence.UNCERTAIN),
        (unscored, Label.ATELECTASIS, Presence.UNCERTAIN),
    ):
        statement = children(group, label_code(label))[0]
        assert value_of(statement) == presence_code(presence)
    below = named(absent, concepts.PROBABILITY)
    assert [item.MeasuredValueSequence[0].NumericValue for item in below] == [2]
    for group in (absent, uncertain, unscored):
        assert not named(group, concepts.CERTAINTY_OF_FINDING)
    assert not named(unscored, concepts.PROBABILITY)
    scored = children(groups(built(ORDINARY))[0], concepts.CERTAINTY_OF_FINDING)[0]
    assert scored.MeasuredValueSequence[0].NumericValue == 87.5
    assert code_of(scored.MeasuredValueSequence[0].MeasurementUnitsCodeSequence[0])[0] == "%"


def test_presence_is_from_the_standards_context_group() -> None:
    group = codes.cid240
    allowed = {
        (code.value, code.scheme_designator) for code in (getattr(group, n) for n in group.dir())
    }
    assert {presence_code(presence) for presence in Presence} == allowed


def test_site_and_side() -> None:
    effusion, heart, consolidation = groups(built(ORDINARY))
    site = children(effusion, concepts.FINDING_SITE)[0]
    assert value_of(site) == ("3120008", "SCT")
    assert value_of(children(site, concepts.LATERALITY)[0]) == ("7771000", "SCT")
    assert not named(heart, concepts.LATERALITY), "the heart has no side"
    assert value_of(children(consolidation, concepts.FINDING_SITE)[0]) == ("281394001", "SCT")


def test_a_side_without_a_site_is_one_of_the_chest() -> None:
    fracture = groups(built(EVERY_LABEL))[list(Label).index(Label.FRACTURE)]
    site = children(fracture, concepts.FINDING_SITE)[0]
    assert value_of(site) == ("816094009", "SCT")
    assert named(site, concepts.LATERALITY)


@pytest.mark.parametrize("name", ["ordinary", "thirty", "edges"])
def test_every_group_names_its_algorithm(name: str) -> None:
    for group in groups(built(READINGS[name])):
        assert children(group, concepts.ALGORITHM_NAME)[0].TextValue == MODEL.name
        assert children(group, concepts.ALGORITHM_VERSION)[0].TextValue == MODEL.version
        parameters = children(group, concepts.ALGORITHM_PARAMETERS)[0].TextValue
        assert f"weights_sha256={MODEL.weights_sha256}" in parameters


def test_flags_lie_under_the_evaluations_of_the_film() -> None:
    evaluations = children(built(ORDINARY), concepts.QUALITATIVE_EVALUATIONS)[0]
    for flag in ORDINARY.flags:
        statement = children(evaluations, label_code(flag.label))[0]
        assert value_of(statement) == presence_code(flag.presence)
        present = flag.presence is Presence.PRESENT
        name = concepts.CERTAINTY_OF_FINDING if present else concepts.PROBABILITY
        score = children(statement, name)[0]
        assert flag.score is not None
        assert score.MeasuredValueSequence[0].NumericValue == pytest.approx(100 * flag.score)


@pytest.mark.parametrize(
    ("reading", "expected"),
    [
        (NO_FINDING, Normality.NORMAL),
        (ORDINARY, Normality.ABNORMAL),
        (ABSENT_AND_UNCERTAIN, Normality.UNDETERMINED),
        (replace(NO_FINDING, flags=NO_FINDING.flags[1:]), Normality.UNDETERMINED),
        (replace(NO_FINDING, flags=()), Normality.UNDETERMINED),
        (
            replace(NO_FINDING, model=replace(MODEL, labels=(Label.EDEMA,))),
            Normality.UNDETERMINED,
        ),
        (make_reading(flags=[Flag(Label.EDEMA, Presence.PRESENT)]), Normality.ABNORMAL),
    ],
    ids=["none", "some", "uncertain", "one not asked", "nothing asked", "few labels", "flag only"],
)
def test_normality_is_said_only_where_every_answer_was_no(
    reading: Reading, expected: Normality
) -> None:
    assert normality(reading) == expected
    item = named(built(reading), concepts.NORMALITY)[0]
    assert value_of(item) == normality_code(expected)


def test_a_certainty_is_for_persons_and_the_number_itself_beside_it() -> None:
    certainty = children(groups(built(TOLD))[0], concepts.CERTAINTY_OF_FINDING)[0]
    measured = certainty.MeasuredValueSequence[0]
    assert measured.NumericValue == 87.35
    assert measured.FloatingPointValue == 100.0 * 0.8734567
    plain = children(groups(built(ORDINARY))[0], concepts.CERTAINTY_OF_FINDING)[0]
    assert plain.MeasuredValueSequence[0].FloatingPointValue == 87.5


def test_of_a_calibrated_flag_both_certainties_are_told() -> None:
    evaluations = children(built(TOLD), concepts.QUALITATIVE_EVALUATIONS)[0]
    statement = children(evaluations, label_code(Label.PLEURAL_EFFUSION))[0]
    own = children(statement, concepts.OWN_SCORE)[0]
    assert own.MeasuredValueSequence[0].NumericValue == 70
    assert children(statement, concepts.CERTAINTY_OF_FINDING)
    assert f"calibration={TOLD.model.calibration}" in str(
        children(groups(built(TOLD))[0], concepts.ALGORITHM_PARAMETERS)[0].TextValue
    )


def test_a_site_that_nobody_named_says_that_it_is_the_usual_one() -> None:
    effusion, pneumothorax, heart = groups(built(TOLD))
    assert not named(effusion, concepts.SITE_BASIS)
    for group in (pneumothorax, heart):
        site = children(group, concepts.FINDING_SITE)[0]
        assert value_of(children(site, concepts.SITE_BASIS)[0]) == ("FROM-LABEL", "99FIRSTREAD")


def test_a_side_of_an_unpaired_structure_is_told_and_is_no_laterality() -> None:
    heart = groups(built(TOLD))[2]
    assert not named(heart, concepts.LATERALITY)
    assert value_of(children(heart, concepts.SAID_SIDE)[0]) == ("7771000", "SCT")


def test_the_record_has_what_no_template_has_a_place_for() -> None:
    record = children(built(TOLD), concepts.RECORD)[0]
    texts = {
        code_of(item.ConceptNameCodeSequence[0])[0]: item.TextValue
        for item in walk(record)
        if item.ValueType == "TEXT"
    }
    for value, words in (
        ("READING-ID", TOLD.id),
        ("MODEL-LICENCE", MODEL.licence),
        ("MODEL-USE", MODEL.intended_use),
        ("MODEL-PROMPT", MODEL.prompt_version),
        ("121065", TOLD.technique),
        ("121073", TOLD.report.impression),
        ("REMARK-CODE", TOLD.checks[0].code),
    ):
        assert texts[value] == words
    assert value_of(named(record, concepts.MODEL_DEMO)[0]) == ("373067005", "SCT")
    labels = [value_of(item) for item in named(record, concepts.MODEL_LABEL)]
    assert labels == [label_code(label)[:2] for label in TOLD.model.labels]
    sentences = children(children(record, concepts.SENTENCES_SECTION)[0])
    assert [item.TextValue for item in sentences] == [one.text for one in TOLD.sentences]


def test_a_demonstration_model_is_named_as_one() -> None:
    assert value_of(named(built(DEMO), concepts.MODEL_DEMO)[0]) == ("373066001", "SCT")


def test_words_of_the_model_stay_words() -> None:
    texts = [str(item.TextValue) for item in walk(built(HOSTILE)) if item.ValueType == "TEXT"]
    assert any("<script>alert(1)</script>" in text for text in texts)
    for text in texts:
        assert not {"\x00", "\x1b", "\u202e", "\ud800"} & set(text)


def test_library_says_what_the_header_says_and_no_more() -> None:
    spoken = named(built(ORDINARY), concepts.IMAGE_LIBRARY_GROUP)[0]
    assert named(spoken, concepts.HORIZONTAL_PIXEL_SPACING)
    assert value_of(named(spoken, concepts.IMAGE_VIEW)[0]) == ("272479007", "SCT")
    silent = {
        "ImagerPixelSpacing": None,
        "Modality": None,
        "PatientOrientation": None,
        "ViewPosition": "LL",
        "StudyDate": "0",
    }
    library = named(built(ORDINARY, **silent), concepts.IMAGE_LIBRARY_GROUP)[0]
    said = {code_of(item.ConceptNameCodeSequence[0])[0] for item in walk(library)}
    assert said == {"126200", "260753009", "123014", "110910", "110911"}


def test_time_is_the_versions_in_the_sites_zone() -> None:
    context = BuildContext(timezone="Europe/Berlin")
    root = build_findings_sr(ORDINARY, draft_of(ORDINARY), film_header(), context)
    assert (root.ContentDate, root.ContentTime) == ("20260329", "013015")
    assert root.TimezoneOffsetFromUTC == "+0100"


def test_the_films_own_offset_holds_for_all_times_of_the_object() -> None:
    root = built(ORDINARY, TimezoneOffsetFromUTC="-0330")
    assert (root.ContentDate, root.ContentTime) == ("20260328", "210015")
    assert root.TimezoneOffsetFromUTC == "-0330"


def test_refusals() -> None:
    draft = draft_of(ORDINARY)
    for version, words in (
        (replace(draft, reading_id="other"), "is of reading other"),
        (replace(draft, kind=ReportKind.EDITED, author="A^B"), "is edited and has no findings_sr"),
        (replace(draft, created_at=CREATED_AT.replace(tzinfo=None)), "a moment needs its zone"),
    ):
        with pytest.raises(ValueError, match=words):
            build_findings_sr(ORDINARY, version, film_header(), BuildContext())
