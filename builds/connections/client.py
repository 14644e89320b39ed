"""One git server, spoken to by its own interface over HTTP, with one token or none.

Requests go by the rules and bounds of `builds.registries.exchanges`; the token goes to this server alone, and nowhere
where the server leads. Sources: GitHub REST, "Rate limits" and "Conditional requests"; GitLab, "Rate limits"; RFC 9110.
"""

from __future__ import annotations

import json
import time
from collections.abc import Hashable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode, urlsplit

from builds.connections.cache import ANSWERS, Answers
from builds.connections.errors import (
    GitHostAddressRefused,
    GitHostBusy,
    GitHostCredential,
    GitHostNothing,
    GitHostNotPermitted,
    GitHostOther,
    GitHostRefused,
    GitHostTimeout,
    GitHostUnavailable,
    GitHostUnresolved,
    GitHostUntrusted,
)
from builds.registries.errors import (
    NotARegistry,
    RegistryAddressRefused,
    RegistryRefused,
    RegistryTimeout,
    RegistryUnavailable,
    RegistryUnresolved,
    RegistryUntrusted,
)
from builds.registries.exchanges import Answer, Exchanges
from kubeorch.base.clock import now

ANSWER_MAX_BYTES = 2_000_000
QUESTION_S = 15.0
"""For one question of a person, whatever it takes of requests."""
ENOUGH_S = 5.0
"""With less of it left, a list ends with what there is."""
SAID_MAX = 150
SECONDARY = timedelta(minutes=1)
"""Source: GitHub, "Rate limits for the REST API": where no header tells, at least a minute."""
READ_MAX = 20_000
DAY_S = 86_400
PERMISSION_CURE = "give it the scopes that the form names, or make another one"


@dataclass(frozen=True, slots=True)
class Way:
    """How a server's interface is reached, and as whom."""

    provider: str
    """As people call it."""
    url: str
    """Of the interface, without a slash at the end."""
    authority: str = ""
    """PEM; "" for those that everybody knows."""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """That sign in; none for what everybody sees."""
    secret: str = field(default="", repr=False)
    """What is never repeated of an answer."""
    kept_for: Hashable = None
    """Whose answers are kept; None to ask anew each time."""
    app: str = ""
    """Which App asks by a token of its installation, in words; "" for nobody's."""
    scopes: tuple[str, ...] = ()
    """What that installation may."""

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server said, parsed."""

    value: Any = field(repr=False)
    headers: Mapping[str, str]
    """Names in lower case."""

    def rows(self) -> list[dict[str, Any]]:
        """Of a list; what is not an object is left out."""
        return [one for one in self.value if isinstance(one, dict)] if isinstance(self.value, list) else []

    def object(self) -> dict[str, Any]:
        return self.value if isinstance(self.value, dict) else {}


class GitApi:
    """Use it in a `with`."""

    def __init__(self, way: Way, answers: Answers = ANSWERS) -> None:
        self.way = way
        self._until = time.monotonic() + QUESTION_S
        self._answers = answers
        self._exchanges = Exchanges(
            most_bytes=ANSWER_MAX_BYTES, authority=way.authority, authority_host=way.host, stays=True
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._exchanges.__exit__(kind, error, trace)

    def left_s(self) -> float:
        """Of the time for all requests of one question."""
        return self._until - time.monotonic()

    def get(self, path: str, query: Mapping[str, str | int] | None = None, *, what: str = "such thing") -> Reply:
        """What is at a path; `what` names it where it is not there. Raises the errors of a git host."""
        return self._reply(self._got(path, query, what, "application/json"))

    def content(self, path: str, query: Mapping[str, str | int] | None = None, *, what: str) -> bytes:
        """As `get`, of what is there as it is."""
        return self._got(path, query, what, "*/*").content

    def _got(self, path: str, query: Mapping[str, str | int] | None, what: str, accept: str) -> Answer:
        asked = urlencode({key: str(value) for key, value in (query or {}).items() if value != ""})
        url = f"{self.way.url}{path}{'?' if asked else ''}{asked}"
        key = (self.way.kept_for, url) if self.way.kept_for is not None else None
        kept = self._answers.find(key) if key else None
        if kept is not None and self._answers.is_fresh(kept):
            return kept.answer
        again = {"If-None-Match": kept.etag} if kept is not None and kept.etag else {}
        with in_our_words(self.way.host, self.way.provider):
            headers = {"Accept": accept, **self.way.headers, **again}
            answer = self._exchanges.ask("GET", url, headers=headers, wall_s=self.left_s())
        if answer.status == 304 and kept is not None:
            self._answers.confirm(key, kept)
            return kept.answer
        self._check(answer, what)
        if accept == "application/json":
            self._reply(answer)  # what is not JSON is not kept
        if key:
            self._answers.keep(key, answer, _etag(answer))
        return answer

    def post(self, path: str, *, what: str) -> Reply:
        """What is made by asking for it, with nothing to tell. Raises as `get`."""
        with in_our_words(self.way.host, self.way.provider):
            headers = {"Accept": "application/json", **self.way.headers}
            url = f"{self.way.url}{path}"
            answer = self._exchanges.ask("POST", url, headers=headers, body=b"", wall_s=self.left_s())
        self._check(answer, what, success=201)
        return self._reply(answer)

    def _check(self, answer: Answer, what: str, success: int = 200) -> None:
        """Raises unless it is an answer of success."""
        status, host, said = answer.status, self.way.host, self._said(answer)
        if status == 429 or (status == 403 and _is_spent(answer)):
            until = _spent_until(answer)
            raise GitHostBusy(host, until, max((until - now()).total_seconds(), 1) if until else None)
        if status == 403 and "rate limit" in said.lower():  # GitHub's secondary one, which tells no end
            raise GitHostBusy(host, now() + SECONDARY, SECONDARY.total_seconds())
        if status == 401:
            raise GitHostCredential(host, has_credential=bool(self.way.headers), said=said)
        if status == 403:
            raise GitHostNotPermitted(host, PERMISSION_CURE, said)
        if status == 404:
            raise GitHostNothing(host, what)
        if status >= 500:
            raise GitHostUnavailable(f"{host} has a trouble of its own (status {status}{said}); try again later")
        if status != success:
            raise GitHostRefused(f"{host} answers with status {status}{said}", field="address")

    def _reply(self, answer: Answer) -> Reply:
        try:
            return Reply(json.loads(answer.content), answer.headers)
        except (ValueError, RecursionError) as error:
            raise GitHostOther(self.way.host, self.way.provider) from error

    def _said(self, answer: Answer) -> str:
        """The server's message in one line; "" for anything else, and for what repeats the token."""
        if answer.status < 400:
            return ""
        try:
            found = json.loads(answer.content[:READ_MAX])
        except (ValueError, RecursionError):
            return ""
        inner = found.get("error") if isinstance(found, dict) else None
        holder = inner if isinstance(inner, dict) else found
        text = holder.get("message") if isinstance(holder, dict) else None
        if not isinstance(text, str) or (self.way.secret and self.way.secret in text):
            return ""
        shown = " ".join("".join(one if one.isprintable() else " " for one in text[:SAID_MAX]).split())
        return f" (it says: {shown})" if shown else ""


