"""What acknowledgements mean, as values. Not covered: how they come (test_mllp.py)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import PeerUnavailableError
from gateway.hl7.acknowledgement import ACKNOWLEDGEMENTS, ERRORS, UNSTATED, acknowledgement
from gateway.statuses import Verdict

ID = "CONTROL1"
STORED, TRANSIENT, PERMANENT = Verdict.STORED, Verdict.TRANSIENT, Verdict.PERMANENT


def answer(msa: str, *more: str, end: str = "\r") -> bytes:
    """Write an acknowledgement."""
    lines = ["MSH|^~\\&|RIS||FIRSTREAD||20260101||ACK^R01^ACK|1|P|2.5.1", f"MSA|{msa}", *more]
    return (end.join(lines) + end).encode()


@pytest.mark.parametrize(
    ("data", "verdict", "status", "words"),
    [
        (answer(f"AA|{ID}"), STORED, 0, "AA Application accept"),
        (answer(f"CA|{ID}"), STORED, 0, "CA Commit accept"),
        (answer(f"aa|{ID}"), STORED, 0, "AA Application accept"),
        (answer(f"AA|{ID}|taken", end="\n"), STORED, 0, "AA Application accept: taken"),
        (answer(f"AA|{ID}", "ERR||PID^1|0|W", end="\r\n"), STORED, 0, "AA Application accept"),
        (answer(f"AE|{ID}"), PERMANENT, UNSTATED, "AE Application error"),
        (answer(f"AR|{ID}"), TRANSIENT, UNSTATED, "AR Application reject"),
        (answer(f"CE|{ID}"), TRANSIENT, UNSTATED, "CE Commit error"),
        (answer(f"CR|{ID}"), PERMANENT, UNSTATED, "CR Commit reject"),
        (
            answer(f"AR|{ID}", "ERR|||203^Unsupported version^HL70357|E"),
            PERMANENT,
            203,
            "AR Application reject, 203 Unsupported version id",
        ),
        (
            answer(f"AE|{ID}", "ERR||PID^1^3|206|E|||locked by \\T\\ for A|try later"),
            TRANSIENT,
            206,
            "AE Application error, 206 Application record locked: locked by & for A; try later",
        ),
        (
            answer(f"AE|{ID}", "ERR|PID^1^11^103"),
            PERMANENT,
            103,
            "AE Application error, 103 Table value not found",
        ),
        (answer(f"AE|{ID}", "ERR|||9999|E"), PERMANENT, UNSTATED, "AE Application error"),
        (answer(f"ZZ|{ID}", "ERR|||207|E"), PERMANENT, 207, "ZZ Unknown to the standard"),
    ],
)
def test_what_an_answer_means(data: bytes, verdict: Verdict, status: int, words: str) -> None:
    found = acknowledgement(data, ID)
    assert (found.verdict, found.status, found.words) == (verdict, status, words)


@pytest.mark.parametrize("code", ACKNOWLEDGEMENTS)
@pytest.mark.parametrize("error", ERRORS)
def test_the_error_code_decides_on_what_was_refused(code: str, error: int) -> None:
    found = acknowledgement(answer(f"{code}|{ID}", f"ERR|||{error}|E"), ID)
    accepted = ACKNOWLEDGEMENTS[code].verdict is STORED
    assert found.verdict is (STORED if accepted else ERRORS[error].verdict)
    assert found.status == (0 if accepted else error)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (answer("AA|OTHER"), "another message"),
        (answer("AA|"), "names no message"),
        (answer("AA"), "names no message"),
        (answer(f"AA|{ID}X"), "another message"),
        (b"", "no acknowledgement"),
        (b"\xff\xfe\x00", "no acknowledgement"),
        (b"MSH|^~\\&|A\r", "no acknowledgement"),
        (f"MSA|AA|{ID}\r".encode(), "no acknowledgement"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "no acknowledgement"),
        (b"MSH|", "no acknowledgement"),
    ],
)
def test_what_is_no_answer_to_this_message(data: bytes, words: str) -> None:
    with pytest.raises(PeerUnavailableError, match=words):
        acknowledgement(data, ID)


@given(st.binary(max_size=200))
def test_no_answer_breaks_the_courier(noise: bytes) -> None:
    for data in (noise, answer(f"AE|{ID}") + noise, b"MSH" + noise, b"MSH|^~\\&" + noise):
        try:
            found = acknowledgement(data, ID)
        except PeerUnavailableError:
            continue
        assert not any(ord(character) < 32 for character in found.words)


def test_the_words_of_a_peer_are_held_in_length() -> None:
    found = acknowledgement(answer(f"AE|{ID}|{'x' * 5000}"), ID)
    assert len(found.words) < 600


def test_the_words_of_a_peer_are_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    found = acknowledgement(answer(f"AE|{ID}|no \\Zx\\ \\X4\\ Doe^Jane"), ID)
    assert "Doe" in found.words
    assert not caplog.records
