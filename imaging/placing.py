"""From the stored matrix to the picture that is read, and back: exact both ways."""

from dataclasses import dataclass

from core.reading import Box

Edges = tuple[float, float, float, float]
"""Left, top, right, bottom in pixels of a picture; 0, 0 is the top-left corner of its top-left
pixel, so that the right edge of the last column is the width."""


@dataclass(frozen=True, slots=True)
class Placing:
    """Where a picture lies on the stored matrix of its film.

    The picture shows the whole matrix, upright as it is stored, and is stretched along one axis
    where stored pixels are not square. So the fractions of a `Box` hold for both, and no model
    and no result needs to know of the stretching.

    Parameters
    ----------
    rows, columns
        Size of the stored matrix.
    height, width
        Size of the picture in pixels.

    Raises
    ------
    ValueError
        If one of them is below 1.
    """

    rows: int
    columns: int
    height: int
    width: int

    def __post_init__(self) -> None:
        if min(self.rows, self.columns, self.height, self.width) < 1:
            message = f"nothing can be placed: {self}"
            raise ValueError(message)

    def on_picture(self, box: Box) -> Edges:
        """Give a box in pixels of the picture."""
        return _times(box, self.width, self.height)

    def on_matrix(self, box: Box) -> Edges:
        """Give a box in pixels of the stored matrix."""
        return _times(box, self.columns, self.rows)

    def from_picture(self, edges: Edges) -> Box:
        """Make a box of edges in pixels of the picture.

        Raises
        ------
        ValueError
            If they enclose nothing, or lie outside.
        """
        return _over(edges, self.width, self.height)

    def from_matrix(self, edges: Edges) -> Box:
        """Make a box of edges in pixels of the stored matrix; raises as `from_picture` does."""
        return _over(edges, self.columns, self.rows)


def _times(box: Box, width: int, height: int) -> Edges:
    return box.x1 * width, box.y1 * height, box.x2 * width, box.y2 * height


def _over(edges: Edges, width: int, height: int) -> Box:
    left, top, right, bottom = edges
    return Box(left / width, top / height, right / width, bottom / height)