def _etag(answer: Answer) -> str:
    tag = answer.headers.get("etag", "")
    return tag if len(tag) <= 200 and tag.isascii() and tag.isprintable() else ""


def _is_spent(answer: Answer) -> bool:
    headers = answer.headers
    return headers.get("x-ratelimit-remaining") == "0" or bool(headers.get("retry-after"))


def _spent_until(answer: Answer) -> datetime | None:
    """When requests are taken again: by the seconds of Retry-After, else the moment that the limit names."""
    after = answer.headers.get("retry-after", "")
    at = answer.headers.get("x-ratelimit-reset") or answer.headers.get("ratelimit-reset") or ""
    if _is_count(after):
        wait_s = float(after)
    elif _is_count(at):
        wait_s = float(at) - now().timestamp()
    else:
        return None
    return now() + timedelta(seconds=wait_s) if 0 < wait_s < DAY_S else None


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 12


@contextmanager
def in_our_words(host: str, provider: str) -> Iterator[None]:
    """What reads registries calls everything a registry."""
    try:
        yield
    except RegistryAddressRefused as error:
        raise GitHostAddressRefused(is_plain=error.is_plain, is_never=error.is_never) from error
    except RegistryUnresolved as error:
        raise GitHostUnresolved(error.detail, field="address") from error
    except RegistryTimeout as error:
        raise GitHostTimeout(error.detail, field="address") from error
    except RegistryUntrusted as error:
        raise GitHostUntrusted(error.detail, field="ca") from error
    except NotARegistry as error:
        raise GitHostOther(host, provider) from error
    except RegistryUnavailable as error:
        raise GitHostUnavailable(error.detail, field="address") from error
    except RegistryRefused as error:
        raise GitHostRefused(error.detail, field="address") from error


def moment_of(text: object) -> datetime | None:
    """A time of a server's answer, as ISO 8601 or a day, in UTC; None for anything else."""
    if not isinstance(text, str) or len(text) > 40:
        return None
    try:
        found = datetime.fromisoformat(text.replace(" UTC", "+00:00"))
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
