"""One cluster asked what of a workflow would break on it. Nothing is applied; only what it serves is read."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal

from bson import ObjectId

from clusters.connections import asking, client_for_team
from clusters.domain.objects import Manifest, Ref
from clusters.kube.client import KubeClient, Manifests
from clusters.kube.errors import ApiForbidden, ApiNotFound, UnknownKind
from clusters.kube.holding import TooMuch
from clusters.kube.openapi import Documents, Schemas, documents, schemas_of
from kubeorch.base.errors import Forbidden, InvalidInput, NotFound, Unavailable
from workflows.domain.fitting.amounts import Asked, misses_quota, out_of_limits, over_quota
from workflows.domain.fitting.pod_security import level_of, violations
from workflows.domain.fitting.problems import Found, Misfit
from workflows.domain.fitting.schema import definition_of, misfits
from workflows.domain.forecast.readers import pod_of
from workflows.domain.graphs.graph import Graph
from workflows.domain.rendering.render import Rendered
from workflows.domain.rights.needs import drawn_places
from workflows.environments.acting import client_of
from workflows.environments.serving import new_namespace
from workflows.environments.store import Environment
from workflows.fits.naming import absent
from workflows.fits.rights import lacking
from workflows.runs.drawn import drawn_in, images_in
from workflows.runs.guests import check_namespaces
from workflows.runs.permission import cluster_scope, require_cluster

AT_ONCE = 4
"""Requests in flight to one cluster."""
TOTAL_S = 20.0
"""For one cluster; a person waits."""
FOUND_MOST = 300
"""Problems of one cluster that are told."""
_WARNING = re.compile(r'299 \S+ "((?:[^"\\]|\\.){1,400})"')
State = Literal["fits", "breaks", "unknown"]


class FitsTookTooLong(Unavailable):
    code = "fits.timeout"

    def __init__(self) -> None:
        super().__init__(f"the cluster did not answer within {TOTAL_S:.0f} s; try again when it is less busy")


@dataclass(frozen=True, slots=True)
class Fit:
    state: State
    namespace: str
    found: tuple[Found, ...] = ()
    reason: str = ""
    """Why it is unknown, or what else could not be looked at."""


def fit(cluster_id: ObjectId, environment: Environment, graph: Graph) -> Fit:
    """What would break; `environment` says namespace and variables, and may be in another cluster."""
    namespace = environment["namespace"]
    end = time.monotonic() + TOTAL_S

    def check() -> None:
        if time.monotonic() > end:
            raise FitsTookTooLong

    try:
        require_cluster(environment["team_id"], cluster_id)
        with (
            asking(cluster_id, environment["team_id"]),
            ThreadPoolExecutor(AT_ONCE, thread_name_prefix="fit") as pool,
        ):
            client = _client(cluster_id, environment).while_alive(check)
            look = _Look(client, pool, cluster_id, environment, graph)
            found = tuple(look.found())
    except (Unavailable, Forbidden, NotFound, InvalidInput) as error:
        return Fit("unknown", namespace, reason=error.detail)
    breaks = any(one.misfit.level == "error" for one in found)
    unseen = f"not looked at, since the credentials may not read them: {', '.join(sorted(look.unseen))}"
    state: State = "breaks" if breaks else "unknown" if look.unseen else "fits"
    return Fit(state, namespace, found[:FOUND_MOST], unseen if look.unseen else "")


def _client(cluster_id: ObjectId, environment: Environment) -> KubeClient:
    """In the name in which a run of the environment would ask there; roles of its own it has in its own cluster."""
    if cluster_id == environment["cluster_id"]:
        return client_of(environment)
    return client_for_team(cluster_id, environment["team_id"])


class _Look:
    def __init__(
        self, client: KubeClient, pool: Executor, cluster_id: ObjectId, environment: Environment, graph: Graph
    ) -> None:
        self.unseen: set[str] = set()
        """Kinds that the credentials may not read."""
        self._client = client
        self._pool = pool
        self._cluster_id = cluster_id
        self._namespace = environment["namespace"]
        scope = cluster_scope(client)
        self._items = drawn_in(environment, graph, images_in(environment, graph), scope).whole
        self._place: Environment = {**environment, "cluster_id": cluster_id}
        check_namespaces(self._place, [item.ref for item in self._items], client)
        self._documents: Documents = documents(client)
        self._schemas: dict[str, Schemas] = {}
        self._defined = drawn_places(item.manifest for item in self._items)
        self._ended: dict[tuple[str, str], str] = {}

    def found(self) -> Iterator[Found]:
        namespace = new_namespace(self._client, self._place, self._items)
        yield from lacking(self._client, self._pool, self._items, namespace)
        yield from absent(self._client, self._pool, self._items, namespace, self.unseen)
        quotas, limits = self._list("ResourceQuota"), self._list("LimitRange")
        level = level_of(self._get(Ref("v1", "Namespace", "", self._namespace)))
        asked: list[Asked] = []
        for item in self._items:
            for misfit in self._served(item):
                yield Found(item.node_id, item.ref, misfit)
            for misfit in misfits(item.manifest, item.ref, self._of(item.ref.api_version)):
                yield Found(item.node_id, item.ref, misfit)
            if item.ref.namespace != self._namespace:
                continue
            where = _pod_path(item.manifest)
            one = Asked(item.node_id, item.ref, item.manifest, self._resource(item.ref), self._is_new(item.ref, quotas))
            asked.append(one)
            pod = pod_of(item.manifest)
            more = [*out_of_limits(one, limits, where), *misses_quota(one, quotas, limits, where)]
            more += violations(pod, level, where) if pod is not None else ()
            for misfit in more:
                yield Found(item.node_id, item.ref, misfit)
        for misfit in over_quota(asked, quotas, limits):
            yield Found("", None, misfit)

    def _served(self, item: Rendered) -> Iterator[Misfit]:
        ref = item.ref
        if (ref.group, ref.kind) in self._defined:
            return
        if definition_of(self._of(ref.api_version), ref) is None:
            others = [
                one
                for one in self._documents.versions_of(ref.group)
                if one != ref.api_version
                and definition_of(self._of(one), Ref(one, ref.kind, ref.namespace, ref.name)) is not None
            ]
            if others:
                served = ", ".join(others)
                yield Misfit("version.not_served", f"{ref.kind} is served as {served} here, not as {ref.api_version}")
            elif "." in ref.group and not ref.group.endswith(".k8s.io"):
                detail = f"this cluster has no CustomResourceDefinition of {ref.kind} ({ref.api_version}); install it"
                yield Misfit("kind.not_defined", detail)
            else:
                yield Misfit("kind.not_served", f"this cluster does not serve {ref.kind} ({ref.api_version})")
            return
        if ending := self._ending(ref):
            yield Misfit("version.deprecated", ending, "apiVersion", "warning")

    def _ending(self, ref: Ref) -> str:
        """What the API server warns of who uses the version; "" where it says nothing."""
        kind = (ref.api_version, ref.kind)
        if kind not in self._ended:
            try:
                path = self._client.resource(*kind).path(ref.namespace or None)
                _, headers, _ = self._client.exchange("GET", path, query={"limit": "1"})
                said = _WARNING.search(headers.get("Warning", "") or "")
                self._ended[kind] = said[1] if said else ""
            except UnknownKind:
                self._ended[kind] = ""
        return self._ended[kind]

    def _of(self, api_version: str) -> Schemas:
        if api_version not in self._schemas:
            digest = self._documents.digests.get(api_version)
            self._schemas[api_version] = (
                {} if digest is None else schemas_of(self._client, self._cluster_id, api_version, digest)
            )
        return self._schemas[api_version]

    def _resource(self, ref: Ref) -> str:
        try:
            return self._client.resource(ref.api_version, ref.kind).plural
        except UnknownKind:
            return ref.kind.lower()

    def _is_new(self, ref: Ref, quotas: Sequence[Manifest]) -> bool:
        """Only where a quota counts it matters whether it is there."""
        return bool(quotas) and self._get(ref) is None

    def _get(self, ref: Ref) -> Mapping[str, object] | None:
        try:
            return self._client.get(ref, metadata_only=True)
        except ApiForbidden:
            self.unseen.add(ref.kind)
        except UnknownKind:
            pass  # told of where its version is looked at
        return None

    def _list(self, kind: str) -> Manifests:
        """What one may not see is not judged: the namespace may be another one there."""
        try:
            return self._client.list("v1", kind, namespace=self._namespace)[0]
        except ApiNotFound:
            return []
        except (ApiForbidden, TooMuch):
            self.unseen.add(kind)
            return []


def _pod_path(manifest: Manifest) -> str:
    return {"Pod": "spec", "CronJob": "spec.jobTemplate.spec.template.spec"}.get(
        str(manifest.get("kind")), "spec.template.spec"
    )
