"""From an endpoint to a reader: the same families, asked over the network."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final

from PIL import Image

from core.errors import SettingsError
from core.reading import ModelIdentity
from reader.engines.remote import RemoteEngine, as_it_is
from reader.engines.remote_address import allowed_addresses
from reader.engines.remote_client import RemoteClient
from reader.engines.remote_options import RemoteOptions
from reader.families.family import Family
from reader.families.square import padded_to_square
from reader.film_reader import FilmReader
from reader.registry import family_named
from reader.report_text import clean

UNVERIFIED: Final = "weights unverified"
"""In a remote model's version, which stands in every result."""
_LONGEST_VERSION: Final = 40
_PICTURES: Final[Mapping[str, Callable[[Image.Image], Image.Image]]] = {
    "radvlm": as_it_is,
    "medgemma": padded_to_square,
}
"""By family, what comes before the endpoint's own processor. The other families' classes are made
here, and no endpoint that is known serves them."""


def load_remote_reader(options: RemoteOptions) -> FilmReader:
    """Make a reader of a model behind an endpoint.

    Parameters
    ----------
    options
        How it is to be reached, and what its administrator says of it.

    Returns
    -------
    FilmReader
        Ready to ask. There are no scores, and its identity says that nobody checked the weights:
        whoever exchanges them under the same name and version is not noticed.

    Raises
    ------
    SettingsError
        If the endpoint lies outside the allowed networks, its key cannot be read, or the family
        cannot be asked over an endpoint.
    ModelFolderError
        If there is no such family.
    EngineAwayError, EngineAnswerError, RefusedByEngineError
        If the endpoint does not answer.
    """
    family = family_named(options.family)
    if options.family not in _PICTURES:
        message = f"the family {options.family} cannot be asked over an endpoint"
        raise SettingsError(message)
    allowed_addresses(options.endpoint, options.networks)
    client = RemoteClient(options)
    return FilmReader(
        engine=RemoteEngine(client, family.maximum_new_tokens, _PICTURES[options.family]),
        family=family,
        identity=_identity(options, family, client.models()),
        system=False,
        again=partial(load_remote_reader, options),
    )


def listed_entry(options: RemoteOptions, models: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Give what the endpoint lists of the model; empty where it lists nothing of that name."""
    return next((entry for entry in models if entry.get("id") == options.model), {})


def _identity(
    options: RemoteOptions, family: Family, models: Sequence[Mapping[str, Any]]
) -> ModelIdentity:
    root = listed_entry(options, models).get("root")
    # It stands in every result, which takes neither control characters nor lone surrogates.
    plain = root.encode("utf-8", "replace").decode("utf-8") if isinstance(root, str) else ""
    told = " ".join(clean(plain)[:_LONGEST_VERSION].split())
    version = options.version or told or "version unknown"
    return ModelIdentity(
        family=family.key,
        name=options.model,
        version=f"{version} (remote, {UNVERIFIED})",
        weights_sha256="",
        dtype="unknown",
        device=f"remote {options.endpoint.host}:{options.endpoint.port}",
        prompt_version=family.prompt_version,
        licence=family.licence,
        intended_use=family.intended_use,
        demo=options.demo,
        labels=options.labels or family.labels,
    )
