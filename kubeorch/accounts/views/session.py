"""Routes of accounts, teams, invites, tokens and the instance's settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bson import ObjectId
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.auth import login as start_session
from django.contrib.auth import logout as end_session
from django.middleware.csrf import get_token
from drf_spectacular.utils import OpenApiResponse
from rest_framework.request import Request
from rest_framework.response import Response

from kubeorch.accounts import actions, store
from kubeorch.accounts import serializers as s
from kubeorch.accounts.authentication import enforce_csrf, me, my_credential
from kubeorch.accounts.models import User
from kubeorch.accounts.principal import Principal
from kubeorch.accounts.roles import Role
from kubeorch.accounts.scope import require
from kubeorch.base.errors import Forbidden, KubeOrchError, NotFound
from kubeorch.mongo.client import db
from kubeorch.mongo.ids import as_object_id
from kubeorch.web import auditing
from kubeorch.web.pagination import PARAMETERS, find_page
from kubeorch.web.requests import NoInput, body
from kubeorch.web.schema import extend_schema, page_of
from kubeorch.web.views import APIView

NO_CONTENT = {204: OpenApiResponse(description="done")}
BACKEND = "django.contrib.auth.backends.ModelBackend"


def user_json(principal: Principal) -> dict[str, Any]:
    teams = db()["teams"].find({"_id": {"$in": list(principal.team_ids)}}, {"name": 1}).sort("name", 1)
    return {
        "id": principal.user_id,
        "email": principal.email,
        "name": principal.name,
        "is_admin": principal.is_admin,
        "teams": [{"id": row["_id"], "name": row["name"], "role": principal.role_in(row["_id"])} for row in teams],
    }


def _signed_in(request: Request, user: User, *, session: bool) -> dict[str, Any]:
    """The answer to a login: a cookie session, or a bearer token."""
    token, expires_at = None, None
    if session:
        user.backend = BACKEND
        request._request.session.flush()  # Django keeps the id when the same person signs in again
        start_session(request._request, user)  # and makes a new CSRF token
    else:
        row, token = actions.new_api_token(user.pk, "login")
        expires_at = row.expires_at
    principal = store.principal_of_user(user.pk)
    if principal is None:
        raise actions.BadLogin
    return {"token": token, "expires_at": expires_at, "user": user_json(principal)}


def _audit(request: Request, action: str, *, team_id: object = None, target: Mapping[str, Any] | None = None) -> None:
    auditing.record(
        action,
        actor_id=me(request).user_id,
        actor=me(request).email,
        team_id=team_id,
        target=target,
        request=request._request,
    )


class PublicView(APIView):
    """For those who have no proof yet, or a stale one: nothing they send along is judged."""

    authentication_classes = ()
    permission_classes = ()


class SessionView(APIView):
    permission_classes = ()

    @extend_schema(operation_id="auth_session", responses=s.SessionSerializer, tags=["auth"])
    def get(self, request: Request) -> Response:
        """Who this browser is signed in as, and how new people get in. Sets the CSRF cookie."""
        get_token(request._request)
        user: object = request.user
        shown = user_json(user) if isinstance(user, Principal) else None
        return Response({"user": shown, "signup": actions.signup_mode()})


class RegisterView(PublicView):
    @extend_schema(
        operation_id="auth_register", request=s.RegisterSerializer, responses={201: s.SignedInSerializer}, tags=["auth"]
    )
    def post(self, request: Request) -> Response:
        """Make an account. The first administers the instance; later ones need an invite unless sign-up is open."""
        given = body(s.RegisterSerializer, request)
        if given["session"]:
            enforce_csrf(request)
        actions.count_registration(request._request.source)  # type: ignore[attr-defined]
        made = actions.register(given["email"], given["password"], given["name"], given["invite_code"])
        auditing.record(
            "auth.register",
            actor_id=made.user.pk,
            actor=made.user.email,
            team_id=made.team_id,
            request=request._request,
        )
        return Response(_signed_in(request, made.user, session=given["session"]), status=201)


class LoginView(PublicView):
    @extend_schema(
        operation_id="auth_login", request=s.LoginSerializer, responses={200: s.SignedInSerializer}, tags=["auth"]
    )
    def post(self, request: Request) -> Response:
        """Sign in: a bearer token, or with `session` a cookie for this browser."""
        given = body(s.LoginSerializer, request)
        if given["session"]:
            enforce_csrf(request)
        inner = request._request
        try:
            user = actions.sign_in(given["email"], given["password"], inner.source)  # type: ignore[attr-defined]
        except KubeOrchError as error:
            auditing.record("auth.login", actor=given["email"], request=inner, outcome=error.code)
            raise
        auditing.record("auth.login", actor_id=user.pk, actor=user.email, request=inner)
        return Response(_signed_in(request, user, session=given["session"]))


class LogoutView(APIView):
    @extend_schema(operation_id="auth_logout", request=None, responses=NO_CONTENT, tags=["auth"])
    def post(self, request: Request) -> Response:
        """End the session, or revoke the token, that this request came with."""
        body(NoInput, request)
        credential = my_credential(request)
        if credential.kind == "session":
            end_session(request._request)
        else:
            actions.revoke_token(me(request), credential.key)
        _audit(request, "auth.logout")
        return Response(status=204)


class ProfileView(APIView):
    @extend_schema(operation_id="auth_profile", responses=s.UserSerializer, tags=["auth"])
    def get(self, request: Request) -> Response:
        return Response(user_json(me(request)))

    @extend_schema(
        operation_id="auth_profile_update", request=s.ProfileSerializer, responses=s.UserSerializer, tags=["auth"]
    )
    def patch(self, request: Request) -> Response:
        given = body(s.ProfileSerializer, request, partial=True)
        if "name" in given:
            User.objects.filter(pk=me(request).user_id).update(name=given["name"].strip())
        principal = store.principal_of_user(me(request).user_id)
        if principal is None:
            raise NotFound("there is no such account")
        return Response(user_json(principal))


class PasswordView(APIView):
    @extend_schema(operation_id="auth_password", request=s.PasswordSerializer, responses=NO_CONTENT, tags=["auth"])
    def post(self, request: Request) -> Response:
        """Change the password; every other session and token of this account ends."""
        given = body(s.PasswordSerializer, request)
        inner = request._request
        user = actions.change_password(
            me(request),
            given["current_password"],
            given["new_password"],
            inner.source,  # type: ignore[attr-defined]
        )
        if my_credential(request).kind == "session":
            inner.session.cycle_key()
            inner.session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        auditing.record("auth.password", actor_id=user.pk, actor=user.email, request=inner)
        return Response(status=204)


def _token_json(row: dict[str, Any], current: str) -> dict[str, Any]:
    return {
        "id": row["_id"],
        "name": row["name"],
        "hint": row["hint"],
        "created_at": row["created_at"],
        "expires_at": row["expires_at"],
        "last_used_at": row.get("last_used_at"),
        "current": str(row["_id"]) == current,
    }


class TokensView(APIView):
    @extend_schema(
        operation_id="tokens_list",
        parameters=PARAMETERS,
        responses=page_of("TokenPage", s.TokenSerializer(many=True)),
        tags=["auth"],
    )
    def get(self, request: Request) -> Response:
        """One's own tokens, newest first; never the tokens themselves."""
        page = find_page(
            db()["api_tokens"],
            {"user_id": ObjectId(me(request).user_id)},
            request.query_params,
            sorts={"created_at": "created_at", "name": "name"},
            default="-created_at",
            projection={"hash": 0},
        )
        current = my_credential(request).key
        return Response(page.as_json([_token_json(row, current) for row in page.results]))

    @extend_schema(
        operation_id="tokens_create",
        request=s.NewTokenSerializer,
        responses={201: s.CreatedTokenSerializer},
        tags=["auth"],
    )
    def post(self, request: Request) -> Response:
        """Make a token for scripts. The answer is the only place it is ever shown."""
        given = body(s.NewTokenSerializer, request)
        row, token = actions.new_api_token(me(request).user_id, given["name"], given["expires_in_days"])
        _audit(request, "token.create", target={"token": row.pk, "name": row.name})
        shown = _token_json(db()["api_tokens"].find_one({"_id": row.pk}) or {}, "")
        return Response({**shown, "token": token}, status=201)


