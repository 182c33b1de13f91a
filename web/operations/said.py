"""What is answered to somebody who did something on a page of operations."""

from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from fastapi import Request
from starlette.responses import RedirectResponse, Response

from core.errors import DatabaseAwayError, WrongArgumentError
from web.services import Services

_CHANGED = "firstread:changed"
"""The event upon which the page looks anew (`operations/live.js`)."""


@dataclass(frozen=True, slots=True)
class Said:
    """What was done.

    Parameters
    ----------
    act
        Which act, as `operations/said.html` knows it.
    values
        What its words name.
    """

    act: str
    values: dict[str, Any] = field(default_factory=dict)


def answer(request: Request, ours: Services, back: str, act: Callable[[], Said]) -> Response:
    """Do something and tell: in place where the page's script asks, else by going back.

    Parameters
    ----------
    request, ours
        What is answered, and with what.
    back
        The page that it was done on.
    act
        Does it.

    Raises
    ------
    WrongArgumentError, DatabaseAwayError
        If it could not be done, and a whole page is to say so.
    """
    in_place = request.headers.get("hx-request") == "true"
    try:
        said = act()
    except (WrongArgumentError, DatabaseAwayError) as error:
        if not in_place:
            raise
        away = isinstance(error, DatabaseAwayError)
        status = HTTPStatus.SERVICE_UNAVAILABLE if away else HTTPStatus.UNPROCESSABLE_ENTITY
        return ours.renderer.page(
            request, "operations/refused.html", status=status.value, words=str(error)
        )
    if not in_place:
        return RedirectResponse(back, HTTPStatus.SEE_OTHER)
    told = ours.renderer.page(request, "operations/said.html", act=said.act, values=said.values)
    told.headers["hx-trigger"] = _CHANGED
    return told
