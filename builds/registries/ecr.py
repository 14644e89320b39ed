"""Signing in to Amazon ECR: an access key is exchanged for a password of twelve hours.

Source: Amazon ECR API Reference, "GetAuthorizationToken". A password is kept in this process until an hour before its
end, so that every registry call does not cost another one to Amazon.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
import threading
from datetime import UTC, datetime, timedelta

from builds.domain.signing import AccessKey, signed_headers
from builds.registries.answers import Login, as_json
from builds.registries.errors import CredentialsRefused, NotARegistry, RegistryBusy, RegistryUnavailable
from builds.registries.exchanges import Answer, Exchanges
from kubeorch.base.clock import now

ANSWER_MAX_BYTES = 64 * 1024
QUESTION_S = 15.0
EARLY = timedelta(hours=1)
LONGEST = timedelta(hours=12)
KEPT_MOST = 1_000
_HOST = re.compile(r"(\d{12})\.dkr\.ecr(-fips)?\.([a-z0-9-]+)\.(amazonaws\.com(?:\.cn)?)")
_TARGET = "AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken"

_kept: dict[str, tuple[Login, datetime]] = {}
_lock = threading.Lock()


def ecr_login(host: str, key: AccessKey) -> Login:
    """What the registry takes now. Raises CredentialsRefused, RegistryUnavailable and their kind."""
    return kept_login(host, key) or fresh_login(host, key)


def kept_login(host: str, key: AccessKey) -> Login | None:
    """What is known without asking Amazon."""
    with _lock:
        found = _kept.get(_name(host, key))
    return found[0] if found is not None and found[1] > now() else None


def renewed_at(host: str, key: AccessKey) -> datetime | None:
    """When another password is asked for than the one that is known now."""
    with _lock:
        found = _kept.get(_name(host, key))
    return found[1] if found is not None else None


def fresh_login(host: str, key: AccessKey) -> Login:
    """As `ecr_login`, asked of Amazon now: of a key that was withdrawn nothing is kept."""
    name = _name(host, key)
    try:
        login, ends_at = exchanged(endpoint_of(host), host, key)
    except CredentialsRefused:
        with _lock:
            _kept.pop(name, None)
        raise
    with _lock:
        if len(_kept) >= KEPT_MOST:
            _kept.clear()
        _kept[name] = (login, ends_at - EARLY)
    return login


def forget_login(login: Login) -> None:
    """The registry has refused it."""
    with _lock:
        for name in [name for name, (kept, _) in _kept.items() if kept == login]:
            del _kept[name]


def _name(host: str, key: AccessKey) -> str:
    return hashlib.sha256(f"{host}\n{key.id}\n{key.secret}".encode()).hexdigest()


def endpoint_of(host: str) -> str:
    """Where passwords for a registry are asked for."""
    found = _HOST.fullmatch(host)
    if found is None:
        raise NotARegistry(host)
    return f"https://{'ecr-fips' if found[2] else 'api.ecr'}.{found[3]}.{found[4]}"


def exchanged(endpoint: str, host: str, key: AccessKey) -> tuple[Login, datetime]:
    """A password, and when it ends."""
    found = _HOST.fullmatch(host)
    if found is None:
        raise NotARegistry(host)
    body = json.dumps({"registryIds": [found[1]]}).encode()
    headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": _TARGET}
    server = endpoint.partition("://")[2]
    signed = signed_headers(key, region=found[3], service="ecr", host=server, headers=headers, body=body, at=now())
    with Exchanges(most_bytes=ANSWER_MAX_BYTES) as exchanges:
        answer = exchanges.ask("POST", f"{endpoint}/", headers=signed, body=body, wall_s=QUESTION_S)
    if answer.status in (400, 401, 403):
        name = _name_of_error(answer)
        if name in _THROTTLED:
            raise RegistryBusy(server, None)
        if name not in _PASSING:
            said = f" ({_SAID[name]})" if name in _SAID else ""
            raise CredentialsRefused(host, has_credentials=True, said=said)
    if answer.status != 200:
        raise RegistryUnavailable(f"{server} gives no password for {host} (status {answer.status}); try again later")
    return _read(answer, host)


def _read(answer: Answer, host: str) -> tuple[Login, datetime]:
    rows = as_json(answer, host).get("authorizationData")
    row = rows[0] if isinstance(rows, list) and rows and isinstance(rows[0], dict) else {}
    try:
        username, colon, password = base64.b64decode(str(row.get("authorizationToken"))).decode().partition(":")
        ends_at = datetime.fromtimestamp(float(row["expiresAt"]), UTC)
    except (binascii.Error, ValueError, KeyError, TypeError, OverflowError, OSError) as error:
        raise NotARegistry(host) from error
    if not colon or not password.isprintable() or not password:
        raise NotARegistry(host)
    return Login(username, password), min(ends_at, now() + LONGEST)


_SAID = {
    "UnrecognizedClientException": "there is no such access key",
    "InvalidSignatureException": "the secret access key is not that of this id, or the clock of this server is wrong",
    "AccessDeniedException": "the key's user may not call ecr:GetAuthorizationToken",
    "ExpiredTokenException": "the key has expired",
}


_THROTTLED = ("Throttling", "ThrottlingException", "TooManyRequestsException", "RequestLimitExceeded", "SlowDown")
_PASSING = ("ServerException", "InternalFailure", "ServiceUnavailable", "ServiceUnavailableException")
"""What is told with 400, too. Source: Amazon ECR API Reference, "Common Error Types" and GetAuthorizationToken."""


def _name_of_error(answer: Answer) -> str:
    """Amazon's name of it; its text may repeat what was sent."""
    try:
        return str(json.loads(answer.content).get("__type", "")).rpartition("#")[2]
    except (ValueError, RecursionError, AttributeError):
        return ""
