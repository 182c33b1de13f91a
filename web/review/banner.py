"""What a report says of itself, in the words of the result objects."""

from core.reading import Reading
from core.report import ReportVersion
from core.settings import Settings
from dicom_sr.context import BuildContext
from dicom_sr.notice import banner_of


def banner(
    settings: Settings, reading: Reading, version: ReportVersion, *, authorised: bool
) -> list[str]:
    """Give the sentences that stand before a report, wherever it is shown or printed.

    Parameters
    ----------
    settings
        The whole tree.
    reading, version
        What the model said, and what stands.
    authorised
        Whether the site's authorisation of that model is recorded.
    """
    site = settings.site
    context = BuildContext(
        institution=site.institution, timezone=site.timezone, authorised=authorised
    )
    return banner_of(reading, version, context)
