"""What a worker's parent tells its child."""

from pathlib import Path

from pydantic import BaseModel

from core.settings import Settings


class Order(BaseModel):
    """Passed as JSON on the child's standard input: it may hold the database's password.

    Parameters
    ----------
    settings
        The installation's settings, as the parent read them.
    pulse
        The file of the pulse.
    """

    settings: Settings
    pulse: Path
