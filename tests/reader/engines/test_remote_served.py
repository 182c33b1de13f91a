"""The remote engine against a real `transformers serve` with the demonstration model on the CPU.

The local engine with the same weights is the measure: greedy, single precision, the same words.
What a hostile or broken endpoint does is in `test_remote_client`.
"""

import numpy as np
import pytest

from core.errors import EngineAwayError, RefusedByEngineError
from core.reading import Reading, new_reading_id
from evaluation.film_result import rendered
from reader.check_codes import Code
from reader.engines.remote_client import RemoteClient
from reader.engines.remote_line import Line
from reader.engines.remote_options import RemoteOptions
from reader.families.family import Task
from reader.load import load_reader
from reader.picture import Picture
from reader.protocol import Reader, ignore
from reader.remote_reader import load_remote_reader
from reader.wishes import Wish
from training.phantom import sample

SEED = 31
WISHES = (
    Wish(Task.REPORT),
    Wish(Task.CLASSIFICATION),
    Wish(Task.ABNORMALITY, "cardiomegaly"),
    Wish(Task.DETECTION),
    Wish(Task.PHRASE, "There is cardiomegaly."),
)


@pytest.fixture(scope="module")
def options(served_model: tuple[str, str]) -> RemoteOptions:
    url, model = served_model
    return RemoteOptions(url=url, model=model, family="radvlm", concurrency=2, demo=True)


@pytest.fixture(scope="module")
def remote(options: RemoteOptions) -> Reader:
    return load_remote_reader(options)


@pytest.fixture(scope="module")
def local() -> Reader:
    return load_reader(device="cpu", dtype="float32")


def _picture(number: int) -> Picture:
    return rendered(sample(SEED, number, findings=("cardiomegaly",) if number == 0 else None))


def test_the_words_are_the_local_engines(remote: Reader, local: Reader) -> None:
    picture = _picture(1)

    def words(reader: Reader) -> dict[Wish, str]:
        return {reply.wish: reply.text for reply in reader.look(picture).ask(WISHES)}

    assert words(remote) == words(local)


def test_a_reading_is_the_local_engines_without_its_scores(remote: Reader, local: Reader) -> None:
    picture = _picture(0)
    heard: list[str] = []
    there = remote.read(picture, reading_id="r", on_progress=heard.append)
    here = local.read(picture, reading_id="r")
    assert there.report == here.report
    assert _placed(there) == _placed(here)
    assert {flag.label: flag.presence for flag in there.flags if flag.label in _labels(here)} == {
        flag.label: flag.presence for flag in here.flags
    }
    assert all(flag.score is None for flag in there.flags)
    assert Code.SCORES_UNAVAILABLE in {remark.code for remark in there.checks}
    assert len(heard) > 40  # a beat for every piece: the watchdog sees that the endpoint speaks


def _labels(reading: Reading) -> set[object]:
    return set(reading.model.labels)


def _placed(reading: Reading) -> list[object]:
    return [(item.label, item.presence, item.side, item.boxes) for item in reading.findings]


def test_it_says_what_it_is_and_what_nobody_checked(remote: Reader, options: RemoteOptions) -> None:
    identity = remote.identity
    assert (identity.name, identity.family, identity.demo) == (options.model, "radvlm", True)
    assert "weights unverified" in identity.version
    assert identity.weights_sha256 == ""
    assert identity.device.startswith("remote 127.0.0.1:")
    assert remote.parameters is None


def test_a_conversation_of_several_turns(remote: Reader, local: Reader) -> None:
    pieces: list[str] = []
    here, there = local.chat(_picture(1)), remote.chat(_picture(1))
    for question in ("Is there a pleural effusion?", "Where is it?"):
        answer = there.ask(question, pieces.append)
        assert answer == here.ask(question)
    assert len(there.turns) == 2
    assert "".join(pieces).replace(" ", "").startswith(there.turns[0][1].replace(" ", ""))


def test_it_looks_at_the_pictures_that_it_is_sent(remote: Reader) -> None:
    (chest,) = remote.look(_picture(1)).ask([Wish(Task.REPORT)])
    (blank,) = remote.look(np.full((192, 192), 128, np.uint8)).ask([Wish(Task.REPORT)])
    assert chest.text != blank.text


def test_an_answer_at_the_limit_is_not_complete(options: RemoteOptions) -> None:
    question = [{"role": "user", "content": "Provide a radiology report for this Chest X-Ray."}]
    answer = RemoteClient(options).complete(question, 3, ignore, Line())
    assert not answer.complete


def test_a_model_that_is_not_there_is_told(options: RemoteOptions) -> None:
    other = RemoteOptions(url=options.url, model="no such folder", family="radvlm", retries=0)
    with pytest.raises((EngineAwayError, RefusedByEngineError)):
        load_remote_reader(other).read(_picture(2), reading_id=new_reading_id())
