"""The names by which a model may call a label, as list entries and not as free text.

Beside its thirteen labels RadVLM knows the names of VinDr-CXR, which it was taught to ground.
"""

from typing import Final

from core.labels import Label

_VINDR: Final = {
    "pleural thickening": Label.PLEURAL_OTHER,
    "aortic enlargement": Label.ENLARGED_CARDIOMEDIASTINUM,
    "nodule/mass": Label.LUNG_LESION,
    "nodule": Label.LUNG_LESION,
    "mass": Label.LUNG_LESION,
    "lung cavity": Label.LUNG_LESION,
    "lung cyst": Label.LUNG_LESION,
    "infiltration": Label.LUNG_OPACITY,
    "rib fracture": Label.FRACTURE,
    "clavicle fracture": Label.FRACTURE,
}
_PLURALS: Final = {
    "fractures": Label.FRACTURE,
    "lung lesions": Label.LUNG_LESION,
    "lung opacities": Label.LUNG_OPACITY,
    "pleural effusions": Label.PLEURAL_EFFUSION,
    "consolidations": Label.CONSOLIDATION,
    "support device": Label.SUPPORT_DEVICES,
    "pulmonary edema": Label.EDEMA,
}
_NAMES: Final = {label.value: label for label in Label} | _VINDR | _PLURALS
_ARTICLES: Final = ("a ", "an ", "the ")


def label_called(name: str) -> Label | None:
    """Give the label that a list entry names, None where it names none.

    Only whole names count: a name that merely contains a label may say its opposite.
    """
    plain = " ".join(name.lower().split()).strip(" .:,;")
    for article in _ARTICLES:
        plain = plain.removeprefix(article)
    return _NAMES.get(plain)
