"""The report of a version that a person accepted or wrote.

Covers: who verified it and when, observers, whether it is final, predecessors and their purposes,
the banner, and that the model's codes stay only beside words that still stand. Not covered: which
versions there are and who gets them, which is the gateway's.
"""

from dataclasses import replace

import pytest
from pydicom.dataset import Dataset

from core.report import ReportKind, ReportVersion
from core.states import DRAFT_KINDS, REVIEWED_KINDS, ResultKind
from dicom_sr import concepts
from dicom_sr.build import build_all
from dicom_sr.context import BuildContext, FilmPlace, Replaced
from dicom_sr.kinds import kinds_of
from dicom_sr.report_sr import build_report_sr
from dicom_sr.standing import holds_sentence
from tests.dicom_sr.headers import film_header
from tests.dicom_sr.readings import DEMO, ORDINARY, TOLD, draft_of, reviewed
from tests.dicom_sr.trees import children, code_of, named, value_of

CONTEXT = BuildContext(institution="General Hospital", timezone="Europe/Berlin")
ENHANCED = "1.2.840.10008.5.1.4.1.1.88.22"
EDITED = ReportKind.EDITED
SIGNED = "Dr. Jane Doe on 2026-03-29 01:30 +0100"


def built(version: ReportVersion, context: BuildContext = CONTEXT) -> Dataset:
    return build_report_sr(TOLD, version, film_header(), context)


def banner(root: Dataset) -> list[str]:
    return [item.TextValue for item in children(children(root, concepts.NOTICE_SECTION)[0])]


def stated(root: Dataset) -> list[str]:
    """Give the tracking UIDs of the model's statements."""
    found = []
    for section in children(root, concepts.STATEMENTS_SECTION):
        found += [item.UID for item in named(section, concepts.TRACKING_UID)]
    return found


@pytest.mark.parametrize("kind", [ReportKind.ACCEPTED, ReportKind.EDITED])
@pytest.mark.parametrize("final", [False, True])
def test_it_is_verified_by_the_person(kind: ReportKind, final: bool) -> None:  # noqa: FBT001
    root = built(reviewed(TOLD, kind, final=final))
    assert root.VerificationFlag == "VERIFIED"
    assert root.CompletionFlag == "COMPLETE"
    assert root.PreliminaryFlag == ("FINAL" if final else "PRELIMINARY")
    observer = root.VerifyingObserverSequence[0]
    assert observer.VerifyingObserverName == "Doe^Jane^^Dr."
    assert observer.VerifyingOrganization == "General Hospital"
    assert observer.VerificationDateTime == "20260329013015+0100"
    assert len(observer.VerifyingObserverIdentificationCodeSequence) == 0


def test_a_site_without_a_name_is_no_reason_to_stop() -> None:
    root = built(reviewed(TOLD), BuildContext())
    assert root.VerifyingObserverSequence[0].VerifyingOrganization == "not stated"
    assert not named(root, concepts.PERSON_OBSERVER_ORGANIZATION)


def test_person_and_model_are_its_observers() -> None:
    root = built(reviewed(TOLD))
    sorts = [value_of(item)[0] for item in children(root, concepts.OBSERVER_TYPE)]
    assert sorts == ["121006", "121007"]
    assert children(root, concepts.PERSON_OBSERVER_NAME)[0].PersonName == "Doe^Jane^^Dr."
    organization = children(root, concepts.PERSON_OBSERVER_ORGANIZATION)[0]
    assert organization.TextValue == "General Hospital"
    assert TOLD.model.uid == children(root, concepts.DEVICE_OBSERVER_UID)[0].UID


def test_statements_are_the_models_alone() -> None:
    section = children(built(reviewed(TOLD)), concepts.STATEMENTS_SECTION)[0]
    assert [value_of(one)[0] for one in children(section, concepts.OBSERVER_TYPE)] == ["121007"]


def test_of_an_accepted_draft_every_statement_stays() -> None:
    assert stated(built(reviewed(TOLD))) == [finding.id for finding in TOLD.findings]


@pytest.mark.parametrize(
    ("findings", "impression", "kept", "sentences"),
    [
        # Word for word, elsewhere and wrapped: what it states stands.
        ("No pneumothorax.\nThere is a left pleural\neffusion.", "Left effusion.", [0, 1], 3),
        # One of the two sentences on the effusion is gone.
        ("There is a left pleural effusion. No pneumothorax.", "Normal.", [1], 2),
        ("There is a right pleural effusion. No pneumothorax.", "Left effusion.", [1], 2),
        # As a part of another sentence it is no longer the same statement.
        ("It is wrong that There is a left pleural effusion.", "Left effusion.", [], 1),
        ("No pneumothorax. seen before", "", [1], 1),
        ("Something else.", "", [], 0),
    ],
)
def test_codes_never_speak_against_the_persons_words(
    findings: str, impression: str, kept: list[int], sentences: int
) -> None:
    root = built(reviewed(TOLD, EDITED, findings=findings, impression=impression))
    assert stated(root) == [TOLD.findings[index].id for index in kept]
    section = children(root, concepts.STATEMENTS_SECTION)[0]
    left_out = children(section, concepts.COMMENT)[0].TextValue
    assert left_out.startswith(f"{len(TOLD.findings) - len(kept)} coded findings of the AI draft")
    said = children(root, concepts.SENTENCES_SECTION)
    assert sum(len(children(one)) for one in said) == sentences
    links = {link.UID for one in said for link in named(one, concepts.TRACKING_UID)}
    assert links <= set(stated(root))
    assert named(root, concepts.FINDING)[0].TextValue == findings.replace("\n", "\r\n")


