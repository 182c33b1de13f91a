"""The front door imports core, and a command only when it is called.

import-linter cannot hold this, since it sees packages only. How the commands behave is tested in
tests/commands.
"""

import ast
from pathlib import Path

import firstread

_SOURCE = Path(firstread.__file__)


def _top_level_imports(tree: ast.Module) -> set[str]:
    names = set()
    for node in tree.body:
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            names.add(str(node.module).split(".")[0])
    return names


def test_it_imports_a_little_of_core_and_commands_only_when_called() -> None:
    tree = ast.parse(_SOURCE.read_text())
    late = {
        str(node.module).split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node not in tree.body
    }
    assert late == {"commands"}
    assert _top_level_imports(tree) <= {
        "commands",
        "core",
        "os",
        "pathlib",
        "sys",
        "typer",
        "typing",
    }
