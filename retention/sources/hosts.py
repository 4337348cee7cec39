"""Which machines a business database may stand on: an allow-list, and addresses that no list lets in (pure but DNS)."""

import re
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

IP = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Resolve = Callable[[str, int], Sequence[str]]

LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
LONGEST_NAME = 253
MOST_ADDRESSES = 4  # of one name; a connection tries each in turn
METADATA = frozenset(map(ip_address, ("169.254.169.254", "fd00:ec2::254", "100.100.100.200", "168.63.129.16")))
THIS_NETWORK = IPv4Network("0.0.0.0/8")


@dataclass(frozen=True, slots=True)
class HostRule:
    """One entry of the allow-list: a name, all names under a suffix, or a network; for one port, or for all (0)."""

    name: str = ""
    suffix: str = ""
    network: Network | None = None
    port: int = 0

    def admits(self, host: str, ip: IP, port: int) -> bool:
        if self.port and self.port != port:
            return False
        if self.network is not None:
            return ip in self.network
        if ip.is_loopback and self.name != "localhost":  # a name must not lead back into this machine
            return False
        return host == self.name if self.name else host.endswith(self.suffix) and len(host) > len(self.suffix)


def read_rules(entries: Sequence[str]) -> tuple[HostRule, ...]:
    """Read `host`, `host:port`, `*.suffix`, an IP or a network in CIDR notation; ValueError names a wrong entry."""
    return tuple(_rule(entry.strip().lower()) for entry in entries if entry.strip())


def _rule(entry: str) -> HostRule:
    place, port = _port_apart(entry)
    try:
        return HostRule(network=ip_network(place), port=port)
    except ValueError:
        pass
    if place.startswith("*.") and is_name(place[2:]):
        return HostRule(suffix=place[1:], port=port)
    if is_name(place):
        return HostRule(name=place.removesuffix("."), port=port)
    raise ValueError(f"“{entry}” is neither a host name, *.suffix, an IP address nor a network such as 10.0.0.0/8.")


def _port_apart(entry: str) -> tuple[str, int]:
    """Split `host:port`, `[::1]:port`, `10.0.0.0/8:port`; an IPv6 address with a port stands in brackets."""
    if entry.startswith("["):
        place, _bracket, port = entry[1:].partition("]")
        port = port.removeprefix(":")
    elif entry.count(":") == 1:
        place, _colon, port = entry.partition(":")
    else:
        place, port = entry, ""
    if port and not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise ValueError(f"“{entry}” does not end with a port between 1 and 65535.")
    return place, int(port or 0)


def is_name(host: str) -> bool:
    """Whether this is a host name, and not some spelling of a number that resolvers read as an address."""
    labels = host.removesuffix(".").split(".")
    last = labels[-1]
    spells_a_number = last.isdigit() or re.fullmatch(r"0x[0-9a-f]*", last) is not None
    return len(host) <= LONGEST_NAME and all(map(LABEL.fullmatch, labels)) and not spells_a_number


def plain(ip: IP) -> IP:
    """Return the IPv4 address that is written as IPv6, where it is one."""
    return (ip.ipv4_mapped or ip) if isinstance(ip, IPv6Address) else ip


def is_never_allowed(ip: IP) -> bool:
    """Whether no list lets this address in: link-local, metadata of a cloud, multicast, reserved, a tunnel."""
    if ip.is_loopback:
        return False  # ::1 lies in a reserved block
    if isinstance(ip, IPv4Address) and ip in THIS_NETWORK:
        return True
    if isinstance(ip, IPv6Address) and (ip.sixtofour or ip.teredo):  # they lead to an IPv4 address that they hide
        return True
    return ip in METADATA or ip.is_link_local or ip.is_multicast or ip.is_unspecified or ip.is_reserved


def resolve(host: str, port: int) -> Sequence[str]:
    """Return the addresses of a name, as the machine's resolver gives them; OSError where it gives none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def allowed_addresses(host: str, port: int, rules: Sequence[HostRule], *, resolve: Resolve = resolve) -> list[str]:
    """Return the addresses to connect to; empty: refused, since one of them is not admitted by any rule.

    A name of which one address is let in and another is not is refused: who answers for it could switch between them.
    """
    try:
        given = [ip_address(host)]
    except ValueError:
        given = [ip_address(found) for found in resolve(host, port)] if is_name(host) else []
    ips = [plain(ip) for ip in given]
    let_in = all(not is_never_allowed(ip) and any(rule.admits(host, ip, port) for rule in rules) for ip in ips)
    return [str(ip) for ip in ips[:MOST_ADDRESSES]] if let_in else []
