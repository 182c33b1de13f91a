"""News of the worklist for pages that stay open: one look for all of them, however many follow.

The stream is one of server-sent events (HTML Living Standard, section 9.2). It says which studies
changed and how many stand where; whose they are it does not say.
"""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

import structlog
from starlette.concurrency import run_in_threadpool

from core.settings import Settings
from db.engine import Database
from db.sign_ins import SignInLimits, goes_on
from db.worklist_counts import WorklistCounts
from db.worklist_filters import Mark
from db.worklist_watch import ChangedStudy, Changes, WorklistWatch
from web.worklist.counts import counts_to_json
from web.worklist.shared import SharedLists
from web.worklist.tally import Tally

_log = structlog.get_logger()
_LOOK_SECONDS: Final = 1.0
"""Between two looks at the database."""
_COUNT_LOOKS: Final = 5
"""Looks between two counts where nothing changed, and two looks at who may still follow."""
_REST_SECONDS: Final = 1.0
"""After a piece of news for one page: many changes at once are one piece."""
_BEAT_SECONDS: Final = 15.0
"""Of silence after which something is sent, so that nothing in between gives the stream up."""
_MOST: Final = 300
"""Studies in one piece of news; beyond these it says that everything may have changed."""


@dataclass(eq=False)
class _Follower:
    """A page that follows.

    Parameters
    ----------
    sign_in_id
        The session of the person behind it.
    """

    sign_in_id: int
    studies: dict[int, ChangedStudy] = field(default_factory=dict)
    everything: bool = False
    counts: WorklistCounts | None = None
    away: bool | None = None
    ended: bool = False
    wake: asyncio.Event = field(default_factory=asyncio.Event)


class Live:
    """Looks at the database while anybody follows, and tells all who do.

    Parameters
    ----------
    settings
        The whole tree.
    db
        The database.

    Attributes
    ----------
    tally
        The numbers of the worklist.
    lists
        Lists that many pages load at the same time.
    """

    def __init__(self, settings: Settings, db: Database) -> None:
        self._settings = settings
        self._db = db
        self.tally = Tally(db, timedelta(minutes=settings.web.unopened_minutes))
        self.lists = SharedLists()
        self._followers: set[_Follower] = set()
        self._task: asyncio.Task[None] | None = None
        self._watch = WorklistWatch()
        self._counts: WorklistCounts | None = None
        self._away = False
        # Numbers of one process mean nothing to another one.
        self._name = secrets.token_hex(4)
        self._number = 0

    @property
    def followers(self) -> int:
        """How many pages follow."""
        return len(self._followers)

    @property
    def edition(self) -> str:
        """Which state of the worklist the last look saw: it differs once something changed."""
        return f"{self._name}-{self._number}"

    async def follow(self, sign_in_id: int) -> AsyncIterator[str]:
        """Give news as events, until the session ends or its screen is locked.

        Parameters
        ----------
        sign_in_id
            The session of the person who follows.

        Yields
        ------
        str
            Events `hello` (at first), `news`, `away`, `back` and `end`, or a comment.
        """
        follower = _Follower(sign_in_id)
        self._followers.add(follower)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())
        try:
            yield _event("hello", {"edition": self.edition})
            while True:
                try:
                    await asyncio.wait_for(follower.wake.wait(), _BEAT_SECONDS)
                except TimeoutError:
                    yield ": still here\n\n"
                    continue
                follower.wake.clear()
                for event in self._told(follower):
                    yield event
                if follower.ended:
                    return
                await asyncio.sleep(_REST_SECONDS)
        finally:
            self._followers.discard(follower)

    async def _run(self) -> None:
        looks = 0
        while self._followers:
            try:
                await self._look(count=looks % _COUNT_LOOKS == 0)
            except Exception as error:  # noqa: BLE001 - else all would wait for news that never come
                self._tell_away(away=True, why=type(error).__name__)
            else:
                self._tell_away(away=False)
                looks += 1
            await asyncio.sleep(_LOOK_SECONDS)

    async def _look(self, *, count: bool) -> None:
        changes, counts = await run_in_threadpool(self._found, count=count)
        if count:
            await run_in_threadpool(self._end_strangers)
        if counts == self._counts:
            counts = None
        if not changes and counts is None and not count:
            return
        self._counts = counts or self._counts
        self._number += bool(changes) or counts is not None
        for follower in self._followers:
            follower.studies.update({study.study_id: study for study in changes.studies})
            follower.everything |= changes.many or len(follower.studies) > _MOST
            follower.counts = counts or follower.counts
            if changes or counts is not None or follower.ended:
                follower.wake.set()

    def _found(self, *, count: bool) -> tuple[Changes, WorklistCounts | None]:
        with self._db.read() as session:
            changes = self._watch.look(session)
        if not changes and not count:
            return changes, self._counts
        return changes, self.tally.counts()

    def _end_strangers(self) -> None:
        """Note which followers' sessions are over."""
        limits = SignInLimits.of(self._settings.web)
        with self._db.read() as session:
            following = tuple(self._followers)
            # Once for each session, however many of its pages follow.
            over = {
                sign_in_id
                for sign_in_id in {follower.sign_in_id for follower in following}
                if not goes_on(session, sign_in_id, limits)
            }
        for follower in following:
            follower.ended |= follower.sign_in_id in over

    def _tell_away(self, *, away: bool, why: str = "") -> None:
        if away is self._away:
            return
        self._away = away
        if away:
            _log.warning("worklist_not_followed", error=why, followers=len(self._followers))
        for follower in self._followers:
            follower.away = away
            # What changed in between is not told one by one.
            follower.everything |= not away
            follower.wake.set()

    def _told(self, follower: _Follower) -> list[str]:
        """Give what is new to a follower, which has been told it then."""
        if follower.ended:
            return [_event("end", {})]
        events = []
        if follower.away is not None:
            events.append(_event("away" if follower.away else "back", {}))
        if follower.studies or follower.everything or follower.counts is not None:
            news: dict[str, Any] = {"edition": self.edition, "everything": follower.everything}
            if not follower.everything:
                news["studies"] = [_study(study) for study in follower.studies.values()]
            if follower.counts is not None:
                news["counts"] = counts_to_json(follower.counts)
            events.append(_event("news", news))
        follower.studies, follower.everything = {}, False
        follower.counts, follower.away = None, None
        return events


def _study(study: ChangedStudy) -> dict[str, str]:
    mark = Mark(study.tier, study.received_at, study.study_id)
    return {"uid": study.uid, "place": study.place.value, "mark": str(mark)}


def _event(name: str, values: dict[str, Any]) -> str:
    return f"event: {name}\ndata: {json.dumps(values)}\n\n"
