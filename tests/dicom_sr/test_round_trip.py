"""Our results give back the reading that they were made of.

Covers: any reading on a film of any size, built in any variant, encoded, parsed and read back,
equal to what `as_written` says of it; what some of the documents say alone; documents that are
not ours, not of one reading, or not as ours are. `as_written` uses neither builder nor reader.
Not covered: documents that a site made by an earlier release.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from io import BytesIO

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pydicom import dcmread
from pydicom.dataset import Dataset

from core.errors import NotReadError, UnreadableObjectError
from core.reading import Box, Presence, Reading, ReportSentence
from core.report import ReportKind
from core.states import ResultKind
from dicom_sr import concepts
from dicom_sr.as_written import as_written
from dicom_sr.build import build_all, encoded
from dicom_sr.codes_toml import built_in_codes, parse_codes
from dicom_sr.context import BuildContext, Variant
from dicom_sr.read_back import read_back
from tests.dicom_sr.any_reading import readings, sides
from tests.dicom_sr.foreign_documents import by_highdicom
from tests.dicom_sr.headers import COLUMNS, ROWS, film_header
from tests.dicom_sr.readings import ORDINARY, READINGS, draft_of, make_reading
from tests.dicom_sr.trees import named

VARIANTS = st.builds(
    Variant,
    sr_class=st.sampled_from(("comprehensive3d", "comprehensive")),
    character_set=st.sampled_from(("ISO_IR 192", "ISO_IR 100")),
    presentation_lut_shape=st.sampled_from(("auto", "IDENTITY", "INVERSE")),
)


def written(
    reading: Reading, header: Dataset | None = None, context: BuildContext | None = None
) -> dict[ResultKind, Dataset]:
    """Build the results of a reading and give them as they come out of a file."""
    built = build_all(
        reading, draft_of(reading), header or film_header(), context or BuildContext()
    )
    return {kind: dcmread(BytesIO(encoded(one))) for kind, one in built.items()}


def _examples(count: int) -> settings:
    """Give the settings: an example takes a third of a second, so that none is made smaller."""
    return settings(
        max_examples=count,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.explicit, Phase.reuse, Phase.generate),
    )


def check(reading: Reading, rows: int, columns: int, variant: Variant) -> None:
    header = film_header(Rows=rows, Columns=columns)
    objects = written(reading, header, BuildContext(variant))
    assert read_back(objects.values()).reading() == as_written(reading, rows=rows, columns=columns)


@_examples(60)
@given(reading=readings(), rows=sides, columns=sides, variant=VARIANTS)
def test_any_reading_comes_back(
    reading: Reading, rows: int, columns: int, variant: Variant
) -> None:
    check(reading, rows, columns, variant)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@_examples(500)
@given(reading=readings(), rows=sides, columns=sides, variant=VARIANTS)
def test_five_hundred_readings_come_back(
    reading: Reading, rows: int, columns: int, variant: Variant
) -> None:
    check(reading, rows, columns, variant)


@pytest.mark.parametrize("reading", READINGS.values(), ids=READINGS)
def test_the_readings_of_the_other_tests_come_back(reading: Reading) -> None:
    expected = as_written(reading, rows=ROWS, columns=COLUMNS)
    objects = written(reading)
    assert read_back(objects.values()).reading() == expected
    assert read_back([objects[ResultKind.FINDINGS_SR]]).reading() == expected


def test_sound_words_and_numbers_come_back_as_they_were() -> None:
    once = as_written(ORDINARY, rows=ROWS, columns=COLUMNS)
    assert once == replace(ORDINARY, findings=once.findings)
    assert as_written(once, rows=ROWS, columns=COLUMNS) == once


def test_a_backslash_in_words_that_are_drawn_stops_nothing() -> None:
    sentence = ReportSentence("Left\\right.", boxes=(Box(0.1, 0.1, 0.2, 0.2),))
    check(replace(ORDINARY, sentences=(sentence,)), ROWS, COLUMNS, Variant())


def test_a_sites_own_codes_come_back() -> None:
    own = {"labels": {"edema": {"value": "OWN", "scheme": "99SITE", "meaning": "Oedema"}}}
    codes = parse_codes(own, built_in_codes())
    reading = READINGS["every label"]
    objects = written(reading, context=BuildContext(codes=codes))
    expected = as_written(reading, rows=ROWS, columns=COLUMNS)
    assert read_back(objects.values(), codes=codes).reading() == expected
    with pytest.raises(UnreadableObjectError, match="OWN of 99SITE"):
        read_back(objects.values())


def test_the_report_alone_tells_its_part() -> None:
    part = read_back([written(ORDINARY)[ResultKind.REPORT_SR]])
    assert part.report is not None
    assert part.report.findings == ORDINARY.report.findings
    assert part.findings is not None
    assert [(one.id, one.label, one.presence) for one in part.findings] == [
        (one.id, one.label, one.presence) for one in ORDINARY.findings
    ]
    assert part.quality == ORDINARY.quality
    assert part.given is not None
    assert part.given.indication == "cough"
    assert (part.flags, part.model, part.complete) == (None, None, False)
    assert part.missing
    with pytest.raises(UnreadableObjectError, match="not all of the reading is there"):
        part.reading()


def test_the_marks_alone_tell_their_part() -> None:
    part = read_back([written(ORDINARY)[ResultKind.GSPS]])
    placed = [one for one in as_written(ORDINARY, rows=ROWS, columns=COLUMNS).findings if one.boxes]
    assert part.findings is not None
    assert [(one.id, one.label, one.presence, one.boxes) for one in part.findings] == [
        (one.id, one.label, one.presence, one.boxes) for one in placed
    ]
    assert part.missing


def test_report_and_marks_tell_more_than_each() -> None:
    objects = written(ORDINARY)
    part = read_back([objects[ResultKind.GSPS], objects[ResultKind.REPORT_SR]])
    whole = as_written(ORDINARY, rows=ROWS, columns=COLUMNS)
    assert part.findings is not None
    assert [(one.id, one.boxes) for one in part.findings] == [
        (one.id, one.boxes) for one in whole.findings
    ]
    assert not part.complete


def test_a_persons_text_is_not_taken_for_the_drafts() -> None:
    version = replace(
        draft_of(ORDINARY), kind=ReportKind.EDITED, author="Doe^Dora", findings="All well."
    )
    built = build_all(ORDINARY, version, film_header(), BuildContext())
    part = read_back([built[ResultKind.REPORT_SR]])
    assert (part.report, part.findings, part.sentences) == (None, None, None)
    assert any("a person's" in one for one in part.missing)
    objects = written(ORDINARY)
    both = read_back([built[ResultKind.REPORT_SR], objects[ResultKind.FINDINGS_SR]])
    assert both.reading().report == ORDINARY.report


def test_the_film_may_be_told_beside() -> None:
    document = written(ORDINARY)[ResultKind.FINDINGS_SR]
    for name in (concepts.PIXEL_DATA_ROWS, concepts.PIXEL_DATA_COLUMNS):
        for item in named(document, name):
            item.MeasuredValueSequence = []
    with pytest.raises(UnreadableObjectError, match="size of the film"):
        read_back([document]).reading()
    expected = as_written(ORDINARY, rows=ROWS, columns=COLUMNS)
    assert read_back([document], size=(ROWS, COLUMNS)).reading() == expected


def test_documents_of_two_readings_are_refused() -> None:
    other = written(make_reading(ORDINARY.findings, reading_id="f" * 32))
    with pytest.raises(UnreadableObjectError, match="not of one reading"):
        read_back([written(ORDINARY)[ResultKind.FINDINGS_SR], other[ResultKind.GSPS]])


def test_documents_of_two_films_are_refused() -> None:
    other = written(ORDINARY, film_header(SOPInstanceUID="1.2.3"))
    with pytest.raises(UnreadableObjectError, match="not of one reading: they differ in film"):
        read_back([written(ORDINARY)[ResultKind.FINDINGS_SR], other[ResultKind.GSPS]])


def _moved(documents: dict[ResultKind, Dataset]) -> None:
    (marks,) = (
        one
        for one in documents[ResultKind.GSPS].GraphicAnnotationSequence
        if one.get("GraphicObjectSequence")
        and one.GraphicObjectSequence[0].TrackingUID == ORDINARY.findings[0].id
    )
    corners = marks.GraphicObjectSequence[0].GraphicData
    marks.GraphicObjectSequence[0].GraphicData = [corner / 2 for corner in corners]


def _denied(documents: dict[ResultKind, Dataset]) -> None:
    codes = built_in_codes()
    for item in named(documents[ResultKind.REPORT_SR], codes.label(ORDINARY.findings[0].label)):
        item.ConceptCodeSequence[0].CodeValue = codes.presence(Presence.ABSENT).value


def _reworded(documents: dict[ResultKind, Dataset]) -> None:
    for item in named(documents[ResultKind.REPORT_SR], concepts.FINDING):
        item.TextValue = "All well."


@pytest.mark.parametrize("alter", [_moved, _denied, _reworded])
def test_documents_that_were_altered_are_refused(
    alter: Callable[[dict[ResultKind, Dataset]], None],
) -> None:
    documents = written(ORDINARY)
    alter(documents)
    with pytest.raises(UnreadableObjectError, match="they differ in"):
        read_back(documents.values())


@pytest.mark.parametrize("documents", [[], [by_highdicom()], [Dataset()]])
def test_what_is_not_ours_is_refused(documents: Iterable[Dataset]) -> None:
    with pytest.raises(NotReadError):
        read_back(documents)


def _no_record(document: Dataset) -> None:
    document.ContentSequence = document.ContentSequence[:-1]


def _no_presence(document: Dataset) -> None:
    for item in named(document, concepts.MEASUREMENT_GROUP):
        item.ContentSequence = [one for one in item.ContentSequence if one.ValueType != "CODE"]


def _off_the_film(document: Dataset) -> None:
    for item in named(document, concepts.IMAGE_REGION):
        item.GraphicData = [-5.0, 0.0, 9.0, 0.0, 9.0, 9.0, -5.0, 9.0, -5.0, 0.0]


def _certainty_of_two_hundred(document: Dataset) -> None:
    for item in named(document, concepts.CERTAINTY_OF_FINDING):
        item.MeasuredValueSequence[0].NumericValue = "200"


def _no_tracking(document: Dataset) -> None:
    for item in named(document, concepts.TRACKING_UID):
        item.UID = ""


def _absent_with_a_place(document: Dataset) -> None:
    absent = built_in_codes().presence(Presence.ABSENT)
    for item in named(document, built_in_codes().label(ORDINARY.findings[0].label)):
        item.ConceptCodeSequence[0].CodeValue = absent.value


def _strange_model(document: Dataset) -> None:
    for item in named(document, concepts.MODEL_DEMO):
        item.ConceptCodeSequence[0].CodeValue = "perhaps"


def _no_words(document: Dataset) -> None:
    for item in named(document, concepts.RECORD):
        for child in item.ContentSequence:
            if child.ValueType == "TEXT":
                child.TextValue = " "


@pytest.mark.parametrize(
    "spoil",
    [
        _no_record,
        _no_presence,
        _off_the_film,
        _certainty_of_two_hundred,
        _no_tracking,
        _absent_with_a_place,
        _strange_model,
        _no_words,
    ],
)
def test_what_only_says_that_it_is_ours_is_refused(spoil: Callable[[Dataset], None]) -> None:
    document = written(ORDINARY)[ResultKind.FINDINGS_SR]
    spoil(document)
    with pytest.raises((NotReadError, UnreadableObjectError)):
        read_back([document])
