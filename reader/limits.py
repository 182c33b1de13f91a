"""Says what a model's family cannot do, so that silence is never taken for an answer."""

from collections.abc import Collection, Sequence

from core.reading import Flag, Remark
from reader.check_codes import Code, remark
from reader.families.family import Task


def limits_of(tasks: Collection[Task], flags: Sequence[Flag], *, placed: bool) -> list[Remark]:
    """Remark on what a reading lacks because the model cannot give it.

    Parameters
    ----------
    tasks
        What the model was trained for.
    flags
        The reading's flags.
    placed
        Whether any answer gave a place along with its words.
    """
    remarks = []
    if Task.CLASSIFICATION not in tasks:
        text = (
            "This model gives no list of abnormalities: the flags are what its report states, and "
            "of what the report leaves out nothing is known."
        )
        remarks.append(remark(Code.LABELS_FROM_REPORT, text))
    if all(flag.score is None for flag in flags):
        text = "There are no scores for this reading: the model or its engine gives none."
        remarks.append(remark(Code.SCORES_UNAVAILABLE, text))
    if Task.ABNORMALITY not in tasks and Task.PHRASE not in tasks and not placed:
        text = "This model cannot show where a finding lies."
        remarks.append(remark(Code.PLACES_UNAVAILABLE, text))
    return remarks
