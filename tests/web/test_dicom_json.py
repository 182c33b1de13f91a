"""The DICOM JSON model of headers that anybody may have sent, and what clients say they take.

Covered: each kind of value, malformed ones, limits, files with flipped bytes; Accept headers of
every shape. Not covered: which headers are asked for (test_dicomweb_retrieve).
"""

import json
from collections import OrderedDict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom import Dataset
from pydicom.config import disable_value_validation
from pydicom.dataelem import RawDataElement
from pydicom.tag import Tag
from starlette.exceptions import HTTPException
from starlette.requests import Request

from core.errors import UnreadableObjectError
from imaging.header import read_header
from tests.gateway.objects import film, save
from web.dicomweb import documents
from web.dicomweb.accept import Wanted, wanted_of
from web.dicomweb.documents import document_of
from web.dicomweb.json_model import Budget, to_document


def element(tag: int, vr: str, value: Any) -> Any:
    """Give the JSON of one element."""
    dataset = Dataset()
    with disable_value_validation():
        dataset.add_new(tag, vr, value)
    return to_document(dataset).get(f"{tag:08X}")


def put(dataset: Dataset, tag: int, vr: str | None, value: bytes) -> None:
    """Put an element into a data set as the parser leaves it."""
    dataset._dict[Tag(tag)] = RawDataElement(
        Tag(tag), vr, len(value), value, 0, is_implicit_VR=vr is None, is_little_endian=True
    )


def raw(tag: int, vr: str | None, value: bytes) -> Any:
    """Give the JSON of one element as a file holds it."""
    dataset = Dataset()
    put(dataset, tag, vr, value)
    return to_document(dataset).get(f"{tag:08X}")


@pytest.mark.parametrize(
    ("tag", "vr", "value", "written"),
    [
        (0x00100020, "LO", "a", {"vr": "LO", "Value": ["a"]}),
        (0x00100020, "LO", "", {"vr": "LO"}),
        (0x00080008, "CS", ["A", "", "B"], {"vr": "CS", "Value": ["A", None, "B"]}),
        (0x00200013, "IS", "7", {"vr": "IS", "Value": [7]}),
        (0x00281050, "DS", ["1.5", "2"], {"vr": "DS", "Value": [1.5, 2.0]}),
        (0x00280010, "US", 5, {"vr": "US", "Value": [5]}),
        (0x00189074, "FD", float("nan"), {"vr": "FD"}),
        (0x00189074, "FD", [1.0, float("inf")], {"vr": "FD", "Value": [1.0, None]}),
        (0x00280009, "AT", 0x00181063, {"vr": "AT", "Value": ["00181063"]}),
        (0x00420011, "OB", b"ab", {"vr": "OB", "InlineBinary": "YWI="}),
        (0x00420011, "OB", b"", {"vr": "OB"}),
        (0x00420011, "OB", b"a" * 1026, {"vr": "OB", "BulkDataURI": "00420011"}),
        (0x00081110, "SQ", [], {"vr": "SQ"}),
        (
            0x00100010,
            "PN",
            "A^B=C^D",
            {"vr": "PN", "Value": [{"Alphabetic": "A^B", "Ideographic": "C^D"}]},
        ),
        (0x00100020, "LO", "a\0b\ud800", {"vr": "LO", "Value": ["a�b�"]}),
    ],
)
def test_values(tag: int, vr: str, value: Any, written: dict[str, Any]) -> None:
    assert element(tag, vr, value) == written


@pytest.mark.parametrize(
    ("tag", "vr", "value", "written"),
    [
        (0x00200013, "IS", b"x ", None),
        (0x00281050, "DS", b"1e999 ", {"vr": "DS"}),
        (0x00280010, "US", b"abc", None),
        (0x00100040, "ZZ", b"F ", None),
        (0x00204000, "LT", b"a" * 70_000, {"vr": "LT", "BulkDataURI": "00204000"}),
        (0x00204000, None, b"a" * 70_000, {"vr": "LT", "BulkDataURI": "00204000"}),
        (0x00280106, None, b"\x01\x00", {"vr": "US", "Value": [1]}),
        (0x00091001, None, b"ab", {"vr": "UN", "InlineBinary": "YWI="}),
        (0x00081110, "SQ", b"\xfe\xff\x00\xe0" * 300_000, None),
        (0x00081110, "SQ", b"junk", None),
    ],
)
def test_values_as_files_hold_them(tag: int, vr: str | None, value: bytes, written: Any) -> None:
    assert raw(tag, vr, value) == written


