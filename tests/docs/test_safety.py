"""The tests that docs/safety.md names for each promise exist."""

import ast
import re
from pathlib import Path

_ROOT = Path(__file__).parents[2]
_DOCUMENT = (_ROOT / "docs" / "safety.md").read_text()
_NAMED = re.compile(r"^- `(tests/[\w/]+\.py)::(test_\w+)`$", re.MULTILINE)


def _promises() -> list[str]:
    section = _DOCUMENT.split("\n## Promises\n", 1)[1].split("\n## ", 1)[0]
    return section.split("\n### ")[1:]


def test_every_promise_names_tests_that_exist() -> None:
    promises = _promises()
    assert len(promises) >= 10
    for promise in promises:
        named = _NAMED.findall(promise)
        assert named, promise
        for file, name in named:
            tree = ast.parse((_ROOT / file).read_text())
            functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
            assert name in functions, f"{file}::{name}"
