"""An import tried on a real API server: what it refuses stands at its line, and what it lacks is named."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from tests.support.control_plane import ControlPlane
from tests.support.imports import SECRET, an_import, compose, files, shop
from tests.support.people import Person, a_user
from tests.support.workflows import a_cluster

MANIFESTS = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      serviceAccountName: robot
      containers:
        - name: web
          image: nginx:1.27
          livenessProbe:
            httpGet: {path: /, port: 80}
            initialDelaySeconds: 5
            successThreshold: 3
---
apiVersion: example.com/v1
kind: Widget
metadata: {name: w}
spec: {size: 1}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec:
  accessModes: [ReadWriteOnce]
  storageClassName: fast
  resources: {requests: {storage: 1Gi}}
"""


@pytest.fixture
def anna(mongo: Any) -> Person:
    return a_user("editor", name="Anna")


@pytest.fixture
def cluster(mongo: Any, control_plane: ControlPlane) -> str:
    from clusters import actions

    return str(actions.register_sandbox(control_plane.kubeconfig))


def tried(person: Person, found: dict[str, Any], cluster: str, namespace: str) -> dict[str, Any]:
    answer = person.post(f"imports/{found['id']}/trials", {"cluster": cluster, "namespace": namespace})
    assert answer.status == 200, answer.body
    assert SECRET not in str(answer.body)
    return dict(answer.body)


def of(trial: dict[str, Any], kind: str, name: str) -> dict[str, Any]:
    [one] = [one for one in trial["objects"] if (one["ref"]["kind"], one["ref"]["name"]) == (kind, name)]
    return dict(one)


def missing(trial: dict[str, Any]) -> dict[tuple[str, str], Any]:
    return {(one["ref"]["kind"], one["ref"]["name"]): one for one in trial["missing"]}


def test_a_project_is_proven_where_its_namespace_is_there_and_tried_beside_where_it_is_not(
    anna: Person, cluster: str, control_plane: ControlPlane
) -> None:
    found = an_import(anna, shop())
    own = control_plane.namespace("tried")

    there = tried(anna, found, cluster, own)
    beside = tried(anna, found, cluster, "not-there-yet")

    assert there["counts"] == {**dict.fromkeys(there["counts"], 0), "proven": found["node_count"]}
    assert there["missing"] == []
    assert beside["counts"]["at_apply"] == found["node_count"]
    assert "tried in the namespace default" in of(beside, "Deployment", "web")["reason"]
    assert "tried in the namespace default" in of(beside, "Secret", "db-env")["reason"]
    assert list(missing(beside)) == [("Namespace", "not-there-yet")]
    made = [one["metadata"] for one in control_plane.list("apps/v1", "Deployment")]
    assert [one for one in made if one["namespace"] == own or one["name"].startswith("kubeorch-dry-run")] == []


@pytest.mark.parametrize("is_there", [True, False])
def test_what_the_api_server_refuses_of_a_service_stands_at_its_key(
    anna: Person, cluster: str, control_plane: ControlPlane, is_there: bool
) -> None:
    text = "services:\n  web:\n    image: nginx:1.27\n    dns:\n      - 9.9.9.9\n      - 1.2.3\n"
    found = an_import(anna, compose(text))

    trial = tried(anna, found, cluster, control_plane.namespace("refused") if is_there else "refused-later")

    web = of(trial, "Deployment", "web")
    assert (web["verdict"], web["code"]) == ("refused", "cluster.invalid"), web
    assert web["field"] == "spec.template.spec.dnsConfig.nameservers[1]"
    assert "kubeorch-dry-run" not in web["reason"]
    assert (web["place"]["path"], web["place"]["line"]) == ("compose.yaml", 6), web
    assert trial["counts"]["refused"] == 1


def test_what_a_cluster_lacks_is_named_with_who_needs_it_and_where(
    anna: Person, cluster: str, control_plane: ControlPlane
) -> None:
    found = an_import(anna, {"type": "manifests", "files": files(**{"all.yaml": MANIFESTS})})

    trial = tried(anna, found, cluster, control_plane.namespace("lacking"))

    web = of(trial, "Deployment", "web")
    assert (web["verdict"], web["place"]["line"]) == ("refused", 16), web
    assert web["field"].endswith("livenessProbe.successThreshold")
    assert of(trial, "Widget", "w")["verdict"] == "at_apply"
    found_missing = missing(trial)
    assert set(found_missing) == {("Widget", ""), ("ServiceAccount", "robot"), ("StorageClass", "fast")}
    assert found_missing["ServiceAccount", "robot"]["place"]["line"] == 9
    assert found_missing["StorageClass", "fast"]["place"]["line"] == 28


