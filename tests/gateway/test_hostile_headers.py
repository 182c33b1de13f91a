"""Headers with random bytes: each is understood or refused, and nothing else is ever raised.

The chain is the listener's own, without the network; hypothesis picks the bytes.
"""

from datetime import UTC
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom.uid import ExplicitVRBigEndian, ImplicitVRLittleEndian

from core.clock import now
from core.errors import UnreadableObjectError
from core.policy_toml import built_in
from gateway.eligibility import decide
from gateway.given import given_of
from gateway.headers import received_object, text
from gateway.size import refuse_huge
from imaging.header import read_header
from tests.gateway.objects import film, save

_EDITS = st.lists(st.tuples(st.integers(0, 900), st.integers(0, 255)), min_size=1, max_size=12)
_FIRST = 340
"""First byte that is changed: behind the file meta information, which we write ourselves."""


def _understood(path: Path) -> bool:
    try:
        header = read_header(path)
        text(header, "SOPClassUID")
        text(header, "Manufacturer")
        received_object(header, path, calling_ae="A", called_ae="B", zone=UTC)
        given_of(header)
        refuse_huge(header, 1000)
        decide(header, built_in(), now())
    except UnreadableObjectError:
        return False
    return True


@pytest.fixture(
    params=[None, ImplicitVRLittleEndian, ExplicitVRBigEndian], ids=["explicit", "implicit", "big"]
)
def original(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    values = {} if request.param is None else {"transfer_syntax": request.param}
    return save(film(**values), tmp_path, "original.dcm")


def test_an_untouched_film_is_understood(original: Path) -> None:
    assert _understood(original)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(edits=_EDITS, cut=st.none() | st.integers(0, 900))
def test_random_bytes_are_understood_or_refused(
    original: Path, edits: list[tuple[int, int]], cut: int | None
) -> None:
    data = bytearray(original.read_bytes())
    for offset, value in edits:
        data[_FIRST + offset] = value
    changed = original.with_name("changed.dcm")
    changed.write_bytes(data if cut is None else data[: _FIRST + cut])
    _understood(changed)


@pytest.mark.parametrize("vr", [b"Z!", b"\x00\xff"])
def test_a_uid_of_no_known_vr_is_refused(tmp_path: Path, vr: bytes) -> None:
    path = save(film(), tmp_path, "odd.dcm")
    data = path.read_bytes()
    at = data.index(b"\x20\x00\x0d\x00UI") + 4
    path.write_bytes(data[:at] + vr + data[at + 2 :])
    assert not _understood(path)
