"""From the settings to the model: in this process, or behind an endpoint."""

from core.settings import WorkerSettings
from reader.engines.remote_options import RemoteOptions
from reader.protocol import Reader


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


def remote_options(settings: WorkerSettings) -> RemoteOptions:
    """Give the settings of the endpoint in the reader's own words."""
    remote = settings.remote
    return RemoteOptions(
        url=remote.url or "",
        model=remote.model,
        family=remote.family,
        networks=remote.networks,
        api_key_file=remote.api_key_file,
        ca_file=remote.ca_file,
        timeout_seconds=remote.timeout_seconds,
        retries=remote.retries,
        concurrency=remote.concurrency,
        version=remote.version,
        labels=remote.labels,
        demo=remote.demo,
    )
