"""The picture of a film whose results are built, decoded only where something needs it."""

from datetime import datetime
from pathlib import Path
from traceback import clear_frames

import structlog
from pydicom.dataset import Dataset

from core.errors import FileRemovedError, PermanentError
from core.grey_scale import GreyScale
from core.reading import Reading
from dicom_sr.context import BuildContext
from dicom_sr.marks_of import marks_of
from dicom_sr.notice import notice_of
from dicom_sr.picture import Picture
from dicom_sr.source import read_source
from dicom_sr.wording_table import Word
from imaging.film import Film, load_film
from imaging.overlay import Legend, draw_marks

_log = structlog.get_logger()


class FilmPicture:
    """One film's picture; it is decoded once, when it is first asked for.

    Parameters
    ----------
    path
        The film's file.
    maximum_pixels
        Most pixels that are decoded.
    font
        TrueType file for words on it; None is the built-in one.
    removed_at
        When the film's pixels were removed; None where they are there.
    """

    def __init__(
        self,
        path: Path,
        *,
        maximum_pixels: int,
        font: Path | None,
        removed_at: datetime | None = None,
    ) -> None:
        self._path = path
        self._maximum_pixels = maximum_pixels
        self._font = font
        self._film: Film | None = None
        self._error: PermanentError | None = None
        if removed_at is not None:
            what = "the film's picture"
            self._error = FileRemovedError(what, removed_at)

    @property
    def grey_scale(self) -> GreyScale | None:
        """What the film was looked at through; None where it cannot be decoded any more.

        Raises
        ------
        RetriableError, OSError
            If it cannot be decoded now.
        """
        try:
            return self.film().grey_scale
        except PermanentError as error:
            _log.warning("film_not_decoded", error=type(error).__name__)
            return None

    def film(self) -> Film:
        """Give the picture.

        Raises
        ------
        PermanentError
            If the film cannot be decoded, and never will be.
        RetriableError, OSError
            If it cannot be decoded now.
        """
        if self._error is not None:
            raise self._error
        if self._film is None:
            try:
                self._film = load_film(self._path, maximum_pixels=self._maximum_pixels)
            except PermanentError as error:
                self._error = error
                # It is kept, and with it what failed: the decoded pixels among that.
                clear_frames(error.__traceback__)
                raise
        return self._film

    def drawn(self, reading: Reading, context: BuildContext, source: Dataset) -> Picture:
        """Draw the film with a reading's marks, as the presentation state has them.

        Parameters
        ----------
        reading
            What the model said.
        context
            The site: its banner and its words.
        source
            The film's header.

        Raises
        ------
        PermanentError
            If the film cannot be decoded, and never will be.
        RetriableError, OSError
            If it cannot be decoded now, or the site's font cannot be read.
        """
        wording, notice = context.wording, notice_of(reading, context)
        marks = marks_of(reading, notice, read_source(source).film, wording)
        legend = Legend(
            wording.word(Word.LEGEND_PRESENT),
            wording.word(Word.UNCERTAIN),
            wording.word(Word.LEGEND_SENTENCE),
            wording.word(Word.LEGEND_SCORES),
        )
        remarks = [f"{reading.model.name} {reading.model.version}"]
        drawn = draw_marks(self.film(), marks, remarks=remarks, legend=legend, font=self._font)
        return Picture(drawn.pixels, drawn.film_height, drawn.film_width)
