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


def place_of(context: BuildContext) -> str | None:
    """Say which of the study's films a document is of; None where it is the only one."""
    place = context.place
    if place is None or place.of == 1:
        return None
    preferred = ", the preferred one" if place.number == 1 else ""
    return (
        f"Draft of one of {place.of} frontal films of this study: "
        f"{f'{place.view}, ' if place.view else ''}number {place.number}{preferred}"
    )
