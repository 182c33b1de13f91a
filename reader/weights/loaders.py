"""Which loader takes which family's folders.

Apart from the families themselves, so that whoever wants a family's words, or asks a model
elsewhere, waits for no torch.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import torch

from reader.engines.local_model import LocalModel
from reader.families.llava_rad import LLAVA_RAD
from reader.families.maira2 import MAIRA2
from reader.families.medgemma import MEDGEMMA, MEDGEMMA_1_5
from reader.families.radvlm import RADVLM
from reader.weights.llava_rad import load_llava_rad
from reader.weights.maira2 import load_maira2
from reader.weights.medgemma import load_medgemma
from reader.weights.onevision import load_onevision

Loader = Callable[[Path, torch.device, torch.dtype], LocalModel]
"""Loads a folder's weights, tokenizer and image processor.

Raises `ModelFolderError` if anything is missing, left over, of another shape, or not said by the
folder, and `OutOfMemoryError` if the device has no room for it.
"""
LOADERS: Final[Mapping[str, Loader]] = {
    RADVLM.key: load_onevision,
    MEDGEMMA.key: load_medgemma,
    MEDGEMMA_1_5.key: load_medgemma,
    LLAVA_RAD.key: load_llava_rad,
    MAIRA2.key: load_maira2,
}
"""By the family's key."""
