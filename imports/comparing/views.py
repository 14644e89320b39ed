"""A comparison over HTTP."""

from __future__ import annotations

from collections import Counter
from typing import Any, get_args

from rest_framework import serializers as s
from rest_framework.request import Request
from rest_framework.response import Response

from imports import store
from imports.comparing.comparing import Comparison, compare
from imports.domain.ledger import place_as_json
from imports.domain.promises import Topic, Verdict
from imports.shapes import PlaceSerializer
from imports.views import audit_import
from kubeorch.accounts.authentication import me
from kubeorch.accounts.scope import team_filter
from kubeorch.mongo.ids import as_object_id
from kubeorch.web.requests import Id, Input, body
from kubeorch.web.schema import Shape, conflict, extend_schema
from kubeorch.web.views import APIView
from workflows.serializers.shapes import NamedSerializer


class CompareSerializer(Input):
    environment = Id(help_text="of the workflow that was made of the import")


class SamenessItemSerializer(Shape):
    service = s.CharField()
    topic = s.ChoiceField(
        choices=get_args(Topic),
        help_text="folder: its user can write there. name: it answers at that port. order: it starts after that one",
    )
    subject = s.CharField()
    verdict = s.ChoiceField(choices=get_args(Verdict))
    reason = s.CharField(allow_blank=True, help_text="why it is not kept, or not known; never a value")
    place = PlaceSerializer(allow_null=True, help_text="in the Compose files")


class SamenessSerializer(Shape):
    environment = NamedSerializer()
    counts = s.DictField(child=s.IntegerField(), help_text="items by verdict")
    items = SamenessItemSerializer(many=True, help_text="the worst first")
    left_off = s.IntegerField(help_text="items that were not compared, since there are too many")


_ORDER: tuple[Verdict, ...] = ("broken", "unknown", "kept")


class ComparisonsView(APIView):
    @extend_schema(
        operation_id="imports_compare",
        request=CompareSerializer,
        responses={200: SamenessSerializer, 409: conflict("import.not_comparable, import.not_ready")},
    )
    def post(self, request: Request, import_id: str) -> Response:
        """Ask running containers whether they have what the Compose files give them. Nothing is changed or kept.

        Commands are run in them (cat, sha256sum, sh), so it needs the right to open a shell there.
        """
        given = body(CompareSerializer, request)
        id_ = as_object_id(import_id, what="import")
        environment_id = as_object_id(given["environment"], what="environment")
        found = compare(me(request), id_, environment_id)
        audit_import(request, "import.compare", store.find(id_, team_filter(me(request))), environment=environment_id)
        return Response(_as_json(found))


def _as_json(found: Comparison) -> dict[str, Any]:
    counted = Counter(one.verdict for one in found.items)
    items = sorted(found.items, key=lambda one: _ORDER.index(one.verdict))
    environment = found.environment
    return {
        "environment": {"id": str(environment["_id"]), "name": environment["name"]},
        "counts": {verdict: counted[verdict] for verdict in _ORDER},
        "items": [
            {
                "service": one.promise.service,
                "topic": one.promise.topic,
                "subject": one.promise.subject,
                "verdict": one.verdict,
                "reason": one.reason,
                "place": place_as_json(one.promise.place),
            }
            for one in items
        ],
        "left_off": found.left_off,
    }
