"""One registry, spoken to by the distribution API, with the credentials of one account or none.

Sources: OCI Distribution Specification 1.1; Distribution, "Token Authentication Specification". Credentials are sent
only after the registry has asked for them, and to a token server of its own site alone.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl, urlencode, urlsplit

from builds.domain.challenges import Challenge, challenge_of, may_be_sent
from builds.domain.images import DOCKER_HUB, is_digest, is_tag
from builds.domain.manifests import ACCEPTED
from builds.registries.answers import Login, as_json, is_unsupported, said_in, sound, wait_of
from builds.registries.ecr import forget_login
from builds.registries.errors import (
    CredentialsRefused,
    DeletesNothing,
    NotARegistry,
    RealmRefused,
    RegistryRefused,
    RegistryUnavailable,
)
from builds.registries.exchanges import Answer, Check, Exchanges, joined, parts_of, place_of_url
from clusters.kube.allowance import Allowance

ANSWER_MAX_BYTES = 4_000_000
QUESTION_S = 15.0
"""For one request, with its token and the waits that Retry-After asks for."""
WAIT_MOST_S = 5.0
ATTEMPTS = 3
TOKEN_MAX = 20_000
PAGE = 1_000
PAGES_MOST = 10
TAGS_MOST = 10_000
INTERFACE = "interface of registries (/v2/)"
_HUB_SERVER = "registry-1.docker.io"
_PULL, _PUSH, _DELETE = "pull", "pull,push", "delete"


@dataclass(frozen=True, slots=True)
class Server:
    """Where a registry answers."""

    host: str
    plain_http: bool = False
    authority: str = ""
    """PEM; "" for those that everybody knows."""
    is_own: bool = False
    """It runs beside this server."""

    @property
    def url(self) -> str:
        name = _HUB_SERVER if self.host == DOCKER_HUB else self.host
        return f"{'http' if self.plain_http else 'https'}://{name}"


@dataclass(frozen=True, slots=True)
class Tags:
    names: list[str]
    is_whole: bool
    """False when the registry has more than are read."""


@dataclass(frozen=True, slots=True)
class Found:
    """A manifest or a part of an image, its digest checked."""

    content: bytes = field(repr=False)
    media_type: str
    digest: str


class Distribution:
    """Use it in a `with`, for one piece of work."""

    def __init__(self, server: Server, login: Login | None = None, *, check: Check | None = None) -> None:
        host = urlsplit(server.url).hostname or ""
        self._server, self._login, self._check = server, login, check
        self._exchanges = Exchanges(
            most_bytes=ANSWER_MAX_BYTES,
            check=check,
            authority=server.authority,
            authority_host=host,
            own_host=host if server.is_own else "",
        )
        self._authorization: dict[str, str] = {}
        """By scope."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._exchanges.__exit__(kind, error, trace)
        self._authorization.clear()
        if self._login is not None and isinstance(error, CredentialsRefused):
            forget_login(self._login)

    def challenge(self) -> Challenge | None:
        """What the registry asks for before it is used; None for one that is open. Raises NotARegistry and its kind."""
        answer = self._once("GET", f"{self._server.url}/v2/", {}, self._allowance())
        if answer.status == 401:
            challenge = challenge_of(answer.headers.get("www-authenticate", ""))
            if challenge is None:
                raise NotARegistry(self._server.host)
            return challenge
        self._sound(answer, INTERFACE)
        if "html" in answer.headers.get("content-type", ""):
            raise NotARegistry(self._server.host)
        return None

    def sign_in(self) -> None:
        """Raises CredentialsRefused unless the registry takes the credentials."""
        self._sound(self._ask("GET", "/v2/", scope=""), INTERFACE)

    def repositories(self) -> list[str]:
        """Names of repositories, where the registry lists them at all: PAGE at most."""
        answer = self._ask("GET", f"/v2/_catalog?n={PAGE}", scope="registry:catalog:*")
        names = as_json(self._sound(answer, "list of repositories"), self._server.host).get("repositories")
        return [one for one in names if isinstance(one, str)][:PAGE] if isinstance(names, list) else []

    def tags(self, path: str, *, pages: int = PAGES_MOST) -> Tags:
        """The tags of a repository, as the registry sorts them. Raises NothingThere for one that is not there."""
        names: list[str] = []
        last: str | None = ""
        for _ in range(pages):
            query = urlencode({"n": PAGE, **({"last": last} if last else {})})
            answer = self._ask("GET", f"/v2/{path}/tags/list?{query}", scope=_scope(path, _PULL))
            found = as_json(self._sound(answer, f"repository {path}"), self._server.host).get("tags")
            names += [one for one in found if isinstance(one, str) and is_tag(one)] if isinstance(found, list) else []
            last = _next(answer.headers.get("link", ""))
            if last is None or len(names) > TAGS_MOST:
                break
        return Tags(list(dict.fromkeys(names))[:TAGS_MOST], last is None and len(names) <= TAGS_MOST)

    def manifest(self, path: str, reference: str) -> Found:
        """The manifest or index that a tag or a digest names."""
        answer = self._ask(
            "GET", f"/v2/{path}/manifests/{reference}", scope=_scope(path, _PULL), headers={"Accept": ACCEPTED}
        )
        self._sound(answer, f"{path} with {reference[:80]}")
        return self._checked(answer, reference if is_digest(reference) else "")

    def digest_of(self, path: str, reference: str) -> str:
        """The digest that a tag names now. It is the registry's own word, in what every runtime pulls by, or else the
        hash of what the tag names: a server that it leads to may say anything."""
        answer = self._ask(
            "HEAD", f"/v2/{path}/manifests/{reference}", scope=_scope(path, _PULL), headers={"Accept": ACCEPTED}
        )
        self._sound(answer, f"{path} with {reference[:80]}")
        digest = answer.headers.get("docker-content-digest", "")
        is_own = place_of_url(answer.url) == place_of_url(self._server.url)
        is_usual = is_digest(digest) and (digest.startswith("sha256:") or digest == reference)
        return digest if is_own and is_usual else self.manifest(path, reference).digest

    def blob(self, path: str, digest: str) -> bytes:
        """A part of an image that is small, as its configuration."""
        answer = self._ask("GET", f"/v2/{path}/blobs/{digest}", scope=_scope(path, _PULL))
        self._sound(answer, f"part {digest[:19]} of {path}")
        return self._checked(answer, digest).content

    def delete(self, path: str, reference: str) -> None:
        """Remove what a digest names, with every tag of it; or a tag alone, where the registry can. Raises
        DeletesNothing."""
        answer = self._ask("DELETE", f"/v2/{path}/manifests/{reference}", scope=_scope(path, f"{_PULL},{_DELETE}"))
        if answer.status == 405 and self._server.is_own:
            raise RegistryUnavailable(f"{self._server.host} is tidying up; try again in a minute")
        if answer.status == 405 or (answer.status >= 400 and is_unsupported(answer)):
            raise DeletesNothing(self._server.host)
        self._sound(answer, f"{path} with {reference[:19]}")

    def try_upload(self, path: str) -> None:
        """Start an upload and cancel it, so that nothing is left. Raises NotPermitted, NothingThere and others."""
        scope = _scope(path, _PUSH)
        answer = self._ask("POST", f"/v2/{path}/blobs/uploads/", scope=scope)
        self._sound(answer, f"repository {path}")
        location = joined(f"{self._server.url}/v2/", answer.headers.get("location", ""))
        if answer.status == 202 and place_of_url(location) == place_of_url(self._server.url):
            self._once("DELETE", location, self._authorized(scope), self._allowance())

    def _ask(self, method: str, path: str, *, scope: str, headers: Mapping[str, str] | None = None) -> Answer:
        """With credentials once the registry has asked for them; again where it says when."""
        url, allowance = f"{self._server.url}{path}", self._allowance()
        attempt = signed_in = 0
        while True:
            answer = self._once(method, url, {**(headers or {}), **self._authorized(scope)}, allowance)
            if answer.status == 401 and not signed_in:
                signed_in = 1
                if self._answer_to(answer.headers.get("www-authenticate", ""), scope, allowance):
                    continue
            attempt += 1
            wait_s = wait_of(answer)
            is_again = answer.status in (429, 503) and method in ("GET", "HEAD") and attempt < ATTEMPTS
            if not is_again or wait_s is None or not 0 <= wait_s <= min(WAIT_MOST_S, allowance.left_s()):
                is_too_narrow = answer.status == 401 and self._login is not None and scope in self._authorization
                return replace(answer, status=403) if is_too_narrow else answer  # a token was given, without the right
            allowance.sleep(max(wait_s, 0.05))

    def _once(self, method: str, url: str, headers: Mapping[str, str], allowance: Allowance) -> Answer:
        return self._exchanges.ask(method, url, headers=headers, wall_s=allowance.left_s())

    def _allowance(self) -> Allowance:
        return Allowance(QUESTION_S, 0, alive=self._check)

    def _authorized(self, scope: str) -> dict[str, str]:
        found = self._authorization.get("basic") or self._authorization.get(scope)
        return {"Authorization": found} if found else {}

    def _answer_to(self, header: str, scope: str, allowance: Allowance) -> bool:
        """Whether there is now something to answer the challenge with."""
        challenge = challenge_of(header)
        if challenge is None:
            return False
        if challenge.scheme == "basic":
            if self._login is None:
                return False
            self._authorization["basic"] = self._login.basic
            return True
        self._authorization[scope] = f"Bearer {self._token(challenge, scope, allowance)}"
        return True

    def _token(self, challenge: Challenge, scope: str, allowance: Allowance) -> str:
        realm_host = parts_of(challenge.realm).hostname or "" if challenge.realm.isascii() else ""
        own: dict[str, str] = {}
        if self._login is not None:
            if not may_be_sent(self._server.url, challenge.realm):
                raise RealmRefused(self._server.host, realm_host)
            own = {"Authorization": self._login.basic}
        query = {"service": challenge.service, "scope": scope, "client_id": "kubeorch"}
        asked = urlencode({key: value for key, value in query.items() if value})
        url = f"{challenge.realm}{'&' if '?' in challenge.realm else '?'}{asked}"
        answer = self._once("GET", url, own, allowance)
        if answer.status in (400, 401, 403):
            said = said_in(answer, self._login)
            raise CredentialsRefused(self._server.host, has_credentials=self._login is not None, said=said)
        found = as_json(self._sound(answer, f"token server at {realm_host}"), self._server.host)
        token = found.get("token") or found.get("access_token")
        if not isinstance(token, str) or not re.fullmatch(rf"[\x21-\x7e]{{1,{TOKEN_MAX}}}", token):
            raise NotARegistry(self._server.host)
        return token

    def _sound(self, answer: Answer, what: str) -> Answer:
        """The answer, where it is what was asked for."""
        return sound(answer, self._server.host, what, self._login)

    def _checked(self, answer: Answer, digest: str) -> Found:
        """Raises RegistryRefused when the content is not that of the digest."""
        algorithm = digest.partition(":")[0] or "sha256"
        found = f"{algorithm}:{hashlib.new(algorithm, answer.content).hexdigest()}"
        if digest and found != digest:
            raise RegistryRefused(f"what {self._server.host} sends does not have the digest {digest[:19]}…")
        return Found(answer.content, answer.headers.get("content-type", ""), found)


def _scope(path: str, actions: str) -> str:
    return f"repository:{path}:{actions}"


def _next(link: str) -> str | None:
    """`last` of the next page; None without one. Of its address nothing else is believed."""
    found = re.match(r'<([^<>\s]{1,2000})>\s{0,5};\s{0,5}rel="?next"?', link)
    last = dict(parse_qsl(parts_of(found[1]).query)).get("last") if found else None
    return last if last and len(last) <= 200 else None
