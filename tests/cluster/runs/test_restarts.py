"""Pods get a new template when a ConfigMap or Secret that they read as variables changes, and only then."""

from __future__ import annotations

from typing import Any

from tests.support.runs import Bench
from tests.support.workflows import a_config_map, a_node, a_secret, an_edge


def annotations_of(bench: Bench) -> dict[str, str]:
    template = bench.get("apps/v1", "Deployment", "web")["spec"]["template"]
    return dict(template["metadata"].get("annotations") or {})


def draw(bench: Bench, level: str, **edge: Any) -> None:
    bench.draw(
        a_config_map("settings", LEVEL=level),
        a_node("web"),
        a_secret("cred", "tls.crt", "password"),
        edges=(
            {**an_edge("settings", "web", "sets_env"), "parameters": edge},
            {**an_edge("cred", "web", "sets_env"), "parameters": {}},
        ),
    )


def test_a_changed_variable_is_a_new_pod_template_and_an_unchanged_one_is_not(bench: Bench) -> None:
    draw(bench, "info")
    first = bench.until(
        bench.start(secrets={"cred": {"tls.crt": "a", "password": "hunter2"}}), "verifying", "succeeded"
    )
    assert first["counts"]["failed"] == 0
    info = annotations_of(bench)
    assert sorted(info) == ["kubeorch.dev/config-digest", "kubeorch.dev/secrets-digest"]

    bench.see_all_healthy()
    again = bench.applied()
    assert annotations_of(bench) == info
    assert again["counts"]["unchanged"] == 3, "values that nobody gave again are still known by their digest"

    draw(bench, "debug")
    bench.applied()
    debug = annotations_of(bench)
    assert debug["kubeorch.dev/config-digest"] != info["kubeorch.dev/config-digest"]
    assert debug["kubeorch.dev/secrets-digest"] == info["kubeorch.dev/secrets-digest"]

    bench.applied(secrets={"cred": {"password": "other"}})
    rotated = annotations_of(bench)
    assert rotated["kubeorch.dev/secrets-digest"] != debug["kubeorch.dev/secrets-digest"]

    bench.applied(secrets={"cred": {"password": "hunter2"}})
    assert annotations_of(bench) == debug, "the same values give the same template"
