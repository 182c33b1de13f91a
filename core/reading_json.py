"""A `Reading` as JSON values and back, exactly."""

from dataclasses import asdict
from typing import Any

from core.labels import Label, Side, Site
from core.reading import (
    Box,
    DraftReport,
    Finding,
    Flag,
    ModelIdentity,
    Presence,
    Reading,
    Remark,
    ReportSentence,
)


def reading_to_json(reading: Reading) -> dict[str, Any]:
    """Give a reading as plain JSON values; `reading_from_json` gives it back equal."""
    return asdict(reading)


def reading_from_json(values: dict[str, Any]) -> Reading:
    """Build a reading from `reading_to_json`'s values (after a trip through JSON text, too).

    Raises
    ------
    KeyError, TypeError, ValueError
        If the values are not those of a reading.
    """
    model = dict(values["model"])
    model["labels"] = tuple(Label(label) for label in model["labels"])
    return Reading(
        id=values["id"],
        model=ModelIdentity(**model),
        flags=tuple(flag_from_json(flag) for flag in values["flags"]),
        findings=tuple(_finding(finding) for finding in values["findings"]),
        report=DraftReport(**values["report"]),
        quality=tuple(Remark(**remark) for remark in values["quality"]),
        checks=tuple(Remark(**remark) for remark in values["checks"]),
        indication=values["indication"],
        timings=dict(values["timings"]),
        # Readings that were stored before these fields existed are without them.
        technique=values.get("technique"),
        comparison=values.get("comparison"),
        sentences=tuple(_sentence(sentence) for sentence in values.get("sentences", ())),
    )


def flag_from_json(values: dict[str, Any]) -> Flag:
    """Build a flag from its JSON values."""
    return Flag(
        Label(values["label"]),
        Presence(values["presence"]),
        values["score"],
        values.get("own_score"),  # flags that were stored before it existed are without it
    )


def _finding(values: dict[str, Any]) -> Finding:
    return Finding(
        id=values["id"],
        label=Label(values["label"]),
        presence=Presence(values["presence"]),
        score=values["score"],
        site=None if values["site"] is None else Site(values["site"]),
        side=None if values["side"] is None else Side(values["side"]),
        boxes=tuple(Box(**box) for box in values["boxes"]),
        sentence=values["sentence"],
    )


def _sentence(values: dict[str, Any]) -> ReportSentence:
    return ReportSentence(
        text=values["text"],
        finding_ids=tuple(values["finding_ids"]),
        boxes=tuple(Box(**box) for box in values["boxes"]),
    )
