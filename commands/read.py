"""Reads films without any service: DICOM in, result objects, a picture and JSON out."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from PIL import Image
from rich.progress import track

from commands.output import console, print_json, print_table
from commands.places import places_of
from commands.policy import policy_for
from core.clock import now
from core.errors import (
    FirstReadError,
    NotReadError,
    UnreadableObjectError,
    WrongArgumentError,
)
from core.policy import NumberedPolicy
from core.reading import Reading, new_reading_id
from core.reading_json import reading_to_json
from core.report import ReportKind, ReportVersion
from core.settings import Settings, load_settings
from core.states import DRAFT_KINDS, EXTRA_KINDS, FilmState, ResultKind
from core.triage import tier_of
from core.uids import derived_uid, is_uid
from dicom_sr.build import build_all
from dicom_sr.context import BuildContext
from gateway.eligibility import decide
from gateway.given import given_of
from gateway.hl7.envelope import Envelope, Standing
from gateway.hl7.message import oru
from gateway.pictures import FilmPicture
from gateway.site_context import site_context
from imaging.film import load_film
from imaging.header import read_header
from reader.protocol import Reader
from worker.film import read_film
from worker.model import load_model


@dataclass(frozen=True)
class Wanted:
    """What is to be shown beyond the reading.

    Parameters
    ----------
    names
        Abnormalities, regions and sentences.
    detect
        Whether to ask for all at once, too.
    kinds
        Kinds of results beyond those that every peer gets.
    """

    names: tuple[str, ...] = ()
    detect: bool = False
    kinds: tuple[str, ...] = ()

    @property
    def places(self) -> bool:
        """Whether anything is to be placed."""
        return self.detect or bool(self.names)


@dataclass(frozen=True)
class _Desk:
    """What reading several films shares; `taken` holds the file of each SOP Instance UID."""

    out: Path
    reader: Reader
    settings: Settings
    context: BuildContext
    kinds: frozenset[ResultKind]
    policy: NumberedPolicy
    taken: dict[str, Path]


def read(path: Path | None, files: list[Path], out: Path, wanted: Wanted, *, as_json: bool) -> bool:
    """Read each file and write what came of it into a folder of its own under `out`.

    Returns
    -------
    bool
        Whether every file was read.

    Raises
    ------
    WrongArgumentError
        If a kind of result is unknown.
    SettingsError
        If the site's words or codes, or the model's settings, cannot be used.
    """
    kinds = _kinds_of(wanted.kinds)
    settings = load_settings(path)
    context = site_context(settings)
    out.mkdir(parents=True, exist_ok=True)
    with console().status("loading the model"):
        reader = load_model(settings.worker)
    desk = _Desk(out, reader, settings, context, kinds, policy_for(settings), {})
    films = [
        {"file": str(file)} | _one(file, desk, wanted)
        for file in track(files, "reading", console=console())
    ]
    if as_json:
        print_json({"out": str(out), "films": films})
    else:
        print_table(
            "Films",
            ("file", "state", "found, or why not", "to be looked at", "written to"),
            [
                (
                    film["file"],
                    film["state"],
                    film["reason"] or film["found"],
                    "; ".join(film["remarks"]),
                    film["folder"],
                )
                for film in films
            ],
        )
    return all(film["state"] == FilmState.READ for film in films)


def _one(file: Path, desk: _Desk, wanted: Wanted) -> dict[str, Any]:
    try:
        folder, reading = _read_and_write(file, desk)
        if wanted.places:
            _write_places(file, folder, desk.reader, wanted)
    except UnreadableObjectError as error:
        return _not_read(FilmState.QUARANTINED, error)
    except NotReadError as error:
        return _not_read(FilmState.NOT_READ, error)
    except (FirstReadError, OSError) as error:
        return _not_read(FilmState.FAILED, error)
    found = ", ".join(finding.label for finding in reading.present)
    return {
        "state": FilmState.READ,
        "reason": None,
        "found": found or "nothing marked as present",
        "remarks": [remark.text for remark in (*reading.quality, *reading.checks)],
        "folder": str(folder),
    }


def _write_places(file: Path, folder: Path, reader: Reader, wanted: Wanted) -> None:
    look = reader.look(load_film(file).pixels)
    places = places_of(look, wanted.names, detect=wanted.detect)
    text = json.dumps(places, ensure_ascii=False, indent=2)
    (folder / "places.json").write_text(text + "\n", encoding="utf-8")


def _not_read(state: FilmState, error: Exception) -> dict[str, Any]:
    return {"state": state, "reason": str(error), "found": None, "remarks": [], "folder": None}


def _read_and_write(file: Path, desk: _Desk) -> tuple[Path, Reading]:
    header = read_header(file)
    settings, taken = desk.settings, desk.taken
    # A film that somebody names is read, however old it is.
    decision = decide(header, desk.policy, None, zone=ZoneInfo(settings.site.timezone))
    if decision.state is not FilmState.QUEUED:
        raise NotReadError(decision.reason or "not to be read")
    uid = str(header.get("SOPInstanceUID", ""))
    if uid in taken:
        # Its results would stand in the place of the other's.
        message = f"has the SOP Instance UID of {taken[uid]}, which was read"
        raise NotReadError(message)
    reading = read_film(
        file,
        desk.reader,
        reading_id=new_reading_id(),
        given=given_of(header),
        maximum_pixels=settings.gateway.maximum_pixels,
        quality_gate=settings.worker.quality_gate,
        asked_of_pixels=decision.asked_of_pixels,
    )
    version = ReportVersion(
        id=derived_uid("draft", reading.id),
        reading_id=reading.id,
        number=1,
        kind=ReportKind.DRAFT,
        findings=reading.report.findings,
        impression=reading.report.impression,
        created_at=now(),
    )
    folder = desk.out / (uid if is_uid(uid) else derived_uid("file", uid))
    folder.mkdir(parents=True, exist_ok=True)
    _write_results(folder, file, desk, reading, version)
    text = json.dumps(reading_to_json(reading), ensure_ascii=False, indent=2)
    (folder / "reading.json").write_text(text + "\n", encoding="utf-8")
    taken[uid] = file
    return folder, reading


def _write_results(
    folder: Path, file: Path, desk: _Desk, reading: Reading, version: ReportVersion
) -> None:
    """Write what a peer that wants all these kinds would get, and the picture."""
    header, settings, context = read_header(file), desk.settings, desk.context
    film = FilmPicture(
        file, maximum_pixels=settings.gateway.maximum_pixels, font=settings.site.font
    )
    picture = film.drawn(reading, context, header)
    objects = build_all(
        reading,
        version,
        header,
        context,
        kinds=desk.kinds,
        picture=picture,
        voi=film.grey_scale,
    )
    for kind, dataset in objects.items():
        dataset.save_as(folder / f"{kind}.dcm", enforce_file_format=True)
    if ResultKind.ORU in desk.kinds:
        envelope = Envelope(settings.hl7.sending_application, settings.hl7.sending_facility)
        standing = Standing(tier_of(reading.flags))
        message = oru(reading, version, header, context, envelope=envelope, standing=standing)
        (folder / "oru.hl7").write_bytes(message)
    Image.fromarray(picture.pixels).save(folder / "findings.png")


def _kinds_of(names: Iterable[str]) -> frozenset[ResultKind]:
    """Give the kinds that every draft has, and those that are asked for."""
    known = {kind.value: kind for kind in (*DRAFT_KINDS, *EXTRA_KINDS, ResultKind.ORU)}
    asked = [name.strip() for value in names for name in value.split(",")]
    unknown = [name for name in asked if name not in known]
    if unknown:
        message = f"no kind of result: {', '.join(unknown)}; there are {', '.join(known)}"
        raise WrongArgumentError(message)
    return frozenset({*DRAFT_KINDS, *(known[name] for name in asked)})
