"""Check of a report's sections against each other: on which side each of them puts a label.

Only one label at a time is compared: "right opacity" under "left pneumonia" is not found out.
"""

from collections.abc import Sequence
from typing import Final

from core.labels import Label, Side
from core.reading import Presence, Remark
from reader.check_codes import Code, remark
from reader.sentence_findings import Statement

_WHERE: Final = {
    Side.LEFT: "on the left",
    Side.RIGHT: "on the right",
    Side.BILATERAL: "on both sides",
}


def findings_against_impression(
    stated: Sequence[Statement], concluded: Sequence[Statement]
) -> list[Remark]:
    """Remark on labels that the impression puts on another side than the findings do.

    Both sides in one section and one in the other differ too. A section that names no side of a
    label fits any.

    Parameters
    ----------
    stated, concluded
        The statements of the findings and of the impression.
    """
    remarks = []
    for label in Label:
        found, summed_up = _side(label, stated), _side(label, concluded)
        if found is None or summed_up is None or found is summed_up:
            continue
        text = (
            f"The findings put {label.value} {_WHERE[found]}, the impression {_WHERE[summed_up]}."
        )
        remarks.append(remark(Code.IMPRESSION_SIDE_DIFFERS, text))
    return remarks


def _side(label: Label, said: Sequence[Statement]) -> Side | None:
    """Give the side of all that is stated or thought of; None where no sentence names one."""
    sides = {
        item.side
        for item in said
        if item.label is label and item.presence is not Presence.ABSENT and item.side is not None
    }
    return Side.BILATERAL if len(sides) > 1 else next(iter(sides), None)
