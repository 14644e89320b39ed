"""Routes of logs: one address a subject, as JSON, as an event stream, or as a text to keep."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from clusters import store
from clusters.domain.logs.positions import positions_of
from clusters.logs import asking
from clusters.logs.copying import CopyOfLog
from clusters.logs.feed import Feed
from clusters.logs.streams import EventStream, TextOfFeed, whole
from clusters.logs.wishes import TAIL, TAIL_MOST, Wishes, wishes_of
from clusters.scope import still_has
from clusters.serializers import logs as s
from kubeorch.accounts.authentication import me
from kubeorch.accounts.principal import Principal
from kubeorch.realtime.produced import Maker, Stream
from kubeorch.realtime.rooms import Held, Room
from kubeorch.web.schema import extend_schema
from kubeorch.web.views import APIView

TAGS = ["logs"]
STREAMS_A_PERSON = 10
STREAMS_A_TEAM = 20
STREAMS_A_CLUSTER = 40
STREAMS = 80
ANSWER_BYTES = 4 * 1024 * 1024
ANSWER_S = 8.0
DOWNLOAD_BYTES = 512 * 1024 * 1024
_room = Room()

PARAMETERS = [
    OpenApiParameter("container", str, description="without it, all containers"),
    OpenApiParameter("follow", bool, description="an event stream of what there is and what comes; see below"),
    OpenApiParameter("previous", bool, description="of the instance before the last restart"),
    OpenApiParameter("since", str, description="a duration (90s, 15m, 6h, 2d) or a time of RFC 3339"),
    OpenApiParameter("tail", int, description=f"lines from the end of each container; {TAIL}, {TAIL_MOST} at most"),
    OpenApiParameter("timestamps", bool, description="of a download: begin each line with its time"),
    OpenApiParameter("download", bool, description="the whole log as a text file"),
]
ABOUT = """

With `follow=true`, or `Accept: text/event-stream`, the answer is an event stream: `sources` (the containers),
`entries` (lines and notes, in the order of time), `limited`, `complete` and `refused`. A client that sends the last
event's id back as `Last-Event-ID` goes on right there, without gap or repetition. With `download=true` it is text.
"""


class _LogsView(APIView):
    def _answer(self, request: Request, find: Callable[[Principal, str], asking.Found], name: str) -> HttpResponseBase:
        wishes = wishes_of(request.query_params)
        principal = me(request)
        found = find(principal, wishes.container)
        held = _held(principal, found)
        is_stream = wishes.wanted.follow or "text/event-stream" in request.headers.get("Accept", "")
        resumed = positions_of(request.headers.get("Last-Event-ID", "")) if is_stream else {}
        feed = Feed(
            found.client,
            found.subject,
            wishes.wanted,
            positions=resumed,
            pods=found.pods,
            reader=principal.user_id,
        )
        if is_stream:
            return _streamed(request, principal, found, held, EventStream(feed), "text/event-stream")
        if wishes.is_download:
            maker = _download(found, feed, wishes)
            response = _streamed(request, principal, found, held, maker, "text/plain; charset=utf-8")
            response["Content-Disposition"] = f'attachment; filename="{name}.log"'
            return response
        woken = threading.Event()
        try:
            feed.start(woken.set)
            return Response(
                whole(feed, most_bytes=ANSWER_BYTES, woken=woken, within_s=ANSWER_S, has_more=found.has_more)
            )
        finally:
            feed.stop()
            held.give_back()


class PodLogsView(_LogsView):
    @extend_schema(
        operation_id="clusters_pod_logs",
        parameters=PARAMETERS,
        responses=s.LogsSerializer,
        tags=TAGS,
        description=f"The log of a pod: the last lines of its containers.{ABOUT}",
    )
    def get(self, request: Request, cluster_id: str, pod_namespace: str, pod: str) -> HttpResponseBase:
        return self._answer(
            request, lambda who, container: asking.of_pod(who, cluster_id, pod_namespace, pod, container), pod
        )


class WorkloadLogsView(_LogsView):
    @extend_schema(
        operation_id="clusters_workload_logs",
        parameters=PARAMETERS,
        responses=s.LogsSerializer,
        tags=TAGS,
        description=f"The logs of all pods of a workload, merged by time; followed, new pods join.{ABOUT}",
    )
    def get(
        self, request: Request, cluster_id: str, workload_kind: str, pod_namespace: str, workload: str
    ) -> HttpResponseBase:
        return self._answer(
            request,
            lambda who, container: asking.of_workload(
                who, cluster_id, workload_kind, pod_namespace, workload, container
            ),
            workload,
        )


def _download(found: asking.Found, feed: Feed, wishes: Wishes) -> Maker:
    pods = found.pods
    names = [one.name for pod in pods for one in pod.containers if wishes.container in ("", one.name)]
    if len(pods) == 1 and len(names) == 1:
        return CopyOfLog(found.client, pods[0], names[0], wishes.wanted, most_bytes=DOWNLOAD_BYTES)
    return TextOfFeed(feed, timestamps=wishes.wanted.timestamps, most_bytes=DOWNLOAD_BYTES, has_more=found.has_more)


def _held(principal: Principal, found: asking.Found) -> Held:
    """Raises TooManyAttempts."""
    return _room.take(
        {
            ("person", principal.user_id): (
                STREAMS_A_PERSON,
                f"you read {STREAMS_A_PERSON} logs at once already; close some and try again",
            ),
            ("team", found.access.team_id): (
                STREAMS_A_TEAM,
                "your team reads many logs at once already; close some and try again",
            ),
            ("cluster", found.cluster["_id"]): (
                STREAMS_A_CLUSTER,
                "many logs of this cluster are being read; try again in a moment",
            ),
            "all": (STREAMS, "many logs are being read; try again in a moment"),
        }
    )


def _streamed(
    request: Request, principal: Principal, found: asking.Found, held: Held, maker: Maker, content_type: str
) -> HttpResponseBase:
    inner: HttpRequest = request._request
    still_may = partial(_still_may, found=found)
    return Stream(inner, principal, maker, still_may=still_may, held=held).answer(content_type)


def _still_may(principal: Principal, *, found: asking.Found) -> None:
    cluster = store.find(found.cluster["_id"], principal)
    still_has(principal, asking.READ, cluster, found.subject.namespace, found.access)
