"""Labelled films as training reads them: a phantom's truth, or a site's own JSON lines.

One line of a site's file is one film::

    {"id": "a1", "image": "a1.png", "view": "PA",
     "findings": [{"label": "pleural effusion",
                   "parts": [{"side": "left", "site": "pleura", "kind": "", "degree": "small",
                              "box": [0.55, 0.7, 0.9, 0.95]}]}],
     "regions": {"left lung": [0.5, 0.1, 0.9, 0.9]},
     "report": {"findings": "...", "impression": "..."},
     "phrases": [{"text": "Small left pleural effusion.", "boxes": [[0.55, 0.7, 0.9, 0.95]]}]}

Only `image` and `findings` must be there; an empty list of findings says that the film was read
and is normal. A part may leave out everything, its box too. Boxes are x1, y1, x2, y2 in [0, 1] of
the picture. Where there is no report, one is worded from the findings.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.errors import SettingsError
from core.labels import Label
from core.reading import Box, DraftReport


@dataclass(frozen=True)
class Piece:
    """One place of a finding; empty texts where nothing is known."""

    side: str = ""
    site: str = ""
    kind: str = ""
    degree: str = ""
    box: Box | None = None


@dataclass(frozen=True)
class LabelledFinding:
    """An abnormality that is on the film, with its places."""

    label: Label
    pieces: tuple[Piece, ...]

    @property
    def boxes(self) -> tuple[Box, ...]:
        """Where it is, from the left of the film to the right."""
        placed = [piece.box for piece in self.pieces if piece.box is not None]
        return tuple(sorted(placed, key=lambda box: (box.x1, box.y1)))

    @property
    def side(self) -> str:
        """``left``, ``right``, ``bilateral`` or empty."""
        sides = {piece.side for piece in self.pieces if piece.side}
        return "bilateral" if len(sides) > 1 else next(iter(sides), "")


@dataclass(frozen=True)
class Phrase:
    """A sentence of the report with its places."""

    text: str
    boxes: tuple[Box, ...]


@dataclass(frozen=True)
class FilmRecord:
    """A film that was read by somebody, or a phantom.

    Parameters
    ----------
    id, image
        Name of the film, and its picture's path below the folder of pictures.
    view
        ``PA``, ``AP`` or empty where unknown.
    findings
        What is on it; empty for a normal film.
    regions
        Boxes of anatomical regions by name.
    report
        As it was written; None where it is to be worded from the findings.
    phrases
        Grounded sentences beyond those worded from the findings.
    """

    id: str
    image: str
    view: str
    findings: tuple[LabelledFinding, ...]
    regions: dict[str, Box] = field(default_factory=dict)
    report: DraftReport | None = None
    phrases: tuple[Phrase, ...] = ()

    def finding(self, label: Label) -> LabelledFinding | None:
        """Give the finding of a label, None where the film has none."""
        return next((found for found in self.findings if found.label is label), None)


def record_of(values: dict[str, Any], *, image: str | None = None) -> FilmRecord:
    """Build a record from JSON values.

    Parameters
    ----------
    values
        One line of a site's file, or a phantom's truth.
    image
        The picture's path, where the values do not say it.

    Raises
    ------
    SettingsError
        If something is missing or is no label, no box or no text.
    """
    try:
        picture = image or str(values["image"])
        report = values.get("report")
        return FilmRecord(
            id=str(values.get("id", picture)),
            image=picture,
            view=str(values.get("view", "")),
            findings=tuple(_finding(item) for item in values["findings"]),
            regions={name: Box(*box) for name, box in values.get("regions", {}).items()},
            report=report and DraftReport(report["findings"], report.get("impression", "")),
            phrases=tuple(
                Phrase(item["text"], tuple(Box(*box) for box in item["boxes"]))
                for item in values.get("phrases", ())
            ),
        )
    except (KeyError, TypeError, ValueError) as error:
        message = f"a film's record cannot be used ({type(error).__name__}: {error}): {values!r}"
        raise SettingsError(message) from error


def _finding(values: dict[str, Any]) -> LabelledFinding:
    pieces = tuple(
        Piece(
            side=part.get("side", ""),
            site=part.get("site", ""),
            kind=part.get("kind", ""),
            degree=part.get("degree", ""),
            box=Box(*part["box"]) if part.get("box") else None,
        )
        for part in values["parts"]
    )
    if not pieces:
        message = f"the finding {values['label']!r} has no part"
        raise ValueError(message)
    return LabelledFinding(Label(values["label"]), pieces)


def read_records(path: Path) -> Iterator[FilmRecord]:
    """Read a site's labelled films.

    Parameters
    ----------
    path
        JSON lines as the module describes them; blank lines are skipped.

    Raises
    ------
    SettingsError
        If a line cannot be used, naming it.
    """
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                yield record_of(json.loads(line))
            except (json.JSONDecodeError, SettingsError) as error:
                message = f"{path}, line {number}: {error}"
                raise SettingsError(message) from error
