"""UIDs that are the same whenever they stand for the same thing.

A result object's UID is derived from what it was made of, so that doing a step twice makes the
same object and no peer ever gets two objects for one.
"""

import uuid

_NAMESPACE = uuid.UUID("8d3f6f0e-6c55-5a58-9e0b-7f3c1f2a7b61")
MAX_UID_LENGTH = 64
"""PS3.5 section 9.1."""


def derived_uid(*parts: str | int) -> str:
    """Derive a UID from the parts that identify a thing.

    Parameters
    ----------
    *parts
        What identifies the thing, in a fixed order; the order and the division into parts count.

    Returns
    -------
    str
        A UUID-derived UID under the root 2.25 (PS3.5 annex B.2), at most 44 characters.

    Raises
    ------
    ValueError
        If no part is given: such a UID would stand for everything.
    """
    if not parts:
        message = "a derived UID needs at least one part"
        raise ValueError(message)
    name = "\x1f".join(f"{len(str(part))}:{part}" for part in parts)
    return f"2.25.{uuid.uuid5(_NAMESPACE, name).int}"


def is_uid(text: str) -> bool:
    """Tell whether a text is a UID by PS3.5 section 9.1.

    Leading zeros in a component, which real equipment writes, are let through: a UID is
    compared as a text and never repaired.
    """
    return 0 < len(text) <= MAX_UID_LENGTH and all(
        part.isascii() and part.isdigit() for part in text.split(".")
    )


def only_uid(text: str) -> str:
    """Give a UID as it is, and nothing for what is none: a sender may have put a name there.

    For logs, and for rows of what was not understood.
    """
    return text if is_uid(text) else ""
