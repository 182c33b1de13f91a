"""Two models at one film: one reports, the other shows places where the first one cannot.

A family such as LLaVA-Rad writes a report and grounds nothing. A second model may supply the
places by configuration; whose they are stands in the identity and in a remark, since a place that
another model gave is no evidence of what the first one looked at.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from core.errors import FirstReadError, SettingsError
from core.labels import Label
from core.reading import NOTHING_GIVEN, Given, ModelIdentity, Reading
from reader.calibration import Calibration
from reader.check_codes import Code, remark
from reader.conversation import FilmConversation
from reader.families.family import Task
from reader.film_look import FilmLook
from reader.film_reader import FilmReader, Progress
from reader.one_reading import OneReading, read_film
from reader.picture import Picture
from reader.protocol import FilmToRead, OnFlags, OnText, Reader, ignore
from reader.wishes import Reply, Wish

PLACES: Final = frozenset({Task.ABNORMALITY, Task.ANATOMY, Task.PHRASE})
"""What a second model may supply; reports, labels and conversation are the first one's alone."""
_SHA: Final = hashlib.sha256


class LookOfTwo:
    """One film before two models' eyes; implements `reader.protocol.Look`.

    Parameters
    ----------
    first
        The film before the first model.
    show_second
        Puts it before the second one; called once, and only if that is asked anything.
    supplied
        What the second one is asked.
    """

    def __init__(
        self, first: FilmLook, show_second: Callable[[], FilmLook], supplied: frozenset[Task]
    ) -> None:
        self._first = first
        self._show_second = show_second
        self._second: FilmLook | None = None
        self._supplied = supplied

    @property
    def tasks(self) -> frozenset[Task]:
        """What the two can do together."""
        return self._first.tasks | self._supplied

    @property
    def calibration(self) -> Calibration | None:
        """The site's calibration of the first model's scores."""
        return self._first.calibration

    def ask(self, wishes: Sequence[Wish]) -> Iterator[Reply]:
        """Ask each of the two for what it can do."""
        its = [wish for wish in wishes if wish.task not in self._supplied]
        if its:
            yield from self._first.ask(its)
        others = [wish for wish in wishes if wish.task in self._supplied]
        if others:
            if self._second is None:
                self._second = self._show_second()
            yield from self._second.ask(others)

    def scores(self, listed: Sequence[Label]) -> Mapping[Label, float]:
        """Give the first model's."""
        return self._first.scores(listed)


@dataclass(frozen=True)
class ReaderOfTwo:
    """Two loaded models as one; implements `reader.protocol.Reader`.

    Parameters
    ----------
    first
        Reports, and does whatever else it can.
    second
        Shows places, as far as the first cannot.

    Raises
    ------
    SettingsError
        If the second has nothing to add.
    """

    first: FilmReader
    second: FilmReader
    identity: ModelIdentity = field(init=False)
    supplied: frozenset[Task] = field(init=False)

    def __post_init__(self) -> None:
        """See what the second one adds, and say who the two are."""
        supplied = (PLACES & self.second.family.tasks) - self.first.family.tasks
        if not supplied:
            message = (
                f"{self.second.identity.name} shows no place that {self.first.identity.name} "
                "cannot show itself: leave worker.grounding_model out"
            )
            raise SettingsError(message)
        object.__setattr__(self, "supplied", supplied)
        object.__setattr__(self, "identity", _both(self.first.identity, self.second.identity))

    @property
    def parameters(self) -> int | None:
        """Number of weights of both; None where one cannot be known."""
        first, second = self.first.parameters, self.second.parameters
        return None if first is None or second is None else first + second

    def look(
        self, image: Picture, *, given: Given = NOTHING_GIVEN, on_text: OnText = ignore
    ) -> LookOfTwo:
        """Put a film before the first model's eyes, and before the second's when it is asked."""
        return LookOfTwo(
            self.first.look(image, given=given, on_text=on_text),
            lambda: self.second.look(image, given=given, on_text=on_text),
            self.supplied,
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
        told = self.first.family.uses(given)
        reading = read_film(
            lambda: self.look(image, given=given, on_text=progress.token),
            OneReading(self.identity, reading_id, told, on_flags),
            progress.stage,
        )
        text = (
            f"Where findings lie was said by {self.second.identity.name}, not by the model that "
            "wrote the report."
        )
        return replace(reading, checks=(*reading.checks, remark(Code.PLACES_BY_SECOND_MODEL, text)))

    def read_many(
        self, films: Sequence[FilmToRead], on_progress: OnText = ignore
    ) -> Iterator[tuple[int, Reading | FirstReadError]]:
        """Read several films, one after another: the two models share the device."""
        for number, film in enumerate(films):
            try:
                reading = self.read(
                    film.image,
                    reading_id=film.reading_id,
                    given=film.given,
                    on_flags=film.on_flags,
                    on_progress=on_progress,
                )
            except FirstReadError as error:
                yield number, error
            else:
                yield number, reading

    def chat(self, image: Picture) -> FilmConversation:
        """Begin a conversation about a film, with the first model."""
        return self.first.chat(image)


def models_of(reader: Reader) -> tuple[Reader, ...]:
    """Give the models that a reader is made of."""
    return (reader.first, reader.second) if isinstance(reader, ReaderOfTwo) else (reader,)


def _both(first: ModelIdentity, second: ModelIdentity) -> ModelIdentity:
    """Give the identity of two models together: another where either of them is another."""
    hashes = f"{first.weights_sha256}\n{second.weights_sha256}\n"
    known = first.weights_sha256 and second.weights_sha256
    return ModelIdentity(
        family=f"{first.family}+{second.family}",
        name=f"{first.name} + {second.name}",
        version=f"{first.version} + {second.version}",
        weights_sha256=_SHA(hashes.encode()).hexdigest() if known else "",
        dtype=_pair(first.dtype, second.dtype),
        device=_pair(first.device, second.device),
        prompt_version=f"{first.prompt_version}+{second.prompt_version}",
        licence=_pair(first.licence, second.licence),
        intended_use=_pair(first.intended_use, second.intended_use),
        demo=first.demo or second.demo,
        labels=first.labels,
        calibration=first.calibration,
    )


def _pair(first: str, second: str) -> str:
    return first if first == second else f"{first} + {second}"
