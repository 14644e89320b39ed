"""Deprecated APIs, as an API server itself tells of them: in its metrics, and in warnings to whoever asks for one.

Sources: Kubernetes docs, "Kubernetes Deprecation Policy" (`apiserver_requested_deprecated_apis`, with the labels group,
version, resource, subresource and removed_release); RFC 7234, section 5.5 (Warning); and k8s.io/apiserver's
`deprecation.WarningMessage`: "policy/v1beta1 PodDisruptionBudget is deprecated in v1.21+, unavailable in v1.25+; use
policy/v1 PodDisruptionBudget".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from clusters.domain.plain_text import plain

METRIC = "apiserver_requested_deprecated_apis"
_LABEL = re.compile(r'([a-z_]{1,40})="((?:[^"\\]|\\.){0,300})"')
_WARNING = re.compile(r'299 [^ "]{1,100} "((?:[^"\\]|\\.){1,1000})"')
_REMOVED = re.compile(r"unavailable in v(1\.[0-9]{1,3})\+")
_MINOR = re.compile(r"v?1\.([0-9]{1,3})")
WARNINGS_MOST = 20
"""Of one answer."""


@dataclass(frozen=True, slots=True)
class Deprecated:
    """A version of an API that somebody asks for, and that will not be there for ever."""

    api_version: str
    resource: str
    """The plural, with its subresource: `pods/eviction`."""
    removed_in: str
    """`1.25`; "" where no version is known that leaves it out."""
    said: str = ""
    """The API server's own words; "" where only its metrics tell of it."""


def of_metrics(line: str) -> Deprecated | None:
    """What a line of `/metrics` tells; None for a line of another metric, and for one that says nobody asked."""
    if not line.startswith(METRIC + "{"):
        return None
    inside, closed, value = line[len(METRIC) + 1 : 2_000].rpartition("}")
    if not closed or value.split()[:1] in ([], ["0"]):
        return None
    labels = dict(_LABEL.findall(inside))
    resource, group, version = labels.get("resource", ""), labels.get("group", ""), labels.get("version", "")
    if not resource or not version:
        return None
    below = labels.get("subresource", "")
    return Deprecated(
        f"{group}/{version}" if group else version,
        f"{resource}/{below}" if below else resource,
        labels.get("removed_release", ""),
    )


def of_warning(header: str, api_version: str, resource: str) -> Deprecated | None:
    """What the Warning header of an answer says of the API that was asked for; None when it says nothing of that."""
    for words in _warnings(header):
        if "deprecated" in words:
            found = _REMOVED.search(words)
            return Deprecated(api_version, resource, found[1] if found else "", words)
    return None


def _warnings(header: str) -> Iterator[str]:
    for number, found in enumerate(_WARNING.finditer(header)):
        if number == WARNINGS_MOST:
            return
        yield plain(re.sub(r"\\(.)", r"\1", found[1]))


def next_minor(version: str) -> str:
    """The version that an upgrade of one step leads to, of `v1.36.3` `1.37`; "" for a text that is not a version."""
    found = _MINOR.match(version)
    return f"1.{int(found[1]) + 1}" if found else ""


def is_gone_with(removed_in: str, version: str) -> bool:
    """Whether an API that is left out from one version on is missing in another."""
    removed, at = _MINOR.match(removed_in), _MINOR.match(version)
    return removed is not None and at is not None and int(removed[1]) <= int(at[1])
