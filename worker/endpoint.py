"""The settings of a model's endpoint in the reader's own words; needs no torch."""

from core.worker_settings import WorkerSettings
from reader.engines.remote_options import RemoteOptions


def remote_options(settings: WorkerSettings) -> RemoteOptions:
    """Give how the endpoint is to be asked.

    Raises
    ------
    SettingsError
        If its URL is none.
    """
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
