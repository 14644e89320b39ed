"""The order that a Compose file asks for is kept by real containers, what a converted container gets is what Compose
gives it, and the product can tell so."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from tests.support.node.node import IMAGES
from tests.support.node.product import NodeBench, Product
from tests.support.wait import until
from tests.unit.imports.convert.apps import graph_of, of_text
from workflows.domain.graphs.graph import graph_to_dict

CONTENT = "listen = 8080\nname = $shop\n"
SHOP = f"""
services:
  db:
    image: {IMAGES[0]}
    command: [sh, -c, "sleep 2; touch /ready; exec httpd -f -p 5432 -h /tmp"]
    healthcheck: {{test: [CMD, test, -f, /ready], interval: 1s}}
    expose: [5432]
  migrate:
    image: {IMAGES[0]}
    command: [sh, -c, "sleep 2; exit CODE"]
    restart: "no"
    depends_on: {{db: {{condition: service_healthy}}}}
  api:
    image: {IMAGES[0]}
    command: [sh, -c, "exec sleep 2147483647"]
    environment: {{GREETING: "hello $$world", LEVEL: "3"}}
    configs: [{{source: settings, target: /etc/shop.conf}}]
    stop_grace_period: 1s
    depends_on: {{migrate: {{condition: service_completed_successfully}}}}
configs:
  settings:
    content: |
      listen = 8080
      name = $$shop
"""


def drawn(product: Product, code: int) -> NodeBench:
    bench = product.bench("compose")
    graph = graph_to_dict(graph_of(of_text(SHOP.replace("CODE", str(code)))))
    bench.draw(*graph["nodes"], edges=tuple(graph["edges"]))
    return bench


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def container(bench: NodeBench, node: str) -> dict[str, Any]:
    [pod] = bench.pods(node)
    [found] = pod["status"]["containerStatuses"]
    return dict(found)


def ready_at(bench: NodeBench, node: str) -> datetime:
    [pod] = bench.pods(node)
    [found] = [one for one in pod["status"]["conditions"] if one["type"] == "Ready"]
    return at(found["lastTransitionTime"])


def test_containers_start_in_the_order_of_the_compose_file_with_what_it_gives_them(product: Product) -> None:
    bench = drawn(product, 0)
    bench.deployed()
    migrated = container(bench, "migrate")["state"]["terminated"]
    api = container(bench, "api")
    assert ready_at(bench, "db") <= at(migrated["startedAt"])
    assert at(migrated["finishedAt"]) <= at(api["state"]["running"]["startedAt"])
    inside = api["containerID"]
    environment = dict(line.split("=", 1) for line in bench.plane.execute(inside, "env").splitlines())
    assert (environment["GREETING"], environment["LEVEL"]) == ("hello $world", "3")
    digest = bench.plane.execute(inside, "busybox", "sha256sum", "/etc/shop.conf").split()[0]
    assert digest == hashlib.sha256(CONTENT.encode()).hexdigest()


def test_a_container_whose_migration_fails_never_starts(product: Product) -> None:
    bench = drawn(product, 3)
    failed = bench.until(bench.start(), "failed", timeout_s=180)
    assert failed["error"]["detail"].startswith("Job migrate failed: ")
    assert bench.get("apps/v1", "Deployment", "api") is None
    assert bench.pods("api") == []


WRONG = "another-value-that-stays-inside"
PROMISING = f"""
services:
  key_store:
    image: {IMAGES[0]}
    command: [sh, -c, "exec httpd -f -p 6379 -h /tmp"]
    expose: [6379]
    stop_grace_period: 1s
  quiet:
    image: {IMAGES[0]}
    command: [sh, -c, "exec nc -ll -p 7000 -e sleep 3600"]
    expose: [7000]
    stop_grace_period: 1s
  web:
    image: {IMAGES[0]}
    command: [sh, -c, "exec httpd -f -p 8080 -h /tmp"]
    environment: {{QUIET: "quiet:7000", STORE_URL: "http://key_store:6379/0", GREETING: "hello $$world",
      API_TOKEN: {WRONG}}}
    volumes: ["./conf:/etc/web:ro", "kept:/kept", {{type: tmpfs, target: /fast}}]
    configs: [{{source: settings, target: /etc/shop.conf}}]
    depends_on: {{key_store: {{condition: service_healthy}}}}
    stop_grace_period: 1s
volumes: {{kept: {{}}}}
configs: {{settings: {{content: "listen = 8080"}}}}
"""


def test_what_runs_is_held_against_what_compose_promises(product: Product) -> None:
    person = product.person
    files = [{"path": "compose.yaml", "text": PROMISING}, {"path": "conf/web.conf", "text": "listen 80\n"}]
    found = person.post("imports", {"source": {"type": "compose", "files": files}}).body
    scratch = {one["id"]: "scratch" for one in found["decisions"] if one["id"].startswith("volume/kept")}
    answered = person.put(f"imports/{found['id']}/answers", {"answers": scratch})
    place = {"name": "dev", "cluster": product.cluster, "namespace": product.node.namespace("promised")}
    made = person.post(f"imports/{found['id']}/apply", {"name": "Promising", "environment": place})
    assert (answered.status, made.status) == (200, 201), (answered.body, made.body)
    workflow = made.body["workflow"]["id"]
    [environment] = person.get(f"workflows/{workflow}").body["environments"]
    run = person.post(f"workflows/{workflow}/runs", {"environment": environment["id"]})
    assert run.status == 202, run.body
    until(lambda: person.get(f"runs/{run.body['id']}").body["state"] == "succeeded", timeout_s=180, every_s=0.3)

    compared = person.post(f"imports/{found['id']}/comparisons", {"environment": environment["id"]})
    assert compared.status == 200, compared.body
    assert WRONG not in str(compared.body)
    told = {(one["service"], one["topic"], one["subject"]): one for one in compared.body["items"]}
    verdicts = {key: one["verdict"] for key, one in told.items()}
    assert verdicts == {
        ("web", "variable", "QUIET"): "kept",
        ("web", "variable", "STORE_URL"): "broken",
        ("web", "variable", "GREETING"): "kept",
        ("web", "variable", "API_TOKEN"): "kept",
        ("web", "file", "/etc/web/web.conf"): "kept",
        ("web", "file", "/etc/shop.conf"): "kept",
        ("web", "folder", "/kept"): "kept",
        ("web", "folder", "/fast"): "kept",
        ("web", "name", "key_store:6379"): "kept",
        ("web", "name", "quiet:7000"): "kept",
        ("web", "order", "key_store"): "kept",
    }
    renamed = told["web", "variable", "STORE_URL"]
    assert renamed["reason"].startswith("its value is another one; with the name that resolves")
    assert renamed["place"]["line"] == 16
