"""WADO-RS: single frames (PS3.18 section 10.4.1.1.6)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Final

from fastapi import Request
from pydicom import uid
from starlette.responses import Response

from core.accounts import AccountRole
from imaging.header import read_header
from imaging.layout import Layout
from web.access.guard import GuardedRouter
from web.dicomweb.accept import Wanted, wanted_of
from web.dicomweb.address import ROOT
from web.dicomweb.documents import told_of_files
from web.dicomweb.multipart import Part, related
from web.dicomweb.pixel_bytes import plain_pixels, stored_frames
from web.dicomweb.refusals import bad_request, not_acceptable, not_found
from web.dicomweb.shelf import InstanceShelf

router = GuardedRouter(tags=["DICOMweb: retrieval"])
_PATH = f"{ROOT}/studies/{{study}}/series/{{series}}/instances/{{instance}}/frames/{{frames}}"
BYTES: Final = "application/octet-stream"
PLAIN: Final = str(uid.ExplicitVRLittleEndian)
_MEDIA_TYPES: Final[dict[str, str]] = {
    uid.JPEGBaseline8Bit: "image/jpeg",
    uid.JPEGExtended12Bit: "image/jpeg",
    uid.JPEGLossless: "image/jpeg",
    uid.JPEGLosslessSV1: "image/jpeg",
    uid.JPEGLSLossless: "image/jls",
    uid.JPEGLSNearLossless: "image/jls",
    uid.JPEG2000Lossless: "image/jp2",
    uid.JPEG2000: "image/jp2",
    uid.HTJ2KLossless: "image/jphc",
    uid.HTJ2KLosslessRPCL: "image/jphc",
    uid.HTJ2K: "image/jphc",
    uid.RLELossless: "image/dicom-rle",
}
"""Media types of compressed frames (PS3.18 table 8.7.3-5)."""
_LIST: Final = re.compile(r"[1-9]\d{0,8}(,[1-9]\d{0,8}){0,999}")


@dataclass(frozen=True, slots=True)
class FrameForm:
    """In which form frames are given.

    Parameters
    ----------
    media_type, transfer_syntax
        Of each frame.
    multipart
        Whether the client takes them in a multipart message.
    """

    media_type: str
    transfer_syntax: str
    multipart: bool

    @property
    def typed(self) -> str:
        """The media type of a part, with its transfer syntax."""
        return f"{self.media_type}; transfer-syntax={self.transfer_syntax}"


@router.call(_PATH, roles=(AccountRole.RADIOLOGIST,))
def frames(request: Request, shelf: InstanceShelf, frames: str) -> Response:
    """Retrieve frames by their numbers, beginning with 1."""
    numbers = frame_numbers(frames)
    (stored,) = shelf.with_pixels
    wanted = wanted_of(request)
    with told_of_files():
        header = read_header(stored.path)
        form = chosen_form(wanted, str(header.file_meta.TransferSyntaxUID))
        check_frames(numbers, Layout.of(header))
        found = _frames(stored.path, form)
    asked = [found[number - 1] for number in numbers]
    if form.multipart:
        return related([Part(form.typed, frame) for frame in asked], form.media_type)
    if len(asked) > 1:
        message = "several frames are given as multipart/related only"
        raise not_acceptable(message)
    return Response(asked[0], HTTPStatus.OK, media_type=form.typed)


def frame_numbers(text: str) -> tuple[int, ...]:
    """Read a list of frame numbers.

    Raises
    ------
    starlette.exceptions.HTTPException
        400, if it is none.
    """
    if not _LIST.fullmatch(text):
        message = "frames are numbers, beginning with 1, with commas between them"
        raise bad_request(message)
    return tuple(int(number) for number in text.split(","))


def check_frames(numbers: Sequence[int], layout: Layout) -> None:
    """Refuse frames that an object does not have.

    Raises
    ------
    starlette.exceptions.HTTPException
        404.
    """
    if max(numbers) > layout.frames:
        message = f"the object has {layout.frames} frames"
        raise not_found(message)


def chosen_form(wanted: Sequence[Wanted], stored: str) -> FrameForm:
    """Choose the first form that frames have and a client takes.

    Parameters
    ----------
    wanted
        What it takes, the most wanted first.
    stored
        Transfer syntax of the file.

    Raises
    ------
    starlette.exceptions.HTTPException
        406, if there is none.
    """
    compressed = _MEDIA_TYPES.get(stored)
    for one in wanted:
        multipart = one.multipart or one.media_type == "*/*"
        named = one.media_type == compressed and one.transfer_syntax in {None, "*", stored}
        # Some clients name the compressed syntax and call it plain bytes.
        by_syntax = one.takes(BYTES) and one.transfer_syntax == stored
        if compressed is not None and (named or by_syntax):
            return FrameForm(compressed, stored, multipart)
        if one.takes(BYTES) and one.transfer_syntax in {None, "*", PLAIN}:
            return FrameForm(BYTES, PLAIN, multipart)
    message = f"frames are given uncompressed as {BYTES}"
    if compressed is not None:
        message += f", or as they are stored, {compressed}; transfer-syntax={stored}"
    raise not_acceptable(message)


def _frames(path: Path, form: FrameForm) -> Sequence[bytes]:
    return plain_pixels(path).frames if form.media_type == BYTES else stored_frames(path)
