"""Settings of the model's side."""

from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import Field, IPvAnyNetwork, model_validator

from core.labels import Label
from core.settings_section import Section

LONGEST_REMOTE_PAUSE: Final = 30.0
"""Seconds between two attempts at a remote model at most, whatever its endpoint asks for."""

QualityGate = Literal["refuse", "remark", "off"]
"""What becomes of a film that the quality gate would not have read."""


class RemoteSettings(Section):
    """A model behind an OpenAI-compatible endpoint, for `worker.engine = "remote"`."""

    url: str | None = None
    """`http[s]://host[:port][/path]`, with or without its `/v1`; never with a password in it."""
    model: str = ""
    """The model's name there."""
    family: str = "radvlm"
    """Whose words it was trained on: a key that `firstread model check` shows."""
    networks: tuple[IPvAnyNetwork, ...] = ()
    """Where the endpoint may be, as 10.1.2.0/24; empty is this very machine only."""
    api_key_file: Path | None = None
    """File with the endpoint's key and nothing else."""
    ca_file: Path | None = None
    """Certificates (PEM) of the authorities to be trusted instead of the system's."""
    timeout_seconds: Annotated[float, Field(gt=0)] = 120.0
    """Longest time from a question to the end of its answer."""
    retries: Annotated[int, Field(ge=0, le=20)] = 3
    """Further attempts at a question where the endpoint is busy or cannot be reached."""
    concurrency: Annotated[int, Field(ge=1, le=256)] = 8
    """Questions that are under way at once."""
    version: str = ""
    """Version of the weights, as the administrator knows it: nobody can check it from here."""
    labels: tuple[Label, ...] | None = None
    """What it was trained on; None is its family's."""
    demo: bool = False
    """Whether it is the demonstration model, whose results are held back."""


class WorkerSettings(Section):
    """The model's side."""

    engine: Literal["local", "remote"] = "local"
    """Where the model runs: in the worker itself, or behind the endpoint of `worker.remote`."""
    remote: RemoteSettings = RemoteSettings()
    model: Path | None = None
    """Model folder; None is the demonstration model that comes with FirstRead."""
    grounding_model: Path | None = None
    """Folder of a second model, which shows where findings lie if the first one cannot."""
    calibration: Path | None = None
    """A calibration of the model's scores by the site's own films, from `firstread model
    calibrate`; None shows the model's own."""
    device: str = "auto"
    """`cpu`, `cuda`, `cuda:1`, ...; `auto` takes an accelerator where there is one."""
    dtype: Literal["auto", "float32", "float16", "bfloat16"] = "auto"
    system_prompt: bool = False
    """Put RadVLM's training-time system turn before the question; published inference does not."""
    quality_gate: QualityGate = "refuse"
    """`refuse` does not read a film whose pixels show no upright, whole frontal chest, and says
    why; `remark` reads it and says why it should not have been; `off` does not look. What a header
    leaves open the pixels must show in any case."""
    lease_seconds: Annotated[float, Field(gt=0)] = 60.0
    """How long a claim lasts without a heartbeat."""
    progress_timeout_seconds: Annotated[float, Field(gt=0)] = 300.0
    """Seconds without progress after which the watchdog ends the worker process."""
    maximum_attempts: Annotated[int, Field(ge=1)] = 3
    """Attempts at one film before it fails."""
    self_test: bool = True
    """Whether a model must show, before it serves, that it looks at its pictures."""
    away_pause_seconds: Annotated[float, Field(gt=0)] = 15.0
    """How long a film waits where the endpoint is away; such an attempt is not counted."""

    @model_validator(mode="after")
    def _remote_fits(self) -> Self:
        if self.engine == "local":
            return self
        if not self.remote.url or not self.remote.model.strip():
            message = "engine = 'remote' needs remote.url and remote.model"
            raise ValueError(message)
        if self.calibration is not None:
            message = "a remote engine gives no scores that a calibration could be for"
            raise ValueError(message)
        if self.system_prompt:
            message = "system_prompt cannot be had of a remote engine, whose own template decides"
            raise ValueError(message)
        silence = self.remote.timeout_seconds + LONGEST_REMOTE_PAUSE
        if silence >= self.progress_timeout_seconds:
            message = (
                f"an endpoint may be silent for {silence:g} s (remote.timeout_seconds and a pause "
                f"of {LONGEST_REMOTE_PAUSE:g}), which progress_timeout_seconds must exceed"
            )
            raise ValueError(message)
        return self
