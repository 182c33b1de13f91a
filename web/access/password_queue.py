"""A place for each password that is looked at, so that guessing takes no thread from the pages.

Looking at one takes long and much memory (`db.passwords`), as asking an identity provider that does
not answer takes long, and pages are made in threads of which there are few. Who waits here holds
none; where too many wait, the next is sent away at once.
"""

from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Final

from fastapi import Depends, HTTPException
from fastapi.params import Depends as Dependency

_AT_ONCE: Final = 6
_MOST_WAITING: Final = 20
_RETRY_AFTER_SECONDS: Final = 3


class PasswordQueue:
    """Those whose passwords are looked at, and those who wait for it.

    Attributes
    ----------
    dependencies
        Of each route that looks at one, or asks the provider.
    """

    def __init__(self) -> None:
        self._here = 0
        # Up to the endpoint's end and no further: who takes the answer slowly holds no place.
        self.dependencies: list[Dependency] = [
            Depends(self._come, scope="function"),
            Depends(_place, scope="function", max_concurrency=_AT_ONCE),
        ]

    async def _come(self) -> AsyncIterator[None]:
        if self._here >= _AT_ONCE + _MOST_WAITING:
            raise HTTPException(
                HTTPStatus.SERVICE_UNAVAILABLE,
                "too many sign in at the moment: try again",
                {"retry-after": str(_RETRY_AFTER_SECONDS)},
            )
        self._here += 1
        try:
            yield
        finally:
            self._here -= 1


async def _place() -> AsyncIterator[None]:
    yield


STRANGERS: Final = PasswordQueue()
PERSONS: Final = PasswordQueue()
"""Who is signed in waits for no stranger."""
VISITORS: Final = PasswordQueue()
"""Of the identity provider."""
