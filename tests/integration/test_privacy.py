"""No value of a patient, and no word of a report, is in any log or in what `status --json` says.

Covered, with the level at DEBUG and each service a process of its own: films that are taken in,
refused, kept aside, changed in their demographics and rejected, with values of every odd kind; the
DICOM and the HTTP door and the watched folder; signed reports; results that peers take, refuse for
now and for good, in words that name the patient; HL7; and commands that fail. With the worker, a
reading by the demonstration model, whose words are a patient's too, and `chat`. Not covered:
PostgreSQL's and Redis' own logs, which are the site's (`docs/threat-model.md`).
"""

import json
import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, cast

import pytest
from pydicom.dataset import Dataset
from pynetdicom import evt
from sqlalchemy import select

from commands.status import status
from core.library_logs import kinds_and_places
from core.port_file import read_port
from core.settings import Settings
from core.states import DeliveryState, FilmState
from db.engine import Database
from db.models import Delivery, Instance, Peer, Quarantine, ReportVersionRow, Study
from db.peer_entry import PeerEntry
from db.peers import save_peer
from db.spool import Spool
from tests.commands.shell import firstread
from tests.gateway.documents import rejection_note, signed_report
from tests.gateway.edge import add_peer, make_settings, prepare_database
from tests.gateway.objects import film, save
from tests.gateway.outgoing import ResultPeer, read_film
from tests.gateway.stow_client import body, post
from tests.integration.services import Service
from tests.peers.dcmtk import storescu
from tests.peers.mllp import MllpPeer
from tests.waiting import wait_until
from training.phantom import sample
from training.phantom_dicom import FilmForm, write_film

MARK = re.compile(r"qxz|19330317|1933-03-17", re.IGNORECASE)
"""What every value of the patient of these tests holds."""
PATIENT: dict[str, Any] = {
    "PatientName": "Qxzname^Marked",
    "PatientID": "QXZID-77",
    "PatientBirthDate": "19330317",
    "AccessionNumber": "QXZACC-5",
    "StudyDescription": "Qxzdescription",
    "SeriesDescription": "Qxzseries",
    "PatientComments": "Qxzcomment",
    "ReferringPhysicianName": "Qxzdoctor^Quentin",
    "ReasonForTheRequestedProcedure": "Qxzindication",
    "RequestedProcedureDescription": "Qxzprocedure",
    "InstitutionName": "Qxzhouse",
}
ODD: tuple[dict[str, Any], ...] = (
    {"PatientBirthDate": "QXZBIRTH"},
    {"PatientName": "Qxz^" + "n" * 200},
    {"PatientSex": "QXZ"},
    {"PatientAge": "QXZ"},
    {"StudyDate": "QXZDATE", "ContentDate": "QXZ"},
    {"ViewPosition": "QXZ", "BodyPartExamined": "QXZCHEST"},
    {"ImageType": ["QXZ", "QXZ"]},
    {"PhotometricInterpretation": "QXZ"},
    {"Rows": 65535},
    {"PixelData": b"QXZ!"},
    {"StudyInstanceUID": "QXZ.UID"},
    {"PixelAspectRatio": ["7654321", "1"]},
    {"WindowCenter": "7654321", "WindowWidth": "7654321"},
    {"PatientState": "7654321", "SpecificCharacterSet": "ISO_IR 100"},
)
HL7_REFUSAL = "AE:101^^HL70357|E|||Qxzname|Qxzname said so"


