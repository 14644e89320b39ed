"""Whether a word in a text is the name of a host: databases and users are often called as the service is."""

from __future__ import annotations

import re

_NEAR = 200
"""Characters before a word that are looked at."""
_LABEL = re.compile(r"""(?<![\w-])(-{0,2}[A-Za-z_][\w.-]{0,60})["']?(?:\s*[=:]\s*|\s+)["']?\Z""")
_TOKEN = re.compile(r"[^\s\"';|]*\Z")
_SPLIT = re.compile(r"[^A-Za-z0-9]+|(?<=[a-z0-9])(?=[A-Z])")
_HOSTS = frozenset(
    (
        *("host", "hosts", "hostname", "server", "servers", "addr", "addrs", "address", "addresses", "url", "urls"),
        *(
            "uri",
            "uris",
            "endpoint",
            "endpoints",
            "broker",
            "brokers",
            "node",
            "nodes",
            "peer",
            "peers",
            "seed",
            "seeds",
        ),
        *("upstream", "backend", "proxy", "bootstrap", "connect", "h"),
    )
)
_OTHERS = frozenset(
    (
        *("db", "database", "databases", "dbname", "user", "username", "name", "schema", "owner", "password", "pass"),
        *("email", "mail", "from", "topic", "bucket", "index", "keyspace", "realm", "tenant", "catalog", "d", "u"),
        *("queue", "exchange", "group", "key", "secret", "token", "label", "title", "path", "dir", "file"),
    )
)


def is_host(text: str, start: int, end: int, said: str) -> bool:
    """Whether the word from `start` to `end` names a host. A port behind it or `//` before it say so; else what the
    text calls it, and last what `said` calls the text. What nothing calls otherwise is one, as words of commands."""
    if re.match(r":[0-9]", text[end : end + 2]):
        return True
    before = text[max(0, start - _NEAR) : start]
    found = _TOKEN.search(before)
    token = found[0] if found else ""
    if before.endswith("//"):
        return True
    if before.endswith("@"):
        return "://" in token
    label = _LABEL.search(before)
    if label is not None and (verdict := _says_host(label[1])) is not None:
        return verdict
    if "://" in token:
        return False
    return _says_host(said) is not False


def _says_host(name: str) -> bool | None:
    """None where a name says neither."""
    words = [word.lower() for word in _SPLIT.split(name) if word]
    if not words:
        return None
    if words[-1] in _OTHERS:
        return words[-1] == "name" and len(words) > 1 and words[-2] == "host"
    if _HOSTS.intersection(words) or words[-1].endswith(("host", "hosts", "server")):
        return True
    return None
