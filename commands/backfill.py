"""Fetches past studies for an audit, at a pace, and goes on where it was stopped.

The studies are entered as rows, and the gateway fetches them: this command only asks and watches,
so killing it stops nothing, and running it again enters what is missing.
"""

import math
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Final, TypeVar

from sqlalchemy import select

from commands.operator import operator
from commands.output import console, print_json, print_table, printable
from commands.own_gateway import gateway_answers
from core.errors import PeerUnavailableError, WrongArgumentError
from core.settings import Settings, load_settings
from core.states import FilmState, Purpose
from db.campaigns import Campaign, enter, film_states, keep_question
from db.engine import Database
from db.fetched import RetrievalCounts, retrieval_counts
from db.models import Peer
from db.pauses import Pause
from db.retrievals import Wish
from gateway.address import PeerAddress
from gateway.carrier import Address
from gateway.find import FoundStudy, StudyQuery, find_series, find_studies

_POLL_SECONDS: Final = 0.5
_QUERY_ATTEMPTS: Final = 5
_GATEWAY_PATIENCE_SECONDS: Final = 60.0
"""How long a gateway may be gone, as while its supervisor starts another, before this gives up."""
_TOLD_EVERY_SECONDS: Final = 5.0
_DOCUMENTS: Final = frozenset({"SR", "KO", "PR"})
"""Modalities that come with the films: signed reports, rejection notes, and what is small."""
_MODALITY: Final = re.compile(r"(?! +$)[A-Z0-9_ ]{1,16}")
"""PS3.5 section 6.2, VR CS."""
_LONGEST_NAME: Final = 200
_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True)
class Backfill:
    """What is to be fetched.

    Parameters
    ----------
    peer
        Name of the archive's peer.
    begin, end
        First and last study date, YYYY-MM-DD.
    modalities
        Studies with a series of any of them.
    name
        Of the campaign; "" makes one of all that says what it is. It stands for one question, and
        cannot be used for another.
    per_minute
        Studies a minute at most.
    most
        Studies at most.

    Raises
    ------
    WrongArgumentError
        If dates, modalities, name or pace are none, or the dates are in the wrong order.
    """

    peer: str
    begin: str
    end: str
    modalities: tuple[str, ...]
    name: str
    per_minute: float
    most: int

    def __post_init__(self) -> None:
        for message in self._mistakes():
            raise WrongArgumentError(message)

    def _mistakes(self) -> Iterator[str]:
        for day in (self.begin, self.end):
            if not _is_day(day):
                yield f"a date is YYYY-MM-DD, not {day!r}"
        if self.end < self.begin:
            yield f"the last date {self.end} lies before the first {self.begin}"
        for modality in self.modalities:
            if not _MODALITY.fullmatch(modality):
                yield f"a modality has 1 to 16 of A-Z, 0-9, _ and space, not {modality!r}"
        if not self.modalities:
            yield "a modality is needed"
        if not self.name.isprintable() or len(self.name) > _LONGEST_NAME:
            yield f"a name has at most {_LONGEST_NAME} printable characters, not {self.name!r}"
        if not math.isfinite(self.per_minute):
            yield f"no number of studies a minute: {self.per_minute}"

    def days(self) -> list[date]:
        """Give each day of it."""
        first, last = date.fromisoformat(self.begin), date.fromisoformat(self.end)
        return [first + timedelta(days=number) for number in range((last - first).days + 1)]

    def campaign(self) -> Campaign:
        """Give the campaign under which it is kept."""
        return Campaign(self.name.strip() or self.question(), self.per_minute, self.most)

    def question(self) -> str:
        """Say what is asked for, the same for the same."""
        modalities = "+".join(sorted({one.strip() for one in self.modalities}))
        return f"{self.peer} {self.begin} to {self.end} {modalities}"


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def backfill(path: Path | None, wish: Backfill, *, as_json: bool) -> bool:
    """Enter the past studies of a peer, and watch until each was fetched or failed.

    Returns
    -------
    bool
        Whether none failed.

    Raises
    ------
    WrongArgumentError
        If there is no such peer, or the name stands for another question.
    PeerUnavailableError
        If no gateway runs here that could receive, or the archive does not answer; run again, it
        goes on where it was.
    RefusedByPeerError
        If the archive refuses the question.
    """
    settings, days, campaign = load_settings(path), wish.days(), wish.campaign()
    db = Database(settings.database_url)
    try:
        peer_id, address = _peer(db, settings, wish.peer)
        _need_gateway(settings)
        with db.write() as session:
            asked = keep_question(session, campaign.name, wish.question(), actor=operator())
        if asked != wish.question():
            message = f"{campaign.name!r} is the name of {asked!r}; take another one"
            raise WrongArgumentError(message)
        for day in days:
            if not _enter_day(db, campaign, peer_id, address, day=day, wish=wish):
                console().print(f"more than {campaign.most} studies: the others are left out")
                break
        counts = _watch(db, settings, campaign.name)
        with db.read() as session:
            states = film_states(session, campaign.name)
    finally:
        db.close()
    _tell(campaign.name, counts, states, as_json=as_json)
    return counts.failed == 0


