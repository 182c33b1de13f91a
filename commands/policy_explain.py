"""Why the policy has a file read or not: what its header says, then rule after rule."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from commands.output import print_table
from core.errors import NotReadError, UnreadableObjectError
from core.policy import NumberedPolicy
from core.settings import Settings
from core.states import FilmState
from db.received import ReadDecision
from gateway.eligibility import decide, decision
from gateway.facts import facts_of
from gateway.quiet import silence
from gateway.rules import Look, walk
from imaging.film import load_film
from imaging.header import read_header


@dataclass(frozen=True, slots=True)
class Explained:
    """Why a file would be read or not.

    Parameters
    ----------
    facts
        What its header says, by the names that a policy uses.
    looks
        Each rule that was looked at; the last one decides.
    decision
        What becomes of it.
    if_new
        What would become of it if it had been taken just now.
    pixels
        What the look at its pixels says then, in words.
    """

    facts: Mapping[str, Any]
    looks: tuple[Look, ...]
    decision: ReadDecision
    if_new: ReadDecision
    pixels: str

    def plain(self) -> dict[str, Any]:
        """Give it as plain JSON values."""
        return {
            "policy_version": self.decision.policy_version,
            "facts": self.facts,
            "rules": [
                {"rule": look.rule.name, "stopped_by": look.stopped_by} for look in self.looks
            ],
            **_plain(self.decision),
            "if_new": _plain(self.if_new),
            "pixels": self.pixels,
        }

    def show(self) -> None:
        """Print it as tables."""
        facts = [(name, _words(value)) for name, value in self.facts.items()]
        print_table("What the header says", ("fact", "value"), facts)
        print_table(
            "Rules, down to the one that decides",
            ("rule", "looked at"),
            [(look.rule.name, self._seen(look)) for look in self.looks],
        )
        version = self.decision.policy_version
        rows = [
            ("state", self.decision.state),
            ("reason", self.decision.reason),
            ("rule", self.decision.rule),
            ("policy version", "not in force, only tried" if version is None else version),
            ("then", _then(self.decision)),
        ]
        if self.if_new != self.decision:
            rows.append(("if it were new", f"{self.if_new.state}: {_then(self.if_new)}"))
        rows.append(("the pixels", self.pixels))
        print_table("Decision", ("what", "is"), rows)

    def _seen(self, look: Look) -> str:
        if look.stopped_by is None:
            return f"decides: {look.rule.then}"
        side, name = look.stopped_by.split(".")
        asked = _words(getattr(getattr(look.rule, side), name))
        wish = f"{name} is not one of: {asked}" if side == "when" else f"{name} is one of: {asked}"
        return f"passed over, since {wish}"


def explain_file(
    file: Path, numbered: NumberedPolicy, settings: Settings, at: datetime, *, calling_ae: str
) -> Explained:
    """Explain what a policy makes of a file.

    Parameters
    ----------
    file
        A DICOM file.
    numbered
        The policy.
    settings
        Of the site whose zone and AE title count.
    at
        The present time, aware.
    calling_ae
        Who is taken to have sent it.

    Raises
    ------
    UnreadableObjectError
        If it is no readable DICOM file.
    """
    silence()
    header = read_header(file)
    zone, called = ZoneInfo(settings.site.timezone), settings.gateway.ae_title
    facts = facts_of(
        header, numbered.policy, at, zone=zone, calling_ae=calling_ae, called_ae=called
    )
    looks = tuple(walk(numbered.policy, facts))
    if_new = decide(header, numbered, None, zone=zone, calling_ae=calling_ae, called_ae=called)
    return Explained(
        facts.plain(),
        looks,
        decision(looks[-1].rule, facts, numbered),
        if_new,
        _look_at_pixels(file, if_new, settings),
    )


def _look_at_pixels(file: Path, said: ReadDecision, settings: Settings) -> str:
    """Let the quality gate judge a film that the header lets through, as a worker would."""
    if said.state is not FilmState.QUEUED:
        return "nobody would look"
    if find_spec("safetensors") is None:
        return "not looked at: this machine runs no worker"
    from worker.quality import quality_remarks  # noqa: PLC0415 - an edge has no safetensors

    try:
        film = load_film(file, maximum_pixels=settings.gateway.maximum_pixels)
        remarks = quality_remarks(
            film.pixels, settings.worker.quality_gate, asked=said.asked_of_pixels
        )
    except (NotReadError, UnreadableObjectError) as error:
        return f"not read: {error}"
    return " ".join(["read", *(f"({remark.text})" for remark in (*film.remarks, *remarks))])


def _plain(said: ReadDecision) -> dict[str, Any]:
    return {
        "state": said.state,
        "rule": said.rule,
        "reason": said.reason,
        "asked_of_pixels": said.asked_of_pixels,
        "then": _then(said),
    }


def _then(said: ReadDecision) -> str:
    if said.state is not FilmState.QUEUED:
        return said.reason or "nothing"
    if said.asked_of_pixels:
        return f"then the pixels: read only if they clearly show {said.asked_of_pixels}"
    return "then the pixels: read unless they contradict"


def _words(value: object) -> str:
    if isinstance(value, BaseModel):
        pairs = value.model_dump(exclude_defaults=True).items()
        return ", ".join(f"{name} {one}" for name, one in pairs)
    if isinstance(value, (list, tuple)):
        return ", ".join(_words(one) or '""' for one in value)
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, float):
        return f"{value:.1f}"
    return "" if value is None else str(value)
