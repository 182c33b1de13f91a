"""Shows whether a model folder can be trusted."""

from pathlib import Path

from commands.output import print_json, print_table
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
