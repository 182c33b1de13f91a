"""Why somebody is not let in; `web.failures` turns each into an answer."""

from core.errors import PermanentError


class NotSignedInError(PermanentError):
    """Nobody is known behind the request: no session, an ended one, or a token that is none."""


class LockedError(PermanentError):
    """The person's screen is locked: the session goes on with the password."""


class NotAllowedError(PermanentError):
    """The person may not do this."""


class NoSuchThingError(PermanentError):
    """What was asked for is not here."""
