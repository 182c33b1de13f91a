"""A reader: an engine that answers, and a family whose words it understands."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from core.errors import FirstReadError, UnknownTaskError
from core.reading import NOTHING_GIVEN, Given, ModelIdentity, Reading
from reader.calibration import Calibration
from reader.conversation import FilmConversation
from reader.engines.film import Engine
from reader.families.family import Family, Task
from reader.film_look import FilmLook
from reader.many_readings import read_together
from reader.one_reading import OneReading, read_film
from reader.picture import Picture, as_image
from reader.protocol import FilmToRead, OnFlags, OnText, Reader, ignore


@dataclass(frozen=True)
class FilmReader:
    """A loaded model; implements `reader.protocol.Reader`.

    Parameters
    ----------
    engine
        Where it runs.
    family
        Its words.
    identity
        Which one it is.
    system
        Whether the family's optional system turn is used.
    again
        Loads the same reader once more: this is what travels to another process.
    calibration
        The site's calibration of its scores; None where there is none.
    """

    engine: Engine
    family: Family
    identity: ModelIdentity
    system: bool
    again: Callable[[], Reader]
    calibration: Calibration | None = None

    def __reduce__(self) -> tuple[Callable[[], Reader], tuple[()]]:
        """Travel to another process as the way to load it there."""
        return self.again, ()

    @property
    def parameters(self) -> int | None:
        """Number of weights."""
        return self.engine.parameters

    def look(
        self, image: Picture, *, given: Given = NOTHING_GIVEN, on_text: OnText = ignore
    ) -> FilmLook:
        """Put a film before the model's eyes."""
        return self._look(self.engine, image, given, on_text)

    @cached_property
    def _aside(self) -> Engine:
        """Speaks in conversations, which go on while a film is being read."""
        return self.engine.beside()

    def _look(self, engine: Engine, image: Picture, given: Given, on_text: OnText) -> FilmLook:
        picture = as_image(image)
        return FilmLook(
            engine=engine,
            film=engine.film(picture),
            family=self.family,
            known=self.identity.labels,
            size=picture.size,
            given=given,
            system=self.system,
            calibration=self.calibration,
            on_text=on_text,
        )

    def read(
        self,
        image: Picture,
        *,
        reading_id: str,
        given: Given = NOTHING_GIVEN,
        on_flags: OnFlags = ignore,
        on_progress: OnText = ignore,
    ) -> Reading:
        """Read one film; see `reader.protocol.Reader`."""
        progress = Progress(on_progress)

        def begin() -> FilmLook:
            return self.look(image, given=given, on_text=progress.token)

        return read_film(begin, self._reading(reading_id, given, on_flags), progress.stage)

    def read_many(
        self, films: Sequence[FilmToRead], on_progress: OnText = ignore
    ) -> Iterator[tuple[int, Reading | FirstReadError]]:
        """Read several films at once; see `reader.protocol.Reader`."""
        progress = Progress(on_progress)
        # A picture that is none is the caller's mistake, and is said before any film is read.
        pictures = [as_image(film.image) for film in films]

        def begin(number: int) -> FilmLook:
            given = films[number].given
            return self.look(pictures[number], given=given, on_text=progress.token)

        readings = [self._reading(film.reading_id, film.given, film.on_flags) for film in films]
        return read_together(self.engine, readings, begin, progress.stage)

    def chat(self, image: Picture) -> FilmConversation:
        """Begin a conversation about a film; its turns may come in the middle of a reading.

        Raises
        ------
        UnknownTaskError
            If the family was not trained for one.
        """
        if Task.CHAT not in self.family.tasks:
            message = f"{self.identity.name} ({self.family.key}) was not trained for conversation"
            raise UnknownTaskError(message)
        return FilmConversation(self._look(self._aside, image, NOTHING_GIVEN, ignore))

    def _reading(self, reading_id: str, given: Given, on_flags: OnFlags) -> OneReading:
        return OneReading(self.identity, reading_id, self.family.uses(given), on_flags)


class Progress:
    """Turns stages and tokens into words for whoever watches over the reading."""

    def __init__(self, on_progress: Callable[[str], None]) -> None:
        self._on_progress = on_progress
        self._stage = ""
        self._tokens = 0

    def stage(self, name: str) -> None:
        """Begin a stage."""
        self._stage, self._tokens = name, 0
        self._on_progress(name)

    def token(self, _text: str) -> None:
        """Count a token of it."""
        self._tokens += 1
        self._on_progress(f"{self._stage} {self._tokens}")
