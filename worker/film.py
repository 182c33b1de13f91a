"""From a file to a reading: imaging, the quality gate, then the model."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from core.errors import OutOfMemoryError
from core.reading import NOTHING_GIVEN, Flag, Given, Reading
from core.worker_settings import QualityGate
from imaging.decode import DEFAULT_MAXIMUM_PIXELS
from imaging.film import Film, load_film
from reader.protocol import Reader, ignore
from worker.quality import quality_remarks


def read_film(
    path: Path,
    reader: Reader,
    *,
    reading_id: str,
    given: Given = NOTHING_GIVEN,
    maximum_pixels: int = DEFAULT_MAXIMUM_PIXELS,
    quality_gate: QualityGate = "refuse",
    asked_of_pixels: str = "",
    on_flags: Callable[[tuple[Flag, ...]], None] = ignore,
    on_progress: Callable[[str], None] = ignore,
) -> Reading:
    """Read one film.

    Parameters
    ----------
    path
        A DICOM file; whether it is a film that should be read was decided before.
    reader
        The loaded model.
    reading_id
        The identity of this pass.
    given
        What is known beside the film.
    maximum_pixels
        More are refused before any memory is taken.
    quality_gate
        What becomes of a film that the gate would not have read.
    asked_of_pixels
        What the header left open, in words, and the picture must clearly answer; "" for nothing.
    on_flags, on_progress
        As in `reader.protocol.Reader.read`; decoding and the quality gate are two more stages.

    Returns
    -------
    Reading
        With the remarks of imaging and of the gate on the picture before the model's own.

    Raises
    ------
    UnreadableObjectError
        As `imaging.film.load_film` does.
    NotReadError
        As that does, and if the gate refuses the picture.
    UnparseableAnswerError
        If the model's words make no sense.
    OutOfMemoryError
        If there is no memory for the picture or for the model.
    OSError
        If the disk fails: no fault of the film.
    """
    on_progress("decoding")
    film = _load(path, maximum_pixels)
    on_progress("quality")
    remarks = quality_remarks(film.pixels, quality_gate, asked=asked_of_pixels)
    reading = reader.read(
        film.pixels,
        reading_id=reading_id,
        given=given,
        on_flags=on_flags,
        on_progress=on_progress,
    )
    return replace(reading, quality=(*film.remarks, *remarks, *reading.quality))


def _load(path: Path, maximum_pixels: int) -> Film:
    try:
        return load_film(path, maximum_pixels=maximum_pixels)
    except MemoryError as error:
        message = "out of memory while decoding"
        raise OutOfMemoryError(message) from error
