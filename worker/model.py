"""From the settings to the model: in this process, or behind an endpoint."""

from typing import TYPE_CHECKING

from core.worker_settings import WorkerSettings
from reader.protocol import Reader
from worker.endpoint import remote_options

if TYPE_CHECKING:
    from reader.film_reader import FilmReader


def load_model(settings: WorkerSettings) -> Reader:
    """Load the model that the settings name.

    Raises
    ------
    ModelFolderError, SettingsError
        If it may not be used, or not so, or a second one adds nothing to it.
    OutOfMemoryError
        If there is no room for it.
    EngineAwayError, EngineAnswerError, RefusedByEngineError
        If it is behind an endpoint that does not answer.
    """
    first = _first(settings)
    if settings.grounding_model is None:
        return first
    # torch takes seconds, and most tests of the worker have no use for it.
    from reader.load import load_reader  # noqa: PLC0415
    from reader.second_reader import ReaderOfTwo  # noqa: PLC0415

    second = load_reader(settings.grounding_model, device=settings.device, dtype=settings.dtype)
    return ReaderOfTwo(first, second)


def _first(settings: WorkerSettings) -> "FilmReader":
    if settings.engine == "remote":
        from reader.remote_reader import load_remote_reader  # noqa: PLC0415 - as above

        return load_remote_reader(remote_options(settings))
    from reader.load import load_reader  # noqa: PLC0415 - as above

    return load_reader(
        settings.model,
        device=settings.device,
        dtype=settings.dtype,
        system_prompt=settings.system_prompt,
        calibration=settings.calibration,
    )
