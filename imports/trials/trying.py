"""What a cluster says of an import before anything is made of it: each object by a server dry run, and what it needs
there that nobody brought. Nothing is written to the cluster, and nothing is stored.
"""

from __future__ import annotations

import base64
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import cast

from bson import ObjectId

from clusters import store as cluster_store
from clusters.connections import asking, client_for
from clusters.domain.objects import Manifest, Ref
from clusters.kube.apply import ForeignObject, is_secret
from clusters.kube.client import KubeClient
from clusters.kube.errors import ApiInvalid, UnknownKind
from imports import store
from imports.actions import converted_of
from imports.domain.ledger import Entry
from imports.domain.locating import FieldPath, Written, fields_in, place_of
from imports.domain.sources import Place
from imports.outcomes import Converted
from imports.sourcing import images_or_stand_ins, named_in, planned_sources
from imports.trials.adopting import foreign, is_to_be_taken_over, said_of
from imports.trials.results import Missing, Trial, TriedObject, Verdict
from kubeorch.accounts.principal import Principal
from kubeorch.accounts.scope import require, team_filter
from kubeorch.base import records
from kubeorch.base.clock import now
from kubeorch.base.errors import KubeOrchError, Unavailable
from workflows.catalog import catalog
from workflows.domain.fitting.wanting import WANTED_MOST, Wanted, text_of, wanted_by
from workflows.domain.graphs.read_graph import parse_graph
from workflows.domain.planning.effects import Effect
from workflows.domain.rendering.render import Rendered
from workflows.domain.run_options import RunOptions
from workflows.environments.namespace_store import require_free
from workflows.environments.placement import NoUsableCluster
from workflows.environments.store import Environment
from workflows.names import clean_namespace
from workflows.plans.classes import is_there, why_missing
from workflows.plans.judged import Judged
from workflows.plans.looking import read_whole
from workflows.plans.making import AT_ONCE
from workflows.plans.preparing import Prepared, prepare
from workflows.plans.sources import Source
from workflows.plans.trying import try_item
from workflows.runs.permission import require_cluster
from workflows.runs.secret_step import SecretValueMissing, values_of, with_values

TOTAL_S = 25.0
"""For all of it; a person waits."""
TRIES_S = 18.0
"""After it no further object is tried; those that are left are decided when they are applied, and it is said."""
PLACED_MOST = 200
"""Refusals that are led back to a key; further ones stand at their nodes."""
STAND_IN = "default"
"""The namespace in which objects are tried that go into one which is not there yet."""
UNKNOWN_VALUE = base64.b64encode(b"made-at-random").decode()
"""In place of a value that is made when the import is applied."""

Contents = Mapping[str, bytes]
"""Of the files, by their paths."""
_TRIAL_NAME = re.compile(r"kubeorch-dry-run-[0-9a-f]{8}")


class TrialTookTooLong(Unavailable):
    code = "import.trial_timeout"

    def __init__(self) -> None:
        super().__init__(
            f"the cluster did not try all objects within {TOTAL_S:.0f} s; nothing was changed. Check again when it is "
            "less busy"
        )


def try_import(principal: Principal, import_id: ObjectId, *, cluster: str, namespace: str) -> Trial:
    """Try what an import has become so far; `cluster` is an id or a name.

    Raises ImportNotFound, Forbidden, ImportRefused, NoUsableCluster, BadNamespace, NamespaceTaken, ReachesTooFar,
    GraphInvalid, ClusterBusy, and Unavailable when the cluster does not answer in time.
    """
    row = store.find(import_id, team_filter(principal))
    require(principal, "workflow.edit", row["team_id"])
    require(principal, "cluster.use", row["team_id"])
    cluster_id = cluster_store.find_usable(row["team_id"], cluster)
    if cluster_id is None:
        raise NoUsableCluster
    converted = converted_of(row)
    namespace = clean_namespace(namespace)
    require_free(cluster_id, namespace, row["team_id"])
    place = {
        "_id": ObjectId(),
        "workflow_id": ObjectId(),
        "team_id": row["team_id"],
        "name": "import",
        "cluster_id": cluster_id,
        "namespace": namespace,
        "variables": {},
        "created_at": now(),
        "active_run_id": None,
        "deployed": None,
    }
    contents = {file.path: file.content for file in store.open_files(row)}
    options = RunOptions(adopt=is_to_be_taken_over(row, cluster_id, namespace))
    return _try(cast("Environment", place), converted, contents, options)


