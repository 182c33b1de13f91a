"""What a machine without a model of its own imports brings no torch along; each in a new process.

import-linter holds the same for modules that never load weights; a worker does, but not before it
knows its engine.
"""

import subprocess
import sys
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    "modules",
    ["reader.registry, reader.remote_reader, reader.second_reader", "worker.child, worker.model"],
)
def test_neither_torch_nor_transformers_is_imported(modules: str) -> None:
    told = f"import sys, {modules}; print(sorted({{'torch', 'transformers'}} & sys.modules.keys()))"
    run = subprocess.run(
        [sys.executable, "-c", told], cwd=_ROOT, capture_output=True, text=True, check=False
    )
    assert (run.returncode, run.stdout, run.stderr) == (0, "[]\n", "")
