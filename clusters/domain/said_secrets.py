"""Secrets that stand within a text, found by form: settings, options, headers, and logins in addresses.

What may be one counts as one: a text is hidden that need not be, rather than the other way round.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from kubeorch.base.secrecy import is_secret_name, logins_in

FLAGS = frozenset({"true", "false", "yes", "no", "0", "1", "on", "off"})
SECRET_LEAST = 4
"""Characters of one that is hidden where it stands: a shorter one stands in other words, too."""
_NAME_MOST = 200
"""Characters of a name that are looked at: the last ones."""
_LONG_USER = 12
"""Characters of a user in an address who has no password: from so many on, it is a token."""
_CLIENTS_MOST = 10_000
"""Characters of the words of a container that are looked through for a client."""
_ENDS = re.compile(r"(?:pass|pwd|auth|authorization)\Z", re.IGNORECASE)
"""Of names that hold a login, beside those of `is_secret_name`."""
_DEFINED = re.compile(r"-[A-Z](?=\w)")
"""As in -Dapp.token=x, of Java."""
_NAMED = re.compile(
    r"""(?<![\w.-]) (?P<name>[\w.-]++) (?P<end>[\\"'`\])}]*+)
        (?: > | [ \t]*+ (?P<sep> => | := | [=:]++ ) | (?P<apart> [\s,]++ ) )""",
    re.VERBOSE,
)
"""A word with what separates it from what it may be the name of. Each word is read once, as no part is given back."""
_NAME = re.compile(r"[\w.-]{1,200}")
_OPENING = re.compile(r"""(?P<escapes>\\*+)["'`]""")
_WORD = re.compile(r"[^\s\"']+")
_SHORT = re.compile(r"[^\s\"',;&<)}\]]+")
_TAIL = re.compile(r"[^\s,;&})\]]*")
"""What a shell joins to a word in quotes."""
_STRUCTURE = re.compile(r"[{\[|>]")
_BELOW = re.compile(r"[ \t]*\r?\n[ \t-]")
"""What the setting says stands in the lines below it."""
_BLOCK = re.compile(r"[|>][\d+-]{0,3}[ \t]*(?:#.*)?\Z")
_OPTION = re.compile(r"--[A-Za-z]")
_FLAG = re.compile(r"-{1,2}[A-Za-z][\w.-]*\Z")
_BARE = re.compile(r"[A-Za-z][\w.-]*\Z")
_LIKE_ONE = re.compile(r"[0-9A-Z!@#$%^&*+/=]")
_SCHEME = re.compile(r"(?<![\w-])(?:bearer|basic|digest|negotiate|apikey)[ \t]+[\\\"']*([^\s\"',;\\]++)", re.IGNORECASE)
"""Source: IANA, "HTTP Authentication Scheme Registry"."""
_USER = re.compile(r"(?<![\w-])(?:-u|-U|--user|--proxy-user|--userpwd)[\s=\"',]*+[^\s:\"',]{0,64}[:%]([^\s\"',]++)")
_CLIENT = re.compile(r"redis|valkey|keydb|mysql|mariadb|mongo|sshpass|ldap|rabbitmq|sqlcmd|docker|podman|helm|smb")
"""Whose options for a password are one letter. Source: the manual of each."""
_LETTER = re.compile(r"(?<![\w-])-[apPwW](?:[ \t]+|=)?[\\\"']*([^\s\"',;\\]++)")
_LETTERS = frozenset({"-a", "-p", "-P", "-w", "-W"})
_USERS = frozenset({"-u", "-U", "--user", "--proxy-user", "--userpwd"})
_DIGEST = re.compile(r"sha(?:256|384|512):")
_KEYS = frozenset({"name", "key"})
_VALUES = frozenset({"value", "default", "content", "data"})
"""In {"name": "password", "value": "x"}, as text."""
_WORDS_OF_COMMANDS = ("image", "command", "args")


class Unclear(Exception):
    """A secret is in the text, and where it ends cannot be told."""


def names_secret(name: str) -> bool:
    """Whether a variable, a field, an option or a header of that name holds a secret."""
    name = name[-_NAME_MOST:]
    if is_secret_name(name) or _ENDS.search(name):
        return True
    return _DEFINED.match(name) is not None and is_secret_name(name[2:])


def runs_client(container: Mapping[str, Any]) -> bool:
    """Whether a container's words are of a program whose options for a password are one letter."""
    words = str([container.get(name) for name in _WORDS_OF_COMMANDS])[:_CLIENTS_MOST]
    return _CLIENT.search(words) is not None


def is_after_flag(before: Any, one: str, *, is_client: bool, is_command: bool) -> bool:
    """Whether an item of a list is the secret of the option or of the setting that stands before it."""
    if not isinstance(before, str) or one.lower() in FLAGS:
        return False
    if before in _USERS:
        return ":" in one or "%" in one
    if before in _LETTERS:
        return is_client
    if _FLAG.match(before):
        return names_secret(before) and not _OPTION.match(one)
    return is_command and _BARE.match(before) is not None and names_secret(before)


def secrets_in(words: str, *, is_client: bool) -> Iterator[str]:
    """Each secret of a text, whole and as the part of it that may stand elsewhere. Linear in the length of the text.

    Raises Unclear where only the whole text can be hidden.
    """
    yield from logins_in(words)
    yield from _addresses(words)
    yield from (found[1] for found in _SCHEME.finditer(words))
    yield from (found[1] for found in _USER.finditer(words) if not found[1].isdigit())
    if is_client or _CLIENT.search(words):
        yield from (found[1] for found in _LETTER.finditer(words))
    yield from _named(words)


def _addresses(words: str) -> Iterator[str]:
    """`scheme://user:x@host`, `user:x@tcp(host)`, `https://token@host`: whatever stands in x."""
    for found in _WORD.finditer(words) if "@" in words else ():
        login, at, host = found[0].rpartition("@")
        if not at or _DIGEST.match(host):
            continue
        _, scheme, rest = login.partition("://")
        user, colon, password = (rest if scheme else login).partition(":")
        if colon and password:
            yield password
        elif scheme and len(user) >= _LONG_USER and "/" not in user:
            yield user


def _named(words: str) -> Iterator[str]:
    is_named = False
    for found in _NAMED.finditer(words):
        name, start = found["name"], found.end()
        if found["apart"] is not None:
            if names_secret(name):
                yield from _apart(words, found)
            continue
        if name in _KEYS:
            said = _NAME.match(words, _after_quotes(words, start))
            is_named = said is not None and names_secret(said[0])
        elif name in _VALUES and is_named:
            yield from _value(words, start, has_lines=True)
            is_named = False
            continue
        if names_secret(name):
            yield from _value(words, start, has_lines=found["sep"] == ":")


def _after_quotes(words: str, start: int) -> int:
    while start < len(words) and words[start] in " \t\\\"'":
        start += 1
    return start


def _apart(words: str, found: re.Match[str]) -> Iterator[str]:
    """The value of an option, or of a word that is a setting: `--password x`, `requirepass x`, `PASSWORD 'x'`."""
    start = found.end()
    if found["name"].startswith("-"):
        if not _OPTION.match(words, _after_quotes(words, start)):
            yield from _value(words, start, has_lines=False)
        return
    if found["apart"].strip(" \t"):
        return
    word = _WORD.match(words, start)
    ends = {words[max(0, found.start() - 1) : found.start()], words[word.end() : word.end() + 1] if word else ""}
    if word is None or ends <= {"", "\n"} or _LIKE_ONE.search(word[0]):
        yield from _value(words, start, has_lines=False)


def _value(words: str, start: int, *, has_lines: bool) -> Iterator[str]:
    """What stands behind a name. `has_lines`: as in YAML, up to the end of the line, or in the lines below."""
    if _BELOW.match(words, start):
        raise Unclear
    while words[start : start + 1] in (" ", "\t"):
        start += 1
    opening = _OPENING.match(words, start)
    if opening is not None:
        yield from _quoted(words, opening)
        return
    if _STRUCTURE.match(words, start):
        raise Unclear
    whole = _WORD.match(words, start)
    if whole is None or whole[0].rstrip(",;&<)}]").lower() in FLAGS:
        return
    yield whole[0]
    short = _SHORT.match(words, start)
    if short and SECRET_LEAST <= len(short[0]) < len(whole[0]):
        yield short[0]
    if has_lines:
        end = words.find("\n", start)
        line = words[start : end if end >= 0 else len(words)].rstrip()
        if _BLOCK.search(line[-_NAME_MOST:]):
            raise Unclear
        if len(line) > len(whole[0]):
            yield line


def _quoted(words: str, opening: re.Match[str]) -> Iterator[str]:
    """All up to the same quote, escaped as often; what a shell joins to it belongs to it."""
    start = opening.end()
    end = words.find(opening[0], start)
    while end > start and words[end - 1] == "\\":
        end = words.find(opening[0], end + 1)
    inner = words[start : end if end >= 0 else len(words)]
    tail = _TAIL.match(words, end + len(opening[0])) if end >= 0 else None
    if tail is not None and tail[0]:
        yield words[opening.start() : tail.end()]
    if inner and (inner.lower() not in FLAGS or (tail and tail[0])):
        yield inner
