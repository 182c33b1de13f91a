"""A conversation in a family's own turns."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Prompt:
    """A conversation as the model's tokenizer is to see it, cut where the film's tokens stand.

    Parameters
    ----------
    before, after
        The texts on either side. The special tokens of the family's own turns are in them.
    """

    before: str
    after: str
