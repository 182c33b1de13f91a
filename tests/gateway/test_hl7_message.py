"""What the messages say, read back with the `hl7` library, which shares nothing with our builder.

Covered: every reading and every odd header that the DICOM builders are tried on, names in several
scripts, hostile words, and that the same input gives the same bytes. Not covered: what persons made
of a draft (test_hl7_versions.py), and what a real reporting system makes of a message.
"""

from dataclasses import replace
from typing import Any

import hl7
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.sr.coding import Code

from core.labels import Label
from core.reading import DraftReport, Flag, Presence, Reading, Remark
from core.triage import Tier
from dicom_sr.context import FilmPlace
from dicom_sr.elements import code_item
from gateway.hl7.encoding import encoded_message, segment, value
from gateway.hl7.envelope import Envelope, control_id, message_uid
from tests.dicom_sr.headers import NASTY, film_header
from tests.dicom_sr.readings import MODEL, ORDINARY, READINGS, draft_of, make_reading
from tests.gateway.hl7_messages import (
    CONTEXT,
    RIS,
    built,
    field,
    impression,
    observations,
    of_code,
    parsed,
)

SEGMENTS = {"MSH", "PID", "ORC", "OBR", "OBX"}


@pytest.mark.parametrize("name", READINGS)
def test_every_reading_makes_a_message_that_can_be_read(name: str) -> None:
    data = built(READINGS[name])
    message = parsed(data)
    assert {str(part[0]) for part in message} == SEGMENTS
    assert [str(part[0]) for part in message][:4] == ["MSH", "PID", "ORC", "OBR"]
    assert [str(obx[1]) for obx in message.segments("OBX")] == [
        str(number) for number in range(1, len(message.segments("OBX")) + 1)
    ]
    assert {fields[11] for fields in observations(data).values()} == {"P", "O"}
    assert impression(data).startswith("AI DRAFT: ")
    text = data.decode("utf-8").replace("\r", "")
    assert text.isprintable() or not any(ord(character) < 32 for character in text)


@pytest.mark.parametrize("name", NASTY)
def test_every_odd_header_makes_a_message_that_can_be_read(name: str) -> None:
    data = built(source=film_header(**NASTY[name]))
    message = parsed(data)
    assert {str(part[0]) for part in message} == SEGMENTS
    assert len(message.segments("PID")) == len(message.segments("OBR")) == 1
    assert not any(character < 32 for character in data.replace(b"\r", b""))


def test_header_of_the_message() -> None:
    msh = parsed(built()).segment("MSH")
    assert [str(msh[number]) for number in (3, 4, 5, 6)] == [
        "FIRSTREAD",
        "RADIOLOGY",
        "RIS",
        "HOSPITAL",
    ]
    assert str(msh[2]) == "^~\\&"
    # Half past midnight in UTC, in the minute before Berlin's clocks go forward.
    assert str(msh[7]) == "20260329013015+0100"
    assert str(msh[9]) == "ORU^R01^ORU_R01"
    assert [str(msh[number]) for number in (11, 12, 15, 16, 18)] == [
        "P",
        "2.5.1",
        "",
        "",
        "UNICODE UTF-8",
    ]


def test_the_same_is_the_same_and_something_else_is_not() -> None:
    data = built()
    assert built() == data
    uid = message_uid("version-1", RIS)
    assert field(data, "MSH", 10) == control_id(uid)
    assert len(control_id(uid)) == 20
    others = [
        message_uid("version-2", RIS),
        message_uid("version-1", replace(RIS, receiving_facility="OTHER")),
        message_uid("version-1", RIS, (data,)),
        message_uid("version-1", RIS, (data,), withdrawn=True),
    ]
    assert len({uid, *others}) == len({control_id(one) for one in (uid, *others)}) == 5


