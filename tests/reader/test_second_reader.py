"""A model that shows places for another one that cannot: who is asked what, and who is named.

The demonstration model plays both: as the first one it is kept from showing places.
"""

import pickle
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import pytest

from core.errors import SettingsError
from core.labels import Label
from core.reading import Given, new_reading_id
from evaluation.film_result import rendered
from reader.answers import BoxesAnswer
from reader.families.family import Family, Task
from reader.film_reader import FilmReader
from reader.load import load_reader
from reader.picture import Picture
from reader.protocol import FilmToRead
from reader.second_reader import PLACES, ReaderOfTwo, models_of
from reader.wishes import Wish
from training.phantom import sample


@dataclass(frozen=True)
class _Only:
    """A family that can do some of what another one can, and takes an indication."""

    whole: Family
    tasks: frozenset[Task]

    def uses(self, given: Given) -> Given:
        return replace(given, technique=None, comparison=None)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.whole, name)


@pytest.fixture(scope="module")
def demo() -> FilmReader:
    return load_reader(device="cpu")


def _kept_to(reader: FilmReader, tasks: frozenset[Task]) -> FilmReader:
    family: Any = _Only(reader.family, tasks)
    return replace(reader, family=family, identity=replace(reader.identity, name="writer"))


@pytest.fixture(scope="module")
def two(demo: FilmReader) -> ReaderOfTwo:
    first = _kept_to(demo, frozenset({Task.REPORT, Task.CLASSIFICATION, Task.CHAT}))
    return ReaderOfTwo(first, replace(demo, identity=replace(demo.identity, demo=False)))


@pytest.fixture(scope="module")
def large_heart() -> Picture:
    return rendered(sample(20, 0, findings=("cardiomegaly",)))


def test_a_reading_has_the_reports_of_one_and_the_places_of_the_other(
    two: ReaderOfTwo, demo: FilmReader, large_heart: Picture
) -> None:
    given = Given("dyspnoea", "PA chest radiograph")
    alone = two.first.read(large_heart, reading_id="r", given=given)
    whole = demo.read(large_heart, reading_id="r")
    together = two.read(large_heart, reading_id="r", given=given)
    assert not any(finding.boxes for finding in alone.findings)
    assert "places_unavailable" in {remark.code for remark in alone.checks}
    assert together.report == alone.report == whole.report
    assert together.flags == alone.flags
    assert {f.label: f.boxes for f in together.findings} == {
        f.label: f.boxes for f in whole.findings
    }
    assert any(finding.boxes for finding in together.findings)
    (told,) = [r for r in together.checks if r.code == "places_by_second_model"]
    assert two.second.identity.name in told.text
    assert "places_unavailable" not in {remark.code for remark in together.checks}
    assert (together.indication, together.technique) == ("dyspnoea", None)
    assert together.model == two.identity


def test_the_second_one_sees_a_film_only_when_it_is_asked(
    two: ReaderOfTwo, large_heart: Picture, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[int] = []
    look = FilmReader.look

    def note(reader: FilmReader, *rest: Any, **values: Any) -> Any:
        shown.append(1 if reader is two.first else 2)
        return look(reader, *rest, **values)

    monkeypatch.setattr(FilmReader, "look", note)
    looking = two.look(large_heart)
    assert looking.tasks >= PLACES
    assert [r.wish.task for r in looking.ask([Wish(Task.CLASSIFICATION)])] == [Task.CLASSIFICATION]
    assert shown == [1]
    wishes = [Wish(Task.ABNORMALITY, Label.CARDIOMEGALY.value), Wish(Task.ANATOMY, "left lung")]
    for _ in range(2):
        replies = list(looking.ask(wishes))
        assert {reply.wish for reply in replies} == set(wishes)
        assert all(isinstance(reply.told, BoxesAnswer) for reply in replies)
    assert shown == [1, 2]
    assert len(looking.scores([Label.CARDIOMEGALY])) > 0


def test_both_are_named_and_either_one_changes_the_identity(two: ReaderOfTwo) -> None:
    identity = two.identity
    assert identity.name == f"writer + {two.second.identity.name}"
    assert identity.demo  # one of them is enough
    assert identity.labels == two.first.identity.labels
    assert len(identity.weights_sha256) == 64
    assert two.parameters == 2 * (two.first.parameters or 0)

    def uid(first: FilmReader, second: FilmReader) -> str:
        return ReaderOfTwo(first, second).identity.uid

    other = replace(two.second, identity=replace(two.second.identity, weights_sha256="1" * 64))
    assert uid(two.first, other) != identity.uid
    unverified = replace(two.first, identity=replace(two.first.identity, weights_sha256=""))
    assert ReaderOfTwo(unverified, two.second).identity.weights_sha256 == ""


def test_a_second_model_that_adds_nothing_is_refused(demo: FilmReader) -> None:
    with pytest.raises(SettingsError, match="grounding_model"):
        ReaderOfTwo(demo, demo)
    with pytest.raises(SettingsError, match="shows no place"):
        ReaderOfTwo(_kept_to(demo, frozenset({Task.REPORT})), _kept_to(demo, frozenset()))


def test_several_films_and_a_conversation(two: ReaderOfTwo, large_heart: Picture) -> None:
    noise = rendered(sample(20, 1, findings=()))
    pictures: Sequence[Picture] = (large_heart, noise)
    films = [FilmToRead(picture, new_reading_id()) for picture in pictures]
    results = dict(two.read_many(films))
    assert sorted(results) == [0, 1]
    assert two.chat(large_heart).ask("Is the heart enlarged?")


def test_it_travels_to_another_process_as_the_way_to_load_both() -> None:
    first = replace(load_reader(device="cpu"), again=partial(load_reader, None, device="cpu"))
    again = pickle.loads(pickle.dumps(first))  # noqa: S301 - our own
    assert again.identity == first.identity


def test_a_reader_tells_its_models(two: ReaderOfTwo, demo: FilmReader) -> None:
    assert models_of(two) == (two.first, two.second)
    assert models_of(demo) == (demo,)
