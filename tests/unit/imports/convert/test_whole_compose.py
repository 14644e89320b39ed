"""One project with every key that Compose files usually have, in each of its forms."""

from __future__ import annotations

import random
from typing import Any

from imports.domain.compose.load import load
from imports.domain.convert.conversion import Conversion, convert
from imports.domain.ledger import UNKNOWN
from imports.domain.sources import Files
from kubeorch.base.yaml_writing import dump_all
from tests.unit.imports.convert.apps import graph_of
from tests.unit.kinds.samples import the_catalog
from workflows.domain.graphs.check import check
from workflows.domain.rendering.render import render_graph

COMPOSE = """\
version: "3.8"
name: whole
x-usual: &usual
  restart: unless-stopped
services:
  web:
    <<: *usual
    image: example/web:1
    container_name: front
    hostname: shop-front
    ports:
      - "8080:80"
      - "127.0.0.1:8443:443/tcp"
      - 9000
      - "5000-5001:5000-5001/udp"
      - {target: 81, published: "8081", protocol: tcp, mode: host}
    expose: ["7000"]
    environment: ["LIST=one", "EMPTY=", "FROM_FILE=${TAG:-2}"]
    env_file: [web.env]
    command: serve --name "two words"
    entrypoint: [/bin/entry, -x]
    working_dir: /srv
    user: "1000:1001"
    depends_on: [cache]
    volumes:
      - data:/var/lib/web
      - ./conf/web.conf:/etc/web.conf:ro
      - /var/cache/web
      - type: tmpfs
        target: /scratch
        tmpfs: {size: 64m}
      - {type: volume, source: data, target: /mnt, read_only: true}
    labels: {tier: front}
    networks: [front, back]
    stdin_open: true
    tty: true
    cap_add: [NET_ADMIN]
    cap_drop: [ALL]
    secrets: [token]
    configs: [{source: motd, target: /etc/motd, mode: 0440}]
    ulimits: {nofile: 1024}
    sysctls: {net.core.somaxconn: 1024}
    logging: {driver: json-file}
    devices: ["/dev/null:/dev/null"]
    extra_hosts: ["db.example.com:10.0.0.9"]
    dns: [10.0.0.2]
    init: true
    stop_signal: SIGQUIT
    stop_grace_period: 1m30s
    platform: linux/amd64
    pull_policy: always
  cache:
    image: example/cache:1
    environment: {MAPPED: "yes", NUMBER: 5, SWITCH: "false"}
    deploy:
      mode: replicated
      replicas: 3
      resources:
        limits: {cpus: "0.5", memory: 512M}
        reservations:
          cpus: "0.25"
          memory: 256m
          devices: [{driver: nvidia, count: 1, capabilities: [gpu]}]
    healthcheck: {test: [CMD, ok], interval: 10s, timeout: 2s, retries: 4, start_period: 5s}
    networks: {back: {aliases: [store]}}
    labels: ["tier=back"]
  quiet:
    image: example/quiet:1
    healthcheck: {disable: true}
    deploy: {mode: global}
    privileged: true
    network_mode: host
  built:
    build: {context: ./built, dockerfile: other.Dockerfile, target: run, args: {VERSION: "1"}}
    image: example/built:1
    depends_on: {cache: {condition: service_healthy}}
  shorter:
    build: ./shorter
    restart: "no"
    command: ["once"]
  debug:
    extends: {service: web}
    profiles: [debug]
    ports: !reset []
volumes:
  data: {driver: local, labels: {keep: "yes"}}
  elsewhere: {external: true, name: known}
networks:
  front: {}
  back: {driver: bridge}
secrets:
  token: {environment: TOKEN}
configs:
  motd: {content: "hello\\n"}
"""
FILES = {
    "compose.yaml": COMPOSE.encode(),
    "compose.override.yaml": b"services: {web: {environment: [LATER=two]}}\n",
    "web.env": b"ENV_FILE=three\nLIST=lost\n",
    "conf/web.conf": b"listen 80\n",
}
UNSUPPORTED = {
    ("services", "web", "ulimits"),
    ("services", "web", "logging"),
    ("services", "web", "devices"),
    ("services", "web", "stop_signal"),
}
"""Keys of which the container gets nothing, or not as it is."""


def converted(shuffled: int = 0) -> tuple[Conversion, Any]:
    files = list(FILES.items())
    random.Random(shuffled).shuffle(files)
    tree = Files(dict(files))
    given = {"TOKEN": "sealed-and-hidden-71"}
    project = load(tree, ["compose.yaml", "compose.override.yaml"], folder_name="whole", environment=given)
    return convert(project, tree, {}), project


def objects(conversion: Conversion) -> list[dict[str, Any]]:
    return [one.manifest for one in render_graph(graph_of(conversion), the_catalog(), namespace="whole", variables={})]


def test_the_output_is_the_same_each_time():
    one, other = (converted(seed)[0] for seed in (0, 1))
    assert dump_all(objects(one)) == dump_all(objects(other))
    assert repr(one.as_json()) == repr(other.as_json())


def test_every_key_is_reported_and_what_is_not_kept_with_its_reason():
    conversion, project = converted()
    entries = conversion.ledger.entries

    assert [(one.path, one.place) for one in entries] == project.keys
    assert not [one for one in entries if one.why == UNKNOWN]
    assert not [one for one in entries if one.outcome != "converted" and not one.why]
    lost = {one.path[:3] for one in entries if one.outcome in ("dropped", "decision", "approximated")}
    assert lost >= UNSUPPORTED, UNSUPPORTED - lost


def test_the_graph_renders_and_has_no_error():
    conversion, _ = converted()

    assert [one for one in check(graph_of(conversion), the_catalog()) if one.severity == "error"] == []
    kinds = {(one["kind"], one["metadata"]["name"]) for one in objects(conversion)}
    assert {("Deployment", "web"), ("Deployment", "cache"), ("DaemonSet", "quiet"), ("Service", "web")} <= kinds
    assert {one.name for one in conversion.services} == {"web", "cache", "quiet", "built", "shorter", "debug"}


def test_each_container_gets_the_variables_of_compose_and_no_others():
    found = objects(converted()[0])
    data = {one["metadata"]["name"]: one.get("data") or {} for one in found if one["kind"] == "ConfigMap"}

    assert variables(found, data, "web") == {
        "LIST": "one",
        "EMPTY": "",
        "FROM_FILE": "2",
        "ENV_FILE": "three",
        "LATER": "two",
    }
    assert variables(found, data, "cache") == {"MAPPED": "yes", "NUMBER": "5", "SWITCH": "false"}


def variables(found: list[dict[str, Any]], data: dict[str, dict[str, str]], name: str) -> dict[str, str]:
    """What the container of a Deployment gets, from wherever."""
    [workload] = [one for one in found if one["kind"] == "Deployment" and one["metadata"]["name"] == name]
    container = workload["spec"]["template"]["spec"]["containers"][0]
    gathered: dict[str, str] = {}
    for source in container.get("envFrom") or ():
        gathered |= data[source["configMapRef"]["name"]]
    return gathered | {one["name"]: one.get("value", "") for one in container.get("env") or ()}
