"""Shows whether a model folder can be trusted, and makes folders of what publishers give out."""

from pathlib import Path

from commands.output import console, print_json, print_table
from reader.convert.llava_rad import convert_llava_rad as convert_parts
from reader.model_check import check_model


def check(path: Path, *, as_json: bool) -> bool:
    """Load a folder, test the model and print its card.

    Returns
    -------
    bool
        Whether the model passed its self-test.

    Raises
    ------
    ModelFolderError
        If the folder may not be trusted at all.
    """
    card = check_model(path)
    if as_json:
        print_json(card)
    else:
        print_table(f"Model {path}", ("what", "value"), card.items())
    return bool(card["passed"])


def convert_llava_rad(adapter: Path, base: Path, out: Path) -> None:
    """Make a folder of LLaVA-Rad's published parts and its base model.

    Raises
    ------
    ModelFolderError
        If a part is missing or wrong; then no folder is made.
    """
    convert_parts(adapter, base, out, console().print)
    console().print(f"{out} is made; firstread model check {out} tests it")