def test_only_clusters_and_namespaces_of_the_team_are_asked(
    anna: Person, cluster: str, control_plane: ControlPlane
) -> None:
    found = an_import(anna, shop())
    other = a_user("editor", name="Other")
    place = {"cluster": cluster, "namespace": control_plane.namespace("theirs")}
    theirs = a_cluster(other.team_id)
    made = other.post(
        "workflows", {"name": "Theirs", "environment": {"name": "dev", **place}, "graph": {"nodes": [], "edges": []}}
    )
    assert made.status == 201, made.body

    def refused(**given: str) -> tuple[int, str]:
        answer = anna.post(f"imports/{found['id']}/trials", {**place, **given})
        return answer.status, answer.body["code"]

    assert refused() == (409, "environment.namespace_taken")
    assert refused(cluster=theirs) == (400, "environment.cluster")
    assert refused(namespace="kube-system") == (400, "environment.namespace")
    assert other.post(f"imports/{found['id']}/trials", place).status == 404


EVERY_ROW = """\
version: "3.9"
services:
  web:
    image: nginx:1.27
    ports: ["8080:80", "127.0.0.1:8443:443/tcp", 9000, {target: 9001, published: 9101, protocol: tcp}]
    environment: {PLAIN: "yes", EMPTY: "", API_TOKEN: correct-horse-battery-of-the-shop}
    env_file: web.env
    volumes: ["data:/data", "./missing:/conf:ro", "/scratch", {type: tmpfs, target: /tmp/fast}]
    depends_on: {db: {condition: service_started}}
    command: nginx -g 'daemon off;'
    entrypoint: ["/docker-entrypoint.sh"]
    deploy:
      replicas: 2
      mode: replicated
      resources: {limits: {cpus: "0.5", memory: 64M}, reservations: {cpus: "0.1", memory: 32M}}
    healthcheck: {test: curl -f http://localhost, interval: 5s, timeout: 2s, retries: 3, start_period: 10s}
    networks: [front]
    labels: {com.example.team: shop}
    restart: unless-stopped
    working_dir: /srv
    hostname: web-host
    user: "1000"
    expose: ["9100"]
    stdin_open: true
    tty: true
    cap_add: [NET_BIND_SERVICE]
    cap_drop: [ALL]
  db:
    image: postgres:16
    environment: [POSTGRES_PASSWORD=correct-horse-battery-of-the-shop, "POSTGRES_DB=shop"]
    healthcheck: {disable: true}
    container_name: the-db
    privileged: true
    network_mode: bridge
  built:
    build: {context: ., dockerfile: Dockerfile, target: run, args: {A: "1"}}
    network_mode: host
volumes:
  data: {driver: local, labels: {keep: "yes"}, name: shop-data}
  outside: {external: true}
networks:
  front: {}
"""
EVERY_ENV = "FROM_FILE=here\nPLAIN=overridden\n"


def test_a_file_that_uses_every_key_of_the_compose_table_is_told_key_by_key_and_its_variables_reach_the_pod(
    anna: Person, cluster: str, control_plane: ControlPlane
) -> None:
    source = {"type": "compose", "files": files(**{"compose.yaml": EVERY_ROW, "web.env": EVERY_ENV})}
    found, again = an_import(anna, source), an_import(anna, source)
    same = ("graph", "ledger", "decisions", "variables")
    assert {name: found[name] for name in same} == {name: again[name] for name in same}, "equal files, equal result"
    told = {".".join(row["path"]) for row in found["ledger"]}
    written = {".".join(path) for path in keys_of(yaml.safe_load(EVERY_ROW))}
    assert written - told == set()
    assert [row for row in found["ledger"] if row["outcome"] in ("dropped", "approximated") and not row["why"]] == []
    assert [one for one in found["graph"]["problems"] if one["severity"] == "error"] == []

    trial = tried(anna, found, cluster, control_plane.namespace("rows"))
    assert (trial["counts"]["refused"], trial["counts"]["conflict"]) == (0, 0), trial["objects"]
    made = anna.post(
        f"imports/{found['id']}/apply",
        {"name": "Rows", "environment": {"name": "dev", "cluster": cluster, "namespace": trial["namespace"]}},
    )
    run = anna.post(f"workflows/{made.body['workflow']['id']}/manifests", {})
    objects = [yaml.safe_load(one["yaml"]) for one in run.body["manifests"]]
    [web] = [one for one in objects if (one["kind"], one["metadata"]["name"]) == ("Deployment", "web")]
    [container] = web["spec"]["template"]["spec"]["containers"]
    given = {one["name"]: one.get("value") for one in container["env"]}
    assert (given["PLAIN"], given["EMPTY"], given["FROM_FILE"]) == ("yes", "", "here")
    [secret] = [one for one in objects if one["metadata"]["name"] == container["envFrom"][0]["secretRef"]["name"]]
    assert list(secret["stringData"]) == ["API_TOKEN"]


def keys_of(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every key of a document, as the ledger spells it."""
    rows = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in rows:
        yield (*path, str(key))
        yield from keys_of(one, (*path, str(key)))
