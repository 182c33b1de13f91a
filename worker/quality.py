"""What the worker does with the quality gate's verdict."""

from core.errors import NotReadError
from core.reading import Remark
from core.settings import QualityGate
from reader.picture import Picture
from reader.quality.gate import judge


def quality_remarks(
    picture: Picture, policy: QualityGate, *, asked: str = ""
) -> tuple[Remark, ...]:
    """Judge a picture; give what a reader of the draft should know of it.

    Parameters
    ----------
    picture
        As `imaging.film.load_film` gives it.
    policy
        `refuse` raises for a picture that should not be read, `remark` only says why, `off` does
        not look.
    asked
        What the header left open, in words. Then the picture must answer it, whatever the
        policy: a doubtful one is not read.

    Raises
    ------
    NotReadError
        If the picture should not be read, and is not to be read all the same.
    ModelFolderError
        If the gate's files are missing or altered: the installation is broken, not the film.
    """
    if policy == "off" and not asked:
        return ()
    verdict = judge(picture)
    if verdict.reason is None:
        return verdict.remarks
    if asked:
        message = f"{asked} uncertain: the header does not say it, and {verdict.text}"
        raise NotReadError(message)
    if policy == "refuse":
        raise NotReadError(verdict.text)
    warning = f"Should not have been read: {verdict.text}."
    return (Remark(f"quality_{verdict.reason.value}", warning), *verdict.remarks)
