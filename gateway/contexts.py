"""The SOP classes and transfer syntaxes of the listener's presentation contexts."""

from collections.abc import Iterable

from pydicom.uid import (
    HTJ2K,
    JPEG2000,
    BasicTextSRStorage,
    Comprehensive3DSRStorage,
    ComprehensiveSRStorage,
    DeflatedExplicitVRLittleEndian,
    EncapsulatedPDFStorage,
    EnhancedSRStorage,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    GrayscaleSoftcopyPresentationStateStorage,
    HTJ2KLossless,
    HTJ2KLosslessRPCL,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEGLSNearLossless,
    KeyObjectSelectionDocumentStorage,
    RLELossless,
    SecondaryCaptureImageStorage,
)
from pynetdicom import build_context, register_uid
from pynetdicom.presentation import PresentationContext
from pynetdicom.service_class import ServiceClass, StorageServiceClass
from pynetdicom.sop_class import uid_to_service_class

VERIFICATION = "1.2.840.10008.1.1"
"""SOP Class UID of C-ECHO, PS3.4 section A.4."""

TRANSFER_SYNTAXES: tuple[str, ...] = (
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEGLSNearLossless,
    JPEG2000Lossless,
    JPEG2000,
    RLELossless,
    HTJ2KLossless,
    HTJ2KLosslessRPCL,
    HTJ2K,
)
"""All that the imaging package decodes."""

RESULT_CLASSES: frozenset[str] = frozenset(
    {
        Comprehensive3DSRStorage,
        ComprehensiveSRStorage,
        EncapsulatedPDFStorage,
        EnhancedSRStorage,
        GrayscaleSoftcopyPresentationStateStorage,
        KeyObjectSelectionDocumentStorage,
        SecondaryCaptureImageStorage,
    }
)
"""Classes of our own results: always negotiated, since a refusal would jam an automatic route
that brings them back."""

DOCUMENT_CLASSES: frozenset[str] = frozenset(
    {
        BasicTextSRStorage,
        Comprehensive3DSRStorage,
        ComprehensiveSRStorage,
        EnhancedSRStorage,
        KeyObjectSelectionDocumentStorage,
    }
)
"""Classes of rejection notes and signed reports: always negotiated, since a refused one would leave
a draft of a rejected film, or send one after the report."""


def supported_contexts(classes: Iterable[str]) -> list[PresentationContext]:
    """Build what a caller may negotiate.

    Parameters
    ----------
    classes
        Storage classes; Verification is added to them.

    Returns
    -------
    list of pynetdicom.presentation.PresentationContext
        One for each class, with every transfer syntax that can be decoded.
    """
    contexts = [build_context(VERIFICATION)]
    for uid in sorted(set(classes)):
        _know(uid)
        contexts.append(build_context(uid, list(TRANSFER_SYNTAXES)))
    return contexts


def _know(uid: str) -> None:
    """Make pynetdicom treat a private or newer class as storage; it would abort otherwise."""
    if uid_to_service_class(uid) is ServiceClass:
        register_uid(uid, f"Storage_{uid.replace('.', '_')}", StorageServiceClass)
