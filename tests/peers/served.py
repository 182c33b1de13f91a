"""A real `transformers serve` with the demonstration model on the CPU, for the tests' session.

`transformers serve` loads a folder's whole processor, and that of LLaVA-OneVision holds one for
videos which wants torchvision. The folder that is served is therefore a copy whose processor is
LLaVA-NeXT's: it makes the same image tokens where a film is one tile, and has no videos. Weights,
tokenizer, chat template and image processor are the demonstration model's own.
"""

import json
import shutil
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from evaluation.servers.process import ServerProcess, free_port
from reader.model_folder import DEMO_MODEL

_PROCESSOR = "LlavaNextProcessor"
_STARTING = 120.0


@pytest.fixture(scope="session")
def served_model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Give the URL of the server, and the model's name there."""
    folder = tmp_path_factory.mktemp("served")
    served = servable_copy(folder / "demo")
    port = free_port()
    url = f"http://127.0.0.1:{port}"

    def ready() -> bool:
        try:
            with urllib.request.urlopen(f"{url}/health", timeout=5) as answer:  # noqa: S310 - our own server
                return bool(answer.status == 200)
        except urllib.error.URLError:
            return False

    cache = folder / "cache"
    cache.mkdir()
    server = ServerProcess(
        [
            *(Path(sys.executable).with_name("transformers"), "serve", served),
            *("--host", "127.0.0.1", "--port", str(port)),
            *("--device", "cpu", "--dtype", "float32"),
        ],
        folder / "serve.log",
        ready,
        environment={
            "HF_HUB_OFFLINE": "1",
            "HF_HUB_CACHE": str(cache),
            # Short steps are lost on threads that wait for each other.
            "OMP_NUM_THREADS": "1",
        },
    )
    server.start(_STARTING)
    yield url, str(served)
    server.stop()


def servable_copy(target: Path) -> Path:
    """Copy the demonstration model's folder, with a processor that needs no torchvision."""
    shutil.copytree(DEMO_MODEL, target)
    processor = json.loads((target / "processor_config.json").read_text())
    patch = json.loads((target / "config.json").read_text())["vision_config"]["patch_size"]
    kept = ("vision_feature_select_strategy", "image_token", "image_processor")
    changed = {name: processor[name] for name in kept}
    changed |= {"processor_class": _PROCESSOR, "patch_size": patch}
    changed["image_processor"]["processor_class"] = _PROCESSOR
    (target / "processor_config.json").write_text(json.dumps(changed))
    plain = json.loads((target / "preprocessor_config.json").read_text())
    (target / "preprocessor_config.json").write_text(
        json.dumps(plain | {"processor_class": _PROCESSOR})
    )
    return target
