"""The one inversion."""

from core.errors import NotReadError
from imaging.layout import Layout


def is_inverted(layout: Layout) -> bool:
    """Tell whether the lowest value is the brightest.

    Only Photometric Interpretation decides. Presentation LUT Shape says the same a second time
    in DX and is missing in CR: acting on both would invert one of them twice, or one not at all.

    Raises
    ------
    NotReadError
        If the picture is no greyscale one, or does not say which.
    """
    if layout.samples == 1 and layout.photometric in {"MONOCHROME1", "MONOCHROME2"}:
        return layout.photometric == "MONOCHROME1"
    if layout.photometric and not layout.photometric.startswith("MONOCHROME"):
        message = f"a colour picture ({layout.photometric[:16]}), no radiograph"
    else:
        message = "the picture does not say which of its values are bright"
    raise NotReadError(message)
