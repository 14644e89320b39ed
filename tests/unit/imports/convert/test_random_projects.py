"""Projects of random keys, each in several of its forms: nothing is lost without a word, and all of it can be run."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from imports.domain.compose.load import load
from imports.domain.convert.conversion import convert
from imports.domain.ledger import UNKNOWN
from imports.domain.problems import ImportInvalid
from imports.domain.sources import Files
from tests.support.seeds import SEED
from tests.unit.imports.convert.apps import graph_of
from tests.unit.kinds.samples import the_catalog
from workflows.domain.graphs.check import check
from workflows.domain.rendering.render import render_graph

COUNT = 40 if SEED == 1 else 700
NAMES = ["web", "my_db", "cache", "Worker", "1api", "x" * 70, "a.b"]
KEYS: dict[str, list[Any]] = {
    "image": ["nginx:1.27", "postgres:16", "redis", "Not An Image", "ghcr.io/a/b@sha256:" + "0" * 64],
    "build": [".", {"context": "./app", "dockerfile": "D", "args": {"A": "b"}, "target": "t"}],
    "command": ["run --it 'a b'", [], ["$$(X)", "--host=my_db:5432"], None, ""],
    "entrypoint": ["/run.sh", [], ["python", "-m", "x"], "", None],
    "environment": [
        {"A": "1", "DB_PASSWORD": "", "URL": "postgres://u:p@my_db/x", "N": None, "F": True},
        ["A=b", "TOKEN", "EMPTY=", "CACHE_HOST=cache", "CACHE_PORT=7000", "bad name=1"],
    ],
    "env_file": ["one.env", ["one.env", {"path": "missing.env", "required": False}]],
    "ports": [
        ["80", "8080:80", "127.0.0.1:9000:9000/udp", "3000-3002:4000-4002"],
        [{"target": 443, "published": "443", "mode": "host", "name": "tls", "app_protocol": "https"}, "443/udp"],
        ["53:53/udp", "53:53/tcp", "30080:80"],
    ],
    "expose": [["80", "9000-9002", "53/udp"]],
    "volumes": [
        ["data:/data", "data:/again", "./conf:/etc/conf:ro", "/var/run/docker.sock:/var/run/docker.sock", "/anon"],
        ["./big.bin:/big.bin", "./app:/app", "~/home:/home/x", "/srv/media:/media", "./script.sh:/run.sh:ro"],
        [
            {"type": "tmpfs", "target": "/tmp", "tmpfs": {"size": "64m"}},
            {"type": "volume", "source": "ext", "target": "/e"},
        ],
        [
            {
                "type": "bind",
                "source": "./conf/a.conf",
                "target": "/a",
                "read_only": True,
                "bind": {"propagation": "rslave"},
            }
        ],
        [{"type": "volume", "source": "data", "target": "/sub", "volume": {"subpath": "a/b", "nocopy": True}}],
    ],
    "tmpfs": ["/run", ["/tmp:size=1m,mode=1777", "/var/cache"]],
    "configs": [["conf"], [{"source": "conf", "target": "/etc/x", "mode": "0440", "uid": "103"}]],
    "secrets": [["pass"], [{"source": "pass", "target": "other", "mode": "0400"}, "given"]],
    "healthcheck": [
        {"test": ["CMD", "x"], "interval": "10s", "timeout": "1500ms", "retries": 3, "start_period": "1m"},
        {"test": "curl x || exit 1", "start_interval": "5s"},
        {"disable": True},
        {"test": ["NONE"]},
        {"interval": "5s"},
    ],
    "restart": ["no", "always", "on-failure:3", "unless-stopped"],
    "deploy": [
        {
            "mode": "global",
            "labels": {"a.b": "c"},
            "resources": {"limits": {"cpus": "0.5", "memory": "50M", "pids": 5}},
        },
        {"replicas": 3, "update_config": {"parallelism": 0, "order": "stop-first", "monitor": "5s", "delay": "1s"}},
        {"mode": "replicated-job", "replicas": 2, "restart_policy": {"condition": "on-failure", "max_attempts": 2}},
        {"placement": {"constraints": ["node.role==manager", "node.labels.a!=b", "engine.labels.x==y", "bad"]}},
        {"replicas": 0, "endpoint_mode": "dnsrr", "rollback_config": {"parallelism": 1}},
        {
            "resources": {
                "reservations": {"devices": [{"capabilities": ["gpu"], "count": 2}, {"capabilities": ["tpu"]}]}
            }
        },
        {"restart_policy": {"condition": "none", "delay": "5s", "window": "10s"}},
    ],
    "user": ["1000", "1000:1000", "root", "app:app"],
    "networks": [["front"], {"front": {"aliases": ["www", "a_b"]}, "back": {"ipv4_address": "10.0.0.5"}}],
    "labels": [
        {
            "kompose.service.type": "LoadBalancer",
            "kompose.service.expose": "a.example.com,b.example.com/x",
            "kompose.service.nodeport.port": "30100",
            "kompose.init.containers.image": "busybox",
            "kompose.init.containers.command": "['a', \"b $${X}\"]",
            "kompose.controller.port.expose": "true",
            "kompose.volume.size": "lots",
            "kompose.volume.subpath": "/a/b/",
            "kubeorch.dev/node": "x",
        },
        {
            "kompose.service.group": "g",
            "kompose.service.name_override": "Other_Name",
            "kompose.service.healthcheck.readiness.tcp_port": "80",
            "kompose.service.healthcheck.liveness.http_get_path": "/x",
            "kompose.cronjob.concurrency_policy": "sometimes",
            "kompose.hpa.memory": "200Mi",
            "kompose.hpa.cpu": "50",
            "kompose.volume.type": "emptyDir",
            "kompose.ephemeral-storage.limit": "much",
        },
        {"kompose.service.type": "loadbalancer", "kompose.controller.type": "daemonset", "a": "b"},
        {"kompose.service.expose": "a.example.com/x,b.example.com", "kompose.service.expose.tls-secret": "tls"},
        ["kompose.cronjob.schedule=0 3 * * *", "kompose.cronjob.backoff_limit=2", "bad key!=x"],
        {"kompose.hpa.cpu": "50", "kompose.hpa.replicas.max": 4, "kompose.volume.size": "2Gi", "kompose.odd": "1"},
        {"kompose.service.healthcheck.readiness.test": "CMD curl 'x y'", "kompose.image-pull-policy": "always"},
        {"kompose.service.healthcheck.liveness.http_get_path": "/h", "kompose.service.nodeport.port": "30001"},
    ],
    "logging": [{"driver": "json-file", "options": {"max-size": "1m"}}],
    "sysctls": [{"net.core.somaxconn": 1}, ["net.ipv4.ip_forward=1"]],
    "ulimits": [{"nofile": {"soft": 1, "hard": 2}, "nproc": 5}],
    "security_opt": [["no-new-privileges", "seccomp=unconfined", "apparmor:p", "label:type:t", "label=disable"]],
    "extra_hosts": [["a=1.2.3.4", "b:::1", "c=host-gateway"], {"x": "10.0.0.1"}],
    "dns_opt": [["ndots:2", "use-vc"]],
    "network_mode": ["host", "none", "bridge", "service:web", "service:cache"],
    "devices": [["/dev/ttyUSB0", "/dev/a:/dev/b:r"]],
    "gpus": ["all", [{"driver": "nvidia", "count": 1}]],
    "pull_policy": ["always", "missing", "build", "daily", "never"],
    "platform": ["linux/amd64", "linux/arm64/v8", "linux"],
    "stop_grace_period": ["1m30s", "500ms"],
    "group_add": [["1", "video"]],
    "container_name": ["the_name", "named"],
    "hostname": ["host-1", "UPPER.local"],
    "profiles": [["extra"]],
    **{key: [True, False] for key in ("privileged", "read_only", "init", "tty", "stdin_open", "oom_kill_disable")},
    **{key: ["512m", 1024] for key in ("mem_limit", "mem_reservation", "shm_size", "memswap_limit")},
    **{key: [1] for key in ("cpus", "cpu_count", "pids_limit", "cpu_shares")},
    "cpu_quota": [50_000, -1],
    "cpu_period": [100_000],
    "scale": [2],
    "pid": ["host"],
    "ipc": ["host", "shareable", "private"],
    "cap_add": [["NET_ADMIN", "CAP_SYS_TIME"]],
    "cap_drop": [["ALL", "odd name"]],
    "stop_signal": ["SIGTERM", "SIGQUIT"],
    "annotations": [{"a.b/c": "d", "bad key": "x"}],
    "pre_stop": [[{"command": ["a"], "user": "root"}, {"command": "b"}]],
    "post_start": [[{"command": "a"}]],
    "working_dir": ["/srv"],
    "x-own": [{"a": ["b"]}],
    "develop": [{"watch": [{"action": "sync", "path": "./app", "target": "/app"}]}],
    "external_links": [["other:alias"]],
    "links": [["web:www2"]],
}
TOP: dict[str, Any] = {
    "volumes": {
        "data": {"labels": {"kompose.volume.size": "3Gi", "a": "b"}, "driver": "local"},
        "ext": {"external": True, "name": "shared_volume"},
    },
    "networks": {"front": None, "back": {"internal": True, "ipam": {"config": [{"subnet": "10.0.0.0/24"}]}}},
    "configs": {"conf": {"content": "a ${X:-b} $$c"}},
    "secrets": {"pass": {"file": "./pass.txt"}, "given": {"environment": "GIVEN"}},
    "x-top": {"a": "b"},
}
FILES = {
    "one.env": b"FROM_FILE=1\nSECRET_KEY=abc\n",
    "pass.txt": b"pw",
    "conf/a.conf": b"${A}\n",
    "conf/sub/b.conf": b"\xff\xfe",
    "script.sh": b"#!/bin/sh\n",
    "big.bin": b"\0" * 1_200_000,
}


def a_project(seed: int) -> dict[str, Any]:
    dice = random.Random(seed)
    names = dice.sample(NAMES, dice.randint(1, 4))
    services: dict[str, Any] = {}
    for name in names:
        keys = dice.sample(sorted(KEYS), dice.randint(3, 25))
        service = {"image": "example/app:1", **{key: dice.choice(KEYS[key]) for key in keys}}
        if "network_mode" in service:
            service.pop("networks", None)
            service.pop("links", None)
        earlier = [one for one in services if "profiles" not in services[one]]
        if earlier and dice.random() < 0.6:
            conditions = ("service_started", "service_healthy", "service_completed_successfully")
            service["depends_on"] = {dice.choice(earlier): {"condition": dice.choice(conditions), "restart": True}}
        services[name] = service
    return {"name": "random", "services": services, **TOP}


@pytest.mark.parametrize("seed", range(SEED * 1_000_000, SEED * 1_000_000 + COUNT))
def test_a_random_project_is_converted_without_a_loss_that_is_not_said(seed: int):
    tree = Files({"compose.yaml": json.dumps(a_project(seed)).encode(), **FILES})
    try:
        project = load(tree, ["compose.yaml"], environment={"GIVEN": "given"})
    except ImportInvalid:
        return
    first, dice = convert(project, tree, {}), random.Random(seed)
    answers = {one.id: dice.choice(one.choices).value for one in first.decisions if one.choices}
    for conversion in (first, convert(project, tree, answers)):
        assert [(one.path, one.place) for one in conversion.ledger.entries] == project.keys
        assert [one for one in conversion.ledger.entries if one.why == UNKNOWN] == []
        assert len(conversion.services) == len(project.model["services"]) + len(project.inactive)
        graph = graph_of(conversion)
        wrong = [one for one in check(graph, the_catalog()) if one.severity == "error"]
        assert [one for one in wrong if one.code != "parameter.format" or "Image" not in one.detail] == []
        if not wrong:
            render_graph(graph, the_catalog(), namespace="shop", variables={})
        assert len({(node.x, node.y) for node in graph.nodes}) == len(graph.nodes)
