"""The names of what a model may find: labels, anatomical sites, sides.

The labels are RadVLM's thirteen abnormality labels, in its own spelling (its training answers
list them in lower case); "No Finding" is no label but the negative answer to all of them.
"""

from enum import StrEnum


class Label(StrEnum):
    """An abnormality label; the value is the model's own spelling."""

    ATELECTASIS = "atelectasis"
    CARDIOMEGALY = "cardiomegaly"
    CONSOLIDATION = "consolidation"
    EDEMA = "edema"
    ENLARGED_CARDIOMEDIASTINUM = "enlarged cardiomediastinum"
    FRACTURE = "fracture"
    LUNG_LESION = "lung lesion"
    LUNG_OPACITY = "lung opacity"
    PLEURAL_EFFUSION = "pleural effusion"
    PLEURAL_OTHER = "pleural other"
    PNEUMONIA = "pneumonia"
    PNEUMOTHORAX = "pneumothorax"
    SUPPORT_DEVICES = "support devices"


class Side(StrEnum):
    """The patient's side, never the picture's."""

    LEFT = "left"
    RIGHT = "right"
    BILATERAL = "bilateral"


class Site(StrEnum):
    """An anatomical site; each has a code in dicom_sr's table."""

    LUNG = "lung"
    UPPER_ZONE = "upper lung zone"
    MIDDLE_ZONE = "mid lung zone"
    LOWER_ZONE = "lower lung zone"
    APEX = "apical zone"
    HILUM = "hilar structures"
    MEDIASTINUM = "mediastinum"
    HEART = "cardiac silhouette"
    AORTIC_ARCH = "aortic arch"
    TRACHEA = "trachea"
    CARINA = "carina"
    DIAPHRAGM = "hemidiaphragm"
    PLEURA = "pleura"
    CHEST_WALL = "chest wall"
    RIB = "rib"
    CLAVICLE = "clavicle"
    SPINE = "spine"


DEFAULT_SITE: dict[Label, Site | None] = {
    Label.ATELECTASIS: Site.LUNG,
    Label.CARDIOMEGALY: Site.HEART,
    Label.CONSOLIDATION: Site.LUNG,
    Label.EDEMA: Site.LUNG,
    Label.ENLARGED_CARDIOMEDIASTINUM: Site.MEDIASTINUM,
    Label.FRACTURE: None,
    Label.LUNG_LESION: Site.LUNG,
    Label.LUNG_OPACITY: Site.LUNG,
    Label.PLEURAL_EFFUSION: Site.PLEURA,
    Label.PLEURAL_OTHER: Site.PLEURA,
    Label.PNEUMONIA: Site.LUNG,
    Label.PNEUMOTHORAX: Site.PLEURA,
    Label.SUPPORT_DEVICES: None,
}
"""Where a label lies when the model says nothing of the place; None where that is unknown."""

UNPAIRED: frozenset[Label] = frozenset(
    {Label.CARDIOMEGALY, Label.ENLARGED_CARDIOMEDIASTINUM, Label.SUPPORT_DEVICES}
)
"""Labels of midline or unpaired structures: a side says nothing of them."""
