"""The doorbell: a Celery application whose messages carry no data.

The database is the truth; a message only says "look". It is Redis in the hospital and a folder
in embedded mode, whose content is cleared at start since rings carry nothing.
"""

import shutil
from pathlib import Path
from typing import Any

from celery import Celery

from core.settings import Settings

QUEUE = "firstread.films"
WAKE_TASK = "firstread.wake"
"""The only task: claim what waits, until nothing does."""


def celery_app(settings: Settings) -> Celery:
    """Build the Celery application of an installation.

    Returns
    -------
    celery.Celery
        With one queue, JSON only, no results, and short socket time-outs, since whoever rings
        must not be held up by a broker that is away or frozen.
    """
    app = Celery("firstread")
    app.conf.update(
        task_default_queue=QUEUE,
        task_ignore_result=True,
        task_serializer="json",
        accept_content=["json"],
        task_publish_retry=False,
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        broker_connection_retry_on_startup=True,
        enable_utc=True,
        **_transport(settings),
    )
    return app


def clear_rings(settings: Settings) -> None:
    """Empty the file-system broker's folder; before any worker or gateway is started."""
    if settings.broker.url is None:
        shutil.rmtree(_folder(settings), ignore_errors=True)


def _folder(settings: Settings) -> Path:
    return settings.data.absolute() / "broker"


def _transport(settings: Settings) -> dict[str, Any]:
    url = settings.broker_url
    if url is not None:
        return {
            "broker_url": url,
            "broker_transport_options": {
                "socket_timeout": 2.0,
                "socket_connect_timeout": 2.0,
                "retry_on_timeout": False,
            },
        }
    return {
        "broker_transport": "core.ring_folder:Transport",
        "broker_transport_options": {
            "folder": str(_folder(settings)),
            "polling_interval": settings.broker.polling_interval,
        },
    }
