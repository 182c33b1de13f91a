"""What `firstread doctor` says of the triage policy and of the models that read here."""

from commands.check import Check, Verdict
from core.settings import Settings
from core.states import Standing
from db.engine import Database
from db.standings import known_models
from db.triage_policies import triage_in_force


def triage(settings: Settings) -> str:
    """Say which triage policy is in force.

    Raises
    ------
    FirstReadError
        If it cannot be had or understood.
    """
    with Database(settings.database_url).read() as session:
        found = triage_in_force(session)
    origin = "built in" if found.version == 0 else f"version {found.version}"
    wait = found.policy.longest_wait_minutes
    return f"{origin}, {len(found.policy.rule)} rules, nobody waits for more than {wait:g} minutes"


def standings(settings: Settings) -> Check:
    """Say what models that workers have loaded are used for.

    Raises
    ------
    FirstReadError
        If the database does not answer.
    """
    with Database(settings.database_url).read() as session:
        loaded = [model for model in known_models(session) if model.workers]
    words = [f"{model.row.identity['name']}: {model.standing.value}" for model in loaded]
    if not loaded:
        return Check("standing", Verdict.UNKNOWN, "no worker has a model loaded at present")
    if any(model.standing is Standing.SHADOW for model in loaded):
        hint = "what is in shadow is shown to nobody; `firstread model standing`"
        return Check("standing", Verdict.REMARK, f"{', '.join(words)}: {hint}")
    return Check("standing", Verdict.OK, ", ".join(words))
