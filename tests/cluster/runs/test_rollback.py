"""A rollback applies just what an earlier run applied: from its record, without rendering anything again."""

from __future__ import annotations

from typing import Any

import yaml
from bson import ObjectId

from tests.support.runs import Bench, decoded
from tests.support.workflows import a_config_map, a_manifest, a_node, a_secret


def web(tag: str) -> dict[str, Any]:
    """A Deployment whose image, environment and probe are another one for each tag."""
    probe = {"httpGet": {"path": f"/{tag}", "port": 80}}
    container = {
        "name": "web",
        "image": f"nginx:{tag}",
        "readinessProbe": probe,
        "env": [{"name": "GREETING", "value": "${GREETING}"}],
    }
    node = a_node("web", image=f"nginx:{tag}")
    return {**node, "patch": yaml.safe_dump({"spec": {"template": {"spec": {"containers": [container]}}}})}


def decided(manifest: dict[str, Any]) -> dict[str, Any]:
    """What scenario 14 compares of a Deployment: image, environment and probes."""
    [container] = manifest["spec"]["template"]["spec"]["containers"]
    return {key: container.get(key) for key in ("image", "env", "envFrom", "readinessProbe", "livenessProbe")}


def same_decisions(live: dict[str, Any], stored: dict[str, Any]) -> bool:
    """The API server fills in more of a probe; what was stored stands as it was."""
    return covers(decided(live), decided(stored))


def covers(there: Any, wanted: Any) -> bool:
    if isinstance(wanted, dict):
        return isinstance(there, dict) and all(covers(there.get(key), one) for key, one in wanted.items())
    if isinstance(wanted, list):
        return isinstance(there, list) and len(there) == len(wanted) and all(map(covers, there, wanted))
    return bool(there == wanted)


def set_variables(bench: Bench, **variables: str) -> None:
    given = {name: {"type": "string", "value": value} for name, value in variables.items()}
    answer = bench.person.patch(f"environments/{bench.environment['id']}", {"variables": given})
    assert answer.status == 200, answer.body


