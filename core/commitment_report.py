"""What a peer reports of a request for storage commitment."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from core.commitment import failure_reason


@dataclass(frozen=True, slots=True)
class Reference:
    """An object that a report names: another class under the same UID is another object."""

    sop_class_uid: str
    uid: str


@dataclass(frozen=True, slots=True)
class CommitmentReport:
    """The result of one transaction (PS3.4 section J.3.3).

    Parameters
    ----------
    transaction_uid
        Of the request that it answers.
    kept
        What the peer commits itself to keep.
    failed
        What it does not, each with its Failure Reason (0008,1197).

    Raises
    ------
    ValueError
        If it names nothing, or an object in both.
    """

    transaction_uid: str
    kept: frozenset[Reference]
    failed: Mapping[Reference, int]

    def __post_init__(self) -> None:
        if not self.kept and not self.failed:
            message = f"the report of {self.transaction_uid} names no object"
            raise ValueError(message)
        both = {one.uid for one in self.kept} & {one.uid for one in self.failed}
        if both:
            message = f"committed and failed at once: {', '.join(sorted(both))}"
            raise ValueError(message)

    @property
    def references(self) -> frozenset[Reference]:
        """All that it names."""
        return self.kept | self.failed.keys()

    def summary(self) -> str:
        """Say it for an administrator: the same report gives the same words."""
        counts = Counter(self.failed.values())
        parts = [f"{len(self.kept)} committed"] if self.kept else []
        parts += [f"{counts[code]} not: {failure_reason(code)}" for code in sorted(counts)]
        return ", ".join(parts)
