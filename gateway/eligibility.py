"""Whether an object is a film to be read: what the policy makes of its header.

Whatever a policy says, three things hold: nothing is queued that is of none of the classes of
plain films; a film whose header does not plainly say that it is a frontal chest is read only if
its pixels do; and the reasons are of fixed words, never a text of the header. What no header
shows stays for the look at the pixels: a header that is wrong as a whole (a leg whose every tag
says chest), a film that is turned or mirrored against its Patient Orientation.
"""

from datetime import UTC, datetime, tzinfo
from typing import Final

from pydicom.dataset import Dataset

from core.film_facts import FILM_CLASSES, Part, Source
from core.policy import NumberedPolicy, Outcome, Policy, Rule
from core.states import FilmState
from db.received import ReadDecision
from gateway.facts import Facts, facts_of
from gateway.rules import deciding

BODY_PART: Final = "body part"
VIEW: Final = "view"
_HINTS: Final = frozenset({Source.ORIENTATION, Source.STUDY_TEXTS})
"""Patient Orientation is often a fixed setting, an examination's texts speak of all its films."""
_NO_FILM: Final = "no radiograph by its SOPClassUID"


def decide(
    header: Dataset,
    numbered: NumberedPolicy,
    at: datetime | None,
    *,
    zone: tzinfo = UTC,
    calling_ae: str = "",
    called_ae: str = "",
) -> ReadDecision:
    """Decide whether an object is to be read; never raises, whatever its header holds.

    Parameters
    ----------
    header
        Its header; every value is untrusted.
    numbered
        The policy in force.
    at
        The present time, aware; None takes every film for a new one.
    zone
        The zone of the header's times where it names none.
    calling_ae, called_ae
        AE titles of its association, "" where there was none.

    Returns
    -------
    ReadDecision
        `queued` for a film to be read; `received` for what belongs to the study all the same;
        else `not_read`. It names the rule and the policy's version.
    """
    policy = numbered.policy
    facts = facts_of(header, policy, at, zone=zone, calling_ae=calling_ae, called_ae=called_ae)
    return decision(deciding(policy, facts), facts, numbered)


def decision(rule: Rule, facts: Facts, numbered: NumberedPolicy) -> ReadDecision:
    """Give what a rule makes of an object for which it decides.

    Parameters
    ----------
    rule
        The rule that decides.
    facts
        Of the object.
    numbered
        The policy that the rule is of.
    """
    reason = _reason(rule.reason, facts, numbered.policy)
    version = numbered.version
    if rule.then is Outcome.NOT_READ:
        return ReadDecision(FilmState.NOT_READ, reason, rule.name, version)
    if rule.then is Outcome.STORE:
        return ReadDecision(FilmState.RECEIVED, reason or None, rule.name, version)
    if facts.sop_class not in FILM_CLASSES:
        return ReadDecision(FilmState.RECEIVED, _NO_FILM, rule.name, version)
    asked = _open_questions(facts, hints=rule.then is Outcome.ASK_PIXELS)
    if rule.then is Outcome.ASK_PIXELS and not asked:
        asked = [BODY_PART, VIEW]
    return ReadDecision(FilmState.QUEUED, None, rule.name, version, " and ".join(asked))


def _open_questions(facts: Facts, *, hints: bool) -> list[str]:
    """List what the header leaves open; with `hints` also what only hints say."""
    doubtful = _HINTS if hints else frozenset()
    sure = {
        BODY_PART: facts.part is Part.CHEST and facts.part_from not in doubtful,
        VIEW: facts.view.is_frontal and facts.view_from not in doubtful,
    }
    return [question for question, answered in sure.items() if not answered]


def _reason(template: str, facts: Facts, policy: Policy) -> str:
    hours = policy.film_age_hours
    said = {
        "part_from": facts.part_from,
        "part_against": facts.part_against or "another attribute",
        "view": facts.view,
        "view_from": facts.view_from,
        "view_against": facts.view_against or "another attribute",
        "film_age_hours": hours if isinstance(hours, str) else f"{hours:g}",
        "youngest_age_years": f"{policy.youngest_age_years:g}",
    }
    for place, words in said.items():
        template = template.replace("{" + place + "}", words)
    return template
