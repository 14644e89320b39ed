"""Invites to teams."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from kubeorch.accounts import invites, letting_in_store, store
from kubeorch.accounts import serializers as s
from kubeorch.accounts.auditing import audit
from kubeorch.accounts.authentication import me
from kubeorch.accounts.representations import invite_json, user_json
from kubeorch.accounts.roles import Role
from kubeorch.base.errors import Forbidden
from kubeorch.mongo.pages import find_page
from kubeorch.web.pagination import PARAMETERS
from kubeorch.web.requests import body
from kubeorch.web.schema import NO_CONTENT, extend_schema, page_of
from kubeorch.web.views import APIView

TAGS = ["teams"]


class InvitesView(APIView):
    answers_secret = True

    @extend_schema(
        operation_id="invites_list",
        parameters=PARAMETERS,
        responses=page_of("InvitePage", s.InviteSerializer(many=True)),
        tags=TAGS,
    )
    def get(self, request: Request) -> Response:
        """Invites of the teams that you administer, newest first; their codes are never shown again."""
        principal = me(request)
        teams = [team_id for team_id in principal.team_ids if principal.may("invite.read", team_id)]
        if not teams:
            raise Forbidden("only administrators of a team see its invites", code="forbidden.role")
        page = find_page(
            letting_in_store.invites(),
            {"team_id": {"$in": teams}},
            request.query_params,
            sorts={"created_at": "created_at"},
            default="-created_at",
            projection={"hash": 0},
        )
        names = store.names_of_teams(row["team_id"] for row in page.results)
        return Response(page.as_json([invite_json(row, names.get(row["team_id"], "")) for row in page.results]))

    @extend_schema(
        operation_id="invites_create",
        request=s.NewInviteSerializer,
        responses={201: s.CreatedInviteSerializer},
        tags=TAGS,
    )
    def post(self, request: Request) -> Response:
        """Invite somebody to a team. The code works once, for seven days, and is shown only in this answer."""
        given = body(s.NewInviteSerializer, request)
        row, code = invites.create_invite(me(request), given["team"], Role(given["role"]), given["email"])
        team_id = row["team_id"]
        target = {"invite": row["_id"], "role": row["role"], "email": row["email"]}
        audit(request, "invite.create", team_id=team_id, target=target)
        name = store.names_of_teams([team_id]).get(team_id, "")
        return Response({**invite_json(row, name), "code": code}, status=201)


class InviteView(APIView):
    @extend_schema(operation_id="invites_delete", responses=NO_CONTENT, tags=TAGS)
    def delete(self, request: Request, invite_id: str) -> Response:
        """Withdraw an invite; its code no longer works."""
        withdrawn = invites.withdraw_invite(me(request), invite_id)
        audit(request, "invite.delete", team_id=withdrawn["team_id"], target={"invite": invite_id})
        return Response(status=204)


class AcceptInviteView(APIView):
    @extend_schema(
        operation_id="invites_accept", request=s.AcceptInviteSerializer, responses=s.UserSerializer, tags=TAGS
    )
    def post(self, request: Request) -> Response:
        """Join the team of an invite with your account."""
        given = body(s.AcceptInviteSerializer, request)
        team_id = invites.accept_invite(me(request), given["code"])
        audit(request, "invite.accept", team_id=team_id)
        principal = store.principal_of_user(me(request).user_id) or me(request)
        return Response(user_json(principal, store.names_of_teams(principal.team_ids)))
