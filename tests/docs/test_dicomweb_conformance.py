"""What docs/conformance.md says of DICOMweb is what the code does, as far as it can be compared."""

import re
from pathlib import Path

from web.dicomweb import find, frames, json_model, query
from web.dicomweb.matching import _LISTS, _RANGES, _WILD
from web.dicomweb.routers import ROUTERS

_DOCUMENT = (Path(__file__).parents[2] / "docs" / "conformance.md").read_text()
_SECTION = _DOCUMENT.split("## DICOMweb: QIDO-RS", 1)[1].split("\n## ", 1)[0]


def test_limits() -> None:
    assert f"default {query.Query().limit}, at most {query.MOST_RESULTS};" in _SECTION
    assert f"at most {find.MOST_EXAMINED} headers" in _SECTION
    assert f"more than {json_model._INLINE_BYTES} bytes in binary" in _SECTION
    assert f"or {json_model._LONGEST} in text" in _SECTION


def test_kinds_of_matching() -> None:
    rows = dict(re.findall(r"^\| ([^|]+) \| ([^|]+) \|$", _SECTION, re.MULTILINE))
    assert set(rows["wildcards `*` and `?`"].split(", ")) == _WILD
    assert set(rows["ranges"].split(", ")) == _RANGES
    assert set(rows["list, with commas or backslashes"].split(" and ")) == _LISTS


def test_media_types_of_frames() -> None:
    assert set(re.findall(r"`(image/(?!png)[a-z0-9-]+)`", _SECTION)) == set(
        frames._MEDIA_TYPES.values()
    )


def test_resources() -> None:
    said = _SECTION.split("### Resources", 1)[1].split("###", 1)[0]
    paths = [route.path for router in ROUTERS for route in router.routes]  # type: ignore[attr-defined]
    assert len(paths) == 22
    for path in paths:
        last = path.removeprefix("/dicom-web").rsplit("/", 1)[1].split(":")[0].strip("{}")
        assert last in said, path