@pytest.mark.parametrize(
    ("text", "sentence", "expected"),
    [
        ("Clear.", "Clear.", True),
        ("Lungs fine. Clear.\nRest", "Clear.", True),
        ("There is no\nleft effusion.", "left effusion.", False),
        ("There is no\n\nleft effusion.", "left effusion.", True),
        ("Left effusion\nNo pneumothorax", "Left effusion", True),
        ("Left effusion\nhas gone", "Left effusion", False),
        ("Left effusion has gone", "Left effusion", False),
        ('"Left effusion." said the AI', "Left effusion.", False),
        ("Left effusion.But", "Left effusion.", False),
        ("No.Left effusion.", "Left effusion.", False),
        ("anything", "  ", False),
    ],
)
def test_a_sentence_stands_as_one_of_its_own_or_not(
    text: str,
    sentence: str,
    expected: bool,  # noqa: FBT001
) -> None:
    assert holds_sentence(text, sentence) is expected


@pytest.mark.parametrize(
    ("before", "now", "purpose"),
    [
        (ReportKind.DRAFT, ReportKind.DRAFT, concepts.REPLACED),
        (ReportKind.DRAFT, ReportKind.ACCEPTED, concepts.PRELIMINARY),
        (ReportKind.DRAFT, ReportKind.EDITED, concepts.PRELIMINARY),
        (ReportKind.ACCEPTED, ReportKind.EDITED, concepts.REPLACED),
        (ReportKind.EDITED, ReportKind.EDITED, concepts.REPLACED),
        (ReportKind.ACCEPTED, ReportKind.DRAFT, None),
    ],
)
def test_why_the_report_before_is_named(
    before: ReportKind, now: ReportKind, purpose: object
) -> None:
    earlier = Replaced(ResultKind.REPORT_SR, ENHANCED, "2.25.1", "2.25.2", before)
    version = draft_of(TOLD) if now is ReportKind.DRAFT else reviewed(TOLD, now)
    root = built(version, replace(CONTEXT, replaces=(earlier,)))
    if purpose is None:
        assert "PredecessorDocumentsSequence" not in root
        return
    series = root.PredecessorDocumentsSequence[0].ReferencedSeriesSequence[0]
    assert series.SeriesInstanceUID == "2.25.2"
    named_there = series.ReferencedSOPSequence[0]
    assert named_there.ReferencedSOPInstanceUID == "2.25.1"
    assert code_of(named_there.PurposeOfReferenceCodeSequence[0]) == (
        purpose.value,  # type: ignore[attr-defined]
        "DCM",
    )


def test_the_banner_says_who_when_and_what_it_is() -> None:
    accepted = (
        f"AI draft accepted as it stands by {SIGNED}. This is not the hospital's final report. "
        "Research use, not a medical device."
    )
    assert banner(built(reviewed(TOLD))) == [accepted]
    edited = reviewed(TOLD, EDITED, findings="Mine.", final=True)
    context = replace(CONTEXT, authorised=True, place=FilmPlace(2, 2, "AP"))
    written = (
        f"AI draft edited by {SIGNED}; the words are the person's. This is the hospital's final "
        "report."
    )
    assert banner(built(edited, context)) == [
        written,
        "On one of 2 frontal films of this study: AP, number 2",
    ]


@pytest.mark.parametrize(
    ("version", "authorised", "notice"),
    [
        (reviewed(TOLD), False, "AI text accepted, research use, not a medical device"),
        (reviewed(TOLD, EDITED), False, "AI text edited, research use, not a medical device"),
        (reviewed(TOLD), True, "AI draft accepted, not the final report"),
        (reviewed(TOLD, EDITED), True, "AI draft edited, not the final report"),
        (reviewed(TOLD, final=True), True, "Final report, an AI draft accepted"),
        (reviewed(TOLD, EDITED, final=True), True, "Final report, written over an AI draft"),
    ],
)
def test_the_series_says_what_it_is(
    version: ReportVersion,
    authorised: bool,  # noqa: FBT001
    notice: str,
) -> None:
    root = built(version, replace(CONTEXT, authorised=authorised))
    assert root.SeriesDescription == f"Report: {notice}"


def test_a_demo_models_accepted_text_says_so() -> None:
    root = build_report_sr(DEMO, reviewed(DEMO), film_header(), CONTEXT)
    assert root.SeriesDescription.endswith("not a medical device, DEMO MODEL")
    assert banner(root)[0].endswith("DEMO MODEL.")


def test_other_documents_stay_the_models() -> None:
    objects = build_all(ORDINARY, reviewed(ORDINARY), film_header(), CONTEXT, kinds=DRAFT_KINDS)
    assert set(objects) == {ResultKind.REPORT_SR}
    assert kinds_of(EDITED) == REVIEWED_KINDS
    assert set(DRAFT_KINDS) < set(kinds_of(ReportKind.DRAFT))


def test_it_is_another_object_than_the_draft() -> None:
    draft, accepted = (
        built(version).SOPInstanceUID for version in (draft_of(TOLD), reviewed(TOLD))
    )
    assert draft != accepted


def test_nobody_is_no_verifying_observer() -> None:
    version = replace(reviewed(TOLD), author="\x00^\u202e")
    with pytest.raises(ValueError, match="version version-2 is accepted by nobody"):
        built(version)
