"""Ties flags, boxes and report sentences together into findings."""

from collections.abc import Mapping, Sequence

from core.labels import DEFAULT_SITE, Label, Side, Site
from core.reading import Finding, Flag, Presence, finding_id
from reader.answers import BoxesAnswer
from reader.sentence_findings import Statement

_STRONGEST = (Presence.PRESENT, Presence.UNCERTAIN, Presence.ABSENT)


def findings_of(
    reading_id: str,
    flags: Sequence[Flag],
    stated: Sequence[Statement],
    concluded: Sequence[Statement],
    located: Mapping[Label, BoxesAnswer],
) -> tuple[Finding, ...]:
    """Make one finding of each label that was flagged or that the report speaks of.

    Parameters
    ----------
    reading_id
        The reading that the findings belong to; their ids derive from it.
    flags
        The answers for the whole film.
    stated, concluded
        All statements of the report's findings and of its impression, in their order.
    located
        The answers to the grounding questions.

    Returns
    -------
    tuple of Finding
        In the order of `core.labels.Label`. A label is present where the flags or the report say
        so, uncertain where one of them is and none says present, absent only where a sentence
        denies it and nothing speaks for it. Its sentence is the one of the findings section that
        states its presence (where several do, all of them), else that of the impression; where
        neither does, there is none.
    """
    by_label = {flag.label: flag for flag in flags}
    found: list[Finding] = []
    for label in Label:
        said = [statement for statement in stated if statement.label is label]
        summed_up = [statement for statement in concluded if statement.label is label]
        flag = by_label.get(label)
        claims = {statement.presence for statement in (*said, *summed_up)}
        if flag is not None and flag.presence is not Presence.ABSENT:
            claims.add(flag.presence)
        presence = next((claim for claim in _STRONGEST if claim in claims), None)
        if presence is None:
            continue
        backing = _backing(said, presence) or _backing(summed_up, presence)
        boxes = located[label].boxes if label in located else ()
        found.append(
            Finding(
                id=finding_id(reading_id, len(found)),
                label=label,
                presence=presence,
                score=flag.score if flag is not None else None,
                site=_site(label, backing),
                side=_side(backing),
                boxes=boxes if presence is not Presence.ABSENT else (),
                sentence=" ".join(dict.fromkeys(item.sentence for item in backing)) or None,
            )
        )
    return tuple(found)


def _backing(said: Sequence[Statement], presence: Presence) -> list[Statement]:
    """Give the statements that a finding rests on: those of its presence, or a hedged one."""
    same = [statement for statement in said if statement.presence is presence]
    if same or presence is not Presence.PRESENT:
        return same
    return [statement for statement in said if statement.presence is Presence.UNCERTAIN]


def _side(backing: Sequence[Statement]) -> Side | None:
    sides = {statement.side for statement in backing if statement.side is not None}
    return Side.BILATERAL if len(sides) > 1 else next(iter(sides), None)


def _site(label: Label, backing: Sequence[Statement]) -> Site | None:
    """Give the one site that the sentences name; the label's usual one where they differ."""
    sites = {statement.site for statement in backing} - {DEFAULT_SITE[label]}
    return next(iter(sites)) if len(sites) == 1 else DEFAULT_SITE[label]
