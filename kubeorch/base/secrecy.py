"""Which variables hold secrets, by whole words of their names and by the form of their values."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

_WORDS = frozenset(
    {
        *("password", "passwd", "passphrase", "pass", "pwd", "pw", "secret", "secrets", "token", "tokens"),
        *("credential", "credentials", "apikey", "apitoken", "privatekey", "secretkey", "accesskey", "dsn"),
        *("salt", "pepper", "htpasswd", "jwt", "cookie", "pat", "requirepass", "masterauth"),
    }
)
_ENDINGS = (
    *("password", "passwd", "passphrase", "secret", "token", "apikey", "masterkey", "appkey", "secretkey"),
    *("privatekey", "accesskey", "authkey", "signingkey", "encryptionkey", "licensekey"),
)
"""Ends of a word that is one: PGPASSWORD, ROOTPASSWORD, MASTERKEY."""
_MAY_BE_NAME = re.compile("|".join(sorted({*_WORDS, *_ENDINGS, "key"})))
"""What a name has in it that says any of these."""
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
            "exp",
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
        *("samesite", "lifetime", "prefix", "hint", "stdin"),
    }
)
"""What a name says at its end is not the secret itself: DB_PASSWORD_FILE, TOKEN_TTL."""
_FLAGS = frozenset({"true", "false", "yes", "no", "0", "1", "on", "off"})
_SPLIT = re.compile(r"[^a-z0-9]+|(?<=[a-z])(?=[0-9])|(?<=[0-9])(?=[a-z])")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_URL_LOGIN = re.compile(r"(?<![a-zA-Z0-9+.-])[a-zA-Z][a-zA-Z0-9+.-]{0,30}://[^/\s:@]{0,255}:([^/\s@]+)@")
_TOKEN = re.compile(
    r"""(?<![A-Za-z0-9])(?:
        gh[pousr]_[A-Za-z0-9]{16,} | github_pat_\w{20,} | gl(?:pat|ptt|dt|rt|cbt|ft|soat)-[\w.-]{12,}
      | npm_[A-Za-z0-9]{16,}
      | dckr_(?:pat|oat)_[\w-]{16,} | xox[abeoprs]-[\w-]{10,} | xapp-[\w-]{10,} | [rs]k_(?:live|test)_[A-Za-z0-9]{16,}
      | sk-(?:proj-|ant-)?[\w-]{20,} | hf_[A-Za-z0-9]{20,} | pypi-[\w-]{30,} | AIza[\w-]{30,}
      | SG\.[\w-]{16,}\.[\w-]{16,}
      | hvs\.[\w-]{20,} | dop_v1_[a-f0-9]{30,} | shp(?:at|ss)_[a-fA-F0-9]{20,} | AGE-SECRET-KEY-1[A-Z0-9]{20,}
    )
    | (?<=:_authToken=)[^\s$"']{6,} | (?<=:_password=)[^\s$"']{6,} | (?<=:_auth=)[^\s$"']{6,}""",
    re.VERBOSE,
)
"""Tokens that tell by their form what they are, and those of an .npmrc. Source: the documentation of each service."""
_JWT = re.compile(r"(?<![\w-])[\w-]{13,}(?=(\.eyJ[\w-]{10,}\.[\w-]{10,}))")
_JWT_HEAD = re.compile(r"(?<![A-Za-z0-9])eyJ(?=[\w-]{10})")
"""Where one begins within the word before its first dot: what is before it may be glued on by `-` or `_`."""
_MAY_BE_TOKEN = re.compile(
    r"gh[pousr]_|github_|gl[a-z]{2,4}-|npm_|dckr_|xox|xapp-|k_live_|k_test_|sk-|hf_|pypi-|AIza|SG\.|hvs\.|dop_v1_|shp|"
    r"AGE-|eyJ|:_"
)
_LOOKED_AT = 10_000
"""Characters of a value that are looked at."""
_NAME_MOST = 200
"""Characters of a name that are looked at."""
_PEM = "-----BEGIN "
DOTS = "••••••"
"""Stands for what is not shown."""


def is_secret_name(name: str) -> bool:
    """Whether a variable of this name usually holds a secret. KEYBOARD, AUTHOR and MONKEY do not."""
    start = name[:_NAME_MOST]
    return _MAY_BE_NAME.search(start.lower()) is not None and _is_secret_name(start)


@lru_cache(maxsize=4096)
def _is_secret_name(name: str) -> bool:
    words = [word for word in _SPLIT.split(_CAMEL.sub("_", name).lower()) if word]
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
    """Whether a variable holds a secret: by its name, a login in a URL, the form of a token, or a private key."""
    if value.lower() in _FLAGS:
        return False
    if _PEM in value and "PRIVATE KEY" in value:
        return True
    return is_secret_name(name) or bool(login_of(value))


def login_of(value: str) -> str:
    """The password of a URL in a value, or a token that is known by its form; "" where there is none."""
    return next(logins_in(value), "")


def logins_in(text: str) -> Iterator[str]:
    """All that `login_of` means."""
    start = text[:_LOOKED_AT]
    if "://" in start:
        yield from (found[1] for found in _URL_LOGIN.finditer(start))
    if _MAY_BE_TOKEN.search(start):
        yield from (found[0] for found in _TOKEN.finditer(start))
        yield from web_tokens_in(start)


def web_tokens_in(text: str) -> Iterator[str]:
    """JSON Web Tokens. Each word is read once, whatever stands in it: `eyJ-eyJ-eyJ-…` begins like one at every step."""
    for found in _JWT.finditer(text):
        if head := _JWT_HEAD.search(text, found.start(), found.end()):
            yield text[head.start() : found.end(1)]


def masked(name: str, value: str) -> str:
    """The value for people to read; dots where it is a secret."""
    return DOTS if value and is_secret(name, value) else value
