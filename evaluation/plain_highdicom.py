"""The three default results as highdicom's own high-level classes make them: a benchmark's peer.

As its documentation shows them, without what FirstRead adds: no image library, no image-level
scores, no tracking in the draft's text, labels at the corner of their boxes, no check of the
header, whose traps it would fall into.
"""

from collections.abc import Sequence
from typing import Any, Final

import highdicom as hd
import numpy as np
from highdicom.pr import (
    GraphicAnnotation,
    GraphicLayer,
    GraphicObject,
    GrayscaleSoftcopyPresentationState,
    TextObject,
)
from highdicom.sr import (
    AlgorithmIdentification,
    Comprehensive3DSR,
    ContainerContentItem,
    ContentSequence,
    DeviceObserverIdentifyingAttributes,
    EnhancedSR,
    FindingSite,
    ImageRegion,
    Measurement,
    MeasurementReport,
    ObservationContext,
    ObserverContext,
    PlanarROIMeasurementsAndQualitativeEvaluations,
    QualitativeEvaluation,
    SourceImageForRegion,
    TextContentItem,
    TrackingIdentifier,
)
from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code

from core.reading import Box, Finding, Reading

_MAKER: Final = "Peer"
_LUNG: Final = Code("39607008", "SCT", "Lung")
_CERTAINTY: Final = Code("111012", "DCM", "Certainty of Finding")
_PERCENT: Final = Code("%", "UCUM", "Percent")
_PRESENT: Final = Code("52101004", "SCT", "Present")
_POINTS: Final = 5


def findings_sr(reading: Reading, film: Dataset) -> Dataset:
    """Make the coded findings (TID 1500), a group for each finding with a box."""
    device = DeviceObserverIdentifyingAttributes(uid=hd.UID(), name=reading.model.name)
    observer = ObserverContext(
        observer_type=codes.DCM.Device, observer_identifying_attributes=device
    )
    report = MeasurementReport(
        observation_context=ObservationContext(observer_device_context=observer),
        procedure_reported=codes.SCT.ImagingProcedure,
        imaging_measurements=[
            _group(finding, reading, film) for finding in reading.findings if finding.boxes
        ],
        title=codes.DCM.ImagingMeasurementReport,
        referenced_images=[film],
    )
    return Comprehensive3DSR(
        evidence=[film],
        content=report,
        series_instance_uid=hd.UID(),
        series_number=1,
        sop_instance_uid=hd.UID(),
        instance_number=1,
        manufacturer=_MAKER,
    )


def _group(
    finding: Finding, reading: Reading, film: Dataset
) -> PlanarROIMeasurementsAndQualitativeEvaluations:
    image = SourceImageForRegion(film.SOPClassUID, film.SOPInstanceUID)
    label = Code("L1", "99PEER", finding.label.value)
    return PlanarROIMeasurementsAndQualitativeEvaluations(
        tracking_identifier=TrackingIdentifier(uid=finding.id, identifier=finding.label.value),
        referenced_region=ImageRegion(
            graphic_type=hd.sr.GraphicTypeValues.POLYLINE,
            graphic_data=_outline(finding.boxes[0], film),
            source_image=image,
        ),
        finding_type=label,
        finding_sites=[FindingSite(anatomic_location=_LUNG)],
        algorithm_id=AlgorithmIdentification(
            name=reading.model.name,
            version=reading.model.version,
            parameters=[reading.model.weights_sha256],
        ),
        measurements=[Measurement(_CERTAINTY, 100.0 * (finding.score or 0.0), _PERCENT)],
        qualitative_evaluations=[QualitativeEvaluation(name=label, value=_PRESENT)],
    )


def report_sr(reading: Reading, film: Dataset) -> Dataset:
    """Make the draft's text as an Enhanced SR."""
    said = [("Findings", reading.report.findings), ("Impression", reading.report.impression)]
    root = ContainerContentItem(
        name=Code("18748-4", "LN", "Diagnostic Imaging Report"), template_id="2000"
    )
    root.ContentSequence = ContentSequence(
        [
            TextContentItem(Code(f"T{number}", "99PEER", heading), words, "CONTAINS")
            for number, (heading, words) in enumerate(said)
        ]
    )
    return EnhancedSR(
        evidence=[film],
        content=root,
        series_instance_uid=hd.UID(),
        series_number=2,
        sop_instance_uid=hd.UID(),
        instance_number=1,
        manufacturer=_MAKER,
        record_evidence=True,
    )


def gsps(reading: Reading, film: Dataset) -> Dataset:
    """Make the presentation state: an outline and a label for each finding with a box."""
    layer = GraphicLayer("FINDINGS", 1)
    boxed = [finding for finding in reading.findings if finding.boxes]
    marks: Sequence[Any] = [
        GraphicAnnotation(
            referenced_images=[film],
            graphic_layer=layer,
            graphic_objects=[GraphicObject("POLYLINE", _outline(finding.boxes[0], film), "PIXEL")],
            text_objects=[
                TextObject(
                    finding.label.value,
                    "PIXEL",
                    anchor_point=tuple(_outline(finding.boxes[0], film)[0]),
                )
            ],
        )
        for finding in boxed
    ]
    return GrayscaleSoftcopyPresentationState(
        referenced_images=[film],
        series_instance_uid=hd.UID(),
        series_number=3,
        sop_instance_uid=hd.UID(),
        instance_number=1,
        manufacturer=_MAKER,
        manufacturer_model_name=_MAKER,
        software_versions="1",
        device_serial_number="1",
        content_label="FINDINGS",
        graphic_annotations=marks,
        graphic_layers=[layer],
    )


def _outline(box: Box, film: Dataset) -> np.ndarray[Any, np.dtype[np.float64]]:
    corners = (
        (box.x1, box.y1),
        (box.x2, box.y1),
        (box.x2, box.y2),
        (box.x1, box.y2),
        (box.x1, box.y1),
    )
    assert len(corners) == _POINTS  # noqa: S101 - closed
    return np.array([(x * film.Columns, y * film.Rows) for x, y in corners], dtype=np.float64)
