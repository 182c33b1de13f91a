"""From the settings to the model: in this process, or behind an endpoint."""

from core.settings import WorkerSettings
from reader.protocol import Reader
from worker.endpoint import remote_options


def load_model(settings: WorkerSettings) -> Reader:
    """Load the model that the settings name.

    Raises
    ------
    ModelFolderError, SettingsError
        If it may not be used, or not so.
    OutOfMemoryError
        If there is no room for it.
    EngineAwayError, EngineAnswerError, RefusedByEngineError
        If it is behind an endpoint that does not answer.
    """
    if settings.engine == "remote":
        # torch takes seconds, and tests of the worker have no use for it.
        from reader.remote_reader import load_remote_reader  # noqa: PLC0415

        return load_remote_reader(remote_options(settings))
    from reader.load import load_reader  # noqa: PLC0415 - as above

    return load_reader(
        settings.model,
        device=settings.device,
        dtype=settings.dtype,
        system_prompt=settings.system_prompt,
    )
