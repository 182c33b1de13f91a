"""How hypothesis searches here: by examples, since a busy machine makes time no measure."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "core", deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("core")
