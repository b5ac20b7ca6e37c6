"""An address about to be connected becomes a yes or a no: feeds and pages come from the public Internet only.

The check is made on the socket's own address, after DNS and at each hop, so that no spelling of an address, no DNS
answer and no redirect goes around it. What is private and yet meant (an RSSHub beside the bot) is let in by name:
GUETTEUR_FETCH_ALLOW, as networks (10.0.0.0/8) or host:port. Pure, no I/O.

Networks from the IANA special-purpose registries
(https://www.iana.org/assignments/iana-ipv4-special-registry, …/iana-ipv6-special-registry), written out because
`ipaddress.is_global` changed between Python versions and calls some multicast and tunnel addresses global.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

from bot.errors import ConfigError, Problem

SETTING = "GUETTEUR_FETCH_ALLOW"

_CLOSED_V4 = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this host
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # carrier-grade NAT; holds a cloud's metadata at 100.100.100.200
        "127.0.0.0/8",  # loopback
        "168.63.129.16/32",  # a cloud's metadata at a public address
        "169.254.0.0/16",  # link-local; holds the clouds' metadata at 169.254.169.254
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # IETF protocols
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
)
_OPEN_V6 = IPv6Network("2000::/3")  # the only block given out as public: the rest is closed without being named
_CLOSED_V6 = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # IETF protocols: Teredo, ORCHID, benchmarks
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: an IPv4 address inside
        "3fff::/20",  # documentation
    )
)


@dataclass(frozen=True, slots=True)
class Allowed:
    """What may be fetched although it is private."""

    networks: tuple[IPv4Network | IPv6Network, ...] = ()
    hosts: frozenset[tuple[str, int]] = frozenset()


def read_allowed(entries: Iterable[str]) -> Allowed:
    """Networks and host:port as GUETTEUR_FETCH_ALLOW holds them. Raises ConfigError with each entry that is neither."""
    networks: list[IPv4Network | IPv6Network] = []
    hosts: set[tuple[str, int]] = set()
    problems = []
    for entry in entries:
        try:
            networks.append(ip_network(entry, strict=False))
            continue
        except ValueError:
            host, _, port = entry.rpartition(":")
        if host and "/" not in host and port.isdecimal() and 0 < int(port) < 65_536:
            hosts.add((host.strip("[]").lower(), int(port)))
        else:
            problems.append(
                Problem(
                    SETTING, 0, f"« {entry} » n’est ni un réseau ni un hôte:port", "écrivez 10.0.0.0/8 ou rsshub:1200"
                )
            )
    if problems:
        raise ConfigError(tuple(problems))
    return Allowed(tuple(networks), frozenset(hosts))


@lru_cache(maxsize=4_096)  # the same hosts are asked again and again
def may_connect(address: str, allowed: Allowed = Allowed()) -> bool:
    """Whether a socket may be opened to this IP address, as `getaddrinfo` spells it (a zone `%eth0` may follow)."""
    try:
        ip = _unwrapped(ip_address(address.partition("%")[0]))
    except ValueError:
        return False
    return _is_public(ip) or any(ip.version == network.version and ip in network for network in allowed.networks)


def _unwrapped(ip: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """::ffff:127.0.0.1 is 127.0.0.1: the kernel connects there."""
    return ip.ipv4_mapped or ip if isinstance(ip, IPv6Address) else ip


def _is_public(ip: IPv4Address | IPv6Address) -> bool:
    if isinstance(ip, IPv4Address):
        return not any(ip in network for network in _CLOSED_V4)
    return ip in _OPEN_V6 and not any(ip in network for network in _CLOSED_V6)
