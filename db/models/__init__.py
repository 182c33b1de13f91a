"""The tables, one module for each part of a film's way."""

from db.models.audit import AuditAction, AuditEvent, AuditHead
from db.models.base import Base
from db.models.film import Instance, Quarantine, Rejection, SignedReport, Study
from db.models.job import Job
from db.models.peer import Peer, Retrieval
from db.models.policy import PolicyRow
from db.models.reading import FindingRow, ReadingRow, ReportVersionRow, ReviewRow
from db.models.result import Commitment, Delivery, Recall, ResultObject
from db.models.worker import WorkerRow

__all__ = [
    "AuditAction",
    "AuditEvent",
    "AuditHead",
    "Base",
    "Commitment",
    "Delivery",
    "FindingRow",
    "Instance",
    "Job",
    "Peer",
    "PolicyRow",
    "Quarantine",
    "ReadingRow",
    "Recall",
    "Rejection",
    "ReportVersionRow",
    "ResultObject",
    "Retrieval",
    "ReviewRow",
    "SignedReport",
    "Study",
    "WorkerRow",
]
