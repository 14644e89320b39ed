"""Names as Kubernetes accepts them, and names that people read.

Source: Kubernetes docs, "Object Names and IDs" (RFC 1123 labels and subdomains, RFC 1035 labels).
"""

from __future__ import annotations

import re
import unicodedata

HIDDEN = ("Cc", "Cf", "Cs", "Zl", "Zp")
"""Unicode categories of invisible characters: controls, direction marks, zero-width characters, line separators."""
JOINERS = "\u200c\u200d"
"""Zero width non-joiner and joiner: letters of some scripts, and families of emoji, need them."""

DNS_LABEL = re.compile(r"[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?\Z")
DNS_1035_LABEL = re.compile(r"[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?\Z")
DNS_SUBDOMAIN = re.compile(r"(?=.{1,253}\Z)[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*\Z")


def shows_all(text: str) -> bool:
    """Whether `text` is one line without characters that are invisible or change the direction of others.

    Joiners are allowed between two characters outside ASCII; elsewhere they would only make two names look alike.
    """
    if text.isascii():
        return text.isprintable()
    padded = f" {text} "
    return not any(
        unicodedata.category(letter) in HIDDEN
        and not (letter in JOINERS and not before.isascii() and not after.isascii())
        for before, letter, after in zip(padded, padded[1:], padded[2:], strict=False)
    )


def is_dns_label(text: str) -> bool:
    return DNS_LABEL.match(text) is not None


def is_dns_1035_label(text: str) -> bool:
    return DNS_1035_LABEL.match(text) is not None


def is_dns_subdomain(text: str) -> bool:
    return DNS_SUBDOMAIN.match(text) is not None


_SPELLED = {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "þ": "th"}
"""Letters that Unicode does not decompose; the page's `slug` knows the same."""


def label_from(text: str, *, fallback: str = "app") -> str:
    """The nearest DNS label to free text ("Störe 2" gives store-2): lower case, 63 characters at most."""
    if is_dns_label(text) and "--" not in text:
        return text
    plain = "".join(_SPELLED.get(char, char) for char in unicodedata.normalize("NFKD", text.lower()))
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    cleaned = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:63].strip("-")
    return cleaned or fallback


def subdomain_from(text: str, *, fallback: str = "app") -> str:
    """The nearest name of an object to free text: as `label_from`, but dots stay, and it may have 253 characters."""
    if is_dns_subdomain(text):
        return text
    parts = (label_from(part, fallback="") for part in text.split("."))
    return ".".join(part for part in parts if part)[:253].strip(".-") or fallback


LABEL_VALUE = re.compile(r"(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?\Z", re.ASCII)
QUALIFIED_NAME = re.compile(r"[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?\Z", re.ASCII)
ENV_NAME = re.compile(r"[-._a-zA-Z][-._a-zA-Z0-9]*\Z", re.ASCII)
CONFIG_KEY = re.compile(r"[-._a-zA-Z0-9]{1,253}\Z", re.ASCII)
PORT_NAME = re.compile(r"(?=.{1,15}\Z)(?=.*[a-z])[a-z0-9]+(?:-[a-z0-9]+)*\Z", re.ASCII)


def is_label_value(text: str) -> bool:
    """Source: Kubernetes docs, "Labels and Selectors", section "Syntax and character set"."""
    return LABEL_VALUE.match(text) is not None


def is_qualified_name(text: str) -> bool:
    """A label or annotation key: an optional DNS subdomain and `/`, then a name of 63 characters at most."""
    prefix, slash, name = text.rpartition("/")
    if slash and not is_dns_subdomain(prefix):
        return False
    return QUALIFIED_NAME.match(name) is not None


def is_env_name(text: str) -> bool:
    """Source: Kubernetes API reference, EnvVar: letters, digits, `_`, `-`, `.`, no digit first."""
    return len(text) <= 1024 and ENV_NAME.match(text) is not None


def is_config_key(text: str) -> bool:
    """A key of a ConfigMap or Secret; it becomes a file name, so `.` and `..` are out."""
    return CONFIG_KEY.match(text) is not None and text != "." and not text.startswith("..")


def is_port_name(text: str) -> bool:
    """An IANA service name: 15 characters at most, at least one letter, no double dash."""
    return PORT_NAME.match(text) is not None
