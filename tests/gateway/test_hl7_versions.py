"""What messages say of what persons did: accepted, edited, final, corrected, taken back.

Read back with the `hl7` library, which shares nothing with our builder. Not covered: who gets them
(test_deliver_hl7.py) and what a draft says (test_hl7_message.py).
"""

from dataclasses import replace

import pytest

from core.reading import DraftReport
from core.report import ReportKind
from gateway.hl7.envelope import control_id, message_uid
from tests.dicom_sr.readings import ORDINARY, draft_of
from tests.gateway.hl7_messages import (
    LATER,
    RIS,
    built,
    field,
    impression,
    observations,
    of_code,
    reviewed,
    taken_back,
)


def test_a_draft_without_an_impression_says_so() -> None:
    silent = replace(draft_of(ORDINARY), impression="")
    assert impression(built(version=silent)).startswith("AI DRAFT: no impression was written")


@pytest.mark.parametrize("final", [True, False])
def test_a_person_who_wrote_no_impression_is_given_none(*, final: bool) -> None:
    draft = built()
    version = replace(reviewed(ORDINARY, ReportKind.EDITED, final=final), impression=" ")
    data = built(version=version, earlier=[draft])
    # The draft's impression goes, and what remains begins with what the report is.
    (gone,) = of_code(data, "121073")
    assert (gone[5], gone[11], gone[16]) == ('""', "D", "")
    (said,) = of_code(data, "121071")
    assert said[5].startswith("FINAL REPORT" if final else "AI DRAFT")
    assert said[5].endswith(": Scoliosis.")
    assert "impression was" not in data.decode()
    assert of_code(built(version=version), "121073") == []


def test_a_final_report_that_is_taken_back_is_called_so() -> None:
    final = built(version=reviewed(ORDINARY, ReportKind.EDITED, final=True))
    data = taken_back([built(), final], author="Doe^Jane")
    assert impression(data) == "FINAL REPORT WITHDRAWN by Jane Doe: the wrong side. Do not use it."
    assert field(data, "OBR", 25) == "C"


@pytest.mark.parametrize(
    ("kind", "final", "status", "opening"),
    [
        (ReportKind.ACCEPTED, False, "P", "AI DRAFT, accepted by Dr. Jane Q Doe"),
        (ReportKind.EDITED, False, "P", "AI DRAFT, edited by Dr. Jane Q Doe"),
        (ReportKind.ACCEPTED, True, "F", "FINAL REPORT"),
        (ReportKind.EDITED, True, "F", "FINAL REPORT"),
    ],
)
def test_what_a_person_made_of_it(
    kind: ReportKind,
    final: bool,  # noqa: FBT001 - a parameter of the table
    status: str,
    opening: str,
) -> None:
    data = built(version=reviewed(ORDINARY, kind, final=final))
    assert field(data, "OBR", 25) == status
    assert field(data, "OBR", 32) == "&Doe&Jane&Q&MD&Dr."
    assert {fields[11] for fields in observations(data).values()} == {status, "O"}
    assert impression(data).startswith(opening)
    (said,) = of_code(data, "121073")
    assert said[16] == "^Doe^Jane^Q^MD^Dr."
    assert bool(of_code(data, "60046008")) is (kind is ReportKind.ACCEPTED)


@pytest.mark.parametrize("kept", ["", "No pneumothorax is seen."])
def test_an_edit_deletes_every_answer_of_the_model(kept: str) -> None:
    reading = replace(ORDINARY, report=DraftReport("No pneumothorax is seen.", "Effusion."))
    version = replace(reviewed(reading, ReportKind.EDITED), findings=f"Scoliosis. {kept}")
    draft = built(reading)
    edited = built(reading, version, earlier=[draft])
    before, after = observations(draft), observations(edited)
    assert set(before) == set(after)
    deleted = {key for key, fields in after.items() if fields[11] == "D"}
    assert deleted == {
        key
        for key, fields in before.items()
        if (fields[2] in {"CWE", "NM"} and key[0] != "TIER") or key[1].endswith(".checks")
    }
    assert {after[key][5] for key in deleted} == {'""'}
    assert {after[key][8] for key in deleted} == {""}


def test_accepting_what_another_person_wrote_brings_no_answer_back() -> None:
    version = replace(reviewed(ORDINARY, ReportKind.ACCEPTED), impression="Large pneumothorax.")
    data = built(version=version)
    assert {key[0] for key, fields in observations(data).items() if fields[2] == "CWE"} == {"TIER"}
    assert not [fields for fields in observations(data).values() if fields[2] == "NM"]
    assert impression(data).startswith("AI DRAFT, edited, then accepted by Dr. Jane Q Doe")


@pytest.mark.parametrize("kind", [ReportKind.ACCEPTED, ReportKind.EDITED])
def test_the_remarks_on_the_picture_are_said_to_be_the_models(kind: ReportKind) -> None:
    words = "The remarks in this section are the AI's, not the person's."
    (said,) = of_code(built(version=reviewed(ORDINARY, kind)), "111052")
    assert said[5] == f"{words}~{ORDINARY.quality[0].text}"
    (drafted,) = of_code(built(), "111052")
    assert drafted[5] == ORDINARY.quality[0].text


def test_what_was_deleted_once_is_not_deleted_again() -> None:
    draft = built()
    edited = built(version=reviewed(ORDINARY, ReportKind.EDITED), earlier=[draft])
    again = built(version=reviewed(ORDINARY, ReportKind.EDITED), earlier=[edited])
    assert "D" not in {fields[11] for fields in observations(again).values()}


@pytest.mark.parametrize("first", [True, False])
def test_a_final_report_is_followed_by_a_correction(first: bool) -> None:  # noqa: FBT001
    accepted = built(version=reviewed(ORDINARY, ReportKind.ACCEPTED, final=first))
    edited = built(version=reviewed(ORDINARY, ReportKind.EDITED, final=True), earlier=[accepted])
    assert field(edited, "OBR", 25) == ("C" if first else "F")
    # A draft corrects nobody's final report.
    assert field(built(earlier=[accepted]), "OBR", 25) == "P"


def test_a_withdrawal_says_so_and_deletes_the_rest() -> None:
    draft = built()
    data = taken_back([draft], author="Doe^Jane")
    found = observations(data)
    assert set(found) == set(observations(draft))
    assert impression(data) == ("AI DRAFT WITHDRAWN by Jane Doe: the wrong side. Do not use it.")
    kept = {key[0]: fields[11] for key, fields in found.items() if fields[11] != "D"}
    assert kept == {"113014": "O", "TIER": "P", "121073": "P"}
    assert field(data, "OBR", 25) == "P"
    assert field(data, "OBR", 22) == "20260329110000+0200"
    assert field(data, "MSH", 10) == control_id(
        message_uid("version-1", RIS, (draft,), withdrawn=True)
    )
    assert "60046008" not in {code for (code, _sub), fields in found.items() if fields[11] == "P"}


def test_the_withdrawal_of_a_final_report_is_a_correction() -> None:
    final = built(version=reviewed(ORDINARY, ReportKind.ACCEPTED, final=True))
    data = taken_back([built(), final])
    assert field(data, "OBR", 25) == "C"
    assert {fields[11] for fields in observations(data).values()} == {"C", "D", "O"}


def test_nothing_can_be_taken_back_from_a_peer_that_has_nothing() -> None:
    with pytest.raises(ValueError, match="nothing of version version-1 is to be taken back"):
        taken_back([])


def test_a_naive_time_of_withdrawal_is_refused() -> None:
    with pytest.raises(ValueError, match="needs its zone"):
        taken_back([built()], at=LATER.replace(tzinfo=None))
