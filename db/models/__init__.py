"""The tables, one module for each part of a film's way."""

from db.models.account import (
    Account,
    ApiToken,
    BreakGlass,
    FailedSignIn,
    OneTimeLink,
    Restriction,
    SignIn,
)
from db.models.audit import AuditAction, AuditEvent, AuditHead
from db.models.base import Base
from db.models.film import Instance, Quarantine, Rejection, SignedReport, Study
from db.models.job import Job
from db.models.peer import Peer, Retrieval
from db.models.policy import ModelRow, ModelStanding, PolicyRow, TriagePolicyRow
from db.models.reading import (
    FindingRow,
    PositiveFlag,
    ReadingRow,
    ReportVersionRow,
    ReviewRow,
)
from db.models.result import Commitment, Delivery, Recall, ResultObject
from db.models.room import (
    ChatEvent,
    ChatTurn,
    FindingVerdict,
    Opening,
    UnsignedEdit,
)
from db.models.worker import WorkerRow

__all__ = [
    "Account",
    "ApiToken",
    "AuditAction",
    "AuditEvent",
    "AuditHead",
    "Base",
    "BreakGlass",
    "ChatEvent",
    "ChatTurn",
    "Commitment",
    "Delivery",
    "FailedSignIn",
    "FindingRow",
    "FindingVerdict",
    "Instance",
    "Job",
    "ModelRow",
    "ModelStanding",
    "OneTimeLink",
    "Opening",
    "Peer",
    "PolicyRow",
    "PositiveFlag",
    "Quarantine",
    "ReadingRow",
    "Recall",
    "Rejection",
    "ReportVersionRow",
    "Restriction",
    "ResultObject",
    "Retrieval",
    "ReviewRow",
    "SignIn",
    "SignedReport",
    "Study",
    "TriagePolicyRow",
    "UnsignedEdit",
    "WorkerRow",
]
