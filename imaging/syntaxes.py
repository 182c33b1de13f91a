"""The transfer syntaxes whose pixels can be decoded, and by what (PS3.5 section 10 and annex A)."""

from typing import Final

from pydicom import uid

NATIVE: Final = frozenset(
    {
        uid.ImplicitVRLittleEndian,
        uid.ExplicitVRLittleEndian,
        uid.ExplicitVRBigEndian,
        uid.DeflatedExplicitVRLittleEndian,
    }
)
"""Those without a codec: nothing but Python and numpy touches their pixels."""
LOSSY: Final = frozenset(
    {
        uid.JPEGBaseline8Bit,
        uid.JPEGExtended12Bit,
        uid.JPEGLSNearLossless,
        uid.JPEG2000,
        uid.HTJ2K,
    }
)
"""Transfer syntaxes in which the decoded values may differ from those that were encoded."""
PLUGINS: Final = {
    uid.RLELossless: "pylibjpeg",
    uid.JPEGBaseline8Bit: "pylibjpeg",
    uid.JPEGExtended12Bit: "pylibjpeg",
    uid.JPEGLossless: "pylibjpeg",
    uid.JPEGLosslessSV1: "pylibjpeg",
    # CharLS takes a fifth of the time that libjpeg takes.
    uid.JPEGLSLossless: "pyjpegls",
    uid.JPEGLSNearLossless: "pyjpegls",
    uid.JPEG2000Lossless: "pylibjpeg",
    uid.JPEG2000: "pylibjpeg",
    uid.HTJ2KLossless: "pylibjpeg",
    uid.HTJ2KLosslessRPCL: "pylibjpeg",
    uid.HTJ2K: "pylibjpeg",
}
"""pydicom's plug-in for each compressed one."""
TRANSFER_SYNTAXES: Final = (*sorted(NATIVE), *PLUGINS)
"""Every transfer syntax whose pixels can be decoded."""


def is_lossy(transfer_syntax: str) -> bool:
    """Tell whether a transfer syntax may have altered the values."""
    return transfer_syntax in LOSSY
