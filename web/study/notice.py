"""What stands above a film: what its draft is, or why there is none."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from core.settings import Settings
from db.film_review import NoDraft, film_review
from db.standings import is_authorised
from web.review.banner import banner


@dataclass(frozen=True, slots=True)
class FilmNotice:
    """The notice of one film.

    Parameters
    ----------
    no_draft
        Why there is no result that is shown; None where there is one.
    reason
        In words, of a film that failed or was not read; untrusted text.
    lines
        What the report says of itself, as the result objects do; empty without one.
    """

    no_draft: NoDraft | None
    reason: str
    lines: tuple[str, ...]


def film_notice(
    session: Session, settings: Settings, study_id: int, film_uid: str
) -> FilmNotice | None:
    """Give the notice of a film; None where the study has no such film."""
    review = film_review(session, study_id, film_uid)
    if review is None:
        return None
    lines: list[str] = []
    if review.no_draft is None and review.reading is not None and review.latest is not None:
        authorised = is_authorised(session, review.reading.model.uid)
        lines = banner(settings, review.reading, review.latest, authorised=authorised)
    return FilmNotice(review.no_draft, review.reason, tuple(lines))
