"""The bearer tokens of the person who asks."""

from __future__ import annotations

from bson import ObjectId
from rest_framework.request import Request
from rest_framework.response import Response

from kubeorch.accounts import serializers as s
from kubeorch.accounts import store, tokens
from kubeorch.accounts.auditing import audit
from kubeorch.accounts.authentication import me, my_credential
from kubeorch.accounts.representations import token_json
from kubeorch.accounts.token_scopes import TokenScope
from kubeorch.mongo.pages import find_page
from kubeorch.web.pagination import PARAMETERS
from kubeorch.web.requests import body
from kubeorch.web.schema import NO_CONTENT, extend_schema, page_of
from kubeorch.web.views import APIView

TAGS = ["auth"]


class TokensView(APIView):
    answers_secret = True

    @extend_schema(
        operation_id="tokens_list",
        parameters=PARAMETERS,
        responses=page_of("TokenPage", s.TokenSerializer(many=True)),
        tags=TAGS,
    )
    def get(self, request: Request) -> Response:
        """Your tokens, newest first; the tokens themselves are never shown again."""
        page = find_page(
            store.tokens(),
            {"user_id": ObjectId(me(request).user_id)},
            request.query_params,
            sorts={"created_at": "created_at", "name": "name"},
            default="-created_at",
            projection={"hash": 0},
        )
        mine = my_credential(request).key
        return Response(page.as_json([token_json(row, current=str(row["_id"]) == mine) for row in page.results]))

    @extend_schema(
        operation_id="tokens_create", request=s.NewTokenSerializer, responses={201: s.CreatedTokenSerializer}, tags=TAGS
    )
    def post(self, request: Request) -> Response:
        """Make a token for scripts, shown in this answer alone. A token makes none that outdoes it."""
        given = body(s.NewTokenSerializer, request)
        row, token = tokens.new_token_of(
            me(request), given["name"], days=given.get("expires_in_days"), scope=TokenScope(given["scope"])
        )
        target = {"token": row["_id"], "name": row["name"], "scope": row["scope"], "expires_at": row["expires_at"]}
        audit(request, "token.create", target=target)
        return Response({**token_json(row, current=False), "token": token}, status=201)


class TokenView(APIView):
    @extend_schema(operation_id="tokens_delete", responses=NO_CONTENT, tags=TAGS)
    def delete(self, request: Request, token_id: str) -> Response:
        """Revoke one of your tokens; it stops working at once."""
        tokens.revoke_token(me(request), token_id)
        audit(request, "token.revoke", target={"token": token_id})
        return Response(status=204)
