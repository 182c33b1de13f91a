"""What opens a document: in what language, who observed, and the banner.

A draft has one observer, the model (TID 1004). A version that a person accepted or wrote would
name that person beside it (TID 1003).
"""

from highdicom.sr import ContentItem

from core.reading import ModelIdentity, Reading
from dicom_sr import concepts, items
from dicom_sr.context import BuildContext
from dicom_sr.notice import notice_of, place_of
from dicom_sr.text import one_line


def document_context(model: ModelIdentity, context: BuildContext) -> list[ContentItem]:
    """Give the items that open a document: language, device observer, procedure reported."""
    return [
        items.code(concepts.LANGUAGE, concepts.ENGLISH, items.HAS_CONCEPT_MOD),
        *device_observer(model, context),
        items.code(concepts.PROCEDURE_REPORTED, concepts.IMAGING_PROCEDURE, items.HAS_CONCEPT_MOD),
    ]


def banner(reading: Reading, context: BuildContext) -> list[ContentItem]:
    """Give the comments that stand before anything else: the notice, and which film it is of."""
    said = (notice_of(reading, context), place_of(context))
    return [items.text(concepts.COMMENT, words, items.CONTAINS) for words in said if words]


def device_observer(model: ModelIdentity, context: BuildContext) -> list[ContentItem]:
    """Give the model as the observer (TID 1004)."""
    relationship = items.HAS_OBS_CONTEXT
    texts = (
        (concepts.DEVICE_OBSERVER_NAME, model.name),
        (concepts.DEVICE_OBSERVER_MANUFACTURER, context.manufacturer),
        (concepts.DEVICE_OBSERVER_MODEL_NAME, f"{model.family} {model.version}"),
        (concepts.DEVICE_OBSERVER_SERIAL_NUMBER, model.weights_sha256),
    )
    return [
        items.code(concepts.OBSERVER_TYPE, concepts.DEVICE, relationship),
        items.uid(concepts.DEVICE_OBSERVER_UID, model.uid, relationship),
        *(
            items.text(name, one_line(value), relationship)
            for name, value in texts
            if one_line(value)
        ),
    ]


def algorithm(model: ModelIdentity) -> list[ContentItem]:
    """Give the algorithm's identification (TID 4019)."""
    relationship = items.HAS_CONCEPT_MOD
    parameters = "; ".join(
        (
            f"family={model.family}",
            f"weights_sha256={model.weights_sha256}",
            f"dtype={model.dtype}",
            f"device={model.device}",
            f"prompt_version={model.prompt_version}",
            "certainty=probability that the finding is present",
        )
    )
    return [
        items.text(concepts.ALGORITHM_NAME, one_line(model.name) or "unnamed", relationship),
        items.text(concepts.ALGORITHM_VERSION, one_line(model.version) or "none", relationship),
        items.text(concepts.ALGORITHM_PARAMETERS, one_line(parameters), relationship),
    ]