def test_a_demonstration_is_no_production() -> None:
    assert field(built(READINGS["demo"]), "MSH", 11) == "T"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Doe^Jane^Q^Dr.^MD", "Doe^Jane^Q^MD^Dr.^^L^A"),
        (
            "Yamada^Tarou=山田^太郎=やまだ^たろう",
            "Yamada^Tarou^^^^^L^A~山田^太郎^^^^^L^I~やまだ^たろう^^^^^L^P",
        ),
        ("=洪^吉洞=홍^길동", "洪^吉洞^^^^^L^I~홍^길동^^^^^L^P"),
        ("قباني^لنزار", "قباني^لنزار^^^^^L^A"),
        ("", "^^^^^^U"),
    ],
)
def test_names_in_the_scripts_of_the_world(name: str, expected: str) -> None:
    source = film_header(SpecificCharacterSet="ISO_IR 192", PatientName=name)
    assert field(built(source=source), "PID", 5) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"PatientID": "P|1^2&3~4"}, "P\\F\\1\\S\\2\\T\\3\\R\\4^^^SITE^PI"),
        ({"IssuerOfPatientID": "1.2.276.0.76"}, "PID-1^^^&1.2.276.0.76&ISO^PI"),
        ({"IssuerOfPatientID": ""}, "PID-1^^^^PI"),
        ({"PatientID": ""}, ""),
    ],
)
def test_the_identity_of_the_patient_is_whole(changes: dict[str, str], expected: str) -> None:
    assert field(built(source=film_header(**changes)), "PID", 3) == expected


def test_birth_date_and_sex_are_told_where_they_are_known() -> None:
    data = built()
    assert (field(data, "PID", 7), field(data, "PID", 8)) == ("19500102", "F")
    unknown = built(source=film_header(PatientBirthDate="", PatientSex="?"))
    assert (field(unknown, "PID", 7), field(unknown, "PID", 8)) == ("", "U")


def test_the_order_is_named_and_its_state_left_alone() -> None:
    data = built()
    assert str(parsed(data).segment("ORC")) == "ORC|RE|A123|A123"
    assert [field(data, "OBR", number) for number in (2, 3, 18)] == ["A123", "A123", "A123"]
    assert field(data, "OBR", 4) == "^Chest PA"
    assert field(data, "OBR", 7) == "20260328221500"
    assert field(data, "OBR", 22) == "20260329013015+0100"
    assert field(data, "OBR", 24) == "RAD"


def test_an_order_that_the_header_codes_or_does_not_name() -> None:
    source = film_header(AccessionNumber="", PlacerOrderNumberImagingServiceRequest="PL|7")
    source.ProcedureCodeSequence = [code_item(Code("36643-5", "LN", "XR Chest 2 Views"))]
    data = built(source=source)
    assert field(data, "OBR", 4) == "36643-5^XR Chest 2 Views^LN"
    assert field(data, "OBR", 2) == "PL\\F\\7"
    assert field(data, "OBR", 3) == str(source.StudyInstanceUID)
    bare = built(source=film_header(StudyDescription=""))
    assert field(bare, "OBR", 4) == "363679005^Imaging procedure^SCT"


def test_the_study_is_named_as_integrating_the_healthcare_enterprise_does() -> None:
    (study,) = of_code(built(), "113014")
    assert (study[2], study[3], study[11]) == ("HD", "113014^DICOM Study^DCM", "O")
    assert study[5] == f"^{film_header().StudyInstanceUID}^ISO"


def test_a_finding_has_its_answer_score_and_place() -> None:
    data = built()
    found = observations(data)
    (sub_id,) = [key[1] for key, fields in found.items() if fields[5].startswith("3120008^")]
    answer = found["60046008", sub_id]
    assert (answer[2], answer[5], answer[8]) == ("CWE", "52101004^Present^SCT", "A")
    score = found["111012", sub_id]
    assert (score[2], score[5], score[6]) == ("NM", "87.5", "%^Percent^UCUM")
    assert found["272741003", sub_id][5] == "7771000^Left^SCT"
    assert answer[18] == MODEL.uid


def test_flags_of_answers() -> None:
    found = observations(built(READINGS["absent and uncertain"]))
    flags = {fields[5].partition("^")[0]: fields[8] for fields in found.values()}
    assert flags["272519000"] == ""
    assert flags["373068000"] == "A"
    assert "N" not in {fields[8] for fields in found.values()}


def clear(**changes: Any) -> Reading:
    """Give a reading that denies every label and remarks on nothing."""
    return replace(make_reading(), checks=(), **changes)


FEWER = tuple(label for label in Label if label is not Label.FRACTURE)


