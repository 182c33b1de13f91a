"""Where our DICOMweb services are, as a client calls them."""

from typing import Final

from fastapi import Request

from web.services import Services

ROOT: Final = "/dicom-web"


def studies_address(request: Request, ours: Services) -> str:
    """Give the absolute URL of the studies, by which answers name what can be retrieved.

    It is the site's public address where one is set. Else it is what the client itself called.
    """
    public = ours.settings.web.public_url
    base = str(request.base_url if public is None else public).rstrip("/")
    return f"{base}{ROOT}/studies"
