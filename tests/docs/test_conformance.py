"""The tables of docs/conformance.md say what the code does.

That the code really negotiates and answers so is tested with associations in tests/gateway.
"""

import re
import ssl
from pathlib import Path

from pydicom.uid import UID
from pynetdicom import AE

from core.film_facts import FILM_CLASSES
from core.settings import GatewaySettings
from dicom_sr.context import BuildContext
from dicom_sr.uids import IMPLEMENTATION_CLASS_UID
from gateway.contexts import DOCUMENT_CLASSES, RESULT_CLASSES, TRANSFER_SYNTAXES, VERIFICATION
from gateway.find import MOST_ANSWERS, STUDY_ROOT_FIND
from gateway.move import STUDY_ROOT_MOVE
from gateway.receive import MAXIMUM_PDU
from gateway.retriever import MOST_ATTEMPTS
from gateway.statuses import MEANINGS, QUERY_WORDS, StoreStatus
from gateway.stow import MOST_PARTS
from gateway.tls.profile import CIPHERS, restrict

_DOCUMENT = (Path(__file__).parents[2] / "docs" / "conformance.md").read_text()


def _table(heading: str) -> list[list[str]]:
    """Give the rows of the table under a heading, without its own heading row."""
    section = _DOCUMENT.split(f" {heading}\n", 1)[1].split("\n#", 1)[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    assert len(lines) > 2, heading
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def _tables(heading: str) -> list[list[list[str]]]:
    """Give the rows of each table under a heading, without their own heading rows."""
    section = _DOCUMENT.split(f" {heading}\n", 1)[1].split("\n#", 1)[0]
    blocks = [block for block in section.strip().split("\n\n") if block.startswith("|")]
    return [
        [[cell.strip() for cell in line.strip("|").split("|")] for line in block.splitlines()[2:]]
        for block in blocks
    ]


def test_the_implementation_is_as_stated() -> None:
    stated = dict(_table("Implementation"))
    settings = GatewaySettings()
    assert stated["Application entity title"].endswith(f"default `{settings.ae_title}`")
    second = stated["Second application entity title, on the same port"]
    assert second.endswith(f"default `{settings.retrieval_ae_title}`")
    assert f"default {settings.port};" in stated["Port"]
    assert f"default {settings.tls.port};" in stated["Port with TLS"]
    in_associations = stated["Implementation Class UID in associations"]
    assert in_associations.startswith(f"{AE().implementation_class_uid} ")
    assert stated["Implementation Class UID in result files"] == IMPLEMENTATION_CLASS_UID
    assert stated["Largest PDU accepted"].startswith(f"{MAXIMUM_PDU} bytes")
    together, of_one_title = stated["Associations at a time"].split(";")
    assert f"default {settings.maximum_associations}," in together
    assert of_one_title.endswith(f"default {settings.maximum_associations_per_caller}")
    silence = stated["Silence that ends an association"]
    assert silence.endswith(f"default {settings.network_timeout:.0f} s")


def test_the_security_profiles_are_as_stated() -> None:
    stated = {name.strip("`"): row for name, *row in _table("As a server")}
    assert set(stated) == set(CIPHERS)
    for profile in CIPHERS:
        _standard, versions, suites, _keys = stated[profile]
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        restrict(context, profile)
        offered = {cipher["name"] for cipher in context.get_ciphers()}
        older = {name for name in offered if not name.startswith("TLS_")}
        assert {"1.2", "1.3"} == set(versions.split(", "))
        assert context.minimum_version is ssl.TLSVersion.TLSv1_2
        assert all(name.startswith("ECDHE-") for name in older)
        assert ("AES-CCM" in suites) == any("CCM" in name for name in older)
        assert all(re.search(r"GCM|CHACHA20-POLY1305|CCM$", name) for name in older)
        assert offered - older == set(re.findall(r"TLS_\w+_SHA\d+", _DOCUMENT))


def test_the_classes_that_are_accepted_are_as_stated() -> None:
    rows = _table("As a provider: what is accepted")
    for name, uid, *_ in rows:
        assert uid == "" or UID(uid).name == name
    stated = {uid: when for _, uid, when, _ in rows if uid}
    assert {uid for uid, when in stated.items() if when == "always"} == FILM_CLASSES
    negotiated = {uid for uid, when in stated.items() if when == "always negotiated"}
    assert negotiated == (RESULT_CLASSES | DOCUMENT_CLASSES) - FILM_CLASSES
    assert f"Verification ({VERIFICATION})" in _DOCUMENT


def test_the_transfer_syntaxes_are_as_stated() -> None:
    stated = [(name, uid) for name, uid in _table("Transfer syntaxes")]
    assert stated == [(UID(uid).name, uid) for uid in TRANSFER_SYNTAXES]


def test_our_answers_are_as_stated() -> None:
    stated = [(status, name) for status, name, _ in _table("Answers to C-STORE")]
    assert stated == [(f"0x{status:04X}", status.name) for status in StoreStatus]


def test_the_verdicts_on_peers_answers_are_as_stated() -> None:
    expected = []
    for meaning in MEANINGS:
        one = meaning.first == meaning.last
        numbers = f"0x{meaning.first:04X}" + ("" if one else f"-0x{meaning.last:04X}")
        expected.append([numbers, meaning.words, meaning.verdict.value])
    assert _table("What a peer's answer to C-STORE means") == expected


def test_what_is_asked_and_fetched_is_as_stated() -> None:
    classes, levels = _tables("As a user: what is asked and fetched")
    assert [uid for _, uid, _ in classes] == [STUDY_ROOT_FIND, STUDY_ROOT_MOVE]
    for name, uid, _ in classes:
        assert UID(uid).name == name
    assert [level for level, *_ in levels] == ["STUDY", "SERIES"]
    assert f"More than {MOST_ANSWERS:,} answers" in _DOCUMENT
    assert f"growing pauses, {MOST_ATTEMPTS} times" in _DOCUMENT


def test_the_words_for_peers_that_are_asked_are_as_stated() -> None:
    expected = []
    for first, last, words in QUERY_WORDS:
        numbers = f"0x{first:04X}" + ("" if first == last else f"-0x{last:04X}")
        expected.append([numbers, words])
    assert _table("What a peer's answer to C-FIND and C-MOVE means") == expected


def test_the_limits_of_the_http_door_are_as_stated() -> None:
    what, _ = _tables("DICOMweb: STOW-RS as an origin server")
    stated = {row[0]: row[1] for row in what}
    assert stated["limits"].startswith(f"{MOST_PARTS:,} parts")


def test_the_results_are_as_stated() -> None:
    rows = _table("As a user: what is sent")
    assert {uid for _, _, uid, _ in rows} == RESULT_CLASSES
    for _, name, uid, _ in rows:
        assert UID(uid).name == name
    base = BuildContext().variant.series_number_base
    assert [int(number) for *_, number in rows] == [base, *range(base, base + 7)]
