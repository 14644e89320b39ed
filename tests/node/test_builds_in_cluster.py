"""Images that are built in the cluster itself: the contract of engines, kept by a pod for each build."""

from __future__ import annotations

import json
import os
import signal
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from builds.connections.keys import new_key_pair
from builds.domain import build_pods as pods
from tests.node.test_containers import page_at
from tests.support.agent_client import agent_client
from tests.support.git_server import GitServer, a_commit, a_git_server
from tests.support.held_door import HeldDoor
from tests.support.image_builds import Shop, an_app
from tests.support.node import buildkit
from tests.support.node.configuration import ADDRESS, NODE
from tests.support.node.node import Node
from tests.support.node.product import Product
from tests.support.registry import PASSWORD, USER, Registry, a_registry
from tests.support.wait import until
from tests.support.workers import expire_leases
from tests.support.workflows import a_node, an_edge

pytestmark = pytest.mark.timeout(300)
NAMESPACE = "kubeorch-builds"
PULLS = "pulls-buildkit"
SECRET = "canary-of-an-engine"
SEEN = (
    "RUN --mount=type=secret,id=TOKEN test -s /run/secrets/TOKEN;"
    " cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ >/seen 2>/dev/null;"
    ' echo "maps:$(cat /proc/[0-9]*/maps 2>/dev/null | grep -c bin/buildkitd):" >/maps; true\n'
)
"""What a step can learn of the processes beside it."""
SIGNS = (
    "COPY root /\nRUN chmod -R 755 /usr /lib*\n"
    "RUN --mount=type=ssh,id=GITHUB ssh-add -L >/public && ssh-add -T /public && echo signed by $(cat /public)\n"
)
"""Fails unless the agent signs with the key that it names."""
SERVES = 'RUN mkdir /www && echo inside >/www/index.html\nCMD ["httpd", "-f", "-p", "8080", "-h", "/www"]\n'
ONCE = (
    "RUN --mount=type=cache,target=/two if [ -e /two/x ]; then exit 0; fi; touch /two/x; echo begun; exec sleep 3600\n"
)
"""Ends where it has run before, which BuildKit's own cache knows."""
ENDLESS = "RUN echo begun; exec sleep 3600\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GitServer]:
    with a_git_server(tmp_path_factory.mktemp("git")) as running:
        yield running


@pytest.fixture(scope="module")
def image(node: Node, registry: Registry, tmp_path_factory: pytest.TempPathFactory) -> None:
    """BuildKit, in a registry that asks the node for a password."""
    if missing := buildkit.lacking():
        pytest.skip(f"BuildKit cannot run in a pod here: {'; '.join(missing)}")
    buildkit.push(registry, tmp_path_factory.mktemp("buildkit"))
    node.trust(buildkit.HOST, registry.ca, at=registry.host)


@pytest.fixture(scope="module")
def place(product: Product, image: None, node: Node) -> dict[str, Any]:
    """Where builds run, with a Secret that opens the registry of BuildKit's image."""
    enforce(node, pods.LEVEL)
    accounts = {"auths": {buildkit.HOST: {"username": USER, "password": PASSWORD}}}
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": PULLS, "namespace": NAMESPACE},
        "type": "kubernetes.io/dockerconfigjson",
        "stringData": {".dockerconfigjson": json.dumps(accounts)},
    }
    node.apply(secret)
    return {"cluster": product.cluster, "memory_mib": 1024, "disk_mib": 2048, "pull_secret": PULLS}


@pytest.fixture(scope="module")
def engine(product: Product, place: dict[str, Any]) -> dict[str, Any]:
    made = product.person.post("build-engines/in-clusters", {"name": "here", **place})
    assert made.status == 201, made.body
    return dict(made.body)


@pytest.fixture(scope="module")
def shop(product: Product, server: GitServer, images: Registry) -> Shop:
    return Shop(product.person, server, images)  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def nothing_is_left(node: Node) -> Iterator[None]:
    yield
    until(lambda: not of_builds(node, "batch/v1", "Job"), what="no Job is left")
    until(lambda: not of_builds(node, "v1", "Pod"), what="no pod is left")


def of_builds(node: Node, api_version: str, kind: str) -> list[str]:
    return [one["metadata"]["name"] for one in node.list(api_version, kind, NAMESPACE)]


def a_source(shop: Shop, engine: dict[str, Any], name: str, step: str, **more: Any) -> dict[str, Any]:
    shop.repository(name, an_app(step))
    return shop.source(name, engine=engine["id"], **more)


def begun(shop: Shop, build: dict[str, Any], times: int = 1) -> None:
    """A step of the build runs, for so many attempts now."""

    def count() -> bool:
        found = shop.look(build)
        assert found["ended_at"] is None, (found["reason"], shop.text(build))
        return [line["text"] for line in shop.log(build)].count("begun") >= times

    until(count, every_s=0.2, what="the step runs")


