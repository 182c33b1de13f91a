"""Whether what the model stated stands beside the text of a report version.

A person's text is the person's. Nobody can tell by its words what else it says, so that no
statement of the model may stand under a person's name unless the text is the model's, too.
"""

from core.reading import Reading
from core.report import ReportKind, ReportVersion
from dicom_sr.text import paragraphs


def keeps_statements(reading: Reading, version: ReportVersion) -> bool:
    """Tell whether the model's statements stand in a version's documents.

    They do in the draft's, and in those of a version whose person accepted the draft's own text.
    They never do beside an edited text, nor where a person accepted what another one wrote.

    Parameters
    ----------
    reading
        The draft.
    version
        The text, and whose it is.
    """
    match version.kind:
        case ReportKind.DRAFT:
            return True
        case ReportKind.EDITED:
            return False
        case ReportKind.ACCEPTED:
            draft = reading.report
            return paragraphs(version.findings) == paragraphs(draft.findings) and (
                paragraphs(version.impression) == paragraphs(draft.impression)
            )
