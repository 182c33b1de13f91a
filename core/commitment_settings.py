"""Settings of the question whether peers keep what they said they stored."""

from typing import Annotated

from pydantic import Field

from core.settings_section import Section


class CommitmentSettings(Section):
    """How peers are asked; whether, and how long each may take, stands in its row."""

    gather_seconds: Annotated[float, Field(ge=0)] = 5.0
    """Quiet time of a study at a peer before it is asked for storage commitment."""
    linger_seconds: Annotated[float, Field(ge=0)] = 5.0
    """How long the association of a request is kept open for an answer on it."""
    maximum_requests: Annotated[int, Field(ge=1)] = 6
    """Requests for one object without an answer, after which it stays stored and not committed."""
    maximum_losses: Annotated[int, Field(ge=1)] = 3
    """How often what a peer lost is sent again, before its delivery fails."""