def _try(environment: Environment, converted: Converted, contents: Contents, options: RunOptions) -> Trial:
    """`environment` need not be stored."""
    require_cluster(environment["team_id"], environment["cluster_id"])
    named = named_in(converted.graph, planned_sources(environment["team_id"], converted.sources))
    graph = parse_graph(named, catalog())
    images, not_built = images_or_stand_ins(environment["team_id"], graph)
    source = Source(graph, images=images)
    source.check(environment)
    began = time.monotonic()

    def check() -> None:
        if time.monotonic() > began + TOTAL_S:
            raise TrialTookTooLong

    with asking(environment["cluster_id"], environment["team_id"]):
        client = client_for(environment["cluster_id"]).while_alive(check)
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="trial") as pool:
            ready = prepare(client, pool, environment, source, options)
            ready.context.values = _values(converted)
            ready.context.tries_until = began + TRIES_S
            return _Trying(client, pool, ready, converted, contents, not_built).trial()


class _Trying:
    def __init__(
        self,
        client: KubeClient,
        pool: Executor,
        ready: Prepared,
        converted: Converted,
        contents: Contents,
        not_built: Mapping[str, str],
    ) -> None:
        self._client = client
        self._pool = pool
        self._ready = ready
        self._converted = converted
        self._written = Written(contents)
        self._not_built = not_built
        self._entries: dict[tuple[str, ...], list[Entry]] = {}
        for entry in converted.ledger.entries:
            for of in {*((one.node_id,) for one in entry.became), _object_of(entry)}:
                self._entries.setdefault(of, []).append(entry)
        self._kinds = {node["id"]: node["kind"] for node in converted.graph["nodes"]}

    def trial(self) -> Trial:
        context, items = self._ready.context, self._ready.items
        live = read_whole(self._client, self._pool, [item.ref for item in items])
        self._ready.find_new(live)
        first = [item for item in items if is_secret(item.ref)]  # their digests stand in the pods that read them
        tried: dict[Ref, TriedObject] = {}
        for turn in (first, [item for item in items if not is_secret(item.ref)]):
            found = self._pool.map(partial(self._try_one, live), turn)
            tried.update(zip((item.ref for item in turn), found, strict=True))
        for item in [item for item in items if tried[item.ref].code][:PLACED_MOST]:
            tried[item.ref] = self._at_its_place(tried[item.ref], item.manifest)
        missing = [*self._missing_namespaces(), *self._missing_kinds(tried), *self._missing_objects()]
        missing += self._missing_images()
        place = context.environment
        return Trial(place["cluster_id"], place["namespace"], tuple(tried[item.ref] for item in items), tuple(missing))

    def _try_one(self, live: Mapping[Ref, Manifest | None], item: Rendered) -> TriedObject:
        judged = try_item(self._ready.context, item, live[item.ref])
        planned = judged.planned
        place = self._converted.places.get(planned.node_id or "")
        reason = planned.reason if planned.adopts is None else said_of(planned)
        found = TriedObject(planned.ref, planned.node_id, _verdict(judged), planned.effect, reason, place=place)
        if planned.error is not None:
            code = str(planned.error["code"])
            if code == UnknownKind.code:
                return replace(found, verdict="at_apply", reason=str(planned.error["detail"]))
            detail = str(planned.error["detail"])
            return replace(found, code=code, reason=foreign(item.ref) if code == ForeignObject.code else detail)
        if live[item.ref] is None and item.ref.namespace in self._ready.context.new_namespaces:
            return self._elsewhere(item, found)
        return found

    def _elsewhere(self, item: Rendered, found: TriedObject) -> TriedObject:
        """The object tried in a namespace that is there: its own comes with the first run."""
        context = self._ready.context
        if (item.ref.group, item.ref.kind) in context.new_kinds or context.has_no_time_for(item.ref):
            return found
        try:
            manifest = with_values(context, item, values_of(context, item, None), None, None)
            context.trials.made_anew(self._client, records.replace(item.ref, namespace=STAND_IN), manifest)
        except ApiInvalid as error:
            detail = _TRIAL_NAME.sub(item.ref.name, error.detail)
            return replace(found, verdict="refused", code=error.code, reason=detail)
        except UnknownKind as error:
            return replace(found, reason=error.detail)
        except Unavailable:
            raise
        except (SecretValueMissing, KubeOrchError):
            return found  # what stands against it there, as a quota or a policy, is of that namespace
        reason = f"tried in the namespace {STAND_IN}, since {item.ref.namespace} comes with the first run"
        return replace(found, reason=reason)

    def _at_its_place(self, tried: TriedObject, manifest: Manifest) -> TriedObject:
        for path in fields_in(tried.reason, manifest):
            place = self._place(tried.node_id or "", tried.ref, manifest, path)
            return replace(tried, field=text_of(path), place=place)
        return tried

    def _place(self, node_id: str, ref: Ref, manifest: Manifest, path: FieldPath) -> Place | None:
        kind = catalog().kinds.get(self._kinds.get(node_id, ""))
        entries = [*self._entries.get((node_id,), ()), *self._entries.get((ref.kind, ref.name), ())]
        found = place_of(entries, node_id, ref, manifest, path, kind.api_paths if kind is not None else {})
        begins = self._converted.places.get(node_id)
        if begins is not None and found in (None, begins):  # of an object, which is read as a whole
            found = self._written.place_below(begins, path)
        return found or begins

    def _missing_namespaces(self) -> Iterator[Missing]:
        drawn = {item.ref.name for item in self._ready.items if item.ref.kind == "Namespace"}
        for name in sorted(self._ready.context.new_namespaces - drawn):
            inside = [item.node_id for item in self._ready.items if item.ref.namespace == name]
            yield Missing(Ref("v1", "Namespace", "", name), _each(inside), "the first run makes it")

    def _missing_images(self) -> Iterator[Missing]:
        names = {node["id"]: node["name"] for node in self._converted.graph["nodes"]}
        for node_id in self._not_built:
            reason = "nothing is built of it yet; build it once the workflow is made, before the first run"
            place = self._converted.places.get(node_id)
            yield Missing(Ref("", "Image", "", names[node_id]), (node_id,), reason, place)

    def _missing_kinds(self, tried: Mapping[Ref, TriedObject]) -> Iterator[Missing]:
        found: dict[tuple[str, str], list[Rendered]] = {}
        defined = self._ready.context.new_kinds
        for item in self._ready.items:
            if tried[item.ref].verdict == "at_apply" and (item.ref.group, item.ref.kind) not in defined:
                try:
                    self._client.resource(item.ref.api_version, item.ref.kind)
                except UnknownKind:
                    found.setdefault((item.ref.api_version, item.ref.kind), []).append(item)
        for (api_version, kind), items in found.items():
            reason = f"the cluster serves no {kind} of {api_version}; install its definition before the first run"
            place = self._converted.places.get(items[0].node_id)
            yield Missing(Ref(api_version, kind, "", ""), _each([item.node_id for item in items]), reason, place)

    def _missing_objects(self) -> Iterator[Missing]:
        """What is named and neither drawn nor there, where the credentials may see that."""
        drawn = {item.ref.identity for item in self._ready.items}
        wanted: dict[Ref, list[tuple[Rendered, Wanted]]] = {}
        for item in self._ready.items:
            for one in wanted_by(item.manifest, item.ref):
                if one.ref.identity not in drawn and (one.ref in wanted or len(wanted) < WANTED_MOST):
                    wanted.setdefault(one.ref, []).append((item, one))
        for ref, is_known in zip(wanted, self._pool.map(self._is_there, wanted), strict=True):
            if is_known:
                continue
            item, one = wanted[ref][0]
            place = self._place(item.node_id, item.ref, item.manifest, one.path)
            nodes = _each([user.node_id for user, _ in wanted[ref]])
            yield Missing(ref, nodes, _why_missing(ref), place)

    def _is_there(self, ref: Ref) -> bool:
        return ref.namespace not in self._ready.context.new_namespaces and is_there(self._client, ref)


