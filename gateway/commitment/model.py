"""The Storage Commitment Push Model SOP Class, and how it is negotiated (PS3.4 annex J)."""

from typing import Final

from pydicom.uid import UID, ExplicitVRLittleEndian, ImplicitVRLittleEndian
from pynetdicom import build_context
from pynetdicom.presentation import PresentationContext

PUSH_MODEL: Final = "1.2.840.10008.1.20.1"
"""SOP Class UID."""
PUSH_MODEL_INSTANCE: Final = "1.2.840.10008.1.20.1.1"
"""The one well-known SOP Instance UID of that class (PS3.4 section J.3.5)."""


def proposed_context() -> PresentationContext:
    """Give the context that is proposed to whoever is asked."""
    return build_context(PUSH_MODEL, _syntaxes())


def offered_context() -> PresentationContext:
    """Give the context on which a peer that calls may report.

    It is the provider there though it calls, which it proposes by role selection (PS3.7 section
    D.3.3.4). FirstRead is no archive: as the provider it is offered to nobody.
    """
    context = build_context(PUSH_MODEL, _syntaxes())
    context.scu_role, context.scp_role = False, True
    return context


def _syntaxes() -> list[str | UID]:
    return [ExplicitVRLittleEndian, ImplicitVRLittleEndian]
