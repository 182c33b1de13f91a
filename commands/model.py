"""Checks and calibrates a model folder, and makes folders of what publishers give out."""

from pathlib import Path

from commands.output import console, print_json, print_table, printable
from evaluation.calibrate import calibrate_file
from reader.convert.llava_rad import convert_llava_rad as convert_parts
from reader.load import load_reader
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
        rows = [(what, _words(value)) for what, value in card.items()]
        print_table(f"Model {path}", ("what", "value"), rows)
    return bool(card["passed"])


def _words(value: object) -> object:
    """Give a list as a line, and what is not known as such."""
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "not known" if value is None else value


def convert_llava_rad(adapter: Path, base: Path, out: Path) -> None:
    """Make a folder of LLaVA-Rad's published parts and its base model.

    Raises
    ------
    ModelFolderError
        If a part is missing or wrong; then no folder is made.
    """
    convert_parts(adapter, base, out, console().print)
    made = printable(out)
    console().print(f"{made} is made; firstread model check {made} tests it")


def calibrate(
    path: Path, scores: Path, out: Path, *, dtype: str, system_prompt: bool, as_json: bool
) -> None:
    """Fit a site's calibration to scores that a model gave, and print how reliable they are.

    Raises
    ------
    ModelFolderError
        If the folder may not be trusted.
    SettingsError
        If the scores' file has a bad row, or too few films for any label.
    """
    model = load_reader(path, dtype=dtype, system_prompt=system_prompt).identity
    told = calibrate_file(
        scores,
        out,
        weights_sha256=model.weights_sha256,
        prompt_version=model.prompt_version,
        dtype=model.dtype,
    )
    if as_json:
        print_json(told)
        return
    columns = ("films", "present", "ece_before", "ece_after", "brier_before", "brier_after")
    print_table(
        f"Calibration {told['calibration']}",
        ("label", *columns, "left out"),
        [
            (label, *(row.get(column, "") for column in columns), row.get("left_out", ""))
            for label, row in told["labels"].items()
        ],
    )
