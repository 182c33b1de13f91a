"""The security profiles of PS3.15 that TLS follows here: which versions and which ciphers.

"bcp195" is section B.12, which asks for what RFC 8996 and RFC 9325 ask for: TLS 1.2 at least, and
of its suites those with forward secrecy (ECDHE) and authenticated encryption. "extended-bcp195" is
for section B.13, which allows no other; here it also asks for stronger keys of certificates. The
suites of TLS 1.3 are OpenSSL's own three (AES-GCM and ChaCha20-Poly1305): Python sets no others.
"""

import ssl
from collections.abc import Mapping
from typing import Final, Literal

Profile = Literal["bcp195", "extended-bcp195"]

CIPHERS: Final[Mapping[Profile, str]] = {
    "bcp195": (
        "@SECLEVEL=2:ECDHE+AESGCM:ECDHE+CHACHA20:ECDHE-ECDSA-AES256-CCM:ECDHE-ECDSA-AES128-CCM"
    ),
    "extended-bcp195": "@SECLEVEL=3:ECDHE+AESGCM:ECDHE+CHACHA20",
}
"""OpenSSL's cipher strings. Security level 2 asks for RSA keys of 2048 bits and elliptic curves of
224 in the certificates of both sides, level 3 for 3072 and 256; both refuse SHA-1 signatures."""


def restrict(context: ssl.SSLContext, profile: Profile) -> None:
    """Limit a context to a profile.

    Parameters
    ----------
    context
        Before its certificate is loaded, so that one with too weak a key is refused.
    profile
        Which.
    """
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(CIPHERS[profile])
    context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
