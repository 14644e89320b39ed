"""Names as Kubernetes accepts them.

Source: Kubernetes docs, "Object Names and IDs" (RFC 1123 labels and subdomains, RFC 1035 labels).
"""

from __future__ import annotations

import re

DNS_LABEL = re.compile(r"[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?\Z")
DNS_1035_LABEL = re.compile(r"[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?\Z")
DNS_SUBDOMAIN = re.compile(r"(?=.{1,253}\Z)[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*\Z")


def is_dns_label(text: str) -> bool:
    return DNS_LABEL.match(text) is not None


def is_dns_1035_label(text: str) -> bool:
    return DNS_1035_LABEL.match(text) is not None


def is_dns_subdomain(text: str) -> bool:
    return DNS_SUBDOMAIN.match(text) is not None


def label_from(text: str, *, fallback: str = "app") -> str:
    """The nearest DNS label to free text: lower case, dashes for the rest, 63 characters at most."""
    cleaned = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:63].strip("-")
    return cleaned or fallback
