"""Secrets that stand in the texts of a service beside its variables: in commands, probes, labels and addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from imports.domain.convert.units import text_of
from kubeorch.base.secrecy import is_secret_name, logins_in

_COMMANDS = ("command", "entrypoint", "healthcheck", "pre_stop", "post_start")
_LOOKED_AT = 20_000
"""Characters of the words of one command that are looked at."""
_SAID = re.compile(
    r"""(?<![\w.-]) (?P<dashes> --? )? (?P<name> [A-Za-z][\w.-]{2,60} )
        (?: = ["']? | (?P<apart> [ ]+ | \n ) ) (?= [^\s"'&;|] )""",
    re.VERBOSE,
)
"""`--api-key=x`, `--password x`, `-Dapp.password=x`, `PASSWORD=x`, `?token=x`: all that is before the value."""
_AFTER = re.compile(r"""[\s"'&;|]""")
"""What ends a value."""
_LOGIN = re.compile(r"(?:\A|\s)(?:-u|--user)[ \n=]?[\"']?[\w.@-]{1,64}:([^\s\"'$]{6,200})")
_CLIENT = re.compile(r"\b(?:curl|http|httpie|xh)\b")
_GLUED = re.compile(r"(?:\A|\s)-p([^\s\"'$=]{6,200})")
"""Source: MySQL reference manual, "Connection Options": no space between -p and the password."""
_MYSQL = re.compile(r"\b(?:mysql|mariadb)")
_ELSEWHERE = re.compile(
    r"""[$/~<>@{(-] | \.\.?/ | (?:file|env|vault|op|https?|secret):
      | [\w.-]+\.(?:pem|key|crt|cer|json|ya?ml|txt|conf|p12|jks)\Z""",
    re.VERBOSE | re.IGNORECASE,
)
"""The beginning of what says where a secret is, and is none."""
_LIKE_ONE = re.compile(r"[0-9A-Z]")
_NO_NAME = re.compile(r"[^A-Za-z0-9]+")


def said_in(spec: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(name of a variable for it, value) of what looks like a secret in a service; its variables are not looked at.

    Together the values are not longer than what is looked at, some of it twice.
    """
    for key, value in spec.items():
        if key != "environment":
            yield from (("LOGIN_PASSWORD", found) for text in texts_in(value) for found in logins_in(text))
    for key in _COMMANDS:
        for words in _commands(spec.get(key)):
            yield from options_in("\n".join(words)[:_LOOKED_AT])


def texts_in(value: Any) -> Iterator[str]:
    """All texts of a value, but for the names of keys."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Mapping):
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one
        elif isinstance(one, str):
            yield one


def _commands(value: Any) -> Iterator[list[str]]:
    """The words of each command in what a key has."""
    if isinstance(value, str):
        yield [value]
    elif isinstance(value, Mapping):
        yield from _commands(value.get("test", value.get("command")))
    elif isinstance(value, list) and any(isinstance(one, Mapping) for one in value):
        for one in value:
            yield from _commands(one)
    elif isinstance(value, list):
        yield [text_of(one) for one in value]


def options_in(text: str) -> Iterator[tuple[str, str]]:
    """What `said_in` means, of the words of a command."""
    at = end = 0
    while found := _SAID.search(text, at):
        at, start = found.end("name"), found.end()  # the word after a flag may be an option itself
        is_apart = found["apart"] is not None
        if (is_apart and not found["dashes"]) or not _is_said(found["name"]):
            continue
        if start >= end:  # else it is within the value that ends there, and ends with it: each is read once
            end = after.start() if (after := _AFTER.search(text, start)) else len(text)
        if _ELSEWHERE.match(text, start, end) or (is_apart and not _LIKE_ONE.search(text, start, end)):
            continue
        at = end  # what stands within it is a part of it: `pwd=pwd=pwd=` is one
        yield _NO_NAME.sub("_", found["name"]).strip("_").upper(), text[start:end]
    if _CLIENT.search(text):
        yield from (("LOGIN_PASSWORD", one[1]) for one in _LOGIN.finditer(text) if not one[1].isdigit())
    if _MYSQL.search(text):
        yield from (("MYSQL_PASSWORD", one[1]) for one in _GLUED.finditer(text) if not _ELSEWHERE.match(one[1]))


def _is_said(name: str) -> bool:
    return is_secret_name(name) and not name.lower().startswith(("no-", "skip-"))
