"""Site and variant.

Covers: what cannot be written is refused where it is built, and every difference of a variant
shows in its key.
"""

from typing import Any

import pytest

from dicom_sr.context import BuildContext, Variant


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"institution": "x" * 65}, "at most 64 characters"),
        ({"institution": "a\\b"}, "no backslash"),
        ({"software_version": "1" * 65}, "at most 64 characters"),
        ({"timezone": "Mars/Olympus"}, "no time zone: 'Mars/Olympus'"),
        ({"timezone": "../etc/passwd"}, "no time zone"),
        ({"timezone": ""}, "no time zone"),
    ],
)
def test_a_context_that_cannot_be_written_is_refused(values: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        BuildContext(**values)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"sr_class": "basic"}, "no SR class: 'basic'"),
        ({"presentation_lut_shape": "inverse"}, "no presentation LUT shape: 'inverse'"),
        ({"series_number_base": 0}, "a series number is positive: 0"),
        ({"series_description": "{kind}"}, r"must hold {notice}: '{kind}'"),
        ({"series_description": "{notice!r}"}, r"must hold {notice}: '{notice!r}'"),
        ({"character_set": "ISO_IR 13"}, "no character set of ours: 'ISO_IR 13'"),
    ],
)
def test_an_unknown_variant_is_refused(values: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Variant(**values)


def test_every_variant_has_its_own_key() -> None:
    variants = [
        Variant(name, shape, sr_class, base, description, character_set)
        for name in ("default", "other")
        for shape in ("auto", "IDENTITY", "INVERSE")
        for sr_class in ("comprehensive3d", "comprehensive")
        for base in (9001, 501)
        for description in ("{notice}", "{kind}: {notice}")
        for character_set in ("ISO_IR 192", "ISO_IR 100")
    ]
    assert len({variant.key for variant in variants}) == len(variants)
