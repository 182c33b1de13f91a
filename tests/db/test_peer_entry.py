"""What an entry of a peer may say: by protocol, kinds of results, templates, names.

Import, export and the example file are tested in test_peers.py and tests/deploy.
"""

from typing import Any

import pytest
from pydantic import ValidationError

from core.states import DRAFT_KINDS, ResultKind
from db.peer_entry import PeerEntry

DICOM: dict[str, Any] = {"name": "pacs", "ae_title": "PACS", "host": "10.0.0.5", "port": 104}
HL7: dict[str, Any] = {"name": "ris", "protocol": "hl7", "host": "10.0.0.9", "port": 2575}


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (DICOM | {"ae_title": ""}, "needs an ae_title"),
        (DICOM | {"receiving_application": "A"}, "has no receiving_application"),
        (DICOM | {"receiving_application": "RIS"}, "'dicom' has no receiving_application"),
        (HL7 | {"ae_title": "RIS"}, "a peer of protocol 'hl7' has no ae_title"),
        (
            HL7 | {"result_kinds": ["gsps"], "sr_class": "comprehensive"},
            "no result_kinds, sr_class",
        ),
        (HL7 | {"tls_certificate_file": "a.pem"}, "go together"),
        (HL7 | {"tls_key_file": "a.key"}, "go together"),
        (HL7 | {"receiving_application": "R\nIS"}, "printable"),
        (HL7 | {"protocol": "ftp"}, "'dicom' or 'hl7'"),
        (DICOM | {"result_kinds": ["oru"]}, "not for a peer to choose: oru"),
        (DICOM | {"result_kinds": ["rejection", "gsps"]}, "not for a peer to choose: rejection"),
        (DICOM | {"result_kinds": ["picture"]}, "'findings_sr'"),
        (DICOM | {"series_number_base": 0}, "greater than or equal to 1"),
        (DICOM | {"series_description": "{kind}"}, "must hold {notice}"),
        (DICOM | {"series_description": "{notice"}, "no template"),
        (DICOM | {"series_description": "{notice} {patient}"}, "no template"),
        (DICOM | {"series_description": "{notice.__class__}"}, "no template"),
        (DICOM | {"series_description": "{notice:>999999999}"}, "no template"),
        (DICOM | {"series_description": "{notice!r}"}, "no template"),
        (DICOM | {"series_description": "{}{notice}"}, "no template"),
        (DICOM | {"series_description": "{notice}\\x"}, "no backslash"),
        (DICOM | {"character_set": "ISO_IR 13"}, "'ISO_IR 192' or 'ISO_IR 100'"),
    ],
)
def test_what_does_not_fit_is_refused(entry: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError) as refused:
        PeerEntry(**entry)
    assert words in str(refused.value)


def test_results_are_the_three_unless_it_is_said() -> None:
    assert tuple(PeerEntry(**DICOM).result_kinds) == DRAFT_KINDS
    none = PeerEntry(**DICOM, result_kinds=[])
    assert none.result_kinds == []
    some = PeerEntry(**(DICOM | {"result_kinds": ["pdf", "gsps", "pdf"]}))
    assert some.result_kinds == [ResultKind.PDF, ResultKind.GSPS]
