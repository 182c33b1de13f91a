"""What the parent tells its child; the process itself is tested in test_process."""

from pathlib import Path

import pytest

from core.settings import BrokerSettings, DatabaseSettings, Settings
from core.worker_settings import WorkerSettings
from worker.order import Order


@pytest.mark.parametrize(
    "settings",
    [
        Settings(),
        Settings(
            data=Path("/data"),
            database=DatabaseSettings(url="postgresql+psycopg://u:secret@h/d"),
            broker=BrokerSettings(url="redis://h/0"),
            worker=WorkerSettings(model=Path("/models/m"), device="cuda:1"),
        ),
    ],
    ids=["default", "hospital"],
)
def test_an_order_arrives_as_it_was_given(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = Order(settings=settings, pulse=Path("/tmp/pulse"))  # noqa: S108 - never opened
    text = order.model_dump_json()
    # The parent has read the environment already; the child must not read it again.
    monkeypatch.setenv("FIRSTREAD_BROKER__URL", "redis://elsewhere/9")
    monkeypatch.setenv("FIRSTREAD_WORKER__DEVICE", "cpu")
    assert Order.model_validate_json(text) == order
