"""A site's own file of codes.

Covers: what it may change, how unverified codes are written, and that each fault is refused with
the row's name. Not covered: reading the file (tests/gateway/test_site_context).
"""

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
            "sides: '(left|right)' and '(left|right)' have the same code",
        ),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_row(values: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        parse_codes(values, built_in_codes())


def test_a_table_must_have_every_word() -> None:
    with pytest.raises(ValueError, match="no code of labels: atelectasis, cardiomegaly"):
        parse_codes({})
