"""The numbers at the heads of the worklist's parts."""

from db.worklist_counts import WorklistCounts


def counts_to_json(counts: WorklistCounts) -> dict[str, int]:
    """Give numbers as plain JSON values."""
    return {
        "drafts": sum(counts.drafts.values()),
        "no_result": sum(counts.no_result.values()),
        "overdue": counts.overdue,
    }
