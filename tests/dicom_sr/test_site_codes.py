"""A site's own file of codes.

Covers: what it may change, how unverified codes are written, and that each fault is refused with
the row's name. Not covered: reading the file (tests/gateway/test_site_context).
"""

import re
import tomllib
from typing import Any

import pytest
from pydicom.sr.coding import Code

from core.labels import Label
from core.states import ResultKind
from dicom_sr import concepts
from dicom_sr.build import build_all
from dicom_sr.code_table import CodeTable, Group, Trust
from dicom_sr.codes_toml import built_in_codes, parse_codes
from dicom_sr.context import BuildContext
from tests.dicom_sr.headers import film_header
from tests.dicom_sr.readings import EVERY_LABEL, draft_of
from tests.dicom_sr.trees import named, value_of

OWN = {"scheme": "99HOSPITAL", "value": "PNEU", "meaning": "Pneumonie"}


def changed(text: str) -> CodeTable:
    return parse_codes(tomllib.loads(text), built_in_codes())


def test_a_site_marks_a_code_as_verified_and_it_is_written() -> None:
    table = changed('[labels.pneumonia]\nverified = "site"')
    assert table.label(Label.PNEUMONIA) == Code("233604007", "SCT", "Pneumonia")
    assert table.rows[Group.LABELS][Label.PNEUMONIA].trust is Trust.SITE
    assert built_in_codes().label(Label.PNEUMONIA).scheme_designator == "99FIRSTREAD"


def test_every_other_row_stays_as_it_was() -> None:
    table = changed('[labels.pneumonia]\nverified = "site"')
    for group, rows in built_in_codes().rows.items():
        for word, entry in rows.items():
            if word != Label.PNEUMONIA:
                assert table.rows[group][word] == entry


def test_a_code_of_the_sites_own_is_written_and_its_scheme_named() -> None:
    context = BuildContext(
        institution="General Hospital",
        codes=parse_codes({"labels": {"pneumonia": OWN}}, built_in_codes()),
    )
    objects = build_all(EVERY_LABEL, draft_of(EVERY_LABEL), film_header(), context)
    for kind in (ResultKind.FINDINGS_SR, ResultKind.REPORT_SR):
        root = objects[kind]
        schemes = {
            item.CodingSchemeDesignator: item.CodingSchemeResponsibleOrganization
            for item in root.CodingSchemeIdentificationSequence
        }
        assert schemes == {"99FIRSTREAD": "FirstRead", "99HOSPITAL": "General Hospital"}
    stated = [
        value_of(item)
        for item in named(objects[ResultKind.FINDINGS_SR], concepts.FINDING)
        if item.ValueType == "CODE"
    ]
    assert ("PNEU", "99HOSPITAL") in stated