class TokenView(APIView):
    @extend_schema(operation_id="tokens_delete", responses=NO_CONTENT, tags=["auth"])
    def delete(self, request: Request, token_id: str) -> Response:
        """Revoke one of one's own tokens, at once."""
        actions.revoke_token(me(request), token_id)
        _audit(request, "token.revoke", target={"token": token_id})
        return Response(status=204)


def _invite_json(row: dict[str, Any], team_name: str) -> dict[str, Any]:
    return {
        "id": row["_id"],
        "team": {"id": str(row["team_id"]), "name": team_name},
        "role": row["role"],
        "email": row["email"],
        "created_at": row["created_at"],
        "expires_at": row["expires_at"],
        "used_at": row.get("used_at"),
    }


def _team_names(team_ids: set[ObjectId]) -> dict[ObjectId, str]:
    return {row["_id"]: row["name"] for row in db()["teams"].find({"_id": {"$in": list(team_ids)}}, {"name": 1})}


class InvitesView(APIView):
    @extend_schema(
        operation_id="invites_list",
        parameters=PARAMETERS,
        responses=page_of("InvitePage", s.InviteSerializer(many=True)),
        tags=["teams"],
    )
    def get(self, request: Request) -> Response:
        """Invites of the teams one administers, newest first; never their codes."""
        teams = [team_id for team_id in me(request).team_ids if me(request).may("invite.read", team_id)]
        if not teams:
            raise Forbidden("only administrators of a team see its invites", code="forbidden.role")
        page = find_page(
            db()["invites"],
            {"team_id": {"$in": teams}},
            request.query_params,
            sorts={"created_at": "created_at"},
            default="-created_at",
            projection={"hash": 0},
        )
        names = _team_names({row["team_id"] for row in page.results})
        return Response(page.as_json([_invite_json(row, names.get(row["team_id"], "")) for row in page.results]))

    @extend_schema(
        operation_id="invites_create",
        request=s.NewInviteSerializer,
        responses={201: s.CreatedInviteSerializer},
        tags=["teams"],
    )
    def post(self, request: Request) -> Response:
        """Invite somebody to a team. The code works once, for seven days, and is shown only here."""
        given = body(s.NewInviteSerializer, request)
        team_id = actions.member_team(me(request), given["team"], "invite.edit")
        made, code = actions.invite(team_id, Role(given["role"]), given["email"], by=me(request))
        _audit(
            request,
            "invite.create",
            team_id=team_id,
            target={"invite": made.pk, "role": made.role, "email": made.email},
        )
        row = db()["invites"].find_one({"_id": made.pk}) or {}
        return Response({**_invite_json(row, made.team.name), "code": code}, status=201)


