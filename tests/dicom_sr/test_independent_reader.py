"""Another reader finds in the coded result what was put in.

Covers: highdicom's own parser of TID 1500 on the file's bytes: regions, findings, evaluations and
tracking UIDs of each group. Not covered: viewers.
"""

from io import BytesIO

import highdicom
import numpy as np
import pytest

from core.labels import Label
from core.reading import Reading
from core.states import ResultKind
from dicom_sr.build import build_all, encoded
from dicom_sr.context import BuildContext, SrClass, Variant
from dicom_sr.graphics import closed_polyline, pixel_rectangle
from tests.dicom_sr.headers import COLUMNS, ROWS, film_header
from tests.dicom_sr.readings import EDGES, ORDINARY, draft_of
from tests.dicom_sr.words import label_code, presence


def parsed(
    reading: Reading, sr_class: SrClass = "comprehensive3d"
) -> highdicom.sr.MeasurementReport:
    context = BuildContext(Variant(sr_class=sr_class))
    objects = build_all(reading, draft_of(reading), film_header(), context)
    document = highdicom.sr.srread(BytesIO(encoded(objects[ResultKind.FINDINGS_SR])))
    assert isinstance(document.content, highdicom.sr.MeasurementReport)
    return document.content


@pytest.mark.parametrize(
    ("reading", "sr_class"),
    [(ORDINARY, "comprehensive3d"), (ORDINARY, "comprehensive"), (EDGES, "comprehensive3d")],
    ids=["few", "few in the older class", "edges"],
)
def test_regions(reading: Reading, sr_class: SrClass) -> None:
    report = parsed(reading, sr_class)
    for finding in reading.findings:
        groups = report.get_planar_roi_measurement_groups(tracking_uid=finding.id)
        assert len(groups) == len(finding.boxes)
        for group, box in zip(groups, finding.boxes, strict=True):
            expected = np.array(closed_polyline(pixel_rectangle(box, ROWS, COLUMNS)))
            assert group.roi is not None
            assert np.array_equal(group.roi.value, expected)
            assert group.finding_type == label_code(finding.label)
            statement = group.get_qualitative_evaluations(name=label_code(finding.label))
            assert [item.value for item in statement] == [presence(finding.presence)]


def test_a_finding_without_a_place() -> None:
    groups = parsed(ORDINARY).get_image_measurement_groups(tracking_uid=ORDINARY.findings[2].id)
    assert [group.finding_type for group in groups] == [label_code(Label.CONSOLIDATION)]
