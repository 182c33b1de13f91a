"""Runs a worker: a supervisor and its watchdog around the process that holds the model."""

import sys

from core.settings import Settings
from core.supervisor import ChildSpec, Pauses, Supervisor
from worker.order import Order
from worker.pulse import Pulse
from worker.watchdog import Watchdog

_OFFLINE = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}
# Less than the grace of the supervisor above, which would else kill this one first.
_PAUSES = Pauses(grace=10.0)


def run_worker(settings: Settings, program: tuple[str, ...] = ("-P", "-m", "worker.child")) -> None:
    """Keep one worker process running until SIGTERM or SIGINT.

    Parameters
    ----------
    settings
        The installation's settings.
    program
        What Python runs as the worker process; it gets its `worker.order.Order` as JSON on the
        standard input.
    """
    with Pulse() as pulse:
        watchdog = Watchdog(pulse, settings.worker.progress_timeout_seconds)
        order = Order(settings=settings, pulse=pulse.path)
        child = ChildSpec(
            name="worker-process",
            command=(sys.executable, *program),
            input=order.model_dump_json(),
            environment=_OFFLINE,
            stuck=watchdog.stuck,
        )
        Supervisor([child], _PAUSES).run()