def _refusal(code: int) -> Any:
    """Answer a C-STORE in words that name the patient."""

    def answer(_event: evt.Event) -> int:
        said = Dataset()
        said.Status = code
        said.ErrorComment = "no such patient: Qxzname^Marked"
        return cast("int", said)

    return answer


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """An installation whose every door is open, and whose logs hold all there is."""
    watched = tmp_path / "watched"
    watched.mkdir()
    for name, value in {
        "LOG__LEVEL": "DEBUG",
        "DICOMWEB__ENABLED": "true",
        "DICOMWEB__PORT": "0",
        "WATCH__ENABLED": "true",
        "WATCH__FOLDER": str(watched),
        "WATCH__POLL_SECONDS": "0.1",
        "WATCH__SETTLE_SECONDS": "0.1",
        "GATEWAY__ALLOWED_AE_TITLES": '["WATCH", "DICOMWEB"]',
        "GATEWAY__STUDY_IDLE_SECONDS": "0.1",
        "WORKER__SELF_TEST": "false",
    }.items():
        monkeypatch.setenv(f"FIRSTREAD_{name}", value)
    made = make_settings(tmp_path / "house")
    prepare_database(made)
    (made.data / "firstread.toml").write_text(f'data = "{made.data}"\n')
    return made


@pytest.fixture
def db(settings: Settings) -> Iterator[Database]:
    """The installation's database, with peers of every answer."""
    opened = Database(settings.database_url)
    with ExitStack() as stack:
        stack.callback(opened.close)
        for name, answer in (
            ("taking", lambda _event: 0),
            ("busy", _refusal(0xA700)),
            ("strict", _refusal(0xC123)),
        ):
            peer = stack.enter_context(ResultPeer(answer))
            add_peer(
                opened,
                name,
                port=peer.port,
                takes_results=True,
                accepts_demo=True,
                takes_rejections=True,
            )
        ris = stack.enter_context(MllpPeer(settings.data / "ris"))
        ris.answers(HL7_REFUSAL)
        entry: dict[str, Any] = {
            "host": "127.0.0.1",
            "port": ris.port,
            "takes_results": True,
            "accepts_demo": True,
        }
        with opened.write() as session:
            save_peer(session, PeerEntry(name="ris", protocol="hl7", **entry))
        yield opened


def _send(folder: Path, port: int, http_port: int, watched: Path) -> None:
    """Let everything in by every door."""
    good = film(**PATIENT)
    other = film(**(PATIENT | {"StudyInstanceUID": good.StudyInstanceUID, "PatientID": "QXZ-2"}))
    renamed = film(
        **(PATIENT | {"StudyInstanceUID": good.StudyInstanceUID, "PatientName": "Qxznew^Name"})
    )
    odd = [film(**(PATIENT | values)) for values in ODD]
    same_uid = film(seed=7, **(PATIENT | {"SOPInstanceUID": good.SOPInstanceUID}))
    reported = film(**PATIENT)
    documents = [signed_report(reported, "Qxzreport of a person."), rejection_note(renamed)]
    sent = [good, other, renamed, *odd, same_uid, reported, *documents]
    files = [save(one, folder, f"{number}.dcm") for number, one in enumerate(sent)]
    for file in files:
        # What pydicom itself would not write.
        spoiled = file.read_bytes().replace(b"7654321", b"QXZ4321")
        file.write_bytes(spoiled.replace(b"ISO_IR 100", b"QXZ_IR 100"))
        storescu([file], port, options=["--no-halt"])
    storescu(files[:1], port, called="QXZ_TITLE")
    cut = files[0].read_bytes()[:-900]
    for content in (body([files[0].read_bytes()]), body([cut, b"Qxz"]), b"Qxzname"):
        post(http_port, content)
    for name, content in {
        "Qxzname-whole.dcm": files[0].read_bytes(),
        "Qxzname-cut.dcm": cut,
        "Qxzname.txt": b"Qxzname",
    }.items():
        (watched / name).write_bytes(content)
    wait_until(lambda: not [*watched.glob("Qxz*")], 60.0, "the watched folder to be empty")


def _ended(db: Database) -> bool:
    """Tell whether each peer was given something, and said what it thinks of it."""
    with db.read() as session:
        pairs = session.execute(select(Peer.name, Delivery.state).join(Delivery.peer)).all()
        busy = session.scalars(select(Peer.last_error).where(Peer.name == "busy")).one()
    ends = {(name, state) for name, state in pairs}
    return (
        busy is not None
        and {
            ("taking", DeliveryState.SENT),
            ("strict", DeliveryState.FAILED),
            ("ris", DeliveryState.FAILED),
        }
        <= ends
    )


