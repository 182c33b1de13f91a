"""Logs: one JSON object a line on standard error, without patients."""

import json
from collections.abc import Iterator

import pytest
import structlog

from core.logs import configure_logs
from core.settings import LogSettings


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    yield
    structlog.reset_defaults()


def _last(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    captured = capsys.readouterr()
    assert captured.out == ""
    values: dict[str, object] = json.loads(captured.err.splitlines()[-1])
    return values


def test_a_line_is_a_json_object_with_time_and_level(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs(LogSettings())
    structlog.get_logger().info("film_read", instance=4)
    line = _last(capsys)
    assert (line["event"], line["level"], line["instance"]) == ("film_read", "info", 4)
    assert str(line["timestamp"]).endswith("Z")


@pytest.mark.parametrize(
    "key",
    ["patient_name", "patient_id", "birth_date", "report", "findings", "impression", "text"],
)
def test_what_is_private_is_withheld(capsys: pytest.CaptureFixture[str], key: str) -> None:
    configure_logs(LogSettings())
    with structlog.contextvars.bound_contextvars(**{key: "Doe^Jane"}):
        structlog.get_logger().warning("odd", **{key: "Doe^Jane"})
    assert _last(capsys)[key] == "(withheld)"


def test_lower_levels_are_silent(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs(LogSettings(level="WARNING"))
    structlog.get_logger().info("unheard")
    structlog.get_logger().warning("heard")
    captured = capsys.readouterr().err
    assert "unheard" not in captured
    assert "heard" in captured


def test_a_person_may_read_plain_lines(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs(LogSettings(json_lines=False))
    structlog.get_logger().info("film_read", instance=4)
    line = capsys.readouterr().err
    assert "film_read" in line
    assert "instance=4" in line
    assert "\x1b" not in line
