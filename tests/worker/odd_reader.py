"""A reader for tests: the model's place is taken by whatever a test wants to happen there."""

from collections.abc import Callable, Iterator, Sequence

from core.errors import FirstReadError
from core.labels import Label, Side, Site
from core.reading import (
    NOTHING_GIVEN,
    Box,
    DraftReport,
    Finding,
    Flag,
    Given,
    ModelIdentity,
    Presence,
    Reading,
    finding_id,
)
from reader.picture import Picture
from reader.protocol import Conversation, FilmToRead, Look, OnFlags, OnText, ignore
from tests.worker.odd_talk import OddTalk

IDENTITY = ModelIdentity(
    family="odd",
    name="odd",
    version="1",
    weights_sha256="0" * 64,
    dtype="float32",
    device="cpu",
    prompt_version="1",
    licence="none",
    intended_use="tests",
)
FLAGS = (Flag(Label.PNEUMOTHORAX, Presence.PRESENT, 0.9),)

Act = Callable[[OnText], None]


class OddReader:
    """Follows the `Reader` protocol; finds a pneumothorax on every film.

    Parameters
    ----------
    act
        What happens between the flags and the report; it is given `on_progress`.
    talk
        Begins a conversation.
    """

    def __init__(self, act: Act = ignore, talk: Callable[[], Conversation] = OddTalk) -> None:
        self._act = act
        self._talk = talk
        self.seen: list[tuple[int, ...]] = []
        """Shapes of the pictures that it was given."""

    @property
    def identity(self) -> ModelIdentity:
        """Which model speaks."""
        return IDENTITY

    @property
    def parameters(self) -> int:
        """Number of weights."""
        return 0

    def look(
        self, image: Picture, *, given: Given = NOTHING_GIVEN, on_text: OnText = ignore
    ) -> Look:
        """Never asked for by a worker."""
        raise AssertionError(image, given, on_text)

    def read_many(
        self, films: Sequence[FilmToRead], on_progress: OnText = ignore
    ) -> Iterator[tuple[int, Reading | FirstReadError]]:
        """Never asked for by a worker."""
        raise AssertionError(films, on_progress)

    def chat(self, image: Picture) -> Conversation:
        """Begin a conversation."""
        assert not hasattr(image, "mode")
        self.seen.append(image.shape)
        return self._talk()

    def read(
        self,
        image: Picture,
        *,
        reading_id: str,
        given: Given = NOTHING_GIVEN,
        on_flags: OnFlags = ignore,
        on_progress: OnText = ignore,
    ) -> Reading:
        """Read one film."""
        assert not hasattr(image, "mode")
        self.seen.append(image.shape)
        on_progress("flags")
        on_flags(FLAGS)
        on_progress("report")
        self._act(on_progress)
        return odd_reading(reading_id, given.indication)


def odd_reading(reading_id: str, indication: str | None = None) -> Reading:
    """Give the reading of a right pneumothorax."""
    finding = Finding(
        id=finding_id(reading_id, 0),
        label=Label.PNEUMOTHORAX,
        presence=Presence.PRESENT,
        score=0.9,
        site=Site.PLEURA,
        side=Side.RIGHT,
        boxes=(Box(0.1, 0.1, 0.4, 0.5),),
        sentence="Right pneumothorax.",
    )
    return Reading(
        id=reading_id,
        model=IDENTITY,
        flags=FLAGS,
        findings=(finding,),
        report=DraftReport("Right pneumothorax.", "Pneumothorax."),
        indication=indication,
    )
