"""Images of registries on a real node: pulled with the secret that a run makes, by an authority that it trusts."""

from __future__ import annotations

import json
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest

from tests.node.test_containers import page_at
from tests.support.embedded import need_a_registry
from tests.support.git_server import a_git_server, a_repository
from tests.support.image_builds import an_app, need_everything
from tests.support.node import image, programs
from tests.support.node.configuration import ADDRESS
from tests.support.node.product import RUN_S, Product
from tests.support.registry import PASSWORD, USER, Registry, a_registry
from tests.support.wait import until
from tests.support.workflows import a_node, an_edge

SERVES = "mkdir /tmp/www; echo pulled >/tmp/www/index.html; exec httpd -f -p 8080 -h /tmp/www"
REFUSED = ("ErrImagePull", "ImagePullBackOff")


def pushed(registry: Registry, path: str) -> str:
    """A busybox that serves a page; the image by its digest. No two have the same one: of an image that has several
    names, the node tells any of them."""
    layer = image.layer_of(programs.system("busybox").read_bytes())
    runs = {"Cmd": ["sh", "-c", SERVES], "Env": ["PATH=/bin", f"NAME={path}"]}
    return f"{registry.host}/{path}@{registry.push(path, '1', content=layer, runs=runs)}"


def a_pod(name: str, namespace: str, image_: str, *secrets: str) -> dict[str, Any]:
    """One whose image is asked of its registry however often it was pulled before."""
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "terminationGracePeriodSeconds": 0,
            "imagePullSecrets": [{"name": one} for one in secrets],
            "containers": [{"name": "main", "image": image_, "imagePullPolicy": "Always"}],
        },
    }


def container_of(product: Product, name: str, namespace: str) -> dict[str, Any]:
    """Its status as the kubelet tells it; empty before it does."""
    pod = product.node.get("v1", "Pod", name, namespace) or {}
    return dict(next(iter(pod.get("status", {}).get("containerStatuses", ())), {}))


def refusal(product: Product, name: str, namespace: str) -> str:
    """What the kubelet says of an image that it did not get."""

    def waiting() -> str:
        status = container_of(product, name, namespace)
        assert "running" not in status.get("state", {}), f"{name} runs: {status}"
        found = status.get("state", {}).get("waiting", {})
        return str(found.get("message", "")) if found.get("reason") in REFUSED else ""

    return until(waiting, every_s=0.2, what=f"the image of {name} is refused")


def runs(product: Product, name: str, namespace: str) -> dict[str, Any]:
    return until(
        lambda: (status := container_of(product, name, namespace)).get("state", {}).get("running") and status,
        every_s=0.2,
        what=f"{name} runs",
    )


def test_pods_pull_with_the_secret_of_their_run_and_are_refused_without_it(product: Product, images: Registry) -> None:
    locked = pushed(images, "own/locked")
    bench = product.bench("pulls")
    web = a_node("web", image=locked, port=8080, readiness_probe={"period_s": 1})
    service = a_node("svc", kind="service", ports=[{"name": "http", "port": 80, "target_port": 8080}])
    bench.draw(web, service, edges=(an_edge("svc", "web", "exposes"),))
    bench.deployed()

    [pod] = bench.pods("web")
    [status] = pod["status"]["containerStatuses"]
    assert status["imageID"] == locked
    address = bench.get("v1", "Service", "svc")["spec"]["clusterIP"]
    assert until(lambda: page_at(f"http://{address}/")) == "pulled\n"

    [name] = [one["name"] for one in pod["spec"]["imagePullSecrets"]]
    secret = bench.get("v1", "Secret", name)
    assert secret["type"] == "kubernetes.io/dockerconfigjson"
    assert secret["metadata"]["labels"]["kubeorch.dev/environment"] == bench.environment["id"]
    auths = json.loads(b64decode(secret["data"][".dockerconfigjson"]))["auths"]
    assert {host: b64decode(one["auth"]).decode() for host, one in auths.items()} == {images.host: f"{USER}:{PASSWORD}"}

    product.node.apply(a_pod("without", bench.namespace, locked))
    product.node.apply(a_pod("with", bench.namespace, locked, name))
    runs(product, "with", bench.namespace)
    said = refusal(product, "without", bench.namespace)
    assert "no basic auth credentials" in said or "401 Unauthorized" in said, said
    assert PASSWORD not in json.dumps(product.node.get("v1", "Pod", "with", bench.namespace))


def test_a_registry_with_an_authority_of_its_own_is_pulled_from_once_the_node_trusts_it(
    product: Product, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    namespace = product.node.namespace("trust")
    request.addfinalizer(lambda: product.node.delete("v1", "Namespace", namespace))
    with a_registry(tmp_path / "registry", tls=True, address=ADDRESS) as registry:
        shown = pushed(registry, "open/web")
        product.node.apply(a_pod("before", namespace, shown))
        assert "x509: certificate signed by unknown authority" in refusal(product, "before", namespace)
        product.node.trust(registry.host, registry.ca)
        product.node.apply(a_pod("after", namespace, shown))
        assert runs(product, "after", namespace)["imageID"] == shown


SERVING = """RUN mkdir /www && echo embedded > /www/index.html
USER 1000
CMD ["httpd", "-f", "-p", "8080", "-h", "/www"]
"""


def test_an_image_of_the_embedded_registry_is_pulled_by_the_right_of_its_team(product: Product, tmp_path: Path) -> None:
    need_everything()
    need_a_registry()
    person = product.person
    embedded = person.get("registries/embedded").body
    team = person.get("teams").body["results"][0]["id"]
    with a_git_server(tmp_path) as server:
        a_repository(tmp_path / "own.git", an_app(SERVING))
        given = {"name": "own", "repository": server.url("own.git"), "image": f"{embedded['address']}/{team}/own"}
        source = person.post("sources", given)
        assert source.status == 201, source.body
        started = person.post(f"sources/{source.body['id']}/builds")
        assert started.status == 202, started.body
        path = f"builds/{started.body['id']}"
        build = until(
            lambda: (row := person.get(path).body)["ended_at"] and row, timeout_s=RUN_S, every_s=0.2, what=path
        )
    assert build["state"] == "succeeded", (build["reason"], person.get(f"{path}/logs?after=0").body)

    product.node.trust(embedded["address"], person.get("registries/embedded").body["ca"])
    bench = product.bench("embedded")
    code = a_node("code", kind="source", source="own")
    web = {**a_node("web", port=8080, readiness_probe={"period_s": 1})}
    del web["parameters"]["image"]
    service = a_node("svc", kind="service", ports=[{"name": "http", "port": 80, "target_port": 8080}])
    bench.draw(code, web, service, edges=(an_edge("code", "web", "builds"), an_edge("svc", "web", "exposes")))
    bench.deployed()
    [pod] = bench.pods("web")
    [status] = pod["status"]["containerStatuses"]
    assert status["imageID"] == f"{build['image']}@{build['digest']}"
    assert pod["spec"]["imagePullSecrets"], "a team pulls with a password of its own"
    address = bench.get("v1", "Service", "svc")["spec"]["clusterIP"]
    assert until(lambda: page_at(f"http://{address}/")) == "embedded\n"

    product.node.apply(a_pod("without", bench.namespace, status["imageID"]))
    said = refusal(product, "without", bench.namespace)
    assert "401 Unauthorized" in said or "authorization failed" in said or "insufficient_scope" in said, said
