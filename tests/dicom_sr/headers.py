"""Film headers, sound and odd, each read back from bytes as a real one would be."""

import warnings
from collections.abc import Mapping
from io import BytesIO
from typing import Any

from pydicom import dcmread, dcmwrite
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import (
    ComputedRadiographyImageStorage,
    DigitalXRayImageStorageForPresentation,
    ImplicitVRLittleEndian,
)

from dicom_sr.elements import put

ROWS, COLUMNS = 2048, 1760
_SOUND: dict[str, Any] = {
    "SpecificCharacterSet": "ISO_IR 100",
    "SOPClassUID": ComputedRadiographyImageStorage,
    "SOPInstanceUID": "1.2.826.0.1.3680043.8.498.1",
    "StudyInstanceUID": "1.2.826.0.1.3680043.8.498.2",
    "SeriesInstanceUID": "1.2.826.0.1.3680043.8.498.3",
    "StudyDate": "20260328",
    "StudyTime": "221500",
    "StudyID": "S1",
    "AccessionNumber": "A123",
    "StudyDescription": "Chest PA",
    "ReferringPhysicianName": "Referrer^Rita",
    "Modality": "CR",
    "PatientName": "Doe^Jane",
    "PatientID": "PID-1",
    "IssuerOfPatientID": "SITE",
    "PatientBirthDate": "19500102",
    "PatientSex": "F",
    "ViewPosition": "PA",
    "BodyPartExamined": "CHEST",
    "PatientOrientation": ["L", "F"],
    "SamplesPerPixel": 1,
    "PhotometricInterpretation": "MONOCHROME2",
    "Rows": ROWS,
    "Columns": COLUMNS,
    "BitsAllocated": 16,
    "BitsStored": 12,
    "HighBit": 11,
    "PixelRepresentation": 0,
    "ImagerPixelSpacing": ["0.2", "0.2"],
    "WindowCenter": "2048",
    "WindowWidth": "4096",
    "RescaleIntercept": "0",
    "RescaleSlope": "1",
}


def film_header(**changes: Any) -> Dataset:
    """Make a header; None takes an element out."""
    dataset = Dataset()
    for keyword, value in (_SOUND | changes).items():
        if value is None:
            continue
        try:
            put(dataset, keyword, value)
        except ValueError:  # words for a number: implicit VR writes them as a string all the same
            dataset.add_new(keyword, "LO", value)
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
    buffer = BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        dcmwrite(buffer, dataset, implicit_vr=True, little_endian=True)
        buffer.seek(0)
        return dcmread(buffer, force=True)


def lut_item(keyword_of_words: str = "LUTExplanation", **changes: Any) -> Dataset:
    """Make an item of a lookup table sequence: 4096 entries of 12 bits."""
    item = Dataset()
    values: Mapping[str, Any] = {
        "LUTDescriptor": [4096, 0, 12],
        "LUTData": b"".join(entry.to_bytes(2, "little") for entry in range(4096)),
        keyword_of_words: "NORMAL",
    } | changes
    for keyword, value in values.items():
        if keyword == "LUTDescriptor":
            item.add_new(keyword, "US" if min(value) >= 0 else "SS", value)
        elif keyword == "LUTData":
            item.add_new(keyword, "OW", value)
        else:
            put(item, keyword, value)
    return item


_BARE = dict.fromkeys(
    set(_SOUND)
    - {"SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID"}
    - {"Rows", "Columns", "PhotometricInterpretation"}
)
NASTY: dict[str, dict[str, Any]] = {
    "sound": {},
    "nearly everything missing": _BARE,
    "bad dates": {
        "StudyDate": "20261340",
        "StudyTime": "996100",
        "PatientBirthDate": "1950.13.01",
    },
    "words for dates": {"StudyDate": "today", "StudyTime": "noon", "PatientBirthDate": "?"},
    "window width 0": {"WindowWidth": "0"},
    "empty window": {"WindowCenter": "", "WindowWidth": ""},
    "window of words": {"WindowCenter": "wide", "WindowWidth": "open"},
    "two windows": {"WindowCenter": ["2048", "1500"], "WindowWidth": ["0", "2000"]},
    "table and window": {"VOILUTSequence": [lut_item()]},
    "short table": {"VOILUTSequence": [lut_item(LUTData=b"\0\1")]},
    "modality table": {
        "ModalityLUTSequence": [lut_item("ModalityLUTType")],
        "RescaleSlope": None,
        "RescaleIntercept": None,
    },
    "slope 0": {"RescaleSlope": "0"},
    "monochrome 1": {"PhotometricInterpretation": "MONOCHROME1"},
    "several character sets": {
        "SpecificCharacterSet": ["", "ISO 2022 IR 87"],
        "PatientName": "Yamada^Tarou=山田^太郎=やまだ^たろう",
    },
    "korean": {
        "SpecificCharacterSet": ["", "ISO 2022 IR 149"],
        "PatientName": "Hong^Gildong=洪^吉洞=홍^길동",
    },
    "arabic": {"SpecificCharacterSet": "ISO_IR 127", "PatientName": "قباني^لنزار"},
    "unknown character set": {"SpecificCharacterSet": "ISO_IR 999"},
    "pixels that are not square": {"ImagerPixelSpacing": ["0.2", "0.1"]},
    "aspect ratio": {"ImagerPixelSpacing": None, "PixelAspectRatio": [2, 1]},
    "aspect ratio 0": {"ImagerPixelSpacing": None, "PixelAspectRatio": [0, 0]},
    "negative spacing": {"ImagerPixelSpacing": ["-1", "0"]},
    "no orientation": {"PatientOrientation": None},
    "odd orientation": {"PatientOrientation": ["X", ""]},
    "digital X-ray": {"SOPClassUID": DigitalXRayImageStorageForPresentation, "Modality": "DX"},
    "markup for a name": {"PatientName": '<img src=x>^"; DROP TABLE--', "PatientID": "A/../"},
    "name of one group": {"PatientName": "^".join(["x" * 70] * 7)},
    "own offset": {"TimezoneOffsetFromUTC": "-0400"},
    "odd offset": {"TimezoneOffsetFromUTC": "summer"},
    "sex of words": {"PatientSex": "UNKNOWN"},
}
"""Changes to the sound header by what is odd about them."""
