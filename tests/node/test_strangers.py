"""Who has nothing to do with a team reaches nothing of it on a real cluster, by no route and no socket; and a cluster
whose credentials were sealed with an unknown key is flagged while the others go on: A19 and A24 of the acceptance
checks."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from typing import Any

import pytest
from bson import ObjectId

from kubeorch.base.seal import KeyRing
from tests.mongo.access_table import ACCESS, PEOPLE
from tests.node.live_cards import LiveCards
from tests.node.readers import STAY
from tests.node.test_terminal import Tab
from tests.support.node.node import IMAGES
from tests.support.node.product import NodeBench, Product
from tests.support.wait import until
from tests.support.workflows import a_node

PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")
HIDDEN = (401, 403, 404)
BELOW = "api/v1"


class Names(defaultdict[str, str]):
    """Of what the team has on the cluster; what it has none of goes by an id of nothing."""

    def __init__(self, product: Product, bench: NodeBench) -> None:
        super().__init__(lambda: str(ObjectId()))
        person, workflow = product.person, bench.workflow["id"]
        session = person.get("auth/session").body
        [pod] = bench.pods("web")
        source = {"type": "compose", "files": [{"path": "compose.yaml", "text": "services: {web: {image: nginx}}\n"}]}
        made = {
            "plan_id": person.post(f"workflows/{workflow}/plans", {"environment": bench.environment["id"]}),
            "import_id": person.post("imports", {"name": "of the team", "source": source}),
            "trigger_id": person.post(f"environments/{bench.environment['id']}/triggers", {"type": "webhook"}),
            "version": person.post(f"workflows/{workflow}/versions", {"name": "kept"}),
        }
        assert {name: answer.status for name, answer in made.items() if answer.status not in (200, 201, 202)} == {}
        self.update({name: answer.body["id"] for name, answer in made.items() if name != "version"})
        self.update(
            cluster_id=product.cluster,
            workflow_id=workflow,
            environment_id=bench.environment["id"],
            run_id=person.get(f"runs?workflow={workflow}").body["results"][0]["id"],
            team_id=person.get("teams").body["results"][0]["id"],
            user_id=session["user"]["id"],
            number="1",
            kind="Pod",
            namespace=bench.namespace,
            name=pod["metadata"]["name"],
            pod_namespace=bench.namespace,
            pod=pod["metadata"]["name"],
            workload_kind="Deployment",
            workload="web",
            node=pod["spec"]["nodeName"],
            action="delete",
            earlier_until="2026-01-01T00:00:00Z",
            kubeconfig=product.node.kubeconfig,
        )


@pytest.fixture(scope="module")
def bench(product: Product) -> NodeBench:
    made = product.bench("strangers")
    made.draw(a_node("web", image=IMAGES[0], command=["sh", "-c", STAY], termination_grace_s=1))
    made.deployed()
    return made


@pytest.fixture(scope="module")
def stranger(product: Product) -> str:
    """The token of an administrator of another team."""
    stack = product.person.stack
    assert stack.api("PATCH", "/api/v1/settings", {"signup": "open"}).status == 200
    token = stack.register("mallory@example.test", name="Mallory")
    stack.api("PATCH", "/api/v1/settings", {"signup": "invite"})
    return token


def test_a_stranger_reaches_nothing_of_a_team_by_any_route_or_socket(
    product: Product, bench: NodeBench, stranger: str
) -> None:
    names, stack = Names(product, bench), product.person.stack
    before = seen_of(bench)
    asked = reached = 0
    for (method, pattern), row in sorted(ACCESS.items()):
        if row.cells[PEOPLE.index("other")] not in HIDDEN or "auth/" in pattern:
            continue
        path = PARAMETER.sub(lambda found: names[found[1]], pattern) + row.query(names)
        answer = stack.api(method, f"/{BELOW}/{path}", row.body(names), token=stranger)
        asked += 1
        reached += answer.status not in HIDDEN
        assert answer.status in HIDDEN, f"{method} {pattern}: {answer.status} {answer.body}"
        assert names["name"] not in str(answer.body), f"{method} {pattern} names the pod"
    assert asked > 150, "the table of all routes"

    refused = LiveCards(stack, bench.environment["id"], token=stranger)
    assert (refused.first["type"], refused.first["data"]["code"]) == ("error", "environment.not_found")
    refused.cut()
    container = {"cluster": product.cluster, "namespace": bench.namespace, "pod": names["pod"], "container": "web"}
    shell = Tab(product, stranger, open=container)
    assert shell.opened["type"] != "opened", shell.said
    shell.socket.close()
    listed = stack.api("GET", f"/{BELOW}/clusters", token=stranger).body["results"]
    assert product.cluster not in {one["id"] for one in listed}
    assert seen_of(bench) == before, "all is as it was on the cluster"
    assert product.person.get(f"workflows/{bench.workflow['id']}").status == 200


def seen_of(bench: NodeBench) -> list[tuple[str, str, Any]]:
    """What somebody else could have changed: objects by uid, with what is wanted of them."""
    rows = [*bench.plane.list("apps/v1", "Deployment", bench.namespace), *bench.pods()]
    return sorted((row["metadata"]["name"], row["metadata"]["uid"], row["metadata"].get("generation")) for row in rows)


def test_a_cluster_sealed_with_an_unknown_key_is_flagged_and_mended_while_the_others_go_on(
    product: Product, bench: NodeBench
) -> None:
    person, kubeconfig = product.person, {"kubeconfig": product.node.kubeconfig}
    made = person.post("clusters", {"name": "strange-key", **kubeconfig})
    assert made.status == 201, made.body
    path = f"clusters/{made.body['id']}"
    sealed = KeyRing((os.urandom(32),)).seal(b"{}", aad="clusters")
    person.stack.database().kubeorch.clusters.update_one(
        {"_id": ObjectId(made.body["id"])}, {"$set": {"credentials": sealed}}
    )

    def listed() -> dict[str, dict[str, Any]]:
        answer = person.get("clusters")
        assert answer.status == 200, answer.body
        return {row["id"]: row for row in answer.body["results"]}

    flagged, well = listed()[made.body["id"]], listed()[product.cluster]
    assert (flagged["state"], flagged["error"]["code"]) == ("failed", "cluster.credentials_unreadable")
    assert "enter the kubeconfig again" in flagged["error"]["detail"]
    assert well["state"] == "ready"
    query = f"resources?kind=Pod&namespace={bench.namespace}"
    until(lambda: person.get(f"{path}/{query}").status == 503, what="no request goes out with what was held in memory")
    assert person.get(f"clusters/{product.cluster}/{query}").body["results"][0]["health"]["state"] == "healthy"

    mended = person.patch(path, kubeconfig)
    assert (mended.status, mended.body["state"]) == (200, "ready"), mended.body
    until(lambda: person.get(f"{path}/{query}").status == 200, what="it is asked again")
    assert person.stack.api("DELETE", f"/{BELOW}/{path}").status == 204
