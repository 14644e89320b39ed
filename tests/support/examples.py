"""Well-known public applications for tests: drawn or pasted as manifests, run, looked at and destroyed over the API."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from clusters.domain.labels import ENVIRONMENT_LABEL
from tests.support.control_plane import ControlPlane
from tests.support.people import Answer, Person
from tests.support.runs import ENDED, let_deadline_pass
from tests.support.wait import until

FOLDER = Path(__file__).parent.parent / "examples"
PATIENCE_S = 120.0
"""How long a form of all applications together may take; a wait ends as soon as its condition holds."""
Statuses = dict[str, dict[str, Any]]


def drawing(name: str) -> str:
    """The workflow file of an application."""
    return (FOLDER / f"{name}.yaml").read_text(encoding="utf-8")


def pasted(name: str) -> str:
    """The manifests of an application, as somebody would paste them: YAML documents, or a List as JSON."""
    [found] = (FOLDER / "manifests").glob(f"{name}.*")
    return found.read_text(encoding="utf-8")


@dataclass
class Played:
    """One application in an environment of its own, from its import to its removal."""

    name: str
    workflow: dict[str, Any]
    environment: dict[str, Any]
    asked_for: list[str] = field(default_factory=list)
    """The keys of Secrets that the first run asked for, as `node/key`."""
    run: dict[str, Any] = field(default_factory=dict)
    statuses: Statuses = field(default_factory=dict)
    """The status of each node as the API showed it when the run had ended."""
    again: dict[str, Any] = field(default_factory=dict)
    """A second run of the same drawing."""
    destroyed: dict[str, Any] = field(default_factory=dict)
    """A run that destroyed everything but what is kept by rule."""
    kept: set[str] = field(default_factory=set)
    """The inventory after that, as `Kind/name`."""
    claims: set[str] = field(default_factory=set)
    """Every claim that the cluster still had in the namespace."""
    emptied: dict[str, Any] = field(default_factory=dict)
    """A run that destroyed what was kept, too."""
    owned: set[str] = field(default_factory=set)
    """The inventory after that."""
    labelled: set[str] = field(default_factory=set)
    """Every object that the cluster still had with the label of the environment."""

    @property
    def namespace(self) -> str:
        return str(self.environment["namespace"])


def is_well(status: Mapping[str, Any]) -> bool:
    """Whether it is healthy, or a CronJob whose first time has not come: nobody knows whether it works."""
    is_scheduled = str(status["reason"]).startswith("scheduled; it has not run yet")
    return status["health"] == "healthy" or (status["health"] == "present" and is_scheduled)


class Stage:
    """One cluster on which a person runs applications side by side."""

    def __init__(self, person: Person, cluster: str, plane: ControlPlane) -> None:
        self.person = person
        self.cluster = cluster
        self.plane = plane

    def draw(self, name: str, file: str | None = None) -> Played:
        """The application as drawn, in its workflow file or the one given, imported with its environment."""
        environment = self._environment(f"{name}-drawn")
        answer = self.person.post("workflows/import", {"file": file or drawing(name), "environment": environment})
        return self._made(name, answer)

    def paste(self, name: str, namespace: str = "", *, is_named: bool = False) -> Played:
        """The application as read from its manifests; `is_named` sets the namespace of a text as Namespace too."""
        read = self.person.post("workflows/parse", {"content": pasted(name)})
        assert (read.status, read.body["problems"]) == (200, []), read.body
        for node in read.body["nodes"] if is_named else ():
            written = yaml.safe_load(node["parameters"]["manifest"])["metadata"].get("namespace")
            if written:
                node["parameters"]["namespace"] = written
        graph = {"nodes": read.body["nodes"], "edges": read.body["edges"]}
        environment = self._environment(namespace or f"{name}-pasted")
        answer = self.person.post("workflows", {"name": name, "graph": graph, "environment": environment})
        return self._made(name, answer)

    def start(self, one: Played) -> dict[str, Any]:
        """Start a run; values of Secrets are given, and deletions confirmed, when the answer asks for them."""
        given: dict[str, Any] = {}
        answer = self.ask(one)
        if answer.body.get("code") == "run.secrets_missing":
            keys = [(node["node_id"], key["key"]) for node in answer.body["missing"] for key in node["keys"]]
            one.asked_for = [f"{node_id}/{key}" for node_id, key in keys]
            given["secrets"] = {node_id: {} for node_id, _ in keys}
            for node_id, key in keys:
                given["secrets"][node_id][key] = f"value of {key}"
            answer = self.ask(one, **given)
        if answer.body.get("code") == "run.deletions_unconfirmed":
            answer = self.ask(one, **given, confirm_deletions=len(answer.body["deletions"]))
        assert answer.status == 202, (one.name, answer.body)
        return dict(answer.body)

    def ended(self, run: dict[str, Any]) -> dict[str, Any]:
        """The run once it has ended."""

        def look() -> Any:
            now = self.person.get(f"runs/{run['id']}").body
            return now if now["state"] in ENDED else None

        return dict(
            until(look, timeout_s=PATIENCE_S, what=f"run {run['number']} of {run['workflow']['name']} has ended")
        )

    def overdue(self, run: dict[str, Any]) -> dict[str, Any]:
        """The run as it ends when its deadline passes, which it does now."""
        until(lambda: self.person.get(f"runs/{run['id']}").body["state"] == "verifying", timeout_s=PATIENCE_S)
        let_deadline_pass(run["id"])
        return self.ended(run)

    def until_shown(self, one: Played, is_wanted: Callable[[Statuses], bool]) -> None:
        """Wait until the statuses are as wanted."""
        try:
            until(lambda: is_wanted(self.statuses(one)), timeout_s=PATIENCE_S)
        except AssertionError:
            seen = {node_id: (status["health"], status["reason"]) for node_id, status in self.statuses(one).items()}
            raise AssertionError(f"{one.name} never shows its trouble: {seen}") from None

    def statuses(self, one: Played) -> Statuses:
        """Status by node, as the API shows them now."""
        topic = self.person.get(f"environments/{one.environment['id']}/status").body["data"]
        return {key.removeprefix("node:"): value for key, value in topic.items() if key.startswith("node:")}

    def destroy(self, cast: Iterable[Played]) -> None:
        """Destroy what every application has, but what is kept by rule; then, asked for by name, that as well."""
        cast = list(cast)
        for one, run in self._destroyed(cast):
            one.destroyed, one.kept = run, self._inventory(one)
        self._until_no_pod({one.namespace for one in cast})
        claims = [claim["metadata"] for claim in self.plane.list("v1", "PersistentVolumeClaim")]
        for one in cast:
            one.claims = {claim["name"] for claim in claims if claim["namespace"] == one.namespace}
        for one, run in self._destroyed(cast, delete_volumes=True):
            one.emptied, one.owned = run, self._inventory(one)
        self._until_no_pod({"kube-system"})
        until(lambda: not self._terminating(), timeout_s=PATIENCE_S, what="no namespace is being deleted")
        labelled = list(self._labelled())
        for one in cast:
            one.labelled = {name for environment, name in labelled if environment == one.environment["id"]}

    def _destroyed(self, cast: list[Played], **options: Any) -> list[tuple[Played, dict[str, Any]]]:
        started = [(one, self.ask(one, kind="destroy", **options)) for one in cast]
        assert {answer.status for _, answer in started} == {202}, [answer.body for _, answer in started]
        return [(one, self.ended(answer.body)) for one, answer in started]

    def _inventory(self, one: Played) -> set[str]:
        rows = self.person.get(f"environments/{one.environment['id']}/inventory").body["results"]
        return {f"{row['ref']['kind']}/{row['ref']['name']}" for row in rows}

    def _until_no_pod(self, namespaces: set[str]) -> None:
        def left() -> list[str]:
            pods = (pod["metadata"] for pod in self.plane.list("v1", "Pod"))
            return [f"{pod['namespace']}/{pod['name']}" for pod in pods if pod["namespace"] in namespaces]

        until(lambda: not left(), timeout_s=PATIENCE_S, what=f"no pod is left in {', '.join(sorted(namespaces))}")

    def _terminating(self) -> list[str]:
        spaces = self.plane.list("v1", "Namespace", query=f"labelSelector={ENVIRONMENT_LABEL}")
        return [space["metadata"]["name"] for space in spaces if space["metadata"].get("deletionTimestamp")]

    def _environment(self, namespace: str) -> dict[str, str]:
        return {"name": "sandbox", "cluster": self.cluster, "namespace": namespace}

    def _made(self, name: str, answer: Answer) -> Played:
        assert answer.status == 201, (name, answer.body)
        return Played(name, answer.body, answer.body["environments"][0])

    def ask(self, one: Played, **options: Any) -> Answer:
        body = {"environment": one.environment["id"], **options}
        return self.person.post(f"workflows/{one.workflow['id']}/runs", body)

    def _labelled(self) -> Iterator[tuple[str, str]]:
        """(environment, `Kind/name`) of every object in the cluster that has the label of an environment."""
        groups = json.loads(self._read("/apis"))["groups"]
        for prefix in ("/api/v1", *(f"/apis/{group['preferredVersion']['groupVersion']}" for group in groups)):
            for kind in json.loads(self._read(prefix))["resources"]:
                if "list" not in kind["verbs"] or "/" in kind["name"]:
                    continue
                found = json.loads(self._read(f"{prefix}/{kind['name']}?labelSelector={ENVIRONMENT_LABEL}"))
                for metadata in (item["metadata"] for item in found["items"]):
                    yield metadata["labels"][ENVIRONMENT_LABEL], f"{kind['kind']}/{metadata['name']}"

    def _read(self, path: str) -> bytes:
        status, body = self.plane.call("GET", path)
        assert status == 200, (path, body)
        return body