def _tell(lines: str) -> list[str]:
    return [line for line in lines.splitlines() if MARK.search(line)]


def _check(settings: Settings, capsys: pytest.CaptureFixture[str], *commands: str) -> None:
    """Look through all logs, what `status` says, and what failing commands say."""
    for log in settings.data.glob("*.log"):
        text = log.read_text()
        assert '"level": "info"' in text, log.name
        assert "Traceback" not in text, log.name
        assert _tell(text) == [], log.name
    capsys.readouterr()
    status(settings.data / "firstread.toml", as_json=True)
    said = capsys.readouterr().out
    assert json.loads(said)["peers"]
    assert _tell(said) == []
    broken = settings.data.parent / "broken.dcm"
    save(film(**(PATIENT | {"PixelData": b"QXZ!"})), broken.parent, broken.name)
    for command in commands:
        run = firstread(command, str(broken))
        assert run.returncode != 0
        assert _tell(run.stderr) == [], command


def _reports(db: Database) -> list[str]:
    """Give the sentences of all drafts."""
    with db.read() as session:
        texts = [
            text
            for version in session.scalars(select(ReportVersionRow))
            for text in (version.findings, version.impression)
        ]
    return [part.strip() for text in texts for part in text.split(".") if len(part.strip()) > 12]


def test_nothing_of_a_patient_is_logged(
    settings: Settings, db: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spool = Spool(settings.spool_folder, 0)
    with Service("gateway", settings) as gateway, Service("deliver", settings):
        port = gateway.port
        wait_until(lambda: read_port(settings.data, "dicomweb") is not None, 30.0, "the HTTP door")
        http_port = read_port(settings.data, "dicomweb")
        assert http_port is not None
        _send(tmp_path / "films", port, http_port, tmp_path / "watched")
        read_film(db, spool, **PATIENT)
        read_film(db, spool, **(PATIENT | ODD[1]))
        wait_until(lambda: _ended(db), 60.0, "the peers' answers")
    with db.read() as session:
        # What was to be kept out of the logs is there.
        assert "Qxzname^Marked" in session.scalars(select(Study.patient_name)).all()
        assert session.scalars(select(Quarantine.id)).first() is not None
        assert any("Qxzname" in words for words in session.scalars(select(Delivery.words)))
    _check(settings, capsys, "show")


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_nothing_of_a_reading_is_logged(
    settings: Settings, db: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    form = FilmForm("CR", "MONOCHROME1", 12, 1024)
    truth = write_film(tmp_path, sample(31_003, 4, findings=("pneumothorax",)), form)
    with (
        Service("gateway", settings) as gateway,
        Service("deliver", settings),
        Service("worker", settings),
    ):
        storescu([tmp_path / str(truth["file"])], gateway.port)

        def is_read() -> bool:
            with db.read() as session:
                states = session.scalars(select(Instance.state)).all()
            return FilmState.READ in states

        wait_until(is_read, 180.0, "the film to be read")
        wait_until(lambda: _ended(db), 60.0, "the peers' answers")
    sentences = _reports(db)
    assert sentences
    for log in settings.data.glob("*.log"):
        text = log.read_text()
        assert [one for one in sentences if one in text] == [], log.name
    _check(settings, capsys, "show", "chat")


def test_of_an_error_its_kind_and_places_are_told() -> None:
    def fail() -> None:
        try:
            int("Qxzname")
        except ValueError as error:
            message = "Qxzname"
            raise LookupError(message) from error

    with pytest.raises(LookupError, match="Qxzname") as told:
        fail()
    words = kinds_and_places(told.value)
    assert words.startswith("LookupError < ")
    assert "\nValueError < " in words
    assert "in fail" in words
    assert "Qxzname" not in words
