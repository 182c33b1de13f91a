"""Reads a report as most models write it: sections of plain words."""

import re
from typing import Final

from reader.answers import ReportAnswer
from reader.report_text import clean, sections
from reader.text_sense import check_sense

_EMPHASIS: Final = re.compile(r"\*\*|__|^[ \t]*#+[ \t]*|^[ \t]*[*\-\u2022][ \t]+", re.MULTILINE)


def plain_report(text: str) -> ReportAnswer:
    """Read a report; Markdown's marks are taken out, its words are left as they are.

    Raises
    ------
    UnparseableAnswerError
        If it has no words, is stuck, or is in no language that is known here.
    """
    plain = clean(_EMPHASIS.sub("", clean(text)))
    check_sense(plain, "report")
    return ReportAnswer(sections(plain))
