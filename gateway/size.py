"""Refuses pictures that claim more pixels than anybody's film has, before they are decoded."""

from pydicom.dataset import Dataset

from imaging.numbers import whole_number


def refuse_huge(header: Dataset, maximum_pixels: int) -> str | None:
    """Give the reason why a picture is too large, None where it is not.

    Parameters
    ----------
    header
        The object's header; one that is no picture has no size.
    maximum_pixels
        The largest Rows x Columns x Number of Frames.

    Returns
    -------
    str or None
        The reason in words.
    """
    total = 1
    for keyword in ("Rows", "Columns", "NumberOfFrames"):
        total *= max(whole_number(header, keyword) or 1, 1)
    if total <= maximum_pixels:
        return None
    return f"{total} pixels, and at most {maximum_pixels} are accepted"