@pytest.mark.parametrize(
    ("reading", "tier", "flag", "code"),
    [
        (clear(), Tier.ROUTINE, "N", "17621005"),
        (clear(), Tier.RAISED, "", "17621005"),
        (make_reading(), Tier.ROUTINE, "", "17621005"),
        (clear(model=replace(MODEL, labels=FEWER)), Tier.ROUTINE, "", "371934000"),
        (clear(flags=()), Tier.ROUTINE, "", "371934000"),
        (
            clear(flags=(Flag(Label.EDEMA, Presence.UNCERTAIN),)),
            Tier.ROUTINE,
            "A",
            "371934000",
        ),
        (ORDINARY, Tier.ROUTINE, "A", "263654008"),
    ],
)
def test_normal_is_said_only_where_nothing_speaks_against_it(
    reading: Reading, tier: Tier, flag: str, code: str
) -> None:
    data = built(reading, tier=tier)
    (overall,) = of_code(data, "121402")
    assert (overall[8], overall[5].partition("^")[0]) == (flag, code)
    normal = [fields for fields in observations(data).values() if fields[8] == "N"]
    assert normal == ([overall] if flag == "N" else [])


def test_a_label_that_was_not_asked_for_is_not_named() -> None:
    reading = clear(model=replace(MODEL, labels=FEWER))
    fracture = CONTEXT.codes.label(Label.FRACTURE).value
    assert of_code(built(reading), fracture) == []
    assert of_code(built(clear()), fracture) != []


def test_no_answer_is_said_twice() -> None:
    data = built(READINGS["every label"])
    for label in Label:
        assert len(of_code(data, CONTEXT.codes.label(label).value)) == 1


@pytest.mark.parametrize(
    ("tier", "word", "flag"),
    [
        (Tier.ROUTINE, "ROUTINE", ""),
        (Tier.RAISED, "RAISED", "A"),
        (Tier.URGENT, "URGENT", "AA"),
    ],
)
def test_the_place_in_the_worklist_is_told(tier: Tier, word: str, flag: str) -> None:
    (place,) = of_code(built(tier=tier), "TIER")
    assert (place[5].partition("^")[0], place[8]) == (word, flag)


def test_banner_texts_and_model_are_told() -> None:
    data = built(context=replace(CONTEXT, place=FilmPlace(2, 2, "AP")))
    found = observations(data)
    texts = [fields[5] for fields in found.values() if fields[2] == "TX"]
    assert "AI draft, research use, not a medical device" in texts[0]
    assert "AP, number 2" in texts[0]
    assert "Lungs are clear.~Heart size is normal." in texts
    assert "The patient is rotated to the left." in texts
    assert "One box lay outside the picture." in texts
    assert any(MODEL.weights_sha256 in text for text in texts)
    (model,) = of_code(data, "121012")
    assert model[5] == f"^{MODEL.uid}^ISO"


def test_two_films_of_a_study_do_not_overwrite_each_other() -> None:
    one = observations(built())
    two = observations(built(source=film_header(SOPInstanceUID="1.2.3.4.5")))
    assert {key[0] for key in set(one) & set(two)} == {"113014", "TIER"}


def test_a_version_of_another_reading_is_refused() -> None:
    with pytest.raises(ValueError, match="is of reading"):
        built(clear(id="other"), draft_of(ORDINARY))


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"sending_application": " "}, "needs a sending application"),
        ({"receiving_facility": "x" * 21}, "at most 20"),
        ({"receiving_application": "a\rb"}, "printable"),
    ],
)
def test_an_envelope_that_cannot_be_is_refused(values: dict[str, str], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Envelope(**values)


def test_hostile_words_stay_in_their_field() -> None:
    words = "x\rOBX|99|CWE|36118008^Pneumothorax^SCT||y\x0b\x1c\r~^&\\H\\|z"
    reading = replace(
        ORDINARY,
        report=DraftReport(words, words),
        checks=(Remark("hostile", words),),
        model=replace(MODEL, name=words, version=words),
    )
    source = film_header(PatientName=words, AccessionNumber=words, StudyDescription=words)
    data = built(reading, source=source)
    assert b"\x0b" not in data
    assert b"\x1c" not in data
    assert len(parsed(data).segments("OBX")) == len(parsed(built()).segments("OBX"))
    assert of_code(data, "36118008")[0][1] != "99"


@given(st.text())
def test_any_text_comes_back_as_it_was(text: str) -> None:
    data = encoded_message([segment("NTE", {3: value(text)})]).decode("utf-8")
    assert data.count("\r") == 1
    assert data.count("|") in {0, 3}
    expected = "".join(" " if unwritable(character) else character for character in text)
    assert hl7.parse("MSH|^~\\&|A\r").unescape(value(text)) == expected


def unwritable(character: str) -> bool:
    """Tell whether a character ends a line, or is a control or half of one."""
    number = ord(character)
    controls = number < 32 or 127 <= number < 160
    return controls or 0xD800 <= number < 0xE000 or character in "\u2028\u2029"
