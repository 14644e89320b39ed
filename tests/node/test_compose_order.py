"""The order that a Compose file asks for is kept by real containers, and what a converted container gets is what
Compose gives it."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from tests.support.node.node import IMAGES
from tests.support.node.product import NodeBench, Product
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
