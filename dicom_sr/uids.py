"""UIDs of result objects and of their series.

A UID is derived from what the object is made of: the report version, the kind, the variant, what
it replaces and the builder's version. Doing a step twice makes the same object; another version
or another variant makes another one, in a series of its own.
"""

from collections.abc import Sequence

from core.states import ResultKind
from core.uids import derived_uid
from dicom_sr.context import BUILDER_VERSION, BuildContext

IMPLEMENTATION_CLASS_UID = derived_uid("implementation", "firstread")
"""PS3.7 D.3.3.2: who encoded the file."""


def _parts(
    version_id: str, kind: ResultKind, context: BuildContext, names: Sequence[str]
) -> tuple[str | int, ...]:
    replaced = (one.sop_instance_uid for one in context.replaced_by(kind))
    return (version_id, kind.value, context.variant.key, *replaced, *names)


def result_uid(
    version_id: str, kind: ResultKind, context: BuildContext, names: Sequence[str] = ()
) -> str:
    """Give the SOP Instance UID of a result object.

    Parameters
    ----------
    version_id
        Identity of the report version.
    kind
        Which of the objects made of it.
    context
        Its variant and what it replaces count; institution, zone,
        authorisation and the film's place in its study do not, so that a change of settings
        between two attempts cannot make a second object.
    names
        UIDs of the other results that it names: peers that get other kinds get another one.
    """
    return derived_uid("result", *_parts(version_id, kind, context, names), BUILDER_VERSION)


def series_uid(
    version_id: str, kind: ResultKind, context: BuildContext, names: Sequence[str] = ()
) -> str:
    """Give the Series Instance UID of a result object: one object, one series."""
    return derived_uid("series", *_parts(version_id, kind, context, names), BUILDER_VERSION)


def rejection_uid(rejected: Sequence[str], code: str, because: str, *, series: bool = False) -> str:
    """Give the SOP Instance UID, or the Series Instance UID, of a rejection note.

    Parameters
    ----------
    rejected
        SOP Instance UIDs that it rejects, in any order.
    code, because
        Why, as a code and in words.
    series
        Whether the series' UID is wanted.
    """
    what = "rejection-series" if series else "rejection"
    return derived_uid(what, code, because, *sorted(rejected), BUILDER_VERSION)