def _peer(db: Database, settings: Settings, name: str) -> tuple[int, PeerAddress]:
    with db.read() as session:
        peer = session.scalars(select(Peer).where(Peer.name == name)).one_or_none()
    if peer is None or not peer.enabled:
        message = f"there is no enabled peer called {name!r}; see `firstread peers export`"
        raise WrongArgumentError(message)
    return peer.id, PeerAddress.of(Address.of(peer), settings)


def _need_gateway(settings: Settings) -> None:
    answer = gateway_answers(settings)
    if answer is not None:
        title = settings.gateway.retrieval_ae_title
        message = (
            f"no gateway answers here as {title}, to which the studies would be sent ({answer}): "
            "start it with `firstread up` or `firstread gateway`, and run this again"
        )
        raise PeerUnavailableError(message)


def _enter_day(
    db: Database,
    campaign: Campaign,
    peer_id: int,
    address: PeerAddress,
    *,
    day: date,
    wish: Backfill,
) -> bool:
    """Enter one day's studies; whether there is room for more."""
    query = StudyQuery(first=day, last=day, modalities=wish.modalities)
    wishes = [
        Wish(
            peer_id,
            study.study_uid,
            Purpose.AUDIT,
            campaign.name,
            patient_id=study.patient_id,
            issuer=study.issuer,
            study_date=study.study_date,
            series_uids=_series(address, study, wish.modalities),
        )
        for study in _asked(lambda: find_studies(address, query))
    ]
    with db.write() as session:
        return enter(session, campaign, wishes, actor=operator())


def _series(
    address: PeerAddress, study: FoundStudy, modalities: tuple[str, ...]
) -> tuple[str, ...]:
    """Give the series that are wanted of a study that holds others too; none is the whole study."""
    wanted = {one.upper() for one in modalities} | _DOCUMENTS
    if wanted.issuperset(study.modalities):
        return ()
    series = _asked(lambda: find_series(address, study.study_uid))
    return tuple(one.series_uid for one in series if one.modality.upper() in wanted)


def _asked(question: Callable[[], list[_Answer]]) -> list[_Answer]:
    """Ask the archive, again after growing pauses where it is busy."""
    pause = Pause(1.0, 30.0)
    for attempt in range(1, _QUERY_ATTEMPTS):
        try:
            return question()
        except PeerUnavailableError as error:
            console().print(f"{printable(error)}; asking again")
            time.sleep(pause.after(attempt))
    return question()


def _watch(db: Database, settings: Settings, campaign: str) -> RetrievalCounts:
    """Look until nothing is open, and say how far it is."""
    answered_at = told_at = time.monotonic()
    told = ""
    while True:
        with db.read() as session:
            counts = retrieval_counts(session, campaign)
        if counts.open == 0:
            return counts
        at = time.monotonic()
        words = _words(counts)
        if words != told and at - told_at >= _TOLD_EVERY_SECONDS:
            console().print(printable(words))
            told, told_at = words, at
        if at - answered_at > _TOLD_EVERY_SECONDS:
            if gateway_answers(settings) is None:
                answered_at = at
            elif at - answered_at > _GATEWAY_PATIENCE_SECONDS:
                _need_gateway(settings)
        time.sleep(_POLL_SECONDS)


def _words(counts: RetrievalCounts) -> str:
    total = counts.open + counts.done + counts.failed
    words = f"{counts.done} of {total} studies fetched, {counts.failed} failed"
    return f"{words}; last trouble: {counts.last_error}" if counts.last_error else words


def _tell(
    name: str, counts: RetrievalCounts, states: dict[FilmState, int], *, as_json: bool
) -> None:
    films = {str(state): count for state, count in sorted(states.items())}
    if as_json:
        print_json(
            {
                "name": name,
                "studies": counts.done + counts.failed,
                "fetched": counts.done,
                "failed": counts.failed,
                "objects": counts.objects,
                "films": films,
                "last_error": counts.last_error,
            }
        )
        return
    print_table(
        f"Backfill {name}",
        ("what", "number"),
        [
            ("studies fetched", counts.done),
            ("studies failed", counts.failed),
            ("objects that the archive sent", counts.objects),
            *((f"instances {state}, so far", count) for state, count in films.items()),
            *([("last trouble", counts.last_error)] if counts.last_error else []),
        ],
    )
