"""The accounts of the instance, for its administrators."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from kubeorch.accounts import people, store
from kubeorch.accounts import serializers as s
from kubeorch.accounts.auditing import audit
from kubeorch.accounts.authentication import me
from kubeorch.accounts.representations import account_json
from kubeorch.accounts.scope import require_instance_admin
from kubeorch.mongo.pages import find_page
from kubeorch.web.pagination import PARAMETERS
from kubeorch.web.requests import NoInput, body
from kubeorch.web.schema import conflict, extend_schema, page_of
from kubeorch.web.views import APIView

TAGS = ["people"]


class PeopleView(APIView):
    @extend_schema(
        operation_id="people_list",
        parameters=PARAMETERS,
        responses=page_of("AccountPage", s.AccountSerializer(many=True)),
        tags=TAGS,
    )
    def get(self, request: Request) -> Response:
        """Every account of the instance by e-mail address."""
        require_instance_admin(me(request))
        page = find_page(
            store.users(),
            {},
            request.query_params,
            sorts={"email": "email"},
            default="email",
            projection={"password": 0},
        )
        return Response(page.as_json([account_json(row) for row in page.results]))


class PersonView(APIView):
    @extend_schema(
        operation_id="people_update",
        request=s.ChangedAccountSerializer,
        responses={200: s.AccountSerializer, 409: conflict("account.last_admin")},
        tags=TAGS,
    )
    def patch(self, request: Request, user_id: str) -> Response:
        """Disable or enable an account, or choose whether it administers the instance.

        Disabling ends its sessions, tokens, reset code and unused invites at once and its live connections within
        seconds; enabling brings none of them back. Runs it has started go on. 409 `account.last_admin` for the only
        administrator of the instance who is left.
        """
        person = people.person_for(me(request), user_id)
        given = body(s.ChangedAccountSerializer, request, partial=True)
        target = {"user": person["_id"], "email": person["email"]}
        if "is_admin" in given and given["is_admin"] != person["is_admin"]:
            people.set_admin(person, given["is_admin"])
            audit(request, "account.admin" if given["is_admin"] else "account.no_admin", target=target)
        if "disabled" in given and given["disabled"] == person["is_active"]:
            change = people.disable if given["disabled"] else people.enable
            change(person)
            audit(request, "account.disable" if given["disabled"] else "account.enable", target=target)
        return Response(account_json(store.find_person(person["_id"])))


class PasswordResetView(APIView):
    answers_secret = True

    @extend_schema(
        operation_id="people_password_reset",
        request=None,
        responses={201: s.ResetCodeSerializer, 409: conflict("account.disabled")},
        tags=TAGS,
    )
    def post(self, request: Request, user_id: str) -> Response:
        """Make a code with which the person sets a new password (`POST auth/reset`): once, within a day.

        Pass it on by a way that you trust: who has it has the account. The old password works until then.
        """
        person = people.person_for(me(request), user_id)
        body(NoInput, request)
        made = people.new_reset_code(person, me(request))
        audit(request, "account.reset_code", target={"user": person["_id"], "email": person["email"]})
        return Response(made, status=201)
