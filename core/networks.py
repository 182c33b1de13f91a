"""Networks by their purpose, as the settings' defaults name them."""

from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Final

Network = IPv4Network | IPv6Network

LOOPBACK: Final[tuple[Network, ...]] = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
"""This very machine (RFC 1122, RFC 4291)."""
ANY_NETWORK: Final[tuple[Network, ...]] = (ip_network("0.0.0.0/0"), ip_network("::/0"))
PRIVATE_NETWORKS: Final[tuple[Network, ...]] = tuple(
    ip_network(text)
    for text in (
        "127.0.0.0/8",
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "169.254.0.0/16",
        "::1/128",
        "fc00::/7",
        "fe80::/10",
    )
)
"""This machine (RFC 1122, RFC 4291), and addresses that no router of the internet passes on
(RFC 1918, RFC 3927, RFC 4193)."""
