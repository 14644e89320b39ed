"""A run that a person cancels."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.support.audit_proxy import AuditProxy
from tests.support.control_plane import ControlPlane
from tests.support.people import Person
from tests.support.runs import Bench, states
from tests.support.wait import PATIENCE_S, until
from tests.support.workflows import a_config_map, a_manifest, an_edge


def test_a_canceled_run_applies_no_further_object(person: Person, control_plane: ControlPlane) -> None:
    """Each node is a wave of its own; the run is canceled while the fourth is on its way."""
    from clusters import actions

    proxy = AuditProxy(control_plane.kubeconfig)
    try:
        cluster = str(actions.register_sandbox(proxy.kubeconfig))
        bench = Bench(person, cluster, control_plane, control_plane.namespace("cancel"))
        nodes = [a_config_map(f"c{n}") for n in range(8)]
        bench.draw(*nodes, edges=tuple(an_edge(f"c{n + 1}", f"c{n}", "after") for n in range(7)))
        with proxy.hold("c3") as hold:
            run = bench.start()
            assert hold.reached.wait(PATIENCE_S)
            assert bench.person.post(f"runs/{run['id']}/cancel").status == 202
        ended = bench.until(run, "canceled")
    finally:
        proxy.stop()
    live = {item["metadata"]["name"] for item in bench.plane.list("v1", "ConfigMap", bench.namespace)}
    assert ended["finished_at"]
    done = {f"c{n}" for n in range(4)}
    assert states(ended) == {f"c{n}": "done" if f"c{n}" in done else "skipped" for n in range(8)}
    assert live - {"kube-root-ca.crt"} == done


def test_canceling_a_queued_or_verifying_run_is_immediate_and_the_next_run_starts(bench: Bench) -> None:
    bench.draw(a_config_map("conf"))
    first = bench.until(bench.start(), "verifying")
    second, third = bench.start(), bench.start()
    assert bench.person.post(f"runs/{second['id']}/cancel").body["state"] == "canceled"
    looks_again_at = until(lambda: (due := bench.due_at(third)) > datetime.now(UTC) and due)
    assert bench.person.post(f"runs/{first['id']}/cancel").body["state"] == "canceled"
    bench.until(third, "verifying")
    assert bench.due_at(third) < looks_again_at, "the end of the first has woken it"
    assert bench.person.post(f"runs/{first['id']}/cancel").body["state"] == "canceled", "an ended run stays as it is"


@pytest.mark.parametrize("looking_at", ["the namespace", "the objects", "one object"])
def test_a_run_that_waits_for_an_answer_is_canceled_while_it_waits(
    person: Person, control_plane: ControlPlane, mongo: Any, looking_at: str
) -> None:
    """A cluster that does not answer what it is asked must not keep a run from ending."""
    from clusters import actions

    proxy = AuditProxy(control_plane.kubeconfig)
    try:
        cluster = str(actions.register_sandbox(proxy.kubeconfig))
        bench = Bench(person, cluster, control_plane, control_plane.namespace("cancel"))
        class_of_priority = {"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "value": 1}
        bench.draw(a_config_map("conf"), a_manifest(f"class-{bench.namespace}", **class_of_priority))
        held = {"the namespace": bench.namespace, "the objects": "configmaps"}
        with proxy.hold(held.get(looking_at, f"class-{bench.namespace}"), reads=True) as hold:
            run = bench.start()
            assert hold.reached.wait(PATIENCE_S)
            assert bench.person.post(f"runs/{run['id']}/cancel").status == 202
            ended = bench.until(run, "canceled")
            assert not hold.released.is_set(), "and it did not wait for the answer"
        until(lambda: mongo.jobs.count_documents({"state": {"$in": ["queued", "running"]}}) == 0)
    finally:
        proxy.stop()
    assert f"class-{bench.namespace}" not in {w.path.rpartition("/")[2] for w in proxy.writes}
    assert ended["finished_at"]
    told = [row["message"] for row in bench.person.get(f"runs/{run['id']}/logs").body["results"]]
    assert not [message for message in told if "trying again" in message], "nor for the end of its time"


def test_what_a_thread_tells_after_its_run_was_canceled_keeps_no_job_open(
    person: Person, control_plane: ControlPlane, mongo: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thread that waits for an answer is left alone, and may be heard between the end of the run and of its job."""
    from clusters import actions
    from workflows.runs import jobs
    from workflows.runs.recorder import RunRecorder

    recorders: list[RunRecorder] = []
    enter, stop = RunRecorder.__enter__, jobs._stopped

    def entered(recorder: RunRecorder) -> RunRecorder:
        recorders.append(recorder)
        return enter(recorder)

    def stopped(run: Any) -> None:
        stop(run)
        recorders[-1].note(0, waits_for="heard late")

    monkeypatch.setattr(RunRecorder, "__enter__", entered)
    monkeypatch.setattr(jobs, "_stopped", stopped)
    proxy = AuditProxy(control_plane.kubeconfig)
    try:
        cluster = str(actions.register_sandbox(proxy.kubeconfig))
        bench = Bench(person, cluster, control_plane, control_plane.namespace("late"))
        name = f"class-{bench.namespace}"
        bench.draw(a_manifest(name, apiVersion="scheduling.k8s.io/v1", kind="PriorityClass", value=1))
        with proxy.hold(name, reads=True) as hold:
            run = bench.start()
            assert hold.reached.wait(PATIENCE_S)
            assert bench.person.post(f"runs/{run['id']}/cancel").status == 202
            bench.until(run, "canceled")
        ended: dict[str, Any] = {"type": "workflows.run", "state": "succeeded"}
        until(lambda: mongo.jobs.count_documents(ended) == 1, what="the job has ended, too")
    finally:
        proxy.stop()
    assert mongo.run_steps.count_documents({"waits_for": "heard late"}) == 0, "a run that has ended says no more"
