"""The one table of codes for what a model may say: labels, sites, sides, presence.

Public sources contradict each other on some of these, so each entry says how well it is known:

`Trust.DICTIONARY`
    In pydicom's copy of the standard's dictionaries (PS3.16 and the SNOMED subset of DICOM).
`Trust.SEEN`
    In at least one other public source of SNOMED CT with this meaning, not in the dictionaries.
`Trust.PRIVATE`
    No code was found that could be checked: one of our own scheme, so that nobody takes it for
    something that it may not mean.
"""

from dataclasses import dataclass
from enum import StrEnum

from pydicom.sr.coding import Code

from core.labels import Label, Side, Site
from core.reading import Presence

PRIVATE_SCHEME = "99FIRSTREAD"
"""PS3.3 section 8.2: private coding schemes begin with 99."""
PRIVATE_SCHEME_NAME = "FirstRead private codes"


class Trust(StrEnum):
    """How well a code is known."""

    DICTIONARY = "dictionary"
    SEEN = "seen"
    PRIVATE = "private"


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the table.

    Parameters
    ----------
    code
        Value, scheme and meaning.
    trust
        How well it is known.
    source
        Where it was looked up.
    """

    code: Code
    trust: Trust
    source: str


def _known(value: str, scheme: str, meaning: str, where: str) -> Entry:
    return Entry(Code(value, scheme, meaning), Trust.DICTIONARY, f"pydicom 3.0: {where}")


def _seen(value: str, meaning: str) -> Entry:
    return Entry(Code(value, "SCT", meaning), Trust.SEEN, "public SNOMED CT users, no dictionary")


def _private(value: str, meaning: str) -> Entry:
    return Entry(Code(value, PRIVATE_SCHEME, meaning), Trust.PRIVATE, "no public code was found")


LABELS: dict[Label, Entry] = {
    Label.ATELECTASIS: _seen("46621007", "Atelectasis"),
    # Never pydicom's codes.SCT.Cardiomegaly, which is a foetal septum.
    Label.CARDIOMEGALY: _seen("8186001", "Cardiomegaly"),
    Label.CONSOLIDATION: _seen("95436008", "Lung consolidation"),
    Label.EDEMA: _known("19242006", "SCT", "Pulmonary edema", "CID 3700"),
    Label.ENLARGED_CARDIOMEDIASTINUM: _private("ECM", "Enlarged cardiomediastinum"),
    # 125605004 is widely used for fracture of bone, yet also found with another meaning.
    Label.FRACTURE: _private("FRACTURE", "Fracture"),
    # Nodule (27925004) and mass (4147007) would each say more than the label, which means either.
    Label.LUNG_LESION: _known("52988006", "SCT", "Lesion", "CID 6335"),
    Label.LUNG_OPACITY: _known("112001", "DCM", "Opacity", "CID 6102"),
    Label.PLEURAL_EFFUSION: _known("60046008", "SCT", "Pleural effusion", "CID 8134"),
    Label.PLEURAL_OTHER: _private("PLEURAL-OTHER", "Other pleural abnormality"),
    Label.PNEUMONIA: _seen("233604007", "Pneumonia"),
    Label.PNEUMOTHORAX: _known("36118008", "SCT", "Pneumothorax", "CID 6102"),
    # The label does not tell which device: neither do we.
    Label.SUPPORT_DEVICES: _known("111102", "DCM", "Non-lesion", "CID 6101"),
}

SITES: dict[Site, Entry] = {
    Site.LUNG: _known("39607008", "SCT", "Lung", "CID 4"),
    Site.UPPER_ZONE: _known("281392002", "SCT", "Upper zone of lung", "CID 6124"),
    Site.MIDDLE_ZONE: _known("281393007", "SCT", "Middle zone of lung", "CID 6124"),
    Site.LOWER_ZONE: _known("281394001", "SCT", "Lower zone of lung", "CID 6124"),
    Site.APEX: _known("86598002", "SCT", "Apex of Lung", "CID 4"),
    Site.HILUM: _known("46750007", "SCT", "Hilum of lung", "CID 6102"),
    Site.MEDIASTINUM: _known("72410000", "SCT", "Mediastinum", "CID 4"),
    Site.HEART: _known("80891009", "SCT", "Heart", "CID 4009"),
    Site.AORTIC_ARCH: _known("112102", "DCM", "Aortic knob", "CID 6102"),
    Site.TRACHEA: _known("44567001", "SCT", "Trachea", "CID 4"),
    Site.CARINA: _known("28700002", "SCT", "Carina", "CID 6102"),
    Site.DIAPHRAGM: _known("5798000", "SCT", "Diaphragm", "CID 6102"),
    Site.PLEURA: _known("3120008", "SCT", "Pleura", "CID 7151"),
    Site.CHEST_WALL: _known("78904004", "SCT", "Chest wall", "CID 6129"),
    Site.RIB: _known("113197003", "SCT", "Rib", "CID 4"),
    Site.CLAVICLE: _known("51299004", "SCT", "Clavicle", "CID 4"),
    Site.SPINE: _known("421060004", "SCT", "Spine", "CID 4"),
}

CHEST = _known("816094009", "SCT", "Chest", "CID 4031")
"""The site of a finding of which only the side is known."""

SIDES: dict[Side, Entry] = {
    Side.LEFT: _known("7771000", "SCT", "Left", "CID 244"),
    Side.RIGHT: _known("24028007", "SCT", "Right", "CID 244"),
    Side.BILATERAL: _known("51440002", "SCT", "Bilateral", "CID 244"),
}

PRESENCES: dict[Presence, Entry] = {
    Presence.PRESENT: _known("52101004", "SCT", "Present", "CID 240"),
    Presence.ABSENT: _known("272519000", "SCT", "Absent", "CID 240"),
    Presence.UNCERTAIN: _known("373068000", "SCT", "Undetermined", "CID 240"),
}

NORMAL = _known("17621005", "SCT", "Normal", "CID 222")
ABNORMAL = _known("263654008", "SCT", "Abnormal", "CID 222")
NORMALITY_UNDETERMINED = _known("371934000", "SCT", "Normality Undetermined", "CID 222")

VIEWS: dict[str, Entry] = {
    "PA": _known("272479007", "SCT", "postero-anterior", "CID 4010"),
    "AP": _known("399348003", "SCT", "antero-posterior", "CID 4010"),
}
"""By the value of View Position."""

MODALITIES: dict[str, Entry] = {
    "CR": _known("CR", "DCM", "Computed Radiography", "CID 29"),
    "DX": _known("DX", "DCM", "Digital Radiography", "CID 29"),
}
"""By the value of Modality."""
