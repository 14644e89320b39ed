"""What a text becomes where Compose wants a number or a boolean.

Source: Compose Specification, 12-interpolation.md; which attributes: Docker Compose.
"""

from __future__ import annotations

import re
import struct

from imports.domain.compose.tree import rules_of

_INTEGER = re.compile(r"[-+]?[0-9]+\Z", re.ASCII)
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z", re.ASCII)
_TRUE = ("true", "y", "yes", "on")
_FALSE = ("false", "n", "no", "off")


def integer(text: str) -> int:
    """A whole number of 64 bits. Raises ValueError, as the others do."""
    if not _INTEGER.match(text) or len(text) > 20 or not -(2**63) <= (value := int(text)) < 2**63:
        raise ValueError(f"{text[:60]!r} is not a whole number")
    return value


def number(text: str) -> float:
    if not _FLOAT.match(text) or len(text) > 60:
        raise ValueError(f"{text[:60]!r} is not a number")
    return float(text)


def number_32(text: str) -> float:
    return as_32(number(text))


def as_32(value: float) -> float:
    """The number with the digits that 32 bits keep: 0.1 stays 0.1."""
    try:
        packed = struct.pack("f", value)
    except OverflowError:
        raise ValueError(f"{value!r} is too large") from None
    exact: float = struct.unpack("f", packed)[0]
    return next(short for digits in range(1, 18) if struct.pack("f", short := float(f"{exact:.{digits}g}")) == packed)


def boolean(text: str) -> bool:
    lowered = text.lower()
    if lowered in _TRUE or lowered in _FALSE:
        return lowered in _TRUE
    raise ValueError(f"{text[:60]!r} is not a boolean; write true or false")


_OF_SERVICES = {
    integer: (
        "cpu_count cpu_period cpu_quota cpu_rt_period cpu_rt_runtime cpu_shares deploy.replicas "
        "deploy.update_config.parallelism deploy.rollback_config.parallelism deploy.restart_policy.max_attempts "
        "deploy.placement.max_replicas_per_node healthcheck.retries oom_score_adj pids_limit ports.*.target scale "
        "ulimits.* ulimits.*.hard ulimits.*.soft"
    ),
    number: "cpu_percent deploy.update_config.max_failure_ratio deploy.rollback_config.max_failure_ratio",
    number_32: "cpus",
    boolean: (
        "init healthcheck.disable oom_kill_disable privileged read_only stdin_open tty volumes.*.read_only "
        "volumes.*.volume.nocopy"
    ),
}
_OF_RESOURCES = (
    "networks.*.external networks.*.internal networks.*.attachable networks.*.enable_ipv4 networks.*.enable_ipv6 "
    "volumes.*.external secrets.*.external configs.*.external"
)
CASTS = rules_of(
    {f"services.*.{name}": cast for cast, names in _OF_SERVICES.items() for name in names.split()}
    | dict.fromkeys(_OF_RESOURCES.split(), boolean)
)
