"""What was asked about a film, and whether more can be."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from db.chat import Turn, turn_of, turns_of
from db.chat_films import film_of, why_not
from web.access.refusals import NoSuchThingError
from web.access.studies import StudyRef


@dataclass(frozen=True, slots=True)
class Talk:
    """The talk about one film.

    Parameters
    ----------
    refused
        Why nothing can be asked; None where something can.
    turns
        All persons' turns, each person's in their order.
    """

    refused: str | None
    turns: tuple[Turn, ...]

    def mine(self, account_id: int) -> tuple[Turn, ...]:
        """Give the turns of one person."""
        return tuple(turn for turn in self.turns if turn.account_id == account_id)

    def others(self, account_id: int) -> dict[str, list[Turn]]:
        """Give the turns of everybody else, by the person's name."""
        found: dict[str, list[Turn]] = {}
        for turn in self.turns:
            if turn.account_id != account_id:
                found.setdefault(turn.person, []).append(turn)
        return found


def talk_about(session: Session, study: StudyRef, film_uid: str) -> Talk:
    """Give the talk about a film.

    Raises
    ------
    NoSuchThingError
        If the study has no such film.
    """
    film = film_of(session, study.id, film_uid)
    if film is None:
        raise _no_film()
    return Talk(why_not(session, film), tuple(turns_of(session, film.id)))


def turn_about(session: Session, study: StudyRef, film_uid: str, turn_id: int) -> Turn:
    """Give one turn of the talk about a film.

    Raises
    ------
    NoSuchThingError
        If the study has no such film, or nothing was asked of it under that number.
    """
    film = film_of(session, study.id, film_uid)
    if film is None:
        raise _no_film()
    turn = turn_of(session, film.id, turn_id)
    if turn is None:
        message = "there is no such question about this film"
        raise NoSuchThingError(message)
    return turn


def _no_film() -> NoSuchThingError:
    message = "the study has no such film"
    return NoSuchThingError(message)
