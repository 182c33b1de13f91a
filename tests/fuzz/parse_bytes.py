"""Coverage-guided fuzzing of the parser's path, where atheris is installed.

`python -m tests.fuzz.parse_bytes tests/fuzz/corpus -max_total_time=600` runs for ten minutes and
writes what it finds new into the folder; an input that makes something escape is written beside it
as `crash-...`. What was found that way, and is small, is kept in the folder, and read again by
test_corpus.py.
"""

import sys
import tempfile
import warnings
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["pydicom", "gateway", "imaging"]):
    from tests.fuzz.parsing import parse

_PLACE = Path(tempfile.mkdtemp(prefix="firstread-fuzz-")) / "received"


def main() -> None:
    """Fuzz until the limits on the command line."""
    # pydicom warns of each odd value, which is all that there is here.
    warnings.simplefilter("ignore")
    atheris.Setup(sys.argv, lambda data: parse(data, _PLACE))
    atheris.Fuzz()


if __name__ == "__main__":
    main()
