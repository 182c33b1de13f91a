"""The objects of a case as files."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from core.states import ResultKind
from core.uids import derived_uid
from dicom_sr.build import build_all, encoded
from dicom_sr.context import BuildContext
from dicom_sr.kinds import kinds_of
from dicom_sr.picture import Picture
from dicom_sr.source import read_source
from tests.conformance.cases import Case
from tests.dicom_sr.headers import film_header

_SIDES = {"Rows": 256, "Columns": 220}


def objects_of(case: Case, folder: Path) -> dict[ResultKind, Path]:
    """Build all that a case's version has, each as a file in a folder.

    Every case is a study and a patient's film of its own, so that an archive can hold them all.
    """
    uids = {
        keyword: derived_uid("conformance", case.name, keyword)
        for keyword in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")
    }
    header = film_header(**{**_SIDES, **case.changes, **uids})
    version = replace(case.report, id=f"version of {case.name}")
    context = BuildContext(
        variant=case.variant,
        institution="General Hospital",
        timezone="Europe/Berlin",
        authorised=case.authorised,
        place=case.place,
    )
    film = read_source(header).film
    high, wide = film.aspect_ratio
    height = round(film.rows * high / wide) if high > wide else film.rows
    width = round(film.columns * wide / high) if wide > high else film.columns
    ramp = np.linspace(0, 255, height * width, dtype=np.uint8).reshape(height, width)
    built = build_all(
        case.reading,
        version,
        header,
        context,
        kinds=kinds_of(version.kind),
        picture=Picture(np.stack([ramp] * 3, axis=-1), height, width),
    )
    paths = {}
    for kind, dataset in built.items():
        paths[kind] = folder / f"{kind.value}.dcm"
        paths[kind].write_bytes(encoded(dataset))
    return paths
