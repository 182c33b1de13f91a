"""The front door stays thin: what `firstread` imports before a subcommand is called.

import-linter cannot hold this, since it sees packages only. How the subcommands behave is tested
beside each of them.
"""

import ast
import subprocess
import sys
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
    assert _top_level_imports(tree) <= {"core", "typer", "typing", "sys", "pathlib"}


def test_help_loads_nothing_heavy() -> None:
    """Time is not measured here: what costs it is named instead, and is the same everywhere."""
    heavy = {"alembic", "celery", "highdicom", "numpy", "pydantic", "pydicom", "pynetdicom"}
    heavy |= {"sqlalchemy", "structlog", "torch", "transformers"}
    script = (
        "import sys, typer.testing, firstread\n"
        "result = typer.testing.CliRunner().invoke(firstread.app, ['--help'])\n"
        "assert result.exit_code == 0, result.output\n"
        "print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        check=True,
        capture_output=True,
        text=True,
        cwd=_SOURCE.parent,
    )
    assert not heavy & set(done.stdout.split())