def held(run: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The manifests that a run's record holds, by kind."""
    from workflows.releases.store import release_of

    release = release_of(ObjectId(run["id"]))
    assert release is not None
    return {item.ref.kind: item.manifest for item in release.items}


def stored(run: dict[str, Any]) -> dict[str, Any]:
    """The Deployment as a run's record holds it."""
    return held(run)["Deployment"]


def environment_of(bench: Bench) -> dict[str, Any]:
    return dict(bench.person.get(f"environments/{bench.environment['id']}").body)


def test_a_rollback_brings_back_what_a_run_applied_with_its_variables_and_takes_away_what_came_later(
    bench: Bench,
) -> None:
    """Scenario 16: R4 is live; a rollback to R2 restores R2; without a name R3 is chosen, not R4."""
    runs = []
    for tag in ("1", "2", "3", "4"):
        set_variables(bench, GREETING=f"hello {tag}")
        bench.draw(web(tag), a_config_map(f"conf-{tag}", tag=tag), a_secret("keys", "token"))
        runs.append(bench.applied(secrets={"keys": {"token": f"canary-{tag}"}}))
    set_variables(bench, GREETING="changed since")

    back = bench.applied(kind="rollback", to_run=runs[1]["id"])

    assert (back["kind"], back["version"], back["triggered_by"]) == ("rollback", runs[1]["version"], "person")
    assert back["to_run"] == {"id": runs[1]["id"], "number": 2, "version": runs[1]["version"]}
    assert back["rolled_back_from"] == {"id": runs[3]["id"], "number": 4, "version": runs[3]["version"]}
    live = bench.get("apps/v1", "Deployment", "web")
    assert same_decisions(live, stored(runs[1])), (decided(live), decided(stored(runs[1])))
    assert decided(live)["env"] == [{"name": "GREETING", "value": "hello 2"}]
    assert bench.owned() == ["ConfigMap/conf-2", "Deployment/web", "Secret/keys"]
    assert bench.get("v1", "ConfigMap", "conf-4") is None
    assert decoded(bench.get("v1", "Secret", "keys")["data"]) == {"token": "canary-4"}, "values stay"
    assert not any("canary" in str(held(run)) for run in runs), "no value is in what is stored of a run"
    assert environment_of(bench)["deployed"]["version"] == runs[1]["version"]
    assert environment_of(bench)["deployed"]["edited_since"] is True

    assert bench.applied()["version"] == runs[3]["version"], "the drawing is still that of R4"
    assert bench.applied(kind="rollback")["to_run"]["number"] == 5, (
        "the newest that succeeded before, never the live one"
    )
    further = bench.applied(kind="rollback")
    assert further["to_run"]["number"] == 1, "going back twice does not go forth"
    assert bench.get("apps/v1", "Deployment", "web")["metadata"]["uid"] == live["metadata"]["uid"]
    last = bench.ask(kind="rollback")
    assert (last.status, last.body["code"]) == (409, "run.nothing_to_return_to")


def test_a_rollback_asks_before_it_deletes_and_keeps_what_holds_data(bench: Bench) -> None:
    bench.draw(a_config_map("conf"))
    first = bench.applied()
    volume = a_node("data", kind="persistentvolumeclaim", storage="1Gi")
    bench.draw(a_config_map("conf", a="2"), a_config_map("added"), volume)
    bench.applied()

    refused = bench.ask(kind="rollback")
    assert (refused.status, refused.body["code"]) == (409, "run.deletions_unconfirmed")
    assert [one["ref"]["name"] for one in refused.body["deletions"]] == ["added"]
    assert [one["ref"]["name"] for one in refused.body["kept"]] == ["data"]
    stranger = {"metadata": {"name": "added", "namespace": bench.namespace}, "data": {"whose": "somebody else's"}}
    bench.plane.delete("v1", "ConfigMap", "added", bench.namespace)
    bench.plane.apply({"apiVersion": "v1", "kind": "ConfigMap", **stranger})

    options = {"confirm_deletions": 1, "confirmation": refused.body["confirmation"], "idempotency_key": "back"}
    back = bench.applied(kind="rollback", **options)
    assert back["to_run"]["id"] == first["id"]
    assert bench.get("v1", "ConfigMap", "added")["data"] == {"whose": "somebody else's"}
    assert bench.get("v1", "PersistentVolumeClaim", "data") is not None
    assert bench.get("v1", "ConfigMap", "conf")["data"] == {"a": "1"}
    assert bench.ask(kind="rollback", **options).body["id"] == back["id"], "the same key, the same run"
    other = bench.ask(kind="rollback", to_run=back["id"], **options)
    assert (other.status, other.body["code"]) == (409, "run.key_reused")


def test_only_a_run_that_succeeded_here_with_a_record_can_be_returned_to(bench: Bench, mongo: Any) -> None:
    bench.draw(a_config_map("conf"))
    alone = bench.ask(kind="rollback")
    assert (alone.status, alone.body["code"]) == (409, "run.nothing_to_return_to")
    assert "start a run of what is drawn" in alone.body["detail"], "nothing is deployed"
    first = bench.applied()
    bench.draw(a_manifest("odd", apiVersion="nobody.example/v1", kind="Nothing"))
    failed = bench.until(bench.start(), "failed")
    for run_id, code in (
        (failed["id"], "run.not_returnable"),
        (str(ObjectId()), "run.not_returnable"),
    ):
        answer = bench.ask(kind="rollback", to_run=run_id)
        assert (answer.status, answer.body["code"], answer.body["errors"][0]["field"]) == (409, code, "to_run")
    assert bench.ask(kind="rollback", to_run="no id").status == 404
    mongo.releases.delete_many({})
    gone = bench.ask(kind="rollback", to_run=first["id"])
    assert (gone.status, gone.body["code"]) == (409, "run.release_gone")


def test_a_retry_goes_on_with_what_was_planned_and_is_refused_when_variables_have_changed(bench: Bench) -> None:
    set_variables(bench, MODE="slow")
    bench.draw(a_config_map("conf", mode="${MODE}"), a_secret("keys", "a"))
    run = bench.until(bench.start(secrets={"keys": {"a": "1"}}), "verifying")
    canceled = bench.person.post(f"runs/{run['id']}/cancel").body
    assert canceled["state"] == "canceled"
    set_variables(bench, MODE="fast")
    refused = bench.person.post(f"runs/{run['id']}/retry")
    assert (refused.status, refused.body["code"]) == (409, "run.not_retryable")
    assert "variables" in refused.body["detail"]
    set_variables(bench, MODE="slow")
    assert bench.person.post(f"runs/{run['id']}/retry").status == 202
    bench.until(run, "verifying")
    assert bench.get("v1", "ConfigMap", "conf")["data"] == {"mode": "slow"}


def test_a_run_of_some_objects_applies_these_as_they_were_applied_last_and_deletes_nothing(bench: Bench) -> None:
    from clusters.domain.objects import ref_from_json
    from workflows.domain.run_options import RunOptions
    from workflows.runs.actions import start_run

    set_variables(bench, MODE="slow")
    bench.draw(a_config_map("one", mode="${MODE}"), a_config_map("two", mode="${MODE}"))
    deployed = bench.applied()
    for name in ("one", "two"):
        changed = {"metadata": {"name": name, "namespace": bench.namespace}, "data": {"mode": "by hand"}}
        bench.plane.apply({"apiVersion": "v1", "kind": "ConfigMap", **changed})
    set_variables(bench, MODE="fast")
    bench.draw(a_config_map("two", mode="new"))
    ref = {"api_version": "v1", "kind": "ConfigMap", "namespace": bench.namespace, "name": "one"}
    options = RunOptions(take_over=True, only=(ref_from_json(ref),))

    started = start_run(
        bench.person.principal,
        ObjectId(bench.workflow["id"]),
        bench.environment["id"],
        options=options,
        triggered_by="drift",
    )
    run = bench.until({"id": str(started["_id"]), "number": started["number"]}, "verifying", "succeeded")
    bench.see_all_healthy()

    shown = bench.until(run, "succeeded")
    assert (shown["options"]["only"], shown["triggered_by"], shown["counts"]["total"]) == ([ref], "drift", 1)
    assert bench.get("v1", "ConfigMap", "one")["data"] == {"mode": "slow"}
    assert bench.get("v1", "ConfigMap", "two")["data"] == {"mode": "by hand"}
    assert bench.owned() == ["ConfigMap/one", "ConfigMap/two"]
    assert environment_of(bench)["deployed"]["run_id"] == deployed["id"]
