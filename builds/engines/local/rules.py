"""What the network that steps have may reach, as rules of nftables, and how a step comes into it: pure.

Everything private is closed: loopback and the addresses of this machine, private networks, link-local with the metadata
of clouds. Open are public addresses, networks that an administrator names, and, for BuildKit itself alone, registries
at the very address and port that KubeOrch has judged.
Sources: nft(8); slirp4netns(1), "Internet connectivity"; IANA, "IPv4 Special-Purpose Address Registry"; CNI
specification 1.0, "Section 2: Execution Protocol".
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Iterable

TAP = "tap0"
"""The way out: slirp4netns."""
CIDR = "100.125.0.0/24"
NAMESERVER = "100.125.0.3"
"""Asks whoever this machine asks. Source: slirp4netns(1): the third address of its network."""
PLUGIN = "kubeorch-steps"
LOOPBACK = "loopback"
CLOSED = (
    *("10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.0.0.0/24", "192.168.0.0/16", "198.18.0.0/15"),
    *("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "192.88.99.0/24"),
)
NEVER = (
    *("127.0.0.0/8", "169.254.0.0/16", "100.100.100.200/32", "168.63.129.16/32", "192.0.0.192/32"),
    *("0.0.0.0/8", "224.0.0.0/4", "240.0.0.0/4"),
)
"""Not even where an administrator names a network around it: what is this machine's own, metadata of clouds, and what
is not an address of a machine. `clusters.addresses.NEVER` has the same."""
_REFUSED = "reject with icmp type admin-prohibited"


def rules(own: Iterable[str], open_networks: Iterable[str]) -> str:
    """For `nft -f`: the whole table. `own` are the addresses of this machine, `open_networks` those that steps may
    reach although they are private; what is no IPv4 is left out, since there is no way to it."""
    never = [*NEVER, *_ipv4(own)]
    return f"""table inet kubeorch {{
  set never {{ type ipv4_addr; flags interval; auto-merge; {_elements(never)} }}
  set closed {{ type ipv4_addr; flags interval; auto-merge; {_elements(CLOSED)} }}
  set open {{ type ipv4_addr; flags interval; auto-merge; {_elements(_ipv4(open_networks))} }}
  set registries {{ type ipv4_addr . inet_service; }}
  chain out {{
    ip daddr {NAMESERVER} meta l4proto {{ tcp, udp }} th dport 53 accept
    ip daddr @never {_REFUSED}
    ip daddr @open accept
    ip daddr @closed {_REFUSED}
    meta nfproto ipv4 accept
  }}
  chain input {{
    type filter hook input priority 0; policy drop;
    iifname "lo" accept
    ct state established,related accept
  }}
  chain forward {{
    type filter hook forward priority 0; policy drop;
    ct state established,related accept
    iifname "s*" oifname "{TAP}" jump out
  }}
  chain output {{
    type filter hook output priority 0; policy drop;
    oifname "lo" accept
    ct state established,related accept
    ip daddr . tcp dport @registries accept
    oifname "{TAP}" jump out
  }}
  chain hidden {{
    type nat hook postrouting priority srcnat;
    oifname "{TAP}" masquerade
  }}
}}
"""


def never_more(own: Iterable[str]) -> str:
    """For `nft -f`: addresses that this machine has got since."""
    return f"add element inet kubeorch never {{ {', '.join(_ipv4(own))} }}\n"


def registries(places: Iterable[tuple[str, int]]) -> str:
    """For `nft -f`: all registries that BuildKit may reach at private addresses, in place of those before."""
    rows = sorted({f"{address} . {port}" for address, port in places if _ipv4([address])})
    added = f"add element inet kubeorch registries {{ {', '.join(rows)} }}\n" if rows else ""
    return f"flush set inet kubeorch registries\n{added}"


def is_closed(address: str) -> bool:
    """Whether BuildKit reaches it only where it is told to."""
    one = ipaddress.ip_address(address)
    return any(one in ipaddress.ip_network(text) for text in (*CLOSED, *NEVER))


def step_network() -> str:
    """The configuration of the plugin."""
    return json.dumps({"cniVersion": "1.0.0", "name": PLUGIN, "type": PLUGIN})


def _ipv4(networks: Iterable[str]) -> list[str]:
    found = (ipaddress.ip_network(text, strict=False) for text in networks)
    return [str(one) for one in found if one.version == 4]


def _elements(networks: Iterable[str]) -> str:
    listed = ", ".join(networks)
    return f"elements = {{ {listed} }}" if listed else ""
