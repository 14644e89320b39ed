"""What a person decides about drift: reverted, adopted, taken or left to others; and it is gone after each."""

from __future__ import annotations

from typing import Any

from bson import ObjectId

from clusters.domain.ownership.owners import owners
from clusters.domain.ownership.paths import read_path
from tests.cluster.runs.test_drift import by_hand, fields, the_drift
from tests.support.runs import Bench, states
from tests.support.wait import until
from tests.support.watching import watching
from tests.support.workflows import a_config_map, a_node, a_secret, graph_of

ROLLOUT = "spec.template.spec.terminationGracePeriodSeconds"


class Shop(Bench):
    """A Deployment, a ConfigMap and a Secret, with a watcher beside them."""

    @property
    def web(self) -> str:
        return f"/apis/apps/v1/namespaces/{self.namespace}/deployments/web"

    @property
    def conf(self) -> str:
        return f"/api/v1/namespaces/{self.namespace}/configmaps/conf"

    def ref(self, kind: str, name: str) -> dict[str, str]:
        version = "apps/v1" if kind == "Deployment" else "v1"
        return {"api_version": version, "kind": kind, "namespace": self.namespace, "name": name}

    def decide(self, what: str, expected: int = 200, **body: Any) -> dict[str, Any]:
        answer = self.person.post(f"environments/{self.environment['id']}/drift/{what}", body)
        assert answer.status == expected, answer.body
        return dict(answer.body)

    def rows(self, query: str = "") -> list[dict[str, Any]]:
        return list(the_drift(self, query)["results"])

    def drifted(self, count: int = 1) -> list[dict[str, Any]]:
        return until(lambda: rows if len(rows := self.rows()) == count else None, what=f"{count} have drifted") or []

    def is_ours(self, path: str) -> bool:
        live = self.get("apps/v1", "Deployment", "web")
        return any(owner.is_ours for owner in owners(live).who(read_path(path)))


def test_drift_is_reverted_adopted_and_left_to_others_and_it_is_gone_after_each(bench: Bench, cluster: str) -> None:
    shop = Shop(bench.person, cluster, bench.plane, bench.plane.namespace("decided"))
    drawn = (a_node("web", replicas=2), a_config_map("conf", color="blue"), a_secret("keys", "token"))
    shop.draw(*drawn)
    shop.applied(secrets={"keys": {"token": "ours"}})
    with watching(ObjectId(cluster)):
        # Reverted: only what was asked for, by the version that is deployed and not by what is drawn since.
        shop.draw(*drawn, a_config_map("later", a="1"))
        by_hand(shop, shop.web, {"spec": {"replicas": 3}})
        by_hand(shop, shop.conf, {"data": {"color": "red"}})
        shop.drifted(2)
        run = shop.decide("revert", 202, refs=[shop.ref("Deployment", "web")])
        assert (run["triggered_by"], run["version"]) == ("drift", 1)
        assert states(shop.until(run, "succeeded")) == {"web": "done"}
        [left] = shop.drifted()
        assert fields(left) == [("data.color", "blue", "red", "kubectl-edit")]
        assert shop.get("apps/v1", "Deployment", "web")["spec"]["replicas"] == 2
        assert shop.get("v1", "ConfigMap", "later") is None

        # Adopted: into the parameter, at once no drift, and the run after it changes nothing of that field.
        shop.draw(*drawn)
        taken = shop.decide("adopt", ref=shop.ref("ConfigMap", "conf"))
        assert taken["changes"] == [{"path": "data.color", "parameter": "data"}]
        assert shop.rows() == []
        assert [one["state"] for one in shop.rows("?fresh=1&node=conf")] == ["same"], "also where the cluster is asked"
        graph = graph_of(shop.person, shop.workflow)
        assert graph["rev"] == taken["rev"]
        assert [node["parameters"]["data"] for node in graph["nodes"] if node["id"] == "conf"] == [{"color": "red"}]
        by_hand(shop, shop.conf, {"metadata": {"labels": {"seen": "again"}}})
        assert shop.decide("adopt", 409, ref=shop.ref("Deployment", "web"))["code"] == "drift.none"
        before = shop.get("v1", "ConfigMap", "conf")
        shop.until(shop.start(), "succeeded")
        assert shop.get("v1", "ConfigMap", "conf")["data"] == before["data"] == {"color": "red"}
        assert shop.rows() == []

        # Left to others: not ours after the next apply, and ours again once it is taken.
        by_hand(shop, shop.web, {"spec": {"replicas": 4}})
        shop.drifted()
        web = shop.ref("Deployment", "web")
        assert shop.decide("settle", ref=web, path="spec.replicas", choice="yield")["yield"]["path"] == "spec.replicas"
        assert shop.rows() == []
        shop.until(shop.start(), "succeeded")
        assert shop.get("apps/v1", "Deployment", "web")["spec"]["replicas"] == 4
        assert not shop.is_ours("spec.replicas")
        [kept] = shop.person.get(f"environments/{shop.environment['id']}/yields").body["results"]
        assert (kept["node_id"], kept["path"]) == ("web", "spec.replicas")
        by_hand(shop, shop.web, {"spec": {"replicas": 5}})
        environment = f"environments/{shop.environment['id']}"
        assert shop.person.patch(environment, {"protected": True}).status == 200
        refused = shop.decide("settle", 409, ref=web, path="spec.replicas", choice="take")
        assert refused["code"] == "environment.protected"
        assert len(shop.person.get(f"{environment}/yields").body["results"]) == 1, "what is refused changes nothing"
        assert shop.person.patch(environment, {"protected": False}).status == 200
        run = shop.decide("settle", ref=web, path="spec.replicas", choice="take")["run"]
        shop.until(run, "succeeded")
        assert shop.get("apps/v1", "Deployment", "web")["spec"]["replicas"] == 2
        assert shop.is_ours("spec.replicas")
        assert shop.person.get(f"environments/{shop.environment['id']}/yields").body["results"] == []

        # A contested field is named by the third flip, and ends when what it is about is shared.
        for number in (6, 7):
            by_hand(shop, shop.web, {"spec": {"replicas": number}}, "controller-of-others")
            [row] = shop.drifted()
            if number == 6:
                shop.until(shop.decide("revert", 202, refs=[web]), "succeeded")
                until(lambda: shop.rows() == [], what="it is reverted")
        assert row["contested"]["managers"] == ["kubeorch", "controller-of-others"]
        assert row["contested"]["flips"] >= 3
        settled = shop.decide("settle", ref=web, path="spec.replicas", choice="share")
        assert settled["workflow"]["changes"] == [{"path": "spec.replicas", "parameter": "replicas"}]
        shop.until(shop.start(), "succeeded")
        assert shop.get("apps/v1", "Deployment", "web")["spec"]["replicas"] == 7
        assert shop.is_ours("spec.replicas")
        assert shop.rows() == []


