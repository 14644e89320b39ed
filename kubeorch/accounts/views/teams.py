"""Teams and their members."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from kubeorch.accounts import members, store
from kubeorch.accounts import serializers as s
from kubeorch.accounts.auditing import audit
from kubeorch.accounts.authentication import me
from kubeorch.accounts.representations import member_json, team_json
from kubeorch.accounts.roles import Role
from kubeorch.accounts.scope import require_instance_admin
from kubeorch.mongo.pages import find_page
from kubeorch.web.pagination import PARAMETERS
from kubeorch.web.requests import body
from kubeorch.web.schema import NO_CONTENT, conflict, extend_schema, page_of
from kubeorch.web.views import APIView

TAGS = ["teams"]


class TeamsView(APIView):
    @extend_schema(
        operation_id="teams_list",
        parameters=PARAMETERS,
        responses=page_of("TeamPage", s.TeamRoleSerializer(many=True)),
        tags=TAGS,
    )
    def get(self, request: Request) -> Response:
        """Your teams by name; administrators of the instance see all teams."""
        principal = me(request)
        page = find_page(
            store.teams(),
            {} if principal.is_admin else {"_id": {"$in": list(principal.team_ids)}},
            request.query_params,
            sorts={"name": "name"},
            default="name",
            projection={"name": 1},
        )
        rows = [team_json(row["_id"], row["name"], principal.role_in(row["_id"])) for row in page.results]
        return Response(page.as_json(rows))

    @extend_schema(
        operation_id="teams_create", request=s.NewTeamSerializer, responses={201: s.TeamRoleSerializer}, tags=TAGS
    )
    def post(self, request: Request) -> Response:
        """Make a team and administer it; for administrators of the instance."""
        require_instance_admin(me(request))
        given = body(s.NewTeamSerializer, request)
        team_id = members.create_team(me(request), given["name"])
        audit(request, "team.create", team_id=team_id)
        return Response(team_json(team_id, given["name"], Role.ADMIN), status=201)


class MembersView(APIView):
    @extend_schema(
        operation_id="members_list",
        parameters=PARAMETERS,
        responses=page_of("MemberPage", s.MemberSerializer(many=True)),
        tags=TAGS,
    )
    def get(self, request: Request, team_id: str) -> Response:
        """Members of a team, in the order they joined."""
        team = members.member_team(me(request), team_id, "member.read")
        page = find_page(
            store.memberships(),
            {"team_id": team},
            request.query_params,
            sorts={"joined_at": "created_at"},
            default="joined_at",
        )
        people = store.people(row["user_id"] for row in page.results)
        rows = [member_json(row, people[row["user_id"]]) for row in page.results if row["user_id"] in people]
        return Response(page.as_json(rows))


class MemberView(APIView):
    @extend_schema(
        operation_id="members_update",
        request=s.RoleSerializer,
        responses={200: s.RoleSerializer, 409: conflict("team.last_admin")},
        tags=TAGS,
    )
    def patch(self, request: Request, team_id: str, user_id: str) -> Response:
        """Change a member's role; it counts from the next request on."""
        members.member_team(me(request), team_id, "member.edit")  # first: without the right, the body does not matter
        given = body(s.RoleSerializer, request)
        members.set_role(me(request), team_id, user_id, Role(given["role"]))
        audit(request, "member.role", team_id=team_id, target={"user": user_id, "role": given["role"]})
        return Response({"role": given["role"]})

    @extend_schema(operation_id="members_delete", responses={**NO_CONTENT, 409: conflict("team.last_admin")}, tags=TAGS)
    def delete(self, request: Request, team_id: str, user_id: str) -> Response:
        """Take somebody out of the team, or leave it."""
        members.remove_member(me(request), team_id, user_id)
        audit(request, "member.remove", team_id=team_id, target={"user": user_id})
        return Response(status=204)
