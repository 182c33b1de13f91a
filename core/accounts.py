"""Who may do what in the reading room: the roles of persons."""

from enum import StrEnum


class AccountRole(StrEnum):
    """What a person's account is for; one account may have several."""

    RADIOLOGIST = "radiologist"
    """Reads films, reviews drafts, asks about films."""
    ADMINISTRATOR = "administrator"
    """Runs the installation; sees no images."""
    AUDITOR = "auditor"
    """Searches and exports the audit."""
    RESEARCHER = "researcher"
    """Sees what models said, without patients."""


class SignInWay(StrEnum):
    """How a session began."""

    PASSWORD = "password"  # noqa: S105 - the word, not a password
    OIDC = "oidc"
    LINK = "link"
    """A link that was good for one use, made on the command line."""
