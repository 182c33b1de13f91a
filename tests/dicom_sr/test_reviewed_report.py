"""The report of a version that a person accepted or wrote.

Covers: who verified it and when, observers, whether it is final, predecessors and their purposes,
the banner, and that the model's codes and remarks on its answer stand beside its own words only.
Not covered: which versions there are and who gets them, which is the gateway's.
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
    ("findings", "impression"),
    [
        # Each sentence of the draft on a pneumothorax stands, and the impression denies it.
        (
            "There is a right pleural effusion. No pneumothorax.",
            "Right effusion. Large right tension pneumothorax.",
        ),
        ("There is a left pleural effusion. No pneumothorax.\nADDENDUM: wrong.", "Left effusion."),
        (TOLD.report.findings, TOLD.report.impression),
        ("Something else.", ""),
    ],
)
@pytest.mark.parametrize("final", [False, True])
def test_codes_never_speak_against_the_persons_words(
    findings: str,
    impression: str,
    final: bool,  # noqa: FBT001
) -> None:
    root = built(reviewed(TOLD, EDITED, findings=findings, impression=impression, final=final))
    (section,) = children(root, concepts.STATEMENTS_SECTION)
    (said,) = children(section)
    assert said.TextValue == (
        "The AI's coded findings are not repeated beside a person's text; they stand in the AI's "
        "own documents."
    )
    assert not named(root, concepts.TRACKING_UID)
    assert not children(root, concepts.SENTENCES_SECTION)
    assert named(root, concepts.FINDING)[0].TextValue == findings.replace("\n", "\r\n")


def test_accepting_what_another_person_wrote_brings_no_code_back() -> None:
    version = reviewed(TOLD, findings="Mine.", impression="Large right pneumothorax.")
    assert version.kind is ReportKind.ACCEPTED
    root = built(version)
    assert not stated(root)
    assert not named(root, concepts.CHECK)
    assert root.SeriesDescription.endswith("AI text edited, research use, not a medical device")
    assert banner(root)[0].startswith(
        f"AI draft edited, and the edited text accepted as it stands by {SIGNED}; the words are a "
    )


def test_remarks_on_the_answer_stand_beside_that_answer_alone() -> None:
    accepted, edited = (built(reviewed(TOLD, kind)) for kind in (ReportKind.ACCEPTED, EDITED))
    assert named(accepted, concepts.CHECK)
    assert not named(edited, concepts.CHECK)
    for root in (accepted, edited):
        (section,) = children(root, concepts.QUALITY_SECTION)
        assert [value_of(one)[0] for one in children(section, concepts.OBSERVER_TYPE)] == ["121007"]
        (whose,) = children(section, concepts.COMMENT)
        assert whose.TextValue == "The remarks in this section are the AI's, not the person's."
        assert children(section, concepts.QUALITY_FINDING)
    (section,) = children(built(draft_of(TOLD)), concepts.QUALITY_SECTION)
    assert not children(section, concepts.COMMENT)


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
    assert root.SeriesDescription == "Report: AI text accepted, research use, DEMO"
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
