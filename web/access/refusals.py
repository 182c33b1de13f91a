"""Why somebody is not let in; `web.failures` turns each into an answer."""

from core.errors import PermanentError


class NotSignedInError(PermanentError):
    """Nobody is known behind the request: no session, an ended one, or a token that is none."""


class LockedError(PermanentError):
    """The person's screen is locked: the session goes on with the password."""


class NotAllowedError(PermanentError):
    """The person may not do this."""


class NotProvedError(NotAllowedError):
    """The person has to prove once more who it is: by the password, or at the provider."""


class RestrictedError(NotAllowedError):
    """Only named persons open this study; others may break the glass.

    Parameters
    ----------
    study_uid
        Which.
    """

    def __init__(self, study_uid: str) -> None:
        super().__init__("only named persons open this study")
        self.study_uid = study_uid


class NoSuchThingError(PermanentError):
    """What was asked for is not here."""
