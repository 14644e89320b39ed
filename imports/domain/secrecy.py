"""Which variables hold secrets, by whole words of their names and by the form of their values."""

from __future__ import annotations

import re
from functools import lru_cache

_WORDS = frozenset(
    {
        *("password", "passwd", "passphrase", "pass", "pwd", "pw", "secret", "secrets", "token", "tokens"),
        *("credential", "credentials", "apikey", "apitoken", "privatekey", "secretkey", "accesskey", "dsn"),
        *("salt", "pepper", "htpasswd", "jwt", "cookie"),
    }
)
_ENDINGS = (
    *("password", "passwd", "passphrase", "secret", "token", "apikey", "masterkey", "appkey", "secretkey"),
    *("privatekey", "accesskey", "authkey", "signingkey", "encryptionkey", "licensekey"),
)
"""Ends of a word that is one: PGPASSWORD, ROOTPASSWORD, MASTERKEY."""
_HARMLESS_KEYS = frozenset(
    {
        *("public", "pub", "primary", "foreign", "sort", "partition", "cache", "routing", "hash", "index", "hot"),
        *("unique", "natural", "object", "row", "composite", "shift", "host", "group", "tag", "label", "metric"),
        *("topic", "message", "column", "field", "config", "lookup", "site", "publishable", "map", "order"),
    }
)
"""Words before KEY with which it is none; any other key is a secret: API_KEY, but not KEY_FILE or PRIMARY_KEY."""
_HARMLESS_LAST = frozenset(
    {
        *(
            "file",
            "path",
            "dir",
            "directory",
            "url",
            "uri",
            "host",
            "port",
            "name",
            "user",
            "username",
            "length",
            "min",
        ),
        *(
            "min",
            "max",
            "ttl",
            "expiry",
            "expiration",
            "expires",
            "timeout",
            "policy",
            "algorithm",
            "enabled",
            "required",
        ),
        *("enable", "id", "type", "size", "age", "days", "seconds", "rounds", "iterations", "domain", "secure"),
        *("samesite", "lifetime", "prefix", "hint"),
    }
)
"""What a name says at its end is not the secret itself: DB_PASSWORD_FILE, TOKEN_TTL."""
_FLAGS = frozenset({"true", "false", "yes", "no", "0", "1", "on", "off"})
_SPLIT = re.compile(r"[^a-z0-9]+|(?<=[a-z])(?=[0-9])|(?<=[0-9])(?=[a-z])")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_URL_LOGIN = re.compile(r"(?<![a-zA-Z0-9+.-])[a-zA-Z][a-zA-Z0-9+.-]{0,30}://[^/\s:@]{0,255}:([^/\s@]+)@")
_PEM = "-----BEGIN "
DOTS = "••••••"
"""Stands for what is not shown."""


@lru_cache(maxsize=4096)
def is_secret_name(name: str) -> bool:
    """Whether a variable of this name usually holds a secret. KEYBOARD, AUTHOR and MONKEY do not."""
    words = [word for word in _SPLIT.split(_CAMEL.sub("_", name[:200]).lower()) if word]
    if not words or words[-1] in _HARMLESS_LAST:
        return False
    if _WORDS.intersection(words) or any(word.endswith(_ENDINGS) for word in words):
        return True
    return any(
        word in ("key", "keys") and (words[index - 1] if index else "") not in _HARMLESS_KEYS
        for index, word in enumerate(words)
        if index or len(words) == 1
    )


def is_secret(name: str, value: str) -> bool:
    """Whether a variable holds a secret: by its name, or a login in a URL, or a private key."""
    if value.lower() in _FLAGS:
        return False
    if _PEM in value and "PRIVATE KEY" in value:
        return True
    return is_secret_name(name) or _URL_LOGIN.search(value[:10_000]) is not None


def login_of(value: str) -> str:
    """The password of a URL in a value; "" where there is none."""
    found = _URL_LOGIN.search(value[:10_000])
    return found[1] if found else ""


def masked(name: str, value: str) -> str:
    """The value for people to read; dots where it is a secret."""
    return DOTS if value and is_secret(name, value) else value
