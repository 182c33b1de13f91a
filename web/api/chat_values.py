"""What calls about questions to a model take and give."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

from core.states import TurnState
from db.chat import LONGEST_QUESTION, Turn


class Question(BaseModel):
    """A question about a film."""

    model_config = ConfigDict(extra="forbid")

    question: Annotated[str, Field(min_length=1, max_length=LONGEST_QUESTION)]


class PlaceValues(BaseModel):
    """A rectangle in [0, 1] of the stored pixel matrix, origin at its top-left corner."""

    x1: float
    y1: float
    x2: float
    y2: float


class TurnValues(BaseModel):
    """One question with its answer; no part of any report."""

    id: int
    number: int
    """Among the turns of that person about that film."""
    person: str
    """Who asked, as a DICOM person name."""
    mine: bool
    """Whether the one who calls asked it."""
    question: str
    answer: str
    """Empty until it is whole."""
    boxes: list[PlaceValues]
    state: TurnState
    error: str | None
    """Why there is no answer."""
    model: str
    demo: bool
    """Whether the demonstration model answered."""
    told: int
    """How many earlier turns the model was told."""
    asked_at: datetime
    answered_at: datetime | None

    @classmethod
    def of(cls, turn: Turn, account_id: int) -> Self:
        """Give a turn as the one who calls sees it."""
        return cls(
            id=turn.id,
            number=turn.number,
            person=turn.person,
            mine=turn.account_id == account_id,
            question=turn.question,
            answer=turn.answer,
            boxes=[PlaceValues(x1=box.x1, y1=box.y1, x2=box.x2, y2=box.y2) for box in turn.boxes],
            state=turn.state,
            error=turn.error,
            model=turn.model,
            demo=turn.demo,
            told=turn.told,
            asked_at=turn.asked_at,
            answered_at=turn.answered_at,
        )


class TalkValues(BaseModel):
    """All that was asked about a film."""

    refused: str | None
    """Why nothing can be asked; null where something can."""
    turns: list[TurnValues]
