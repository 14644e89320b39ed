"""A workflow as a Compose file, with what such a file cannot say.

What only Kubernetes knows is kept in labels of kompose where it has one, so that the file, brought in again, gives the
same services. Each converter takes from a copy of the object what it writes; what nobody took is what is not said.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from clusters.domain.labels import PREFIX
from clusters.domain.objects import Manifest
from imports.domain.convert.build_values import BuildSource, stand_in
from imports.domain.exporting import compose_pods as pods
from imports.domain.exporting.compose_builds import Builds
from imports.domain.exporting.compose_data import NO_SUCH, Taken
from imports.domain.exporting.compose_exposure import add_exposure
from imports.domain.exporting.compose_objects import OUR_LABELS, not_said
from imports.domain.exporting.compose_rest import Rest, literal
from imports.domain.exporting.compose_spaces import DEFAULT, EXPOSING, Space
from imports.domain.exporting.free_names import FreeNames
from imports.domain.exporting.shapes import sound
from kubeorch.base.names import label_from
from kubeorch.base.yaml_writing import dump
from workflows.domain.graphs.graph import Graph
from workflows.domain.graphs.links import NO_IMAGES
from workflows.domain.graphs.variables import Value
from workflows.domain.images import BuiltImage, Images
from workflows.domain.kinds.catalog import Catalog
from workflows.domain.rendering.render import Rendered, render_graph
from workflows.domain.rendering.secrets import secret_keys

WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob", "Pod")
_NAMESPACE = "default"
_CONDITIONS = {
    "after": "service_started",
    "after_health": "service_healthy",
    "after_completion": "service_completed_successfully",
}
_FIRST = (
    *("image", "build", "entrypoint", "command", "environment", "ports", "expose"),
    *("volumes", "tmpfs", "configs", "secrets", "healthcheck"),
)
"""Where people look first; then by name."""


@dataclass(frozen=True, slots=True)
class ComposeFile:
    text: str
    """The notes stand in it as well, as comments."""
    variables: tuple[str, ...]
    """Those that whoever uses the file has to give: values of Secrets."""
    notes: tuple[str, ...]
    """What the file does not say: a sentence for each."""


def compose_file(
    graph: Graph,
    catalog: Catalog,
    name: str,
    variables: Mapping[str, Value],
    images: Images = NO_IMAGES,
    sources: Mapping[str, BuildSource] | None = None,
) -> ComposeFile:
    """A workflow as a Compose file. Equal workflows give equal bytes. `sources` say how images are built, by node.

    Raises InvalidInput for what cannot be rendered, and ExportInvalid for objects of the wrong form.
    """
    stand_ins = {node_id: stand_in(one.name) for node_id, one in (sources or {}).items()}
    built = {node_id: one for node_id, one in images.items() if isinstance(one, BuiltImage)}
    rendered = render_graph(
        graph, catalog, namespace=_NAMESPACE, variables=variables, images={**images, **stand_ins, **built}
    )
    writer = _Writer(sound(rendered), secret_keys(graph, catalog), Builds(graph, sources or {}, images))
    for one in writer.workloads:
        writer.add_service(one)
    writer.add_dependencies((edge.source, edge.target, edge.relation) for edge in graph.edges)
    notes = tuple(writer.notes)
    given = tuple(sorted(writer.taken.given))
    head = [f"# The workflow {' '.join(name.split())}, written by KubeOrch."]
    if given:
        head.append(f"# Give these variables, in an .env file beside this one: {', '.join(given)}.")
    if notes:
        head.append("# What this file does not say:")
        head += [f"# - {' '.join(note.split())}" for note in notes]
    content = {"name": label_from(name), "services": writer.services, **writer.sections()}
    return ComposeFile("\n".join(head) + "\n" + dump(content), given, notes)


class _Writer:
    def __init__(self, rendered: Sequence[Rendered], keys: Mapping[str, Sequence[str]], builds: Builds) -> None:
        self._builds = builds
        self.workloads = [one for one in rendered if one.ref.kind in WORKLOADS]
        spaces: dict[str, list[Rendered]] = {}
        for one in rendered:
            spaces.setdefault(one.ref.namespace, []).append(one)
        secrets = {
            space: {one.ref.name: keys.get(one.node_id, ()) for one in objects if one.ref.kind == "Secret"}
            for space, objects in spaces.items()
        }
        claims = {(one.ref.namespace, one.ref.name) for one in rendered if one.ref.kind == "PersistentVolumeClaim"}
        mounted = {(one.ref.namespace, name) for one in self.workloads for name in _claims_of(one)}
        self.taken = Taken(secrets, claims | mounted)
        several = len({one.ref.namespace for one in self.workloads}) > 1
        self._spaces = {
            space: Space(space if several else "", objects, secrets[space], self.taken)
            for space, objects in sorted(spaces.items())
        }
        self.services: dict[str, dict[str, Any]] = {}
        self._names = FreeNames({one.ref.name for one in self.workloads})
        self._named: set[str] = set()
        self._service_of: dict[str, str] = {}
        self._scheduled: set[str] = set()
        """CronJobs among the services."""
        self.notes: list[str] = []
        if several:
            others = ", ".join(sorted({one.ref.namespace for one in self.workloads} - {_NAMESPACE}))
            self.notes.append(
                f"the namespaces ({others}, and that of the workflow) are networks, whose names are apart"
            )
        said = {*WORKLOADS, "Secret", "ConfigMap", "PersistentVolumeClaim", *EXPOSING}
        self._unsaid = [f"{one.ref.kind} {one.ref.name}: {NO_SUCH}" for one in rendered if one.ref.kind not in said]

    def sections(self) -> dict[str, Any]:
        used = (space.network for space in self._spaces.values() if space.is_used)
        networks: dict[str, Any] = {network: {} for network in used if network != DEFAULT}
        return {**({"networks": networks} if networks else {}), **self.taken.sections()}

    def add_service(self, one: Rendered) -> None:
        kind, name, space = one.ref.kind, one.ref.name, self._spaces[one.ref.namespace]
        space.is_used, called = True, space.called(kind, name)
        key = name if name not in self._named else self._names.of(one.ref, space.other_name(name, kind))
        self._named.add(name)
        labels: dict[str, str] = {}
        deploy: dict[str, Any] = {}
        service: dict[str, Any] = {}
        whole = Rest(one.manifest)
        spec, template, pod = _parts(whole, kind)
        containers = pod.take("containers") or [{}]
        container = Rest(containers[0])
        main = str(containers[0].get("name") or "")
        _add_kind(kind, service, deploy, labels, spec, pod)
        space.variables.add(service, container)
        pods.add_command(service, container, space.variables.in_words)
        pods.add_rights(service, container, pod)
        pods.add_network(service, pod)
        own_ports = {port["name"]: port["containerPort"] for port in containers[0].get("ports") or () if "name" in port}
        pods.add_health(service, labels, container, own_ports)
        pods.add_resources(deploy, container)
        pods.add_placement(service, deploy, pod, name)
        pods.add_rollout(deploy, spec)
        space.contents.add_mounts(service, container, pod, self._templates(spec, key))
        for label, take in pods.ADD_LABEL.items():
            if (value := take(pod)) is not None:
                labels[label] = str(value)
        pull_secrets = pod.take("imagePullSecrets") or []
        for reference in pull_secrets[:1]:
            labels["kompose.image-pull-secret"] = reference["name"]
        if pull_secrets[1:]:
            pod.put("imagePullSecrets", pull_secrets[1:])
        metadata = template.take("metadata") or {}
        pod_labels = metadata.get("labels") or {}
        labels |= {label: value for label, value in pod_labels.items() if label not in OUR_LABELS}
        annotations = _own(metadata.get("annotations"))
        if of_workload := _own(whole.take("metadata", "annotations") if kind != "Pod" else None):
            deploy["labels"] = of_workload
        exposed = add_exposure(service, deploy, labels, key, pod_labels, container, space)
        for parameter, value in (("annotations", annotations), ("labels", labels), ("deploy", deploy)):
            if value:
                service[parameter] = value
        at = "" if kind == "Pod" else "spec.jobTemplate.spec.template." if kind == "CronJob" else "spec.template."
        unsaid = (*spec.left("spec"), *pod.left(f"{at}spec"), *container.left(f"{at}spec.containers[{key}]"))
        self.notes += [f"{called}: {path}" for path in unsaid]
        self.notes += [f"{called}: {note}" for note in self._builds.add(service, one.node_id, main)]
        self.notes += [f"{called}: {note}" for note in exposed.notes]
        self.notes += [note for note in exposed.unsaid if note not in self.notes]
        self.notes += [f"{called}: the container {other['name']}" for other in containers[1:]]
        if kind == "CronJob":
            self._scheduled.add(key)
            self.notes.append(f"{called}: its schedule; `docker compose run --rm {key}` runs it once")
        self.services[key] = {key: service[key] for key in sorted(service, key=_place)}
        self._service_of[one.node_id] = key

    def _templates(self, spec: Rest, service: str) -> dict[str, tuple[str, Manifest]]:
        """The claims that each pod of a set gets, by name of the volume: the volume of the file, and the template."""
        found = {}
        for template in spec.take("volumeClaimTemplates") or ():
            name = template["metadata"]["name"]
            free = self.taken.volume_names.of((None, service, name), name, f"-of-{service}-")
            found[name] = (free, template)
            self.notes.append(f"StatefulSet {service}: pods share the volume {name} in Compose")
            unsaid = not_said("PersistentVolumeClaim", template)
            self.notes += [f"StatefulSet {service}: {path} of the volume {name}" for path in unsaid]
        return found

    def add_dependencies(self, edges: Iterable[tuple[str, str, str]]) -> None:
        """Edges of order among workloads, and then all that is known once every service is written."""
        for source, target, relation in sorted(edges):
            condition = _CONDITIONS.get(relation)
            later, first = self._service_of.get(source), self._service_of.get(target)
            if condition is None or later is None or first is None:
                continue
            if first in self._scheduled:
                self.notes.append(f"{later} waits for {first}, which runs by a schedule")
                continue
            ends = self.services[first].get("deploy", {}).get("mode") == "replicated-job"
            if condition == "service_healthy" and ends:
                condition = "service_completed_successfully"
            elif condition == "service_healthy" and "test" not in self.services[first].get("healthcheck", {}):
                condition = "service_started"
                self.notes.append(f"{later} waits for the health of {first}, which has no healthcheck in this file")
            self.services[later].setdefault("depends_on", {})[first] = {"condition": condition}
        self.taken.directories.write()
        for space in self._spaces.values():
            self._unsaid += space.unsaid()
        self.notes += sorted(self._unsaid)


def _claims_of(one: Rendered) -> Iterator[str]:
    """The claims that pods of a workload mount, whoever makes them."""
    _, _, pod = _parts(Rest(one.manifest), one.ref.kind)
    for volume in pod.take("volumes") or ():
        if claim := volume.get("persistentVolumeClaim"):
            yield claim["claimName"]


def _parts(whole: Rest, kind: str) -> tuple[Rest, Rest, Rest]:
    """(the spec of the workload, what is around its pods, their spec)."""
    if kind == "Pod":
        pod = Rest(whole.take("spec") or {})
        return Rest({}), whole, pod
    spec = Rest(whole.take("spec") or {})
    path = ("jobTemplate", "spec", "template") if kind == "CronJob" else ("template",)
    template = Rest(spec.take(*path) or {})
    return spec, template, Rest(template.take("spec") or {})


def _add_kind(
    kind: str, service: dict[str, Any], deploy: dict[str, Any], labels: dict[str, str], spec: Rest, pod: Rest
) -> None:
    """What the workload is, and how often it runs."""
    for path in ("selector", "serviceName"):
        spec.take(path)
    if kind in ("Job", "CronJob"):
        _add_ending(kind, service, deploy, labels, spec, pod)
        return
    pod.take_if("Always", "restartPolicy")
    service["restart"] = "unless-stopped"
    if kind == "DaemonSet":
        deploy["mode"] = "global"
    elif kind == "StatefulSet":
        labels["kompose.controller.type"] = "statefulset"
    if (replicas := spec.take("replicas")) not in (None, 1):
        deploy["replicas"] = replicas


def _add_ending(
    kind: str, service: dict[str, Any], deploy: dict[str, Any], labels: dict[str, str], spec: Rest, pod: Rest
) -> None:
    at = ("jobTemplate", "spec") if kind == "CronJob" else ()
    policy, limit = pod.take("restartPolicy"), spec.take(*at, "backoffLimit")
    if limit == 0:
        service["restart"] = "no"
    elif limit or policy == "OnFailure":
        service["restart"] = f"on-failure:{limit}" if limit else "on-failure"
    if kind == "CronJob":
        spec.take_if(False, "suspend")
        spec.take("jobTemplate", "metadata", "labels")  # as those of its pods
        labels["kompose.cronjob.schedule"] = literal(str(spec.take("schedule")))
        if concurrency := spec.take("concurrencyPolicy"):
            labels["kompose.cronjob.concurrency_policy"] = concurrency
        deploy["replicas"] = 0  # or `docker compose up` would run it at once
        return
    deploy["mode"] = "replicated-job"
    completions = spec.take("completions")
    if completions not in (None, 1) and spec.take_if(completions, "parallelism"):
        deploy["replicas"] = completions


def _own(annotations: Mapping[str, str] | None) -> dict[str, str]:
    """Without those that KubeOrch writes itself."""
    rows = (annotations or {}).items()
    return {label: literal(value) for label, value in rows if not label.startswith(PREFIX)}


def _place(key: str) -> tuple[int, str]:
    return (_FIRST.index(key) if key in _FIRST else len(_FIRST), key)
