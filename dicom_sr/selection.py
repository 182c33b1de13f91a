"""What key object selections share, rejection notes among them (PS3.3 A.35.4, PS3.16 TID 2010)."""

from collections.abc import Iterable, Sequence

from pydicom.dataset import Dataset
from pydicom.sr.coding import Code

from dicom_sr import items
from dicom_sr.elements import hierarchical_reference, put

_NAMELESS = frozenset({"COMPOSITE", "IMAGE"})


def add_selection(
    dataset: Dataset,
    title: Code,
    content: Sequence[Dataset],
    study_uid: str,
    references: Iterable[tuple[str, Dataset]],
) -> None:
    """Make a begun object a key object selection.

    Parameters
    ----------
    dataset
        With everything but its content; changed in place.
    title
        Why the objects are selected (CID 7010).
    content
        The items below it.
    study_uid
        The study in which all that is selected lies.
    references
        Series Instance UID and reference of each of them.
    """
    put(dataset, "ReferencedPerformedProcedureStepSequence", [])
    put(dataset, "ContentDate", dataset.InstanceCreationDate)
    put(dataset, "ContentTime", dataset.InstanceCreationTime)
    evidence = hierarchical_reference(study_uid, references)
    put(dataset, "CurrentRequestedProcedureEvidenceSequence", [evidence])
    root = items.container(title, content, relationship=None, template="2010")
    for item in root.ContentSequence:
        # References of this template have no name.
        if item.ValueType in _NAMELESS:
            del item.ConceptNameCodeSequence
    for element in root:
        dataset[element.tag] = element
