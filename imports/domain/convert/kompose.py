"""What labels of kompose make beside the workload, and how they are read. Source: kompose's user guide, "Labels"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from clusters.domain.quantity import is_quantity
from imports.domain.compose.units import command_line
from imports.domain.convert.had_once import SCALABLE
from imports.domain.convert.units import text_of, unexpanded, whole_number
from imports.domain.convert.work import Workload
from imports.domain.ledger import Became, Outcome
from kubeorch.base.yaml import load_strict
from kubeorch.base.yaml_events import YamlInvalid
from workflows.domain.kinds.formats import is_image

SERVICE_TYPES: Mapping[str, str] = {
    "nodeport": "nodeport",
    "loadbalancer": "loadbalancer",
    "clusterip": "cluster",
    "headless": "cluster",
}
"""Types of a Service, and the exposure that each is by default."""
VOLUME_TYPES: Mapping[str, str] = {
    "configMap": "content",
    "persistentVolumeClaim": "claim",
    "emptyDir": "scratch",
    "hostPath": "host",
}
"""Types of volumes, and what each is called among the choices of a mount."""
NODE_PORTS = range(30_000, 32_768)
_MAX_REPLICAS = 3
"""kompose's own, where no label says how many."""
_INIT = "kompose.init.containers."
_MAX_COMMAND = 4096


def kompose_label(workload: Workload, key: str) -> str:
    """The value of a label of a service; "" where it has none."""
    labels = workload.spec.get("labels")
    return text_of(labels.get(key)) if isinstance(labels, Mapping) else ""


def is_node_port(text: str) -> bool:
    return (number := whole_number(text)) is not None and number in NODE_PORTS


def is_true(text: str) -> bool:
    return text.lower() in ("true", "1", "t")


def convert_storage(workload: Workload, labels: Mapping[str, Any], *at: str) -> None:
    """`kompose.ephemeral-storage.*`, which kompose reads under `deploy.labels`."""
    for word, side in (("request", "requests"), ("limit", "limits")):
        key = f"kompose.ephemeral-storage.{word}"
        amount = text_of(labels.get(key))
        if key in labels and is_quantity(amount):
            workload.parameters.setdefault("resources", {}).setdefault(side, {})["ephemeral_storage"] = amount
            workload.converted(*at, key, to=f"resources.{side}.ephemeral_storage")
        elif key in labels:
            workload.dropped(*at, key, why=f"{amount[:40]!r} is not an amount of bytes; write 1Gi")


def convert_init_container(workload: Workload, labels: Mapping[str, Any]) -> None:
    """`kompose.init.containers.*`: a container that has to end well before that of the service starts."""
    given = {part: text_of(labels.get(f"{_INIT}{part}")) for part in ("name", "image", "command")}
    if not any(f"{_INIT}{part}" in labels for part in given):
        return
    if not is_image(given["image"]):
        for part in given:
            workload.dropped("labels", f"{_INIT}{part}", why=f"{_INIT}image has to name an image")
        return
    row: dict[str, Any] = {"name": workload.init_name(given["name"] or "init-service"), "image": given["image"]}
    if words := _words(given["command"]):
        row["command"] = [unexpanded(word) for word in words]
    workload.add("init_containers", row)
    for part in given:
        workload.converted("labels", f"{_INIT}{part}", to="init_containers")


def _words(command: str) -> list[str]:
    """A list as YAML writes it, or a line as Compose splits it."""
    if len(command) > _MAX_COMMAND:
        return []
    if command.startswith("["):
        try:
            found = load_strict(command)
        except YamlInvalid:
            found = None
        if isinstance(found, list):
            return [text_of(word) for word in found if not isinstance(word, (list, dict))]
    try:
        return command_line(command)[0]
    except ValueError:
        return command.split()


def convert_autoscaler(workload: Workload, labels: Mapping[str, Any]) -> None:
    """`kompose.hpa.*`: an autoscaler beside the workload."""
    numbers = {
        key: number
        for key in ("kompose.hpa.cpu", "kompose.hpa.memory", "kompose.hpa.replicas.min", "kompose.hpa.replicas.max")
        if (number := whole_number(text_of(labels.get(key)).rstrip("%"))) is not None
    }
    scalable = workload.kind in SCALABLE
    for key in labels:
        if key.startswith("kompose.hpa.") and not (scalable and key in numbers):
            why = "only whole percentages are followed" if scalable else f"a {workload.kind} is not scaled by this"
            workload.dropped("labels", key, why=why)
    if not numbers or not scalable:
        return
    names = {
        "kompose.hpa.cpu": "cpu_utilization",
        "kompose.hpa.memory": "memory_utilization",
        "kompose.hpa.replicas.min": "min_replicas",
        "kompose.hpa.replicas.max": "max_replicas",
    }
    parameters = {names[key]: number for key, number in numbers.items()}
    most = parameters.setdefault("max_replicas", max(_MAX_REPLICAS, parameters.get("min_replicas", 1)))
    if parameters.get("min_replicas", 1) > most:
        parameters["max_replicas"] = parameters["min_replicas"]
    if not {"cpu_utilization", "memory_utilization"}.intersection(parameters):
        parameters["cpu_utilization"] = 50
    draft = workload.work.draft
    name = draft.free_name("HorizontalPodAutoscaler", workload.node.name)
    node = draft.add("hpa", name, parameters=parameters, place=workload.node.place)
    draft.connect(node.id, workload.node.id, "scales")
    for key in numbers:
        became = (Became(node.id, f"parameters.{names[key]}"),)
        workload.work.verdicts.add(workload.path("labels", key), Outcome.CONVERTED, became)
