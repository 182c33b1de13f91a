"""Which presentation contexts a peer's results need, whichever of them goes first.

An association that is opened for one result carries the peer's other results, too: so all that it
may get is proposed at once.
"""

from collections.abc import Collection, Mapping
from typing import Final

from pydicom.uid import (
    UID,
    Comprehensive3DSRStorage,
    ComprehensiveSRStorage,
    EncapsulatedPDFStorage,
    EnhancedSRStorage,
    ExplicitVRLittleEndian,
    GrayscaleSoftcopyPresentationStateStorage,
    ImplicitVRLittleEndian,
    KeyObjectSelectionDocumentStorage,
    SecondaryCaptureImageStorage,
)
from pynetdicom import build_context
from pynetdicom.presentation import PresentationContext

from core.states import ResultKind
from gateway.contexts import VERIFICATION

CLASSES: Final[Mapping[ResultKind, tuple[UID, ...]]] = {
    # Both: whoever refuses the first tells at once whether it takes the second.
    ResultKind.FINDINGS_SR: (Comprehensive3DSRStorage, ComprehensiveSRStorage),
    ResultKind.REPORT_SR: (EnhancedSRStorage,),
    ResultKind.GSPS: (GrayscaleSoftcopyPresentationStateStorage,),
    ResultKind.SECONDARY_CAPTURE: (SecondaryCaptureImageStorage,),
    ResultKind.KEY_OBJECTS: (KeyObjectSelectionDocumentStorage,),
    ResultKind.PDF: (EncapsulatedPDFStorage,),
    ResultKind.REJECTION: (KeyObjectSelectionDocumentStorage,),
}
"""The classes in which each kind may be sent."""
OTHER_CLASS: Final[Mapping[str, str]] = {Comprehensive3DSRStorage: ComprehensiveSRStorage}
"""By class: the one in which the same result can be built for a peer that does not take it."""
_SYNTAXES: Final[list[str | UID]] = [ExplicitVRLittleEndian, ImplicitVRLittleEndian]


def result_contexts(
    kinds: Collection[str], classes: Collection[str] = ()
) -> list[PresentationContext]:
    """Give what is proposed to a peer.

    Parameters
    ----------
    kinds
        What it gets, as values of `ResultKind`; those that are no DICOM objects need nothing.
    classes
        SOP classes of what waits for it, whatever its row says by now.

    Returns
    -------
    list of pynetdicom.presentation.PresentationContext
        One for each class, and one for Verification, which keeps the association alive where all
        others are refused, so that each object gets its own words.
    """
    of_kinds = {uid for kind in kinds for uid in CLASSES.get(ResultKind(kind), ())}
    return [
        build_context(VERIFICATION, _SYNTAXES),
        *(build_context(uid, _SYNTAXES) for uid in sorted(of_kinds | set(classes))),
    ]
