"""Scripts, styles and other files of the pages, under an address that changes with them.

So a browser keeps them for good, and a new release is never shown with the scripts of the old one.
"""

import hashlib
from pathlib import Path
from typing import Final

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

FOLDER: Final = Path(__file__).parent / "static"
_FOR_GOOD: Final = "public, max-age=31536000, immutable"


def digest_of(folder: Path = FOLDER) -> str:
    """Give a digest over all files of a folder."""
    whole = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        whole.update(f"{path.relative_to(folder)}\0".encode())
        whole.update(hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()[:16]


class Assets(StaticFiles):
    """Serves the files, to be kept for good."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Give one file."""
        response = await super().get_response(path, scope)
        if response.status_code == 200:  # noqa: PLR2004 - OK
            response.headers["cache-control"] = _FOR_GOOD
        return response
