"""What a client takes: the Accept header, or the parameter in its place (PS3.18 section 8.7)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from fastapi import Request

from web.dicomweb.refusals import bad_request, not_acceptable

RELATED: Final = "multipart/related"
DICOM_JSON: Final = "application/dicom+json"
_JSON: Final = (DICOM_JSON, "application/json")
_LONGEST: Final = 4096
_WORD: Final = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_RANGE: Final = re.compile(rf"\s*({_WORD}/{_WORD})\s*((?:;[^,\"]*(?:\"[^\"]*\")?[^,\"]*)*)\s*")
_PARAMETER: Final = re.compile(rf";\s*({_WORD})\s*=\s*(?:\"([^\"]*)\"|([^\s;,\"]*))\s*")
_ONE_AFTER_ANOTHER: Final = re.compile(r"\s*,")


@dataclass(frozen=True, slots=True)
class Wanted:
    """One form that a client takes.

    Parameters
    ----------
    media_type
        In lower case; of the parts where `multipart`.
    multipart
        Whether in a multipart message.
    parameters
        The others, such as `transfer-syntax`; names in lower case.
    quality
        How gladly, in (0, 1].
    """

    media_type: str
    multipart: bool = False
    parameters: Mapping[str, str] = field(default_factory=dict)
    quality: float = 1.0

    @property
    def transfer_syntax(self) -> str | None:
        """The transfer syntax that is asked for; `*` for any, None where nothing is said."""
        return self.parameters.get("transfer-syntax")

    def takes(self, media_type: str) -> bool:
        """Tell whether a media type is one of these."""
        main, _, sub = self.media_type.partition("/")
        return self.media_type in {"*/*", media_type} or (
            sub == "*" and media_type.startswith(f"{main}/")
        )


def wanted_of(request: Request) -> tuple[Wanted, ...]:
    """Give what a client takes, the most wanted first.

    The query parameter `accept` stands for the header where it is given (section 8.3.3.1). What is
    marked with q=0 is left out.

    Raises
    ------
    starlette.exceptions.HTTPException
        400, if the client's words cannot be understood.
    """
    given = request.query_params.getlist("accept") or request.headers.getlist("accept")
    text = ",".join(given)
    if len(text) > _LONGEST:
        message = "Accept is too long"
        raise bad_request(message)
    found = _parsed(text) if text.strip() else [Wanted("*/*")]
    return tuple(sorted((one for one in found if one.quality > 0), key=lambda one: -one.quality))


def check_json(request: Request) -> str:
    """Give the media type of an answer in JSON.

    Raises
    ------
    starlette.exceptions.HTTPException
        406, if the client takes none.
    """
    for one in wanted_of(request):
        for media_type in _JSON:
            if one.takes(media_type) and not one.multipart:
                return media_type
    message = f"only {DICOM_JSON} is given"
    raise not_acceptable(message)


def _parsed(text: str) -> list[Wanted]:
    found = []
    at = 0
    while at < len(text):
        match = _RANGE.match(text, at)
        if match is None:
            message = "Accept cannot be understood"
            raise bad_request(message)
        found.append(_wanted(match[1].lower(), match[2]))
        at = match.end()
        comma = _ONE_AFTER_ANOTHER.match(text, at)
        if comma is None and at < len(text):
            message = "Accept cannot be understood"
            raise bad_request(message)
        at = comma.end() if comma else at
    return found


def _wanted(media_type: str, text: str) -> Wanted:
    parameters = {name.lower(): quoted or plain for name, quoted, plain in _PARAMETER.findall(text)}
    try:
        quality = float(parameters.pop("q", "1"))
    except ValueError:
        quality = 1.0
    if media_type == RELATED:
        inner = parameters.pop("type", "*/*").lower()
        return Wanted(inner, True, parameters, quality)  # noqa: FBT003 - a value's field
    return Wanted(media_type, False, parameters, quality)  # noqa: FBT003 - as above
