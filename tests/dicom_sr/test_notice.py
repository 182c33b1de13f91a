"""The banner.

Covers: it stands in each object, where a person sees it and in the series' description, until
the site is authorised; what a demonstration model made says so before and after. Not covered:
how viewers show it.
"""

import pytest
from pydicom.dataset import Dataset

from core.reading import Reading
from core.states import DRAFT_KINDS, ResultKind
from dicom_sr import concepts
from dicom_sr.build import build_all
from dicom_sr.context import BuildContext
from tests.dicom_sr.headers import film_header
from tests.dicom_sr.readings import DEMO, NO_FINDING, ORDINARY, draft_of
from tests.dicom_sr.trees import named
from tests.dicom_sr.words import BANNER, DEMO_NOTICE


def seen(kind: ResultKind, item: Dataset) -> str:
    """Give what a person sees first."""
    if kind is ResultKind.GSPS:
        return str(item.GraphicAnnotationSequence[0].TextObjectSequence[0].UnformattedTextValue)
    return str(named(item, concepts.COMMENT)[0].TextValue)


@pytest.mark.parametrize("reading", [ORDINARY, NO_FINDING, DEMO], ids=["some", "none", "demo"])
@pytest.mark.parametrize("authorised", [False, True])
def test_banner(reading: Reading, authorised: bool) -> None:  # noqa: FBT001
    context = BuildContext(authorised=authorised)
    objects = build_all(reading, draft_of(reading), film_header(), context)
    assert set(objects) == set(DRAFT_KINDS)
    for kind, item in objects.items():
        for words in (seen(kind, item), item.SeriesDescription):
            assert (BANNER in words) is not authorised
            assert (DEMO_NOTICE in words) is reading.model.demo
            assert "AI draft" in words
        assert len(item.SeriesDescription) <= 64
