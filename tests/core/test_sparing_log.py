"""What strangers can cause as often as they like does not fill the log."""

import structlog

from core.sparing_log import SparingLog


def test_the_same_is_told_once_in_a_while_with_how_often_it_came() -> None:
    log = SparingLog("knocked", seconds=0.0)
    slow = SparingLog("knocked", seconds=3600.0)
    with structlog.testing.capture_logs() as logs:
        for _time in range(3):
            slow.tell(address="10.0.0.1")
        slow.tell(address="10.0.0.2")
        log.tell(address="10.0.0.3")
        log.tell(address="10.0.0.3")
    told = [(entry["address"], entry["times"]) for entry in logs]
    assert told == [("10.0.0.1", 1), ("10.0.0.2", 1), ("10.0.0.3", 1), ("10.0.0.3", 1)]
    slow._rarely._seconds = 0.0
    with structlog.testing.capture_logs() as logs:
        slow.tell(address="10.0.0.1")
    assert [entry["times"] for entry in logs] == [3]


def test_what_is_remembered_has_an_end() -> None:
    log = SparingLog("knocked", seconds=3600.0)
    with structlog.testing.capture_logs() as logs:
        for number in range(1000):
            log.tell(address=str(number))
    assert len(logs) == 1000
    assert len(log._rarely._told) <= 256
