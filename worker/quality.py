"""What the worker does with the quality gate's verdict."""

from typing import Final

from core.errors import NotReadError
from core.reading import Remark
from core.worker_settings import QualityGate
from reader.picture import Picture
from reader.quality.gate import judge
from reader.quality.verdict import Reason

_AGAINST: Final = {
    Reason.LATERAL: "view uncertain: the header says a frontal view, but ",
    Reason.NOT_CHEST: "body part uncertain: the header says a chest, but ",
}
"""What the pixels contradict; other defects are no contradiction of the header."""


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
        What the header left open, in words. Then the picture must clearly show it, by the gate's
        stricter measure and whatever the policy: a doubtful one is not read.

    Raises
    ------
    NotReadError
        If the picture should not be read, and is not to be read all the same.
    ModelFolderError
        If the gate's files are missing or altered: the installation is broken, not the film.
    """
    if policy == "off" and not asked:
        return ()
    verdict = judge(picture, asked=bool(asked))
    if verdict.reason is None:
        return verdict.remarks
    if asked:
        message = f"{asked} uncertain: not plain from the header, and {verdict.text}"
        raise NotReadError(message)
    if policy == "refuse":
        raise NotReadError(_AGAINST.get(verdict.reason, "") + verdict.text)
    warning = f"Should not have been read: {verdict.text}."
    return (Remark(f"quality_{verdict.reason.value}", warning), *verdict.remarks)