def test_an_unverified_code_of_another_scheme_is_written_privately() -> None:
    row = OWN | {"scheme": "RADLEX", "value": "RID5350", "private": "PNEU"}
    table = parse_codes({"labels": {"pneumonia": row}}, built_in_codes())
    assert table.label(Label.PNEUMONIA) == Code("PNEU", "99FIRSTREAD", "Pneumonie")
    verified = parse_codes({"labels": {"pneumonia": row | {"verified": "site"}}}, built_in_codes())
    assert verified.label(Label.PNEUMONIA) == Code("RID5350", "RADLEX", "Pneumonie")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"lables": {}}, "no group of codes: lables"),
        ({"unmapped": {}}, "no group of codes: unmapped"),
        ({"labels": []}, r"labels must be a table, not \[\]"),
        ({"labels": {"pnuemonia": OWN}}, "labels.pnuemonia: no such word; known are atelectasis"),
        ({"sites": {"scapula": OWN}}, "sites.scapula: no such word"),
        ({"labels": {"edema": "SCT"}}, "labels.edema: known are .*, not 'SCT'"),
        ({"labels": {"edema": OWN | {"code": "1"}}}, "labels.edema: known are .*, not code"),
        ({"labels": {"edema": OWN | {"value": 7}}}, "labels.edema: value must be text, not 7"),
        ({"labels": {"edema": {"value": "7"}}}, "labels.edema: another code needs scheme, value"),
        ({"labels": {"edema": OWN | {"value": ""}}}, "labels.edema: value is missing"),
        ({"labels": {"edema": OWN | {"value": "7" * 17}}}, "value has at most 16 bytes"),
        ({"labels": {"edema": OWN | {"value": "7\\8"}}}, "value has at most 16 bytes and no back"),
        ({"labels": {"edema": OWN | {"value": "7 "}}}, "value has at most 16 bytes"),
        ({"labels": {"edema": OWN | {"value": "ä"}}}, "value must be ASCII, not 'ä'"),
        ({"labels": {"edema": OWN | {"meaning": "ä" * 33}}}, "meaning has at most 64 bytes"),
        ({"labels": {"edema": OWN | {"meaning": "a\nb"}}}, "meaning has at most 64 bytes"),
        ({"labels": {"edema": OWN | {"scheme": "SNOMED"}}}, "no coding scheme 'SNOMED'; known"),
        ({"labels": {"edema": OWN | {"verified": "yes"}}}, "verified is dictionary, seen, none"),
        ({"labels": {"edema": OWN | {"scheme": "SCT"}}}, "what is not verified .* needs a value"),
        (
            {"labels": {"edema": OWN, "pneumonia": OWN}},
            "labels: 'edema' and 'pneumonia' have the same code",
        ),
        (
            {"sides": {"left": {"scheme": "SCT", "value": "24028007", "meaning": "Left"}}},
            "needs a value in 99FIRSTREAD",
        ),
        (
            {
                "sides": {
                    "left": {
                        "scheme": "SCT",
                        "value": "24028007",
                        "meaning": "Left",
                        "verified": "site",
                    }
                }
            },
            "sides.left: 24028007 SCT is the code of sides.right",
        ),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_row(values: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        parse_codes(values, built_in_codes())


def row(scheme: str, value: str, meaning: str, **more: str) -> dict[str, str]:
    return {"scheme": scheme, "value": value, "meaning": meaning, **more}


SITE = {"verified": "site"}
SWAPPED = {
    "sides swapped whole": (
        {
            "sides": {
                "left": row("SCT", "24028007", "Right", **SITE),
                "right": row("SCT", "7771000", "Left", **SITE),
            }
        },
        "sides.left: 24028007 SCT is the code of sides.right",
    ),
    "sides swapped in the scheme of old": (
        {"sides": {"left": row("SRT", "G-A100", "Left", **SITE)}},
        "sides.left: G-A100 SRT is the code of sides.right",
    ),
    "normalities swapped whole": (
        {
            "normalities": {
                "normal": row("SCT", "263654008", "Abnormal", **SITE),
                "abnormal": row("SCT", "17621005", "Normal", **SITE),
            }
        },
        "normalities.normal: 263654008 SCT is the code of normalities.abnormal",
    ),
    "another side's meaning": (
        {"sides": {"left": {"meaning": "Right"}}},
        "sides.left: 'Right' says what sides.right means",
    ),
    "another side within a meaning": (
        {"sides": {"left": {"meaning": "RIGHT-sided"}}},
        "sides.left: 'RIGHT-sided' says what sides.right means",
    ),
    "another side as a private value": (
        {"sides": {"left": row("99X", "RIGHT", "Links")}},
        "sides.left: 'RIGHT' says what sides.right means",
    ),
    "another presence": (
        {"presences": {"absent": row("99X", "P", "Present")}},
        "presences.absent: 'Present' says what presences.present means",
    ),
    "another value in the standard's scheme": (
        {"presences": {"absent": row("SCT", "2667000", "Absent", **SITE)}},
        "presences.absent: its code in the standard is 272519000 SCT, not 2667000 SCT",
    ),
    "another label's meaning": (
        {"labels": {"pneumonia": {"meaning": "pneumothorax"}}},
        "labels.pneumonia: 'pneumothorax' says what labels.pneumothorax means",
    ),
    "another label's code": (
        {"labels": {"pneumonia": row("SCT", "36118008", "Pneumonie", **SITE)}},
        "labels.pneumonia: 36118008 SCT is the code of labels.pneumothorax",
    ),
    "another label's code, not verified": (
        {"labels": {"pneumonia": row("SCT", "36118008", "Pneumonie", private="P")}},
        "labels.pneumonia: 36118008 SCT is the code of labels.pneumothorax",
    ),
    "a code of another group": (
        {"labels": {"pneumonia": row("SCT", "39607008", "Pneumonie", **SITE)}},
        "labels.pneumonia: 39607008 SCT is the code of sites.lung",
    ),
    "another site's meaning": (
        {"sites": {"cardiac silhouette": row("99H", "L", "Lung")}},
        "sites.cardiac silhouette: 'Lung' says what sites.lung means",
    ),
    "another label as a private value": (
        {"labels": {"pneumonia": row("99X", "LUNG_OPACITY", "Pneumonie")}},
        "labels.pneumonia: 'LUNG_OPACITY' says what labels.lung opacity means",
    ),
    "a value of FirstRead's": (
        {"labels": {"pneumonia": row("99FIRSTREAD", "PN", "Pneumonie", **SITE)}},
        "labels.pneumonia: 99FIRSTREAD is FirstRead's own",
    ),
    "a denial": (
        {"labels": {"pneumothorax": {"meaning": "No pneumothorax"}}},
        "labels.pneumothorax: 'No pneumothorax' holds 'no'; presence and side have codes",
    ),
    "a side within a finding": (
        {"labels": {"pneumothorax": {"meaning": "Left-sided pneumothorax"}}},
        "labels.pneumothorax: 'Left-sided pneumothorax' holds 'left'",
    ),
    "letters for SNOMED CT": (
        {"labels": {"fracture": row("SCT", "hello", "Fracture", **SITE)}},
        "labels.fracture: no concept of SNOMED CT has the identifier 'hello'",
    ),
    "two digits swapped for SNOMED CT": (
        {"labels": {"fracture": row("SCT", "125650004", "Fracture", **SITE)}},
        "labels.fracture: no concept of SNOMED CT has the identifier '125650004'",
    ),
    "a claim to be in a dictionary": (
        {"labels": {"pneumonia": {"verified": "dictionary"}}},
        'labels.pneumonia: a site\'s file can say that the "site" verified it, not a dictionary',
    ),
    "one meaning for two": (
        {"labels": {"edema": row("99X", "A", "Same"), "pneumonia": row("99X", "B", "same")}},
        "labels: 'edema' and 'pneumonia' have the same meaning",
    ),
}


@pytest.mark.parametrize(("values", "words"), SWAPPED.values(), ids=SWAPPED)
def test_no_word_gets_what_means_another(values: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(words)}"):
        parse_codes(values, built_in_codes())


@pytest.mark.parametrize(
    ("group", "word", "values", "trust"),
    [
        (Group.SIDES, "left", {"meaning": "Links"}, Trust.SITE),
        (
            Group.SIDES,
            "left",
            {"meaning": "Left", "value": "7771000", "scheme": "SCT"} | SITE,
            None,
        ),
        (Group.SIDES, "left", row("99X", "L", "Left side"), Trust.NONE),
        (Group.SIDES, "left", row("SRT", "G-A101", "Left", **SITE), Trust.SITE),
        (Group.NORMALITIES, "undetermined", {"meaning": "Undetermined"}, Trust.SITE),
        (Group.LABELS, "pneumonia", {"meaning": "Pneumonie"}, Trust.SEEN),
        (Group.LABELS, "pneumonia", {"meaning": "Pneumonie"} | SITE, Trust.SITE),
        (Group.LABELS, "edema", {"meaning": "Pulmonary edema"}, Trust.DICTIONARY),
        (Group.LABELS, "edema", {"source": "asked a friend"}, Trust.SITE),
    ],
)
def test_what_a_site_changed_is_no_longer_the_dictionarys(
    group: Group, word: str, values: dict[str, str], trust: Trust | None
) -> None:
    entry = parse_codes({group.value: {word: values}}, built_in_codes()).rows[group][word]
    assert entry.code.meaning == values.get("meaning", entry.code.meaning)
    assert entry.trust is (trust or Trust.SITE)


def test_a_table_must_have_every_word() -> None:
    with pytest.raises(ValueError, match="no code of labels: atelectasis, cardiomegaly"):
        parse_codes({})