def enforce(node: Node, level: str) -> None:
    labels = {pods.ENFORCE_LABEL: level}
    node.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE, "labels": labels}})


def test_an_image_of_buildkit_that_nodes_may_not_pull_is_told_with_the_cure(
    product: Product, place: dict[str, Any]
) -> None:
    tried = product.person.post("build-engines/in-clusters/tests", {**place, "pull_secret": ""})
    assert tried.status == 200, tried.body
    [failed] = [one for one in tried.body["steps"] if one["state"] == "failed"]
    assert "pull secret" in failed["detail"]


def test_what_is_pushed_is_built_and_runs_by_the_digest_of_the_registry_and_no_credential_is_in_it(
    product: Product, shop: Shop, engine: dict[str, Any], node: Node
) -> None:
    """Scenario 25 of the acceptance checks."""
    pair = new_key_pair()
    variables = [
        {"key": "TOKEN", "usage": "build", "secret": True, "value": SECRET},
        {"key": "GITHUB", "usage": "ssh", "secret": True, "value": pair.private},
    ]
    source = a_source(shop, engine, "inside", "RUN false\n", variables=variables)
    files = {f"root/{path}": content for path, content in agent_client().items()}
    commit = a_commit(shop.server.root / "inside.git", an_app(SIGNS + SEEN + SERVES, **files))
    build = shop.build(source)
    assert build["state"] == "succeeded", shop.text(build)
    assert (build["commit"], build["engine"]) == (commit, engine["id"])
    assert shop.registry.digest_of("shop/inside", build["tags"][0]) == build["digest"]

    content = shop.registry.everything_in("shop/inside", build["digest"])
    assert b"buildkitd\0" in content, "a step sees the processes beside it"
    assert b"maps:0:" in content, "and not into them"
    auth = b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    assert f"signed by {pair.public}" in shop.text(build)
    for hidden in (SECRET, PASSWORD, auth, *pair.private.splitlines()[2:-1]):
        assert hidden.encode() not in content
        assert hidden not in shop.text(build)

    bench = product.bench("inside")
    code = a_node("code", kind="source", source="inside")
    web = {**a_node("web", port=8080, readiness_probe={"period_s": 1})}
    del web["parameters"]["image"]
    service = a_node("svc", kind="service", ports=[{"name": "http", "port": 80, "target_port": 8080}])
    bench.draw(code, web, service, edges=(an_edge("code", "web", "builds"), an_edge("svc", "web", "exposes")))
    bench.deployed()
    [pod] = bench.pods("web")
    [status] = pod["status"]["containerStatuses"]
    assert status["imageID"] == f"{build['image']}@{build['digest']}"
    address = bench.get("v1", "Service", "svc")["spec"]["clusterIP"]
    assert until(lambda: page_at(f"http://{address}/")) == "inside\n"


def test_its_namespace_lets_builds_in_and_nobody_else(engine: dict[str, Any], node: Node) -> None:
    namespace = node.get("v1", "Namespace", NAMESPACE)
    assert namespace is not None
    assert namespace["metadata"]["labels"][pods.ENFORCE_LABEL] == pods.LEVEL
    assert node.get("networking.k8s.io/v1", "NetworkPolicy", pods.POLICY, NAMESPACE) is not None
    assert engine["service"]["platforms"][0] == "linux/amd64"


def test_a_step_that_fails_is_told_with_its_words(shop: Shop, engine: dict[str, Any]) -> None:
    build = shop.build(a_source(shop, engine, "broken", "RUN echo trouble >&2; exit 7\n"))
    assert (build["state"], build["reason"]["code"]) == ("failed", "build.step_failed")
    assert any(line["text"] == "trouble" and line["stream"] == "stderr" for line in shop.log(build))


def test_a_build_that_is_canceled_ends_with_its_pod(shop: Shop, engine: dict[str, Any], node: Node) -> None:
    build = shop.start(a_source(shop, engine, "canceled", ENDLESS))
    begun(shop, build)
    [job] = of_builds(node, "batch/v1", "Job")
    assert job == pods.job_name(build["id"])
    assert shop.person.post(f"builds/{build['id']}/cancel").status == 202
    assert shop.ended(build)["state"] == "canceled"


def kill_worker(product: Product) -> None:
    stack = product.person.stack
    killed = stack.pid_of("worker")
    os.kill(killed, signal.SIGKILL)
    until(lambda: stack.pid_of("worker") != killed, what="another worker has come")
    expire_leases(stack.database().kubeorch)


