"""Logs of real containers: whole over cuts and restarts, whatever is written into them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.log_stream import LogReader
from tests.support.node.node import IMAGES
from tests.support.node.product import Product
from tests.support.wait import until

COUNT = 400
LONG = 161_240
TALK = (
    f"i=1; while [ $i -le {COUNT} ]; do echo line $i; [ $((i % 40)) = 0 ] && sleep 0.2; i=$((i+1)); done; "
    f"head -c {LONG} /dev/zero | tr '\\0' x; echo; "
    f"head -c 400000 /dev/zero | tr '\\0' y; echo; printf 'bad \\377\\376 bytes\\n'; printf 'no newline'; sleep 1"
)
CRASH = "echo started $(cat /proc/uptime); echo last words; exit 3"
SAID = [
    *(f"line {number}" for number in range(1, COUNT + 1)),
    "x" * LONG,
    "y" * (256 * 1024),
    "bad �� bytes",
    "no newline",
]


def a_pod(name: str, command: str, *, restart: str = "Never", labels: dict[str, str] | None = None) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "labels": labels or {}},
        "spec": {
            "restartPolicy": restart,
            "terminationGracePeriodSeconds": 0,
            "containers": [{"name": "main", "image": IMAGES[0], "command": ["sh", "-c", command]}],
        },
    }


@pytest.fixture(scope="module")
def namespace(product: Product) -> Iterator[str]:
    name = product.node.namespace("logs")
    yield name
    product.node.delete("v1", "Namespace", name)


def reader(product: Product, path: str) -> LogReader:
    return LogReader(product.person.stack, f"clusters/{product.cluster}/{path}")


def start(product: Product, namespace: str, pod: dict[str, Any]) -> str:
    pod["metadata"]["namespace"] = namespace
    product.node.apply(pod)
    return f"pods/{namespace}/{pod['metadata']['name']}/logs"


def test_a_log_that_is_followed_over_many_cuts_is_what_the_container_wrote(product: Product, namespace: str) -> None:
    crashing = start(product, namespace, a_pod("crash", CRASH, restart="Always"))
    talking = reader(product, start(product, namespace, a_pod("talk", TALK)) + "?follow=true&tail=10000")

    is_over = False
    while not is_over:  # it waits for the container first; then each connection is cut after some events
        for number, event in enumerate(talking.events()):
            is_over = event.name == "complete"
            if number >= 4 and event.name == "entries":
                break
    assert talking.texts == SAID
    assert talking.connections > 3
    cut = [entry for entry in talking.entries if entry.get("cut")]
    assert [len(entry["text"]) for entry in cut] == [256 * 1024]
    assert talking.notes("waiting"), "it was opened before the container had started"
    assert talking.notes("ended")[-1]["ended"]["exit_code"] == 0
    assert not talking.notes("gap", "interrupted", "refused")
    answer = product.person.get(f"clusters/{product.cluster}/pods/{namespace}/talk/logs?tail=2")
    assert [row["text"] for row in answer.body["results"]] == SAID[-2:]
    raw = product.person.get(f"clusters/{product.cluster}/pods/{namespace}/talk/logs?download=true")
    assert raw.body == "\n".join([*SAID[:COUNT], "x" * LONG, "y" * 400_000, "bad �� bytes", "no newline"])

    looping = reader(product, f"{crashing}?follow=true")
    looping.until(lambda: len(looping.notes("restarted")) >= 1 and looping.texts[-1:] == ["last words"])
    looping.until(lambda: len(looping.notes("restarted")) >= 2 and looping.texts[-1:] == ["last words"])
    assert {note["ended"]["exit_code"] for note in looping.notes("restarted", "ended")} == {3}
    starts = [text for text in looping.texts if text.startswith("started")]
    assert len(starts) == len(set(starts)), "no line twice"
    assert looping.texts == [word for text in starts for word in (text, "last words")]


def test_the_logs_of_a_workload_are_merged_and_new_pods_join(product: Product, namespace: str) -> None:
    say = "i=1; while :; do echo $HOSTNAME $i; i=$((i+1)); sleep 0.05; done"
    deployment = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "many", "namespace": namespace},
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": {"app": "many"}},
            "template": {"metadata": {"labels": {"app": "many"}}, "spec": a_pod("", say, restart="Always")["spec"]},
        },
    }
    product.node.apply(deployment)
    merged = reader(product, f"workloads/Deployment/{namespace}/many/logs?follow=true")

    def talking() -> set[str]:
        return {text.split()[0] for text in merged.texts}

    merged.until(lambda: len(talking()) == 2 and len(merged.texts) > 60)
    deployment["spec"]["replicas"] = 3
    product.node.apply(deployment)
    merged.until(lambda: len(talking()) == 3 and len(merged.texts) > 120)
    for pod in talking():
        numbers = [int(text.split()[1]) for text in merged.texts if text.startswith(f"{pod} ")]
        assert numbers == list(range(1, len(numbers) + 1)), f"{pod}: every line once, in order"
    whole = product.person.get(f"clusters/{product.cluster}/workloads/Deployment/{namespace}/many/logs?tail=40")
    times = [row["at"] for row in whole.body["results"]]
    assert len(times) > 80
    assert times == sorted(times)
    pods = product.node.list("v1", "Pod", namespace, "labelSelector=app%3Dmany")
    assert {pod["metadata"]["name"] for pod in pods} == talking()
    product.node.delete("apps/v1", "Deployment", "many", namespace)
    until(lambda: not product.node.list("v1", "Pod", namespace, "labelSelector=app%3Dmany"), timeout_s=60)
