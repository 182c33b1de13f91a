"""Which software made an object, and which model is behind it."""

from datetime import datetime

from pydicom.dataset import Dataset

from core.reading import ModelIdentity
from dicom_sr import concepts
from dicom_sr.context import BUILDER_VERSION, BuildContext
from dicom_sr.elements import code_item, put
from dicom_sr.product import PRODUCT
from dicom_sr.text import LONG_STRING, SHORT_TEXT, cut, one_line, string_value


def add_equipment(
    dataset: Dataset, model: ModelIdentity, context: BuildContext, moment: datetime
) -> None:
    """Add the General Equipment module and the Contributing Equipment Sequence.

    PS3.3 C.7.5.1, C.7.5.2 and C.12.1.1.5. The Device UID of the contributing equipment is
    another for every model, weights, arithmetic or prompt.

    Parameters
    ----------
    dataset
        Changed in place.
    model
        The algorithm to describe.
    context
        Manufacturer, software version and site.
    moment
        When the equipment contributed, with its zone.
    """
    put(dataset, "Manufacturer", context.manufacturer)
    put(dataset, "ManufacturerModelName", PRODUCT)
    put(dataset, "SoftwareVersions", [context.software_version, f"builder {BUILDER_VERSION}"])
    # Type 1 in the enhanced module: what tells two readers of one site apart is their weights.
    put(dataset, "DeviceSerialNumber", string_value(model.weights_sha256, LONG_STRING) or "none")
    if context.institution:
        put(dataset, "InstitutionName", context.institution)
    put(dataset, "ContributingEquipmentSequence", [_algorithm(model, context, moment)])


def _algorithm(model: ModelIdentity, context: BuildContext, moment: datetime) -> Dataset:
    item = Dataset()
    put(item, "PurposeOfReferenceCodeSequence", [code_item(concepts.PROCESSING_EQUIPMENT)])
    put(item, "Manufacturer", context.manufacturer)
    if context.institution:
        put(item, "InstitutionName", context.institution)
    put(item, "ManufacturerModelName", string_value(model.name, LONG_STRING))
    put(item, "DeviceSerialNumber", string_value(model.weights_sha256, LONG_STRING))
    put(item, "SoftwareVersions", string_value(model.version, LONG_STRING))
    put(item, "DeviceUID", model.uid)
    put(item, "ContributionDateTime", moment.strftime("%Y%m%d%H%M%S"))
    description = f"{model.family}; licence: {model.licence}; intended use: {model.intended_use}"
    put(item, "ContributionDescription", cut(one_line(description), SHORT_TEXT))
    return item
