"""Signing up, in and out, and the account of the person who asks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings as django_settings
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.auth import login as start_session
from django.contrib.auth import logout as end_session
from django.middleware.csrf import get_token
from rest_framework.request import Request
from rest_framework.response import Response

from kubeorch.accounts import joining, resets, sessions, signing_in, store, throttle, tokens
from kubeorch.accounts import serializers as s
from kubeorch.accounts.auditing import audit
from kubeorch.accounts.authentication import enforce_csrf, me, my_credential, principal_of_session
from kubeorch.accounts.models import User
from kubeorch.accounts.principal import Principal
from kubeorch.accounts.representations import user_json
from kubeorch.accounts.token_scopes import TokenScope, needs_scope
from kubeorch.base.errors import KubeOrchError, NotFound
from kubeorch.web import auditing
from kubeorch.web.requests import NoInput, body
from kubeorch.web.schema import NO_CONTENT, conflict, extend_schema
from kubeorch.web.views import APIView

BACKEND = "django.contrib.auth.backends.ModelBackend"
TAGS = ["auth"]


class PublicView(APIView):
    """For people who are not signed in, or whose sign-in has expired: credentials that come along are ignored."""

    answers_secret = True
    authentication_classes = ()
    permission_classes = ()


class SessionView(APIView):
    permission_classes = ()

    @extend_schema(operation_id="auth_session", responses=s.SessionSerializer, tags=TAGS)
    def get(self, request: Request) -> Response:
        """Who this browser is signed in as, and how new people get in. Sets the CSRF cookie."""
        get_token(request._request)
        user: object = request.user
        person = _person(user) if isinstance(user, Principal) else None
        return Response({"user": person, "signup": joining.signup_mode()})


class RegisterView(PublicView):
    @extend_schema(
        operation_id="auth_register",
        request=s.RegisterSerializer,
        responses={201: s.SignedInSerializer, 409: conflict("account.email_taken")},
        tags=TAGS,
    )
    def post(self, request: Request) -> Response:
        """Make an account. The first administers the instance; later ones need an invite unless sign-up is open."""
        given = body(s.RegisterSerializer, request)
        if given["session"]:
            enforce_csrf(request)
        joining.count_registration(_source_of(request))
        made = joining.register(given["email"], given["password"], given["name"], given["invite_code"])
        throttle.remember_place("login", made.user.email, _source_of(request))
        auditing.record(
            "auth.register",
            actor_id=made.user.pk,
            actor=made.user.email,
            team_id=made.team_id,
            request=request._request,
        )
        return _signed_in(request, made.user, session=given["session"], status=201)


class LoginView(PublicView):
    @extend_schema(
        operation_id="auth_login", request=s.LoginSerializer, responses={200: s.SignedInSerializer}, tags=TAGS
    )
    def post(self, request: Request) -> Response:
        """Sign in: with a bearer token as the answer, or with `session` by a cookie in this browser."""
        given = body(s.LoginSerializer, request)
        if given["session"]:
            enforce_csrf(request)
        inner = request._request
        try:
            user = signing_in.sign_in(
                given["email"],
                given["password"],
                _source_of(request),
                device=_device_of(request),
                has_session=_is_signed_in_as(request, given),
            )
        except KubeOrchError as error:
            known = store.person_by_email(given["email"].strip().lower()) or {"_id": None, "email": ""}
            auditing.count("auth.login", outcome=error.code, request=inner, actor_id=known["_id"], actor=known["email"])
            raise
        auditing.record("auth.login", actor_id=user.pk, actor=user.email, request=inner)
        return _signed_in(request, user, session=given["session"])


class ResetView(PublicView):
    @extend_schema(operation_id="auth_reset", request=s.ResetSerializer, responses=NO_CONTENT, tags=TAGS)
    def post(self, request: Request) -> Response:
        """Set a new password with a code from an administrator; every session and token of the account ends."""
        given = body(s.ResetSerializer, request)
        user = resets.use(given["code"], given["new_password"], _source_of(request))
        auditing.record("auth.reset", actor_id=user.pk, actor=user.email, request=request._request)
        return Response(status=204)


class LogoutView(APIView):
    @needs_scope(TokenScope.READ)  # whoever finds a token may end it
    @extend_schema(operation_id="auth_logout", request=None, responses=NO_CONTENT, tags=TAGS)
    def post(self, request: Request) -> Response:
        """End the session, or revoke the token, that this request came with."""
        body(NoInput, request)
        credential = my_credential(request)
        if credential.kind == "session":
            end_session(request._request)
        else:
            tokens.revoke_token(me(request), credential.key)
        audit(request, "auth.logout")
        return Response(status=204)


class ProfileView(APIView):
    @extend_schema(operation_id="auth_profile", responses=s.UserSerializer, tags=TAGS)
    def get(self, request: Request) -> Response:
        """The signed-in person, with the roles they have now."""
        return Response(_person(me(request)))

    @extend_schema(
        operation_id="auth_profile_update", request=s.ProfileSerializer, responses=s.UserSerializer, tags=TAGS
    )
    def patch(self, request: Request) -> Response:
        """Change your name."""
        given = body(s.ProfileSerializer, request, partial=True)
        if "name" in given:
            User.objects.filter(pk=me(request).user_id).update(name=given["name"].strip())
        principal = store.principal_of_user(me(request).user_id)
        if principal is None:
            raise NotFound("there is no such account")
        return Response(_person(principal))


class PasswordView(APIView):
    @extend_schema(operation_id="auth_password", request=s.PasswordSerializer, responses=NO_CONTENT, tags=TAGS)
    def post(self, request: Request) -> Response:
        """Change the password; every other session and token of this account ends."""
        given = body(s.PasswordSerializer, request)
        inner = request._request
        user = signing_in.change_password(
            me(request), given["current_password"], given["new_password"], _source_of(request)
        )
        answer = Response(status=204)
        if my_credential(request).kind == "session":
            inner.session.cycle_key()
            inner.session[HASH_SESSION_KEY] = user.get_session_auth_hash()
            _remember_device(request, answer, user)
        audit(request, "auth.password")
        return answer


def _signed_in(request: Request, user: User, *, session: bool, status: int = 200) -> Response:
    """The answer to a login: a cookie session, or a bearer token."""
    token, expires_at = None, None
    if session:
        user.backend = BACKEND
        sessions.make_room(user.pk)
        request._request.session.flush()  # Django keeps the id when the same person signs in again
        start_session(request._request, user)  # and makes a new CSRF token
    else:
        row, token = tokens.new_login_token(user.pk)
        expires_at = row["expires_at"]
    principal = store.principal_of_user(user.pk)
    if principal is None:
        raise signing_in.BadLogin
    answer = Response({"token": token, "expires_at": expires_at, "user": _person(principal)}, status=status)
    if session:
        _remember_device(request, answer, user)
    return answer


def _device_of(request: Request) -> str:
    return request.COOKIES.get(django_settings.DEVICE_COOKIE_NAME, "")


def _remember_device(request: Request, answer: Response, user: User) -> None:
    """Give the browser what shows, when it signs in again, that it has done so before."""
    device = throttle.remember_device("login", user.email, _device_of(request))
    answer.set_cookie(
        django_settings.DEVICE_COOKIE_NAME,
        device,
        max_age=throttle.KNOWN_FOR,
        secure=django_settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )


def _is_signed_in_as(request: Request, given: Mapping[str, Any]) -> bool:
    """Whether the browser that asks to sign in has a session of that person already."""
    key = request.COOKIES.get(django_settings.SESSION_COOKIE_NAME)
    principal = principal_of_session(key) if key else None
    return principal is not None and principal.email == given["email"].strip().lower()


def _person(principal: Principal) -> dict[str, Any]:
    return user_json(principal, store.names_of_teams(principal.team_ids))


def _source_of(request: Request) -> str:
    """The address the request came from; RequestEdge has put it there."""
    source: str = request._request.source  # type: ignore[attr-defined]
    return source
