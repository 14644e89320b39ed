"""From a request, or a socket's handshake, to a Principal.

A bearer token is checked alone: an invalid one is refused even when a valid cookie comes with it. For unsafe
methods a session cookie is accepted only together with the CSRF token.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.utils.crypto import constant_time_compare, salted_hmac
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from kubeorch.accounts import sessions, store
from kubeorch.accounts.principal import Credential, Principal
from kubeorch.accounts.scope import check_scope
from kubeorch.accounts.token_scopes import scope_needed
from kubeorch.base.errors import Forbidden
from kubeorch.web.refusals import NotSignedIn

BEARER = "bearer"


class BadToken(NotSignedIn):
    code = "auth.invalid"

    def __init__(self) -> None:
        super().__init__("this token is unknown, has expired or was revoked; sign in again")


class CsrfFailed(Forbidden):
    code = "csrf.failed"

    def __init__(self, reason: str) -> None:
        super().__init__(f"the request lacks this browser's CSRF token ({reason.rstrip('.').lower()}); reload the page")


class BearerAuthentication(BaseAuthentication):
    def authenticate(self, request: Request) -> tuple[Principal, Credential] | None:
        header = request.META.get("HTTP_AUTHORIZATION", "")
        if not header:
            return None
        scheme, _, token = header.partition(" ")
        if scheme.lower() != BEARER:
            raise BadToken
        principal = store.principal_of_token(token.strip())
        if principal is None or principal.credential is None:
            raise BadToken
        check_scope(principal.credential, scope_needed(request.parser_context.get("view"), request.method or ""))
        return principal, principal.credential

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="kubeorch"'


class BrowserSessionAuthentication(BaseAuthentication):
    def authenticate(self, request: Request) -> tuple[Principal, Credential] | None:
        key = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
        if not key:
            return None
        principal = principal_of_session(key)
        if principal is None or principal.credential is None:
            return None
        enforce_csrf(request)
        return principal, principal.credential


class SignedIn(BasePermission):
    def has_permission(self, request: Request, view: Any) -> bool:
        return isinstance(request.user, Principal)


def me(request: Request) -> Principal:
    """Who is asking: the one way to learn it. Raises NotSignedIn where a view lets anybody in."""
    user: object = request.user
    if not isinstance(user, Principal):
        raise NotSignedIn("sign in, or send a bearer token")
    return user


def my_credential(request: Request) -> Credential:
    """What the request came with."""
    credential = me(request).credential
    if credential is None:
        raise NotSignedIn("sign in, or send a bearer token")
    return credential


def principal_of_session(session_key: str) -> Principal | None:
    """The person of a session cookie. The session must also match the password that the person has now."""
    if len(session_key) > 100:
        return None
    stored = sessions.stored_id(session_key)
    return _principal_of_stored(stored)


def refreshed(principal: Principal) -> Principal | None:
    """The same credential checked again, with the roles of this moment; None when it is no longer valid.

    For what stays open (sockets, streams): call it every few seconds.
    """
    credential = principal.credential
    if credential is None:
        return None
    if credential.kind == "session":
        return _principal_of_stored(credential.key)
    return store.principal_of_token_id(credential)


def session_fingerprint(password_hash: str) -> str:
    """What Django's `login` puts in a session: it changes with the password (AbstractBaseUser)."""
    salt = "django.contrib.auth.models.AbstractBaseUser.get_session_auth_hash"
    return salted_hmac(salt, password_hash, algorithm="sha256").hexdigest()


def enforce_csrf(request: HttpRequest | Request) -> None:
    """Raise CsrfFailed unless the request is safe or carries the token that matches this browser's cookie."""
    inner: HttpRequest = getattr(request, "_request", request)
    check = _CsrfCheck(lambda _: HttpResponse())
    check.process_request(inner)
    reason = check.process_view(inner, _nothing, (), {})
    if reason:
        raise CsrfFailed(str(reason))


def _principal_of_stored(stored: str) -> Principal | None:
    found = store.session_with_person(stored)
    if found is None:
        return None
    data, person, principal = found
    expected = session_fingerprint(person["password"])
    return principal if constant_time_compare(data.get(HASH_SESSION_KEY, ""), expected) else None


def _nothing(*_: object, **__: object) -> HttpResponse:
    return HttpResponse()


class _CsrfCheck(CsrfViewMiddleware):
    """Django's check, handing back the reason instead of a page. Views of the API are exempt from the middleware."""

    def _reject(self, request: HttpRequest, reason: str) -> str:
        return reason