def test_one_odd_value_costs_no_other() -> None:
    item = Dataset()
    with disable_value_validation():
        put(item, 0x00200011, "IS", b"x ")
        item.PatientID = "P"
    dataset = Dataset()
    dataset.ReferencedSeriesSequence = [item]
    (written,) = to_document(dataset)["00081115"]["Value"]
    assert written["00100020"] == {"vr": "LO", "Value": ["P"]}
    assert "00200011" not in written


def test_all_values_together_have_a_limit() -> None:
    dataset = Dataset()
    for number in range(40):
        put(dataset, 0x00091010 + number, "UT", b"a" * 60_000)
    document = to_document(dataset)
    assert len(json.dumps(document)) < 1 << 21
    assert sum("BulkDataURI" in one for one in document.values()) == 23


@pytest.mark.parametrize("value", [b"A\\" * 30_000, b""], ids=["names", "empty elements"])
def test_many_small_values_have_the_same_limit(value: bytes) -> None:
    dataset = Dataset()
    for number in range(40 if value else 100_000):
        put(dataset, 0x00110000 + (number >> 15 << 17) + 0x8000 + number % 0x8000, "PN", value)
    budget = Budget()
    text = json.dumps(to_document(dataset, budget))
    assert text.count("vr") + text.count("Alphabetic") < 40_000
    assert 0 <= budget.left < 1 << 20


def test_the_documents_that_are_kept_have_a_limit_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, third = (save(film(**_UIDS), tmp_path, f"{name}.dcm") for name in "abc")
    large = save(film(**_UIDS, OtherPatientNames=["A"] * 8600), tmp_path, "large.dcm")
    budget = Budget()
    to_document(read_header(first), budget)
    monkeypatch.setattr(documents, "_kept", OrderedDict())
    monkeypatch.setattr(documents, "_KEPT", 2 * budget.spent)
    kept = document_of(first)
    assert document_of(second) == document_of(first) == kept
    document_of(third)
    assert list(documents._kept) == [first, third]
    assert document_of(first) is kept
    assert len(document_of(large)["00101001"]["Value"]) == 8600
    assert not documents._kept


_UIDS: dict[str, Any] = {f"{level}InstanceUID": "1.2.3" for level in ("Study", "Series", "SOP")}


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_files_with_flipped_bytes(tmp_path: Path, data: st.DataObject) -> None:
    path = save(film(**_UIDS, PatientName="A^B", WindowCenter="5"), tmp_path, "film.dcm")
    content = bytearray(path.read_bytes())
    head = content.index(b"\xe0\x7f\x10\x00")
    for _change in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(132, head))] = data.draw(st.integers(0, 255))
    path.write_bytes(content)
    try:
        header = read_header(path)
    except UnreadableObjectError:
        return
    text = json.dumps(to_document(header), allow_nan=False)
    assert json.loads(text) == to_document(header)


def taken(text: str) -> tuple[Wanted, ...]:
    scope = {
        "type": "http",
        "query_string": b"",
        "headers": [(b"accept", text.encode("latin-1"))],
    }
    return wanted_of(Request(scope))


def test_what_a_client_takes() -> None:
    first, second, third = taken(
        'image/png;q=0.5, multipart/related; type="application/dicom"; transfer-syntax=*, '
        'text/html;q=0, application/json;q=0.9;x="a,b;q=1"'
    )
    assert (first.media_type, first.multipart, first.transfer_syntax) == (
        "application/dicom",
        True,
        "*",
    )
    assert (second.media_type, second.quality) == ("application/json", 0.9)
    assert (third.media_type, third.quality) == ("image/png", 0.5)
    assert taken("")[0].media_type == "*/*"


@settings(max_examples=200, deadline=None)
@given(
    text=st.one_of(
        st.text(st.characters(max_codepoint=255), max_size=60),
        st.text('multipart/related;type="appl,icon*=q 0.', max_size=60),
    )
)
def test_any_words_of_a_client(text: str) -> None:
    try:
        found = taken(text)
    except HTTPException as error:
        found = ()
        status = error.status_code
    else:
        status = 400
    assert status == 400
    assert all(one.quality > 0 for one in found)
