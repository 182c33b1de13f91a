"""Small folders of each family in its published layout, made once; tests alter copies."""

from pathlib import Path

import pytest
import torch

from reader.convert.llava_rad import convert_llava_rad
from tests.reader.weights.small_llava_rad import save_small_adapter, save_small_base
from tests.reader.weights.small_maira2 import save_small_maira2
from tests.reader.weights.small_medgemma import save_small_medgemma


@pytest.fixture(autouse=True, scope="session")
def _one_thread() -> None:
    """Models this small lose more on waking threads than they win."""
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def family_folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A folder by the family's key; LLaVA-Rad's is a converted one."""
    home = tmp_path_factory.mktemp("families")
    convert_llava_rad(
        save_small_adapter(home / "adapter"), save_small_base(home / "base"), home / "llava_rad"
    )
    return {
        "llava_rad": home / "llava_rad",
        "maira2": save_small_maira2(home / "maira2"),
        "medgemma_1_5": save_small_medgemma(home / "medgemma"),
    }
