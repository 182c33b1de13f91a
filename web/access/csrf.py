"""Changes come from our own pages: a token that other sites cannot know, and the browser's word.

The token is derived from the session's own, so that it needs no storage and ends with it (OWASP
Cross-Site Request Forgery Prevention Cheat Sheet, "Signed Double-Submit", "Fetch Metadata").
"""

import hashlib
import hmac
from typing import Final

from fastapi import Request

from web.access.refusals import NotAllowedError

HEADER: Final = "x-csrf-token"
FIELD: Final = "csrf_token"
_FORMS: Final = ("application/x-www-form-urlencoded", "multipart/form-data")


def csrf_token(session_token: str) -> str:
    """Give the token of a session."""
    return hmac.new(session_token.encode(), b"csrf", hashlib.sha256).hexdigest()


async def check_csrf(request: Request, expected: str) -> None:
    """Refuse a change that another site caused.

    Parameters
    ----------
    request
        With the token in the header `x-csrf-token`, or in the field `csrf_token` of a form.
    expected
        The session's token.

    Raises
    ------
    NotAllowedError
        If it lacks the token, or the browser says that another site sent it.
    """
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        message = "another site asked for this change"
        raise NotAllowedError(message)
    given = request.headers.get(HEADER, "")
    if not given and request.headers.get("content-type", "").startswith(_FORMS):
        form = await request.form()
        value = form.get(FIELD, "")
        given = value if isinstance(value, str) else ""
    if not hmac.compare_digest(given.encode(), expected.encode()):
        message = "the page that asked for this change is not of this session; load it again"
        raise NotAllowedError(message)
