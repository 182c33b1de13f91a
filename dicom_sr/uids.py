"""UIDs of result objects and of their series.

A UID is derived from what the object is made of: the report version, the kind, the variant and
the builder's version. Doing a step twice makes the same object; another version or another
variant makes another one, in a series of its own.
"""

from core.states import ResultKind
from core.uids import derived_uid
from dicom_sr.context import BUILDER_VERSION, BuildContext

IMPLEMENTATION_CLASS_UID = derived_uid("implementation", "firstread")
"""PS3.7 D.3.3.2: who encoded the file."""


def _parts(version_id: str, kind: ResultKind, context: BuildContext) -> tuple[str | int, ...]:
    return (version_id, kind.value, context.variant.key, context.series_number_base)


def result_uid(version_id: str, kind: ResultKind, context: BuildContext) -> str:
    """Give the SOP Instance UID of a result object.

    Parameters
    ----------
    version_id
        Identity of the report version.
    kind
        Which of the objects made of it.
    context
        Its variant and series numbers count; institution, zone and authorisation do not, so
        that a change of settings between two attempts cannot make a second object.
    """
    return derived_uid("result", *_parts(version_id, kind, context), BUILDER_VERSION)


def series_uid(version_id: str, kind: ResultKind, context: BuildContext) -> str:
    """Give the Series Instance UID of a result object: one object, one series."""
    return derived_uid("series", *_parts(version_id, kind, context), BUILDER_VERSION)