def test_a_worker_that_dies_leaves_the_pod_to_the_next_one(
    product: Product, shop: Shop, engine: dict[str, Any], node: Node
) -> None:
    """First while the pod waits for a node, then while a step runs there."""
    cordon = f"clusters/{product.cluster}/nodes/{NODE}"
    assert product.person.post(f"{cordon}/cordon").status == 200
    build = shop.start(a_source(shop, engine, "killed", ONCE))
    until(lambda: "no node takes it" in shop.text(build), every_s=0.2, what="the pod waits for a node")
    [pod] = of_builds(node, "v1", "Pod")
    kill_worker(product)
    assert product.person.post(f"{cordon}/uncordon").status == 200
    begun(shop, build)
    assert shop.look(build)["attempt"] == 2
    kill_worker(product)
    until(lambda: shop.look(build)["attempt"] == 3, every_s=0.2, what="the next attempt")
    assert of_builds(node, "v1", "Pod") == [pod], "one pod serves all of them"
    ended = shop.ended(build)
    assert ended["state"] == "succeeded", shop.text(build)
    assert shop.registry.images("shop/killed") == [ended["digest"]]


def test_a_worker_that_dies_in_mid_push_leaves_one_image(
    product: Product, shop: Shop, engine: dict[str, Any], tmp_path: Path
) -> None:
    with a_registry(tmp_path / "plain", password=True, address=ADDRESS) as plain:
        door = HeldDoor(plain.port, b"POST /v2/doors/pushed/blobs/uploads/", ADDRESS)
        try:
            host = f"{ADDRESS}:{door.port}"
            added = shop.person.post("registries", {**plain.given(), "name": "door", "host": host, "test": False})
            assert added.status == 201, added.body
            build = shop.start(a_source(shop, engine, "pushed", "RUN echo made >/made\n", image=f"{host}/doors/pushed"))
            until(door.held.is_set, what="the push is held")
            shop.in_state(build, "pushing")
            kill_worker(product)
            door.open()
            ended = shop.ended(build)
        finally:
            door.stop()
        assert (ended["state"], ended["attempt"]) == ("succeeded", 2), shop.text(build)
        assert plain.images("doors/pushed") == [ended["digest"]]


def evict(node: Node, pod: str) -> None:
    """As a drain does, by the eviction API."""
    path = f"/api/v1/namespaces/{NAMESPACE}/pods/{pod}/eviction"
    body = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": pod, "namespace": NAMESPACE}}
    status, answer = node.call("POST", path, json.dumps(body).encode(), content_type="application/json")
    assert status == 201, answer


def test_a_build_whose_pod_is_evicted_is_made_once_more_and_not_again(
    shop: Shop, engine: dict[str, Any], node: Node
) -> None:
    build = shop.start(a_source(shop, engine, "evicted", ENDLESS))
    begun(shop, build)
    [first] = of_builds(node, "v1", "Pod")
    evict(node, first)
    begun(shop, build, times=2)
    assert shop.look(build)["attempt"] == 2
    [second] = [one for one in of_builds(node, "v1", "Pod") if one != first]
    evict(node, second)
    ended = shop.ended(build)
    assert (ended["state"], ended["reason"]["code"], ended["attempt"]) == ("failed", "engine.lost", 2)
    assert "for the second time" in ended["reason"]["detail"]


@pytest.mark.parametrize(
    ("limit", "memory_mib", "disk_mib"),
    [("disk", 3072, 1024), ("memory", 1024, 4096)],  # what a step writes is in memory here, as the node's disk is
)
def test_a_build_that_uses_more_than_it_may_ends_with_that_and_is_not_made_again(
    product: Product, shop: Shop, place: dict[str, Any], limit: str, memory_mib: int, disk_mib: int
) -> None:
    given = {"name": f"little-{limit}", **place, "memory_mib": memory_mib, "disk_mib": disk_mib}
    made = product.person.post("build-engines/in-clusters", given)
    assert made.status == 201, made.body
    fills = "RUN dd if=/dev/zero of=/big bs=1M count=1200; exec sleep 3600\n"
    ended = shop.build(a_source(shop, made.body, f"too-much-{limit}", fills))
    assert (ended["state"], ended["reason"]["code"], ended["attempt"]) == ("failed", f"build.too_much_{limit}", 1)
    assert f"more {limit} than the 1 GiB that the engine gives one build" in ended["reason"]["detail"]
    assert f"give the engine more {limit}" in ended["reason"]["hint"]


def test_pod_security_that_refuses_the_pod_is_told_with_the_cure(
    shop: Shop, engine: dict[str, Any], node: Node
) -> None:
    enforce(node, "baseline")
    try:
        build = shop.build(a_source(shop, engine, "refused", "RUN true\n"))
    finally:
        enforce(node, pods.LEVEL)
    assert (build["state"], build["reason"]["code"]) == ("failed", "engine.pod_refused")
    assert 'violates PodSecurity "baseline' in build["reason"]["detail"]
    assert f"{pods.ENFORCE_LABEL}={pods.LEVEL}" in build["reason"]["detail"]
