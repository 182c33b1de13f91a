"""Reads the header of a file that anybody may have sent.

pydicom is forgiving: a file that ends in the middle of an element gives a shorter dataset, or an
empty one, and a warning. Here such a file is refused.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, cast

import pydicom
from pydicom import config
from pydicom.dataelem import RawDataElement
from pydicom.dataset import FileDataset
from pydicom.filereader import read_dataset, read_file_meta_info
from pydicom.tag import BaseTag
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian

from core.errors import UnreadableObjectError
from imaging.bounded import BoundedFile
from imaging.deflated import inflate
from imaging.pixel_element import is_whole

# Every value is checked where it is used. pydicom's own validation would only warn, and its
# warnings quote the value: names and birth dates would end in a log.
config.settings.reading_validation_mode = config.IGNORE

MAXIMUM_INFLATED_BYTES: Final = 1 << 28
"""Of a deflated dataset; a film of 100 million pixels of 16 bits has three quarters of it."""
_PIXEL_TAGS: Final = (0x7FE00008, 0x7FE00009, 0x7FE00010)
_UNDEFINED: Final = 0xFFFFFFFF
"""Length of an element that ends with a delimiter (PS3.5 section 7.1.1)."""
_BEFORE_GROUP_LENGTH_ENDS: Final = 128 + 4 + 12
"""Preamble, prefix and the element (0002,0000) itself (PS3.10 section 7.1)."""


@dataclass(frozen=True, slots=True)
class Located:
    """A header, and where the pixels are that follow it.

    Parameters
    ----------
    header
        All elements before the pixels, with `file_meta`. Whether any of them is present, the
        UIDs included, is left to the caller.
    pixels_at
        Byte of the file at which the element of the pixels begins; None where there is no such
        element, or the data set is deflated.
    """

    header: FileDataset
    pixels_at: int | None


def read_header(path: Path) -> FileDataset:
    """Read a DICOM file up to its pixels; the header alone of what `locate_pixels` gives."""
    return locate_pixels(path).header


def locate_pixels(path: Path) -> Located:
    """Read a DICOM file up to its pixels.

    Parameters
    ----------
    path
        A file in the format of PS3.10.

    Returns
    -------
    Located
        The header, and where it ends.

    Raises
    ------
    UnreadableObjectError
        If it is no such file, is cut off before or within its pixels, or cannot be parsed.
    OSError
        If the disk cannot give it: no fault of the film.
    """
    deflated_from = _deflated_from(path)
    with path.open("rb") as file:
        header = _parse(file, deflated_from, stop_before_pixels=True)
        if deflated_from is not None:
            return Located(header, None)
        end = file.tell()
        if not _check_stop(file, header):
            return Located(header, None)
        implicit, little_endian = (bool(found) for found in header.original_encoding)
        if not is_whole(file, end, implicit=implicit, little_endian=little_endian):
            raise cut_off()
        return Located(header, end)


def read_whole(path: Path) -> FileDataset:
    """Read a DICOM file with its pixels; raises as `locate_pixels` does."""
    deflated_from = _deflated_from(path)
    with path.open("rb") as file:
        return _parse(file, deflated_from, stop_before_pixels=False)


def _parse(file: BinaryIO, deflated_from: int | None, *, stop_before_pixels: bool) -> FileDataset:
    if deflated_from is None:
        bounded = BoundedFile(file)
    else:
        bounded = BoundedFile(inflate(file, deflated_from, MAXIMUM_INFLATED_BYTES))
    # pydicom asks no more of a file than this one has.
    readable = cast("BinaryIO", bounded)
    try:
        if deflated_from is None:
            dataset = pydicom.dcmread(readable, stop_before_pixels=stop_before_pixels)
        else:
            dataset = _inflated_dataset(readable, file.name, stop_before_pixels=stop_before_pixels)
        bounded.check()
    except (MemoryError, UnreadableObjectError):
        raise
    except Exception as error:
        bounded.check()
        _raise_of_the_disk(error)
        raise _unreadable(error) from error
    # At an end of file inside a sequence or inside encapsulated pixels every element is lost.
    # `elements()` would convert values without a length, and fail where their VR is no VR.
    if not len(dataset) or any(_is_short(element) for element in dataset.values()):
        raise cut_off()
    return dataset


def _inflated_dataset(inflated: BinaryIO, name: str, *, stop_before_pixels: bool) -> FileDataset:
    """Parse as `pydicom.dcmread` does, which would inflate by itself, without a limit."""
    dataset = read_dataset(
        inflated,
        is_implicit_VR=False,
        is_little_endian=True,
        stop_when=_at_pixels if stop_before_pixels else None,
    )
    meta = read_file_meta_info(name)
    return FileDataset(name, dataset, None, meta, is_implicit_VR=False, is_little_endian=True)


def _at_pixels(tag: BaseTag, _vr: str | None, _length: int) -> bool:
    return tag in _PIXEL_TAGS


def _is_short(element: object) -> bool:
    return (
        isinstance(element, RawDataElement)
        and element.value is not None
        and element.length != _UNDEFINED
        and len(element.value) < element.length
    )


def _raise_of_the_disk(error: Exception) -> None:
    """Raise an error of the disk again; pydicom's own OSError has no number, and is the file's."""
    if isinstance(error, OSError) and error.errno is not None:
        raise error


def _unreadable(error: Exception) -> UnreadableObjectError:
    """Tell the kind of pydicom's error only: its text may quote values of the file."""
    return UnreadableObjectError(f"not a readable DICOM file ({type(error).__name__})")


def _deflated_from(path: Path) -> int | None:
    """Give where deflated data begin; None where the file is not deflated."""
    try:
        meta = read_file_meta_info(path)
        syntax = meta.get("TransferSyntaxUID")
        length = meta.get("FileMetaInformationGroupLength")
    except MemoryError:
        raise
    except Exception as error:
        _raise_of_the_disk(error)
        raise _unreadable(error) from error
    if not syntax:
        message = "not a readable DICOM file: it names no transfer syntax"
        raise UnreadableObjectError(message)
    if syntax != DeflatedExplicitVRLittleEndian:
        return None
    if not isinstance(length, int):
        message = "not a readable DICOM file: its file meta information has no length"
        raise UnreadableObjectError(message)
    return _BEFORE_GROUP_LENGTH_ENDS + length


def _check_stop(file: BinaryIO, header: FileDataset) -> bool:
    """Tell pixels from the end of the file; refuse a header that is followed by neither."""
    tag = file.read(4)
    if not tag:
        _check_last(file.tell(), header)
        return False
    if header.file_meta.TransferSyntaxUID == ExplicitVRBigEndian:
        number = int.from_bytes(tag, "big")
    else:
        number = int.from_bytes(tag[1::-1] + tag[:1:-1], "big")
    if number not in _PIXEL_TAGS:
        message = "not a readable DICOM file: parsing stopped before its end"
        raise UnreadableObjectError(message)
    return True


def _check_last(size: int, header: FileDataset) -> None:
    """Refuse a file that ends inside the tag or the length of an element."""
    last = list(header.values())[-1]
    if isinstance(last, RawDataElement) and last.value_tell + last.length != size:
        raise cut_off()


def cut_off() -> UnreadableObjectError:
    """Give the error for a file that ends too early."""
    return UnreadableObjectError("not a readable DICOM file: it is empty or cut off")