def _object_of(entry: Entry) -> tuple[str, ...]:
    """Kind and name, of a key of an object."""
    return tuple(str(step) for step in (entry.path[0], entry.path[2])) if len(entry.path) > 2 else ()


def _verdict(judged: Judged) -> Verdict:
    planned = judged.planned
    if planned.effect is Effect.CONFLICT:
        return "conflict"
    if planned.error is not None:
        return "refused"
    return planned.proof if planned.adopts is None else "adopt"


def _why_missing(ref: Ref) -> str:
    if not ref.name:
        return why_missing(ref)
    if ref.namespace:
        return (
            f"it is not in the namespace {ref.namespace}, and not among what you bring; pods that need it do not start"
        )
    return "the cluster does not have it; choose another one, or make it before the first run"


def _values(converted: Converted) -> dict[str, dict[str, str]]:
    """Values of Secrets as a run would have them, base64 by node and key."""
    values: dict[str, dict[str, str]] = {}
    for node_id, contents in converted.secret_values.items():
        texts = {key: base64.b64encode(content).decode() for key, content in contents.items()}
        values.setdefault(node_id, {}).update(texts)
    for node_id, names in converted.to_generate.items():
        values.setdefault(node_id, {}).update(dict.fromkeys(names, UNKNOWN_VALUE))
    return values


def _each(node_ids: Sequence[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for one in node_ids if one))
