"""Short ways to a read film, a person, and what became of a question."""

from sqlalchemy import select

from core.accounts import AccountRole
from db.accounts import add_account
from db.chat import Asking, ask
from db.models import Account, ChatEvent, ChatTurn, Job
from tests.worker.house import House


def person(house: House, name: str = "reader") -> Asking:
    """Give somebody who may ask."""
    with house.db.write() as session:
        account = session.scalars(select(Account).where(Account.name == name)).one_or_none()
        if account is None:
            account = add_account(
                session, name, person=f"{name}^A", roles=(AccountRole.RADIOLOGIST,)
            )
            session.flush()
        return Asking(account.id, account.person_name)


def question(house: House, film: int, words: str, asking: Asking | None = None) -> int:
    """Ask about a film; give the turn's row."""
    who = asking or person(house)
    row = house.film(film)
    with house.db.write() as session:
        return ask(session, who, row.study_id, row.uid, words)


def turn(house: House, turn_id: int) -> ChatTurn:
    """Give a turn's row."""
    with house.db.read() as session:
        return session.get_one(ChatTurn, turn_id)


def job(house: House, turn_id: int) -> Job:
    """Give the job of a turn."""
    with house.db.read() as session:
        return session.get_one(Job, session.get_one(ChatTurn, turn_id).job_id)


def events(house: House, turn_id: int) -> list[tuple[str, str]]:
    """Give kinds and texts of a turn's events."""
    with house.db.read() as session:
        rows = session.scalars(
            select(ChatEvent).where(ChatEvent.turn_id == turn_id).order_by(ChatEvent.id)
        )
        return [(row.kind.value, row.text) for row in rows]
