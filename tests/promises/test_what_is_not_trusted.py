"""Promises on what is not trusted: the model's words, and what comes over the network.

Covered: the whole way of each, from the endpoint's answer or the C-STORE on. Not covered here: each
form of nonsense (`tests/reader`), each form of broken file (`tests/fuzz`, `tests/gateway`).
"""

from pathlib import Path

from pydicom import dcmread
from pydicom.config import disable_value_validation

from core.states import FilmState, StudyState
from core.worker_settings import RemoteSettings, WorkerSettings
from evaluation.chaos.films import Film
from evaluation.chaos.processes import Kind
from gateway.scu import send_files
from tests.promises.place import SUCCESS, Place
from tests.reader.engines.endpoints import endpoint, piece, says, streams
from tests.waiting import wait_until
from tests.worker.house import House
from tests.worker.processes import worker_process

_MODELS = says("200 OK", "Content-Type: application/json", body=b'{"data": []}')
_NONSENSE = streams(piece("qqq ]] 0.3 <<"), piece(" zzz zzz"), piece("", "stop"), b"[DONE]")
_NOT_UNDERSTOOD = 0xC100
_HOSTILE = "..\\..^<script>alert(1)</script>'; DROP TABLE study;--"


def test_the_models_words_make_no_sense(tmp_path: Path) -> None:
    with endpoint(_MODELS, _NONSENSE) as model:
        remote = RemoteSettings(url=model.url, model="m", family="radvlm")
        worker = WorkerSettings(engine="remote", remote=remote, self_test=False)
        house = House(tmp_path, worker=worker)
        film = house.add_film()
        with worker_process(house.settings, program="worker.child"):
            wait_until(
                lambda: house.film(film).state is FilmState.FAILED, 150.0, "the film to fail"
            )
    assert house.film(film).reason
    assert house.study_of(film).state is StudyState.FAILED
    assert not any(row.current for row in house.readings(film))
    house.close()


def test_a_broken_hostile_or_huge_object_arrives(place: Place) -> None:
    gateways = place.pids(Kind.GATEWAY)
    broken, huge, hostile, whole = (place.film() for _ in range(4))
    content = broken.path.read_bytes()
    broken.path.write_bytes(content[: len(content) // 3])
    _change(huge, Rows=65535, Columns=65535)
    _change(hostile, PatientName=_HOSTILE, AccessionNumber="../../etc", StudyDescription=_HOSTILE)
    assert [_thrown(place, one) for one in (broken, huge, hostile)] == [
        _NOT_UNDERSTOOD,
        SUCCESS,
        SUCCESS,
    ]
    assert "4294836225 pixels" in place.aside(huge.uid)[0].reason
    assert place.aside(broken.uid)
    assert place.send(whole) == [SUCCESS]
    place.wait_for_results(whole, hostile)
    assert Path(place.row(hostile).path).is_relative_to(place.house.settings.spool_folder)
    assert place.pids(Kind.GATEWAY) == gateways


def _change(film: Film, **values: object) -> None:
    dataset = dcmread(film.path)
    with disable_value_validation():
        for keyword, value in values.items():
            setattr(dataset, keyword, value)
        dataset.save_as(film.path)


def _thrown(place: Place, film: Film) -> int | None:
    """Send the bytes of a file as they are, which dcmtk would not."""
    (sent,) = send_files(
        [film.path], "127.0.0.1", place.house.port, called_ae="FIRSTREAD", calling_ae="CHAOS"
    )
    return sent.status
