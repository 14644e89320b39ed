"""Answers of registries: what was asked for, or which trouble, told apart."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import Any

from builds.registries.errors import (
    CredentialsRefused,
    NotARegistry,
    NothingThere,
    NotPermitted,
    RegistryBusy,
    RegistryRefused,
    RegistryUnavailable,
)
from builds.registries.exchanges import Answer
from clusters.kube.answers import retry_after_s

SAID_MAX = 150
READ_MAX = 100_000
DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class Login:
    username: str
    secret: str = field(repr=False)

    @property
    def basic(self) -> str:
        return f"Basic {self.encoded}"

    @property
    def encoded(self) -> str:
        """As a configuration of Docker has it."""
        return base64.b64encode(f"{self.username}:{self.secret}".encode()).decode()


def sound(answer: Answer, host: str, what: str, login: Login | None) -> Answer:
    """The answer, where it is one of success. `what` names what is not there after a 404."""
    status, said = answer.status, said_in(answer, login)
    if status == 401:
        raise CredentialsRefused(host, has_credentials=login is not None, said=said)
    if status == 403:
        raise NotPermitted(host, said)
    if status == 404:
        raise NothingThere(host, what)
    if status == 429:
        wait_s = wait_of(answer)
        raise RegistryBusy(host, wait_s if wait_s and 0 < wait_s < DAY_S else None)
    if status >= 500:
        raise RegistryUnavailable(f"{host} has a trouble of its own (status {status}{said}); try again later")
    if not 200 <= status < 300:
        raise RegistryRefused(f"{host} answers with status {status}{said}")
    return answer


def wait_of(answer: Answer) -> float | None:
    """Seconds that the registry asks to wait."""
    return retry_after_s({"Retry-After": answer.headers.get("retry-after", "")})


def as_json(answer: Answer, host: str) -> dict[str, Any]:
    """Raises NotARegistry, as for the pages of a portal that answers in a registry's place."""
    try:
        found = json.loads(answer.content)
    except (ValueError, RecursionError) as error:
        raise NotARegistry(host) from error
    if not isinstance(found, dict):
        raise NotARegistry(host)
    return found


def is_unsupported(answer: Answer) -> bool:
    """Whether the registry says that it has no such operation at all. Source: OCI Distribution Specification, "Error
    Codes"."""
    return said_in(answer, None).startswith(" (it says: UNSUPPORTED ")


def said_in(answer: Answer, login: Login | None) -> str:
    """The first error of a registry's answer, in one line; "" for anything else, which is not repeated.

    What repeats the credentials is not repeated either.
    """
    if answer.status < 400:
        return ""
    try:
        first = json.loads(answer.content[:READ_MAX])["errors"][0]
        text = f"{first.get('code', '')} {first.get('message', '')}"
    except (ValueError, RecursionError, AttributeError, TypeError, LookupError):
        return ""
    if login is not None and (login.secret in text or login.encoded in text):
        return ""
    shown = "".join(one if one.isprintable() else " " for one in text[:SAID_MAX])
    return f" (it says: {' '.join(shown.split())})"
