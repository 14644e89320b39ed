"""Objects of a plan, whole: as they are and as they would be stored, without a value of a Secret."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import yaml

from tests.support.plans import Plan, looked_at, made, planned
from tests.support.runs import Bench
from tests.support.workflows import a_config_map, a_node, a_secret


def whole(bench: Bench, plan: Plan, name: str) -> dict[str, Any]:
    answer = bench.person.get(f"plans/{plan['id']}/object?{urlencode(planned(plan, name)['ref'])}")
    assert answer.status == 200, answer.body
    assert answer.body["object"] == planned(plan, name)
    return dict(answer.body)


def test_an_object_is_shown_whole_before_and_after_and_values_of_a_secret_never(bench: Bench, mongo: Any) -> None:
    secret = a_secret("keys", "token", "other")
    values = {"keys": {"token": "s3cr3t-token", "other": "s3cr3t-other"}}
    bench.draw(a_node("web", image="nginx:1.26", replicas=0), secret, a_config_map("old"), a_config_map("same"))
    bench.applied(secrets=values, keep_secrets=True)
    bench.draw(a_node("web", image="nginx:1.27", replicas=0), a_node("new", replicas=0), secret, a_config_map("same"))
    bench.plane.call(
        "PATCH",
        f"/api/v1/namespaces/{bench.namespace}/secrets/keys?fieldManager=kubectl",
        b'{"data":{"token":"czNjcjN0LXRoZWlycw=="}}',
        content_type="application/merge-patch+json",
    )
    plan = made(bench, take_over=True)

    web = whole(bench, plan, "web")
    before, after = yaml.safe_load(web["before"]), yaml.safe_load(web["after"])
    images = [one["spec"]["template"]["spec"]["containers"][0]["image"] for one in (before, after)]
    assert images == ["nginx:1.26", "nginx:1.27"]
    assert before["metadata"]["uid"] == bench.get("apps/v1", "Deployment", "web")["metadata"]["uid"]
    assert "managedFields" not in web["before"] + web["after"]

    new, old, same = (whole(bench, plan, name) for name in ("new", "old", "same"))
    assert new["before"] is None
    assert yaml.safe_load(new["after"])["kind"] == "Deployment"
    assert (yaml.safe_load(old["before"])["kind"], old["after"]) == ("ConfigMap", None)
    assert (same["before"], same["after"], same["kept"]) == (None, None, False)

    keys = whole(bench, plan, "keys")
    assert yaml.safe_load(keys["before"])["data"] == {"token": "(hidden)", "other": "(hidden)"}
    assert yaml.safe_load(keys["after"])["data"] == {"token": "(hidden, another value)", "other": "(hidden)"}
    assert "s3cr3t" not in str(keys)
    assert looked_at(bench, plan)["objects"] == plan["objects"], "whole objects are read one at a time"
    missing = bench.person.get(f"plans/{plan['id']}/object?api_version=v1&kind=ConfigMap&name=nobody")
    assert (missing.status, missing.body["code"]) == (404, "plan.object_not_found")