class InviteView(APIView):
    @extend_schema(operation_id="invites_delete", responses=NO_CONTENT, tags=["teams"])
    def delete(self, request: Request, invite_id: str) -> Response:
        """Withdraw an invite."""
        row = db()["invites"].find_one({"_id": as_object_id(invite_id, what="invite")}, {"team_id": 1})
        if row is None or (me(request).role_in(row["team_id"]) is None and not me(request).is_admin):
            raise NotFound("there is no such invite")
        if not me(request).is_admin:
            require(me(request), "invite.edit", row["team_id"])
        db()["invites"].delete_one({"_id": row["_id"]})
        _audit(request, "invite.delete", team_id=row["team_id"], target={"invite": invite_id})
        return Response(status=204)


class AcceptInviteView(APIView):
    @extend_schema(
        operation_id="invites_accept", request=s.AcceptInviteSerializer, responses=s.UserSerializer, tags=["teams"]
    )
    def post(self, request: Request) -> Response:
        """Join the team of an invite with the account one has."""
        given = body(s.AcceptInviteSerializer, request)
        team_id = actions.accept_invite(me(request), given["code"])
        _audit(request, "invite.accept", team_id=team_id)
        principal = store.principal_of_user(me(request).user_id)
        return Response(user_json(principal or me(request)))


