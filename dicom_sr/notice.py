"""The banner that every result object carries."""

from core.reading import Reading
from dicom_sr.context import BuildContext

BANNER = "AI draft, research use, not a medical device"
"""Until the site's authorisation is recorded."""
AUTHORISED_NOTICE = "AI draft, not yet reviewed"
"""Once it is: a draft stays a draft."""
DEMO_NOTICE = "DEMO MODEL"


def notice_of(reading: Reading, context: BuildContext) -> str:
    """Give the banner of a reading's objects; at most 56 characters."""
    words = AUTHORISED_NOTICE if context.authorised else BANNER
    return f"{words}, {DEMO_NOTICE}" if reading.model.demo else words
