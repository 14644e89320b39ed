"""Formats of text parameters: the test of a text, and words for what is allowed.

The tests are the API server's own rules.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable

from kubeorch.base import names
from kubeorch.base.records import record


@record
class Format:
    accepts: Callable[[str], bool]
    allowed: str
    """What a text may look like; completes the sentence "use …"."""
    max_length: int | None = None
    longest: int = 4096
    """Characters beyond which a text is refused before it is examined."""

    @property
    def expected(self) -> str:
        """`allowed` and the limit of the length."""
        return self.allowed if self.max_length is None else with_limit(self.allowed, self.max_length)


def with_limit(allowed: str, max_length: int) -> str:
    return f"{allowed} (max {max_length} characters)"


_IMAGE = re.compile(
    r"(?:(?:[A-Za-z0-9](?:[-A-Za-z0-9.]*[A-Za-z0-9])?|\[[0-9a-fA-F:]+\])(?::[0-9]{1,5})?/)?"
    r"[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*)*"
    r"(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?:@[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[0-9a-fA-F]{32,})?\Z",
    re.ASCII,
)
_PERCENT = re.compile(r"[0-9]{1,5}%\Z", re.ASCII)
_DURATION = re.compile(r"(?:[0-9]+(?:\.[0-9]+)?(?:ns|us|µs|ms|s|m|h|d))+\Z")
_TIME_ZONE = re.compile(r"[A-Za-z]+(?:[/_+-][A-Za-z0-9]+)*\Z", re.ASCII)

_MONTHS = {
    name: i + 1
    for i, name in enumerate(["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"])
}
_DAYS = {name: i for i, name in enumerate(["sun", "mon", "tue", "wed", "thu", "fri", "sat"])}
_CRON_FIELDS: tuple[tuple[int, int, dict[str, int]], ...] = (
    (0, 59, {}),
    (0, 23, {}),
    (1, 31, {}),
    (1, 12, _MONTHS),
    (0, 6, _DAYS),
)
_BUILD_PIN = re.compile(r"(?:#?[1-9][0-9]{0,8}|sha256:[0-9a-f]{64})\Z", re.ASCII)
_CRON_WORDS = {"@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"}


def is_image(text: str) -> bool:
    """An image reference: registry, path, tag and digest. Only the registry and the tag may have upper-case letters."""
    return len(text) <= 1024 and _IMAGE.match(text) is not None


def is_cron(text: str) -> bool:
    """Five fields or a macro, as the CronJob controller reads them. Source: Kubernetes docs, "CronJob"."""
    if text in _CRON_WORDS:
        return True
    if text.startswith("@every "):
        return _DURATION.match(text.removeprefix("@every ").strip()) is not None
    fields = text.split()
    return len(fields) == 5 and all(map(_is_cron_field, fields, _CRON_FIELDS))


def _is_cron_field(text: str, limits: tuple[int, int, dict[str, int]]) -> bool:
    return all(_is_cron_range(part, *limits) for part in text.split(","))


def _is_cron_range(text: str, low: int, high: int, words: dict[str, int]) -> bool:
    span, slash, step = text.partition("/")
    if slash and not (step.isascii() and step.isdigit() and len(step) <= 3 and int(step) > 0):
        return False
    if span in ("*", "?"):
        return True
    ends = [_cron_number(end, words) for end in span.split("-")]
    return (
        len(ends) <= 2
        and all(end is not None and low <= end <= high for end in ends)
        and (len(ends) == 1 or (ends[0] or 0) <= (ends[1] or 0))
    )


def _cron_number(text: str, words: dict[str, int]) -> int | None:
    if text.isascii() and text.isdigit() and len(text) <= 3:
        return int(text)
    return words.get(text.lower())


def is_cidr(text: str) -> bool:
    """IPv4 or IPv6 with a prefix length."""
    if "/" not in text or "%" in text:
        return False
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return "." not in text.rpartition("/")[2]


def is_ip(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return "%" not in text


def is_host(text: str) -> bool:
    """A DNS name, with `*.` allowed before it."""
    return names.is_dns_subdomain(text.removeprefix("*.")) and not is_ip(text)


def is_absolute_path(text: str) -> bool:
    return text.startswith("/") and len(text) <= 4096 and "\n" not in text


def is_mount_path(text: str) -> bool:
    """Where a volume is mounted in a container; runtimes would read `:` as a separator."""
    return bool(text) and ":" not in text and len(text) <= 4096 and "\n" not in text


def is_inner_path(text: str) -> bool:
    """A path inside a volume: relative, without `..`."""
    return bool(text) and not text.startswith("/") and ".." not in text.split("/") and "\n" not in text


def is_percent(text: str) -> bool:
    return _PERCENT.match(text) is not None


def is_build_pin(text: str) -> bool:
    return _BUILD_PIN.match(text) is not None


def is_capability(text: str) -> bool:
    return re.match(r"[A-Z][A-Z0-9_]{1,40}\Z", text) is not None


def is_duration(text: str) -> bool:
    return _DURATION.match(text) is not None


def is_time_zone(text: str) -> bool:
    return len(text) <= 64 and text != "Local" and _TIME_ZONE.match(text) is not None


def is_line(text: str) -> bool:
    return bool(text.strip())


def is_path_segment(text: str) -> bool:
    """Source: Kubernetes docs, "Object Names and IDs", section "Path Segment Names"."""
    return text not in ("", ".", "..") and "/" not in text and "%" not in text and text.isprintable()


FORMATS: dict[str, Format] = {
    "path_segment": Format(is_path_segment, "a name without / and %, such as system:monitoring", 253),
    "image": Format(is_image, "an image such as nginx:1.27 or registry.example.com/team/app@sha256:…, without spaces"),
    "dns_label": Format(names.is_dns_label, "lower-case letters, digits and dashes, with no dash at either end", 63),
    "dns_1035_label": Format(
        names.is_dns_1035_label,
        "lower-case letters, digits and dashes, starting with a letter and not ending with a dash",
        63,
    ),
    "dns_subdomain": Format(
        names.is_dns_subdomain, "lower-case letters, digits, dashes and dots, with a letter or digit at both ends", 253
    ),
    "host": Format(is_host, "a DNS name such as shop.example.com or *.example.com"),
    "ip": Format(is_ip, "an IPv4 or IPv6 address"),
    "cidr": Format(is_cidr, "an address range such as 10.0.0.0/8 or 2001:db8::/32"),
    "cron": Format(
        is_cron, "five fields (minute, hour, day, month, weekday) such as 0 3 * * 1-5, or a macro such as @daily"
    ),
    "time_zone": Format(is_time_zone, "a time zone name such as Europe/Berlin or Etc/UTC"),
    "path": Format(is_absolute_path, "a path that starts with /"),
    "mount_path": Format(is_mount_path, "a path in the container such as /etc/app, without a colon"),
    "inner_path": Format(is_inner_path, "a relative path without .."),
    "port_name": Format(names.is_port_name, "lower-case letters, digits and dashes, with at least one letter", 15),
    "env_name": Format(names.is_env_name, "letters, digits, `_`, `-` and `.`, not starting with a digit"),
    "config_key": Format(names.is_config_key, "letters, digits, `-`, `_` and `.`", 253),
    "label_key": Format(
        names.is_qualified_name, "a name such as team or example.com/team (max 63 characters after the slash)"
    ),
    "label_value": Format(
        names.is_label_value, "letters, digits, `-`, `_` and `.`, with a letter or digit at both ends", 63
    ),
    "capability": Format(is_capability, "a Linux capability such as NET_ADMIN, without the prefix CAP_"),
    "duration": Format(is_duration, "a duration such as 30s or 1h30m"),
    "source_name": Format(
        names.is_dns_label,
        "the name of a source: lower-case letters, digits and dashes, with no dash at either end",
        63,
    ),
    "build_pin": Format(is_build_pin, "the number of a build such as 12, or a digest such as sha256:… with 64 digits"),
    "line": Format(is_line, "at least one visible character", longest=524_288),
}