class TeamsView(APIView):
    @extend_schema(
        operation_id="teams_list",
        parameters=PARAMETERS,
        responses=page_of("TeamPage", s.TeamRoleSerializer(many=True)),
        tags=["teams"],
    )
    def get(self, request: Request) -> Response:
        """One's teams by name; administrators of the instance see all of them."""
        base = {} if me(request).is_admin else {"_id": {"$in": list(me(request).team_ids)}}
        page = find_page(
            db()["teams"], base, request.query_params, sorts={"name": "name"}, default="name", projection={"name": 1}
        )
        return Response(
            page.as_json(
                [
                    {"id": row["_id"], "name": row["name"], "role": me(request).role_in(row["_id"])}
                    for row in page.results
                ]
            )
        )

    @extend_schema(
        operation_id="teams_create", request=s.NewTeamSerializer, responses={201: s.TeamRoleSerializer}, tags=["teams"]
    )
    def post(self, request: Request) -> Response:
        """Make a team and administer it; for administrators of the instance."""
        only_instance_admin(request)
        given = body(s.NewTeamSerializer, request)
        team_id = actions.create_team(given["name"], me(request))
        _audit(request, "team.create", team_id=team_id)
        return Response({"id": team_id, "name": given["name"], "role": Role.ADMIN}, status=201)


class MembersView(APIView):
    @extend_schema(
        operation_id="members_list",
        parameters=PARAMETERS,
        responses=page_of("MemberPage", s.MemberSerializer(many=True)),
        tags=["teams"],
    )
    def get(self, request: Request, team_id: str) -> Response:
        """Members of a team, in the order they joined."""
        team = actions.member_team(me(request), team_id, "member.read")
        page = find_page(
            db()["memberships"],
            {"team_id": team},
            request.query_params,
            sorts={"joined_at": "created_at"},
            default="joined_at",
        )
        people = db()["users"].find({"_id": {"$in": [row["user_id"] for row in page.results]}}, {"email": 1, "name": 1})
        by_id = {row["_id"]: row for row in people}
        return Response(
            page.as_json(
                [
                    {
                        "id": row["user_id"],
                        "email": by_id[row["user_id"]]["email"],
                        "name": by_id[row["user_id"]]["name"],
                        "role": row["role"],
                        "joined_at": row["created_at"],
                    }
                    for row in page.results
                    if row["user_id"] in by_id
                ]
            )
        )


class MemberView(APIView):
    @extend_schema(operation_id="members_update", request=s.RoleSerializer, responses=s.RoleSerializer, tags=["teams"])
    def patch(self, request: Request, team_id: str, user_id: str) -> Response:
        """Change a member's role; it holds from the next request on."""
        actions.member_team(me(request), team_id, "member.edit")  # before the body: who may not, learns no format
        given = body(s.RoleSerializer, request)
        actions.set_role(me(request), team_id, user_id, Role(given["role"]))
        _audit(request, "member.role", team_id=team_id, target={"user": user_id, "role": given["role"]})
        return Response({"role": given["role"]})

    @extend_schema(operation_id="members_delete", responses=NO_CONTENT, tags=["teams"])
    def delete(self, request: Request, team_id: str, user_id: str) -> Response:
        """Take somebody out of the team, or leave it."""
        actions.remove_member(me(request), team_id, user_id)
        _audit(request, "member.remove", team_id=team_id, target={"user": user_id})
        return Response(status=204)


def only_instance_admin(request: Request) -> None:
    if not me(request).is_admin:
        raise Forbidden("this is for administrators of the instance", code="forbidden.instance_admin")


class SettingsView(APIView):
    @extend_schema(operation_id="settings", responses=s.SettingsSerializer, tags=["settings"])
    def get(self, request: Request) -> Response:
        only_instance_admin(request)
        return Response({"signup": actions.stored_signup()})

    @extend_schema(
        operation_id="settings_update", request=s.SettingsSerializer, responses=s.SettingsSerializer, tags=["settings"]
    )
    def patch(self, request: Request) -> Response:
        """Whether new people need an invite code (`invite`) or not (`open`)."""
        only_instance_admin(request)
        given = body(s.SettingsSerializer, request, partial=True)
        if "signup" in given:
            actions.set_signup(given["signup"])
            _audit(request, "settings.signup", target=given)
        return Response({"signup": actions.stored_signup()})
