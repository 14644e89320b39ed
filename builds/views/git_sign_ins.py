"""Routes of signing in at a git server in a browser."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from builds.connections import actions
from builds.connections.oauth import signing_in
from builds.serializers import connections as s
from builds.views.connections import TAGS, audit_connection, shown
from kubeorch.accounts.authentication import me
from kubeorch.web.requests import body
from kubeorch.web.schema import conflict, extend_schema
from kubeorch.web.views import APIView


class GitSignInBeginningView(APIView):
    @extend_schema(
        operation_id="git_connections_begin_sign_in",
        request=s.BeginGitSignInInput,
        responses={201: s.GitSignInBegunSerializer, 409: conflict("git_connection.changed")},
        tags=TAGS,
    )
    def post(self, request: Request, connection_id: str) -> Response:
        """Where your browser goes to sign in at the git server (OAuth 2.0 with PKCE). It leads back within ten minutes
        with what the next route takes; of several that you begin the last one counts."""
        actions.editable(me(request), connection_id)
        given = body(s.BeginGitSignInInput, request)
        row, url = signing_in.begin(me(request), connection_id, given["origin"])
        audit_connection(request, "git_connection.begin_sign_in", row)
        return Response({"url": url}, status=201)


class GitSignInView(APIView):
    @extend_schema(
        operation_id="git_connections_finish_sign_in",
        request=s.FinishGitSignInInput,
        responses={
            200: s.GitConnectionSerializer,
            409: conflict("git_connection.sign_in_lapsed, git_connection.changed"),
        },
        tags=TAGS,
    )
    def post(self, request: Request) -> Response:
        """What the git server has sent your browser back with becomes tokens, which are stored encrypted, renewed
        before they end, and never shown. It is taken once, from the person who began alone."""
        given = body(s.FinishGitSignInInput, request)
        row = signing_in.finish(me(request), given["state"], given["code"])
        audit_connection(request, "git_connection.sign_in", row)
        return Response(shown(request, row))
