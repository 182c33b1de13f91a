"""Reports of other writers: of highdicom's own template classes, and by hand with deviations."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any

import numpy as np
from highdicom.sr import (
    AlgorithmIdentification,
    Comprehensive3DSR,
    ComprehensiveSR,
    DeviceObserverIdentifyingAttributes,
    EnhancedSR,
    FindingSite,
    ImageRegion,
    Measurement,
    MeasurementReport,
    MeasurementsAndQualitativeEvaluations,
    ObservationContext,
    ObserverContext,
    PlanarROIMeasurementsAndQualitativeEvaluations,
    QualitativeEvaluation,
    SourceImageForRegion,
    TrackingIdentifier,
)
from pydicom import dcmread, dcmwrite
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code
from pydicom.uid import ComprehensiveSRStorage, ExplicitVRLittleEndian

from dicom_sr import concepts
from tests.dicom_sr.headers import film_header

FILM = film_header()
NODULE = Code("27925004", "SCT", "Nodule")
PRESENT = Code("52101004", "SCT", "Present")
ABSENT = Code("272519000", "SCT", "Absent")
CALCIFICATION = Code("112131", "DCM", "Calcification Description")
GRAPHICS: dict[str, Sequence[tuple[float, float]]] = {
    "POINT": [(100.5, 200.25)],
    "POLYLINE": [(10.0, 20.0), (110.0, 20.0), (110.0, 90.0), (10.0, 20.0)],
    "CIRCLE": [(300.0, 300.0), (340.0, 330.0)],
    "ELLIPSE": [(100.0, 300.0), (300.0, 300.0), (200.0, 250.0), (200.0, 350.0)],
}
SR_CLASSES = {
    "comprehensive 3D": Comprehensive3DSR,
    "comprehensive": ComprehensiveSR,
    "enhanced": EnhancedSR,
}


def read_again(document: Dataset) -> Dataset:
    """Give a document as it comes out of a file."""
    buffer = BytesIO()
    dcmwrite(buffer, document, enforce_file_format=True)
    buffer.seek(0)
    return dcmread(buffer)


def by_highdicom(sr_class: type = Comprehensive3DSR) -> Dataset:
    """Make a report by highdicom's TID 1500: a nodule by each graphic, and one without a place."""
    algorithm = AlgorithmIdentification("Lung Finder", "4.2", ["threshold=0.3"])
    groups: list[Any] = [
        PlanarROIMeasurementsAndQualitativeEvaluations(
            tracking_identifier=TrackingIdentifier(f"1.2.3.{number}", f"nodule {number}"),
            referenced_region=ImageRegion(
                sort,
                np.array(points),
                SourceImageForRegion(FILM.SOPClassUID, FILM.SOPInstanceUID),
            ),
            finding_type=NODULE,
            algorithm_id=algorithm,
            finding_sites=[FindingSite(codes.SCT.Lung, laterality=codes.SCT.Left)],
            measurements=[
                Measurement(codes.SCT.Diameter, 12.5, codes.UCUM.Millimeter),
                Measurement(concepts.CERTAINTY_OF_FINDING, 87.5, codes.UCUM.Percent),
            ],
            qualitative_evaluations=[
                QualitativeEvaluation(NODULE, PRESENT),
                QualitativeEvaluation(CALCIFICATION, ABSENT),
            ],
        )
        for number, (sort, points) in enumerate(GRAPHICS.items())
    ]
    groups.append(
        MeasurementsAndQualitativeEvaluations(
            tracking_identifier=TrackingIdentifier("1.2.3.99", "pneumothorax"),
            finding_type=codes.SCT.Pneumothorax,
            qualitative_evaluations=[QualitativeEvaluation(codes.SCT.Pneumothorax, ABSENT)],
        )
    )
    observer = ObserverContext(
        codes.DCM.Device, DeviceObserverIdentifyingAttributes("1.2.3.4", name="Box")
    )
    report = MeasurementReport(
        ObservationContext(observer_device_context=observer),
        codes.SCT.ImagingProcedure,
        groups,
        referenced_images=[FILM],
    )
    return read_again(
        sr_class(
            evidence=[FILM],
            content=report[0],
            series_instance_uid="1.2.3.5",
            series_number=1,
            sop_instance_uid="1.2.3.6",
            instance_number=1,
            manufacturer="Another",
        )
    )


def code_item(code: Code) -> Dataset:
    """Make an item of a code sequence."""
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator = code.value, code.scheme_designator
    item.CodeMeaning = code.meaning
    return item


def item(
    value_type: str, name: Code | None, *children: Dataset, how: str = "CONTAINS", **values: Any
) -> Dataset:
    """Make a content item by hand."""
    made = Dataset()
    made.RelationshipType, made.ValueType = how, value_type
    if name is not None:
        made.ConceptNameCodeSequence = [code_item(name)]
    for keyword, value in values.items():
        setattr(made, keyword, value)
    if children:
        made.ContentSequence = list(children)
    return made


def coded(name: Code | None, value: Code, *children: Dataset, how: str = "CONTAINS") -> Dataset:
    """Make a CODE."""
    return item("CODE", name, *children, how=how, ConceptCodeSequence=[code_item(value)])


def image(uid: str = "1.2.3", how: str = "SELECTED FROM") -> Dataset:
    """Make an IMAGE."""
    referenced = Dataset()
    referenced.ReferencedSOPClassUID = FILM.SOPClassUID
    referenced.ReferencedSOPInstanceUID = uid
    return item("IMAGE", None, how=how, ReferencedSOPSequence=[referenced])


def number(name: Code, value: str, unit: Code, *children: Dataset) -> Dataset:
    """Make a NUM."""
    measured = Dataset()
    measured.NumericValue = value
    measured.MeasurementUnitsCodeSequence = [code_item(unit)]
    return item("NUM", name, *children, MeasuredValueSequence=[measured])


def place(*points: float, sort: str = "POLYLINE", below: Sequence[Dataset] = ()) -> Dataset:
    """Make an SCOORD."""
    return item("SCOORD", None, *below, GraphicType=sort, GraphicData=list(points))


def document(*children: Dataset, title: Code = concepts.IMAGING_MEASUREMENT_REPORT) -> Dataset:
    """Make a document by hand; it is not written and read again."""
    root = item("CONTAINER", title, *children)
    del root.RelationshipType
    root.SOPClassUID, root.SOPInstanceUID = ComprehensiveSRStorage, "1.2.3.7"
    root.file_meta = FileMetaDataset()
    root.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    return root


def measurements(*groups: Dataset) -> Dataset:
    """Make the container of the measurements."""
    return item("CONTAINER", concepts.IMAGING_MEASUREMENTS, *groups)


def group(*children: Dataset) -> Dataset:
    """Make a measurement group."""
    return item("CONTAINER", concepts.MEASUREMENT_GROUP, *children)
