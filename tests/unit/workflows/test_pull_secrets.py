"""Which Secrets are made for pulling, where, and which pods name them."""

from __future__ import annotations

from typing import Any

import pytest

from clusters.domain.objects import Ref
from workflows.domain.rendering.pulls import (
    images_in,
    is_pull_secret,
    pull_secret,
    pulled,
    pulled_by_secret,
    with_pull_secrets,
)
from workflows.domain.rendering.render import Rendered

PRIVATE, PUBLIC = "reg.example.com/team/web:1", "nginx:1.27"
NAME = "kubeorch-pull-e1"


def a_pod(*images: str, **more: Any) -> dict[str, Any]:
    return {"containers": [{"name": f"c{n}", "image": image} for n, image in enumerate(images)], **more}


def item(kind: str, name: str, spec: Any, namespace: str = "shop", group: str = "apps/v1", wave: int = 2) -> Rendered:
    manifest = {"apiVersion": group, "kind": kind, "metadata": {"name": name, "namespace": namespace}, "spec": spec}
    return Rendered(f"n-{name}", Ref(group, kind, namespace, name), manifest, wave)


def deployment(name: str, *images: str, namespace: str = "shop", **more: Any) -> Rendered:
    return item("Deployment", name, {"template": {"spec": a_pod(*images, **more)}}, namespace)


def private(images: frozenset[str]) -> frozenset[str]:
    return frozenset(one for one in images if one.startswith("reg.example.com/"))


def secrets(items: Any) -> list[tuple[str, str, str]]:
    return [(one.ref.namespace, one.ref.name, one.node_id) for one in items if is_pull_secret(one.manifest)]


def named(one: Rendered) -> Any:
    spec = one.manifest["spec"]
    return spec["template"]["spec"].get("imagePullSecrets")


@pytest.mark.parametrize(
    ("manifest", "images"),
    [
        (item("Pod", "a", a_pod(PRIVATE), group="v1"), {PRIVATE}),
        (
            item("CronJob", "a", {"jobTemplate": {"spec": {"template": {"spec": a_pod(PRIVATE)}}}}, group="batch/v1"),
            {PRIVATE},
        ),
        (
            item(
                "Job", "a", {"template": {"spec": a_pod(PUBLIC, initContainers=[{"image": PRIVATE}])}}, group="batch/v1"
            ),
            {PRIVATE, PUBLIC},
        ),
        (
            item("StatefulSet", "a", {"template": {"spec": a_pod(volumes=[{"image": {"reference": PRIVATE}}])}}),
            {PRIVATE},
        ),
        (item("Deployment", "a", {"template": {"spec": a_pod(PRIVATE)}}, group="other.example.com/v1"), set()),
        (item("Deployment", "a", {"template": "broken"}), set()),
        (item("Deployment", "a", {"template": {"spec": {"containers": [1, {"image": 7}, {"image": ""}]}}}), set()),
    ],
)
def test_images_are_found_where_kubernetes_has_pods(manifest: Rendered, images: set[str]) -> None:
    assert images_in(manifest.manifest) == images


def test_each_namespace_with_such_images_gets_one_and_just_its_pods_name_it() -> None:
    drawn = [
        deployment("web", PRIVATE),
        deployment("api", PRIVATE, PUBLIC),
        deployment("cache", PUBLIC),
        deployment("tool", PRIVATE, namespace="tools"),
        deployment("shown", PUBLIC, namespace="other"),
    ]
    made = with_pull_secrets(drawn, "e1", private)
    assert secrets(made) == [("shop", NAME, "n-api"), ("tools", NAME, "n-tool")]
    assert {one.ref.name: named(one) for one in made if one.ref.kind == "Deployment"} == {
        "web": [{"name": NAME}],
        "api": [{"name": NAME}],
        "cache": None,
        "tool": [{"name": NAME}],
        "shown": None,
    }
    assert [one.wave for one in made] == sorted(one.wave for one in made), "before the pods that name it"
    assert named(drawn[0]) is None, "what was drawn is left as it was"
    assert pulled_by_secret(made) == {"shop": {PRIVATE, PUBLIC}, "tools": {PRIVATE}}
    assert pulled(made)["other"] == {PUBLIC}


def test_the_secrets_that_people_have_named_stay_before_ours() -> None:
    drawn = deployment("web", PRIVATE, imagePullSecrets=[{"name": "own"}])
    [_, web] = with_pull_secrets([drawn], "e1", private)
    assert named(web) == [{"name": "own"}, {"name": NAME}]
    [_, again] = with_pull_secrets([web], "e1", private)
    assert named(again) == named(web)


def test_without_accounts_nothing_changes() -> None:
    drawn = [deployment("web", PRIVATE)]
    assert with_pull_secrets(drawn, "e1", lambda images: frozenset()) is drawn
    assert with_pull_secrets([], "e1", private) == []


def test_it_holds_nothing_and_is_known_by_its_label() -> None:
    made = pull_secret("e1", "shop", "n1")
    assert "data" not in made
    assert "stringData" not in made
    assert is_pull_secret(made)
    assert not is_pull_secret({**made, "metadata": {"name": NAME}})
    assert not is_pull_secret({**made, "kind": "ConfigMap"})
