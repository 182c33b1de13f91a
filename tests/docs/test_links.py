"""Links between the documents lead somewhere, and commands that they name exist.

What the documents say is not checked here, save for docs/conformance.md beside this file.
"""

import re
from pathlib import Path

import pytest
import typer.main

import firstread

_ROOT = Path(__file__).parents[2]
_DOCUMENTS = [_ROOT / "README.md", *sorted((_ROOT / "docs").rglob("*.md"))]
_LINK = re.compile(r"\]\(([^)#\s]*)(#[^)\s]*)?\)")
_COMMAND = re.compile(r"(?:`|^|&& )firstread ((?:[a-z][a-z-]* ?)+)", re.MULTILINE)


def _anchors(document: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", document.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", _DOCUMENTS, ids=lambda path: str(path.relative_to(_ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    for target, anchor in _LINK.findall(document.read_text()):
        if target.startswith(("http://", "https://")):
            continue
        path = (document.parent / target).resolve() if target else document
        assert path.exists(), target
        assert not anchor or anchor.removeprefix("#") in _anchors(path), target + anchor


@pytest.mark.parametrize("document", _DOCUMENTS, ids=lambda path: str(path.relative_to(_ROOT)))
def test_commands_exist(document: Path) -> None:
    for words in _COMMAND.findall(document.read_text()):
        node: object = typer.main.get_command(firstread.app)
        for word in words.split():
            if not isinstance(node, typer.core.TyperGroup):
                break
            assert word in node.commands, f"firstread {words}"
            node = node.commands[word]


def test_decisions_are_numbered_without_a_gap() -> None:
    records = sorted((_ROOT / "docs" / "adr").glob("*.md"))
    for number, record in enumerate(records, start=1):
        assert record.name.startswith(f"{number:04d}-")
        assert record.read_text().startswith(f"# {number}. ")
