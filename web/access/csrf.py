"""Changes come from our own pages: a token that other sites cannot know, and the browser's word.

The token is derived from the session's own, so that it needs no storage and ends with it (OWASP
Cross-Site Request Forgery Prevention Cheat Sheet, "Signed Double-Submit", "Fetch Metadata",
"Verifying Origin").
"""

import hashlib
import hmac
from typing import Final
from urllib.parse import urlsplit

from fastapi import Request

from web.access.refusals import NotAllowedError
from web.services import services

HEADER: Final = "x-csrf-token"
FIELD: Final = "csrf_token"
_FORMS: Final = ("application/x-www-form-urlencoded", "multipart/form-data")
_OURS: Final = frozenset({"same-origin", "none"})


def csrf_token(session_token: str) -> str:
    """Give the token of a session."""
    return hmac.new(session_token.encode(), b"csrf", hashlib.sha256).hexdigest()


def check_same_site(request: Request) -> None:
    """Refuse a change of which the browser says that another site caused it.

    It protects what has no session yet, such as signing in. Programs, and browsers from before
    2020, say nothing.

    Raises
    ------
    NotAllowedError
        If `Sec-Fetch-Site` or `Origin` names another site.
    """
    site = request.headers.get("sec-fetch-site", "same-origin")
    origin = request.headers.get("origin")
    if site not in _OURS or (origin is not None and not _is_ours(request, origin)):
        message = "another site asked for this change"
        raise NotAllowedError(message)


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
    check_same_site(request)
    given = request.headers.get(HEADER, "")
    if not given and request.headers.get("content-type", "").startswith(_FORMS):
        form = await request.form()
        value = form.get(FIELD, "")
        given = value if isinstance(value, str) else ""
    if not hmac.compare_digest(given.encode(), expected.encode()):
        message = "the page that asked for this change is not of this session; load it again"
        raise NotAllowedError(message)


def _is_ours(request: Request, origin: str) -> bool:
    """Compare with the host that was asked for, which `web.access.doorway` let pass.

    Not with the scheme: a proxy may have taken TLS off. `null`, of a frame in a sandbox, is nobody.
    """
    named = urlsplit(origin).netloc.lower()
    public = services(request).settings.web.public_url
    ours = {request.headers.get("host", "").lower(), urlsplit(str(public or "")).netloc.lower()}
    return bool(named) and named in ours
