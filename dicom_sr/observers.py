"""What opens a document: in what language, who observed, and the banner.

A draft has one observer, the model (TID 1004). What a person accepted or wrote names that person
first (TID 1003), and the model beside it.
"""

from pydicom.dataset import Dataset

from core.reading import ModelIdentity, Reading
from core.report import ReportVersion
from dicom_sr import concepts, items
from dicom_sr.context import BuildContext
from dicom_sr.notice import banner_of
from dicom_sr.text import one_line, person_name


def language(context: BuildContext) -> Dataset:
    """Give the language of a document (TID 1204): that of its headings and of the banner."""
    return items.code(concepts.LANGUAGE, context.wording.language, items.HAS_CONCEPT_MOD)


def procedure_reported() -> Dataset:
    """Give the procedure that a document reports."""
    return items.code(
        concepts.PROCEDURE_REPORTED, concepts.IMAGING_PROCEDURE, items.HAS_CONCEPT_MOD
    )


def observers(version: ReportVersion, model: ModelIdentity, context: BuildContext) -> list[Dataset]:
    """Give who observed (TID 1002): the person, where one accepted or wrote it, and the model."""
    return [*_person_observer(version, context), *device_observer(model, context)]


def banner(reading: Reading, version: ReportVersion, context: BuildContext) -> list[Dataset]:
    """Give the comments that stand before anything else."""
    return [
        items.text(concepts.COMMENT, words, items.CONTAINS)
        for words in banner_of(reading, version, context)
    ]


def in_own_language(item: Dataset, context: BuildContext) -> Dataset:
    """Say of words that are English whatever the document's language is, that they are.

    All families of models speak English, and so do the checks.
    """
    if context.wording.language.value.split("-")[0] == concepts.ENGLISH.value:
        return item
    spoken = items.code(concepts.LANGUAGE, concepts.ENGLISH, items.HAS_CONCEPT_MOD)
    return items.with_children(item, [spoken, *item.get("ContentSequence", ())])


def device_observer(model: ModelIdentity, context: BuildContext) -> list[Dataset]:
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


def algorithm(model: ModelIdentity) -> list[Dataset]:
    """Give the algorithm's identification (TID 4019)."""
    relationship = items.HAS_CONCEPT_MOD
    parameters = "; ".join(
        (
            f"family={model.family}",
            f"weights_sha256={model.weights_sha256}",
            f"dtype={model.dtype}",
            f"device={model.device}",
            f"prompt_version={model.prompt_version}",
            *([f"calibration={model.calibration}"] if model.calibration else []),
            "scores=probability that the finding is present",
        )
    )
    return [
        items.text(concepts.ALGORITHM_NAME, one_line(model.name) or "unnamed", relationship),
        items.text(concepts.ALGORITHM_VERSION, one_line(model.version) or "none", relationship),
        items.text(concepts.ALGORITHM_PARAMETERS, one_line(parameters), relationship),
    ]


def _person_observer(version: ReportVersion, context: BuildContext) -> list[Dataset]:
    if version.author is None:
        return []
    relationship = items.HAS_OBS_CONTEXT
    found: list[Dataset] = [
        items.code(concepts.OBSERVER_TYPE, concepts.PERSON, relationship),
        items.person(concepts.PERSON_OBSERVER_NAME, person_name(version.author), relationship),
    ]
    if context.institution:
        organization = concepts.PERSON_OBSERVER_ORGANIZATION
        found.append(items.text(organization, context.institution, relationship))
    return found
