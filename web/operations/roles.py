"""Who may use what of operations."""

from typing import Final

from core.accounts import AccountRole

ADMINISTRATOR: Final = (AccountRole.ADMINISTRATOR,)
AUDITOR: Final = (AccountRole.AUDITOR,)
"""The audit holds patient data, and tells what administrators did: it is for auditors alone."""
