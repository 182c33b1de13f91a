"""What libraries log, warn and die of: who and where, never the words.

That no service logs a patient's values is tested in tests/integration/test_privacy.py.
"""

import json
import logging
import sys
import threading
import warnings
from collections.abc import Iterator

import pytest

from core.library_logs import tame
from core.logs import configure_logs
from core.settings import LogSettings


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    root, hooks = logging.getLogger(), (sys.excepthook, threading.excepthook)
    handlers = list(root.handlers)
    yield
    logging.captureWarnings(capture=False)
    root.handlers[:] = handlers
    sys.excepthook, threading.excepthook = hooks


def _set_up() -> None:
    """Set logs up as a service does, on the captured standard error."""
    tame()
    configure_logs(LogSettings(level="DEBUG"))


def _lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


@pytest.mark.parametrize("level", [logging.WARNING, 35, logging.CRITICAL, 60])
def test_a_library_is_named_and_not_quoted(capsys: pytest.CaptureFixture[str], level: int) -> None:
    _set_up()
    logging.getLogger("a_library.part").log(level, "odd value %s", "Doe^Jane")
    (line,) = _lines(capsys)
    assert (line["event"], line["logger"]) == ("library_spoke", "a_library.part")
    assert str(line["place"]).startswith("test_library_logs:")
    assert "Doe" not in json.dumps(line)


def test_the_broker_is_let_speak(capsys: pytest.CaptureFixture[str]) -> None:
    _set_up()
    logging.getLogger("celery.worker").warning("lost %s", "the connection")
    assert _lines(capsys)[0]["words"] == "lost the connection"


def test_the_same_from_one_place_is_told_once_in_a_while(
    capsys: pytest.CaptureFixture[str],
) -> None:
    _set_up()
    for _time in range(1000):
        logging.getLogger("asyncio").error("cannot accept")
    logging.getLogger("asyncio").error("another place")
    assert [line["times"] for line in _lines(capsys)] == [1, 1]


def test_a_traceback_has_no_words(capsys: pytest.CaptureFixture[str]) -> None:
    _set_up()
    try:
        int("Doe^Jane")
    except ValueError:
        logging.getLogger("a_library.error").exception("failed on %s", "Doe^Jane")
    (line,) = _lines(capsys)
    assert str(line["exception"]).startswith("ValueError < ")
    assert "Doe" not in json.dumps(line)


def test_a_warning_has_no_words(capsys: pytest.CaptureFixture[str]) -> None:
    _set_up()
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("Invalid value for VR DA: 'Doe^Jane'", stacklevel=1)
    (line,) = _lines(capsys)
    assert line["logger"] == "py.warnings"
    assert "Doe" not in json.dumps(line)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_the_last_words_of_a_thread_are_no_words(capsys: pytest.CaptureFixture[str]) -> None:
    _set_up()

    def die() -> None:
        int("Doe^Jane")

    thread = threading.Thread(target=die, name="watcher")
    thread.start()
    thread.join()
    said = capsys.readouterr().err
    assert "watcher: ValueError < " in said
    assert "Doe" not in said


def test_the_last_words_of_a_process_are_no_words(capsys: pytest.CaptureFixture[str]) -> None:
    _set_up()
    error = ValueError("Doe^Jane")
    sys.excepthook(ValueError, error, None)
    said = capsys.readouterr().err
    assert said.startswith("ValueError")
    assert "Doe" not in said
