"""UIDs and bytes of result objects.

Covers: the same inputs give the same bytes in this and in another process; another version,
kind, variant or series number gives other UIDs, another site setting does not. Not covered:
that another builder version does, which is the same line of code.
"""

import hashlib
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from core.states import DRAFT_KINDS, ResultKind
from core.uids import is_uid
from dicom_sr.build import build_all, encoded, result_uid
from dicom_sr.context import BuildContext, Variant
from dicom_sr.uids import series_uid
from tests.dicom_sr.headers import film_header
from tests.dicom_sr.readings import ORDINARY, draft_of

CONTEXT = BuildContext()
OTHERS = {
    "another shape": replace(CONTEXT, variant=Variant(presentation_lut_shape="IDENTITY")),
    "another class": replace(CONTEXT, variant=Variant(sr_class="comprehensive")),
    "another profile": replace(CONTEXT, variant=Variant(name="old viewer")),
    "another series": replace(CONTEXT, variant=Variant(series_number_base=501)),
}
_HASHES = """
import hashlib
from dicom_sr.build import build_all, encoded
from dicom_sr.context import BuildContext
from tests.dicom_sr.headers import film_header
from tests.dicom_sr.readings import ORDINARY, draft_of
for item in build_all(ORDINARY, draft_of(ORDINARY), film_header(), BuildContext()).values():
    print(hashlib.sha256(encoded(item)).hexdigest())
"""


def test_another_process_makes_the_same_bytes() -> None:
    objects = build_all(ORDINARY, draft_of(ORDINARY), film_header(), CONTEXT)
    here = [hashlib.sha256(encoded(item)).hexdigest() for item in objects.values()]
    done = subprocess.run(
        [sys.executable, "-c", _HASHES],
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
        cwd=Path(__file__).parents[2],
        env=os.environ | {"PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo"},
    )
    assert done.stdout.split() == here


def test_objects_carry_the_derived_uids() -> None:
    for kind, item in build_all(ORDINARY, draft_of(ORDINARY), film_header(), CONTEXT).items():
        assert item.SOPInstanceUID == result_uid("version-1", kind, CONTEXT)
        assert item.file_meta.MediaStorageSOPInstanceUID == item.SOPInstanceUID
        assert item.SeriesInstanceUID == series_uid("version-1", kind, CONTEXT)
        assert is_uid(item.SOPInstanceUID)


def test_each_object_has_a_series_of_its_own() -> None:
    objects = build_all(ORDINARY, draft_of(ORDINARY), film_header(), CONTEXT).values()
    assert len({item.SeriesInstanceUID for item in objects}) == len(DRAFT_KINDS)
    assert sorted(item.SeriesNumber for item in objects) == [9001, 9002, 9003]


@pytest.mark.parametrize("context", OTHERS.values(), ids=OTHERS)
@pytest.mark.parametrize("kind", DRAFT_KINDS)
def test_another_variant_is_another_object(kind: ResultKind, context: BuildContext) -> None:
    assert result_uid("version-1", kind, context) != result_uid("version-1", kind, CONTEXT)
    assert series_uid("version-1", kind, context) != series_uid("version-1", kind, CONTEXT)


@pytest.mark.parametrize("kind", DRAFT_KINDS)
def test_another_version_is_another_object(kind: ResultKind) -> None:
    assert result_uid("version-2", kind, CONTEXT) != result_uid("version-1", kind, CONTEXT)


def test_a_change_of_settings_between_two_attempts_makes_no_second_object() -> None:
    later = replace(CONTEXT, institution="Elsewhere", authorised=True, software_version="9")
    for kind in DRAFT_KINDS:
        assert result_uid("version-1", kind, later) == result_uid("version-1", kind, CONTEXT)
