"""What people drop or paste on a canvas, read by the rules of the server."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from kubeorch.accounts.authentication import me
from kubeorch.accounts.roles import VERBS
from kubeorch.accounts.scope import NotAllowed
from kubeorch.web.requests import body, read_of
from kubeorch.web.schema import extend_schema
from kubeorch.web.views import APIView
from workflows.catalog import catalog
from workflows.domain.graphs.graph import graph_to_dict
from workflows.domain.graphs.pasted import read_pasted
from workflows.graphs.checking import check_graph
from workflows.serializers.parse import ParsedSerializer, ParseSerializer


class ParseView(APIView):
    @extend_schema(operation_id="workflows_parse", request=ParseSerializer, responses=ParsedSerializer)
    def post(self, request: Request) -> Response:
        """Nodes and edges of a workflow file or of Kubernetes objects; nothing is stored.

        `nodes` and `edges` are as a save accepts them: ids are unique within the answer, and positions are 0, 0 where
        the text has none. `problems` are those that an import of the same text would show; they refuse only a run.
        `notes` say what was left out, such as the values of a Secret. A text that an import would refuse is answered
        400 with the same problems.
        """
        principal = me(request)
        if not any(principal.may("workflow.edit", team) for team in principal.team_ids):
            raise NotAllowed("workflow.edit", VERBS["workflow.edit"], next(iter(principal.roles.values()), None))
        given = body(ParseSerializer, request)
        with read_of("content"):
            pasted = read_pasted(given["content"], catalog())
        checked = check_graph(pasted.graph)
        return Response(
            {
                **graph_to_dict(checked.graph),
                "problems": [problem.as_json() for problem in checked.problems],
                "notes": [{"detail": note.detail, "node_ids": list(note.node_ids)} for note in pasted.notes],
            }
        )