def test_a_secret_is_never_adopted_and_only_reverted_to_a_value_that_is_kept(bench: Bench, cluster: str) -> None:
    shop = Shop(bench.person, cluster, bench.plane, bench.plane.namespace("decided"))
    shop.draw(a_secret("keys", "token"))
    shop.applied(secrets={"keys": {"token": "ours"}})
    path = f"/api/v1/namespaces/{shop.namespace}/secrets/keys"
    with watching(ObjectId(cluster)):
        by_hand(shop, path, {"stringData": {"token": "theirs"}})
        [row] = shop.drifted()
        assert fields(row) == [("data.token", "(hidden)", "(hidden)", "kubectl-edit")]
        keys = shop.ref("Secret", "keys")
        assert shop.decide("adopt", 400, ref=keys)["code"] == "drift.secret"
        refused = shop.decide("revert", 409, refs=[keys])
        assert (refused["code"], "token" in refused["detail"]) == ("drift.value_unknown", True)
        shop.until(shop.start(secrets={"keys": {"token": "ours"}}, keep_secrets=True, take_over=True), "succeeded")
        until(lambda: shop.rows() == [], what="the run has put it right")
        by_hand(shop, path, {"stringData": {"token": "theirs"}})
        shop.drifted()
        shop.until(shop.decide("revert", 202, refs=[keys]), "succeeded")
        assert shop.get("v1", "Secret", "keys")["data"]["token"] == "b3Vycw=="
        until(lambda: shop.rows() == [], what="it is reverted")


def test_what_nobody_can_have_or_nobody_owns_is_refused_with_the_field(bench: Bench) -> None:
    shop = Shop(bench.person, bench.environment["cluster"]["id"], bench.plane, bench.plane.namespace("decided"))
    shop.draw(a_node("web", replicas=1))
    shop.applied()
    web = shop.ref("Deployment", "web")
    for path in ("metadata.name", "spec.selector.matchLabels.app"):
        assert shop.decide("settle", 400, ref=web, path=path, choice="yield")["code"] == "field.needed"
    assert shop.decide("settle", 400, ref=web, path="spec..x", choice="yield")["code"] == "path.invalid"
    for path in ("spec.template.spec.containers[name=web].image", "spec.template.spec.containers"):
        assert shop.decide("settle", 409, ref=web, path=path, choice="yield")["code"] == "drift.ours_alone"
    by_hand(shop, shop.web, {"spec": {"minReadySeconds": 3}})
    assert shop.decide("settle", ref=web, path="spec.minReadySeconds", choice="yield")["run"] is None
    other = shop.ref("Deployment", "other")
    assert shop.decide("revert", 400, refs=[other])["code"] == "drift.not_owned"
    assert shop.decide("adopt", 400, ref=other)["code"] == "drift.not_owned"
    assert shop.decide("revert", 400, refs=[])["errors"][0]["field"] == "refs"
