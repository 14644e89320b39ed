"""When a new value of a key arrives in a container: what is foreseen, and what the containers really see."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from tests.node.readers import (
    CRED,
    KEYS,
    SETTINGS,
    Place,
    Row,
    Sight,
    bare_pod,
    crowded,
    is_running,
    linked,
    observed,
    place_of,
    plain,
    restart_containers,
    the_pod,
)
from tests.support.node.product import RUN_S, NodeBench, Product
from tests.support.wait import until
from tests.support.workflows import a_config_map, a_secret, an_edge

LEAST = 120
"""Combinations of workload, container, way and key that must have been looked at."""
ARRIVES_S = 90.0
HERE = ("minute", "replaced")
"""What is foreseen of values that arrive without anybody doing something."""


class World:
    """Two workflows in one namespace: the objects and most readers in one, a guest in the other."""

    def __init__(self, product: Product) -> None:
        self.home = product.bench("reach")
        self.guest = product.bench(namespace=self.home.namespace)
        self.benches: dict[str, NodeBench] = {one.workflow["id"]: one for one in (self.home, self.guest)}
        self._numbers = itertools.count(1)
        self.value = "v0"
        self._jobs = itertools.count(1)

    def start(self) -> None:
        self.change(added=False)
        self.run_cron_job()
        self.guest.draw(plain("guest"))
        self.guest.deployed()

    def change(self, *, added: bool = True) -> None:
        """Another value of every key, by a run."""
        self.value = f"v{next(self._numbers)}"
        values = dict.fromkeys(KEYS[CRED] if added else KEYS[CRED][:1], self.value)
        settings = dict.fromkeys(KEYS[SETTINGS] if added else KEYS[SETTINGS][:1], self.value)
        self.home.draw(
            a_config_map(SETTINGS, **settings),
            a_secret(CRED, *values),
            crowded("web"),
            plain("set", "statefulset"),
            plain("agent", "daemonset"),
            plain("once", "job", restart_policy="OnFailure", backoff_limit=9),
            plain("nightly", "cronjob", schedule="0 0 1 1 *", restart_policy="OnFailure"),
            bare_pod("bare"),
            linked("follows"),
            linked("stays"),
            linked("parts"),
            linked("wanted"),
            edges=(
                # Replaced with the run: by every edge whose pods carry the digest.
                edge(SETTINGS, "follows", "sets_env"),
                edge(CRED, "follows", "sets_env", keys=[{"key": "word", "name": "WORD"}]),
                edge(SETTINGS, "wanted", "mounts", mount_path="/settings", restart=True),
                edge(CRED, "wanted", "mounts", mount_path="/cred/word", sub_path="word"),
                # And not, where that is not wanted.
                edge(SETTINGS, "stays", "sets_env", restart=False),
                edge(CRED, "stays", "mounts", mount_path="/cred"),
                edge(SETTINGS, "parts", "mounts", mount_path="/settings/mode", sub_path="mode", restart=False),
                edge(CRED, "parts", "mounts", mount_path="/cred", items=[{"key": "word", "path": "one"}]),
            ),
        )
        run = self.home.until(self.home.start(secrets={CRED: values}), "verifying", timeout_s=RUN_S)
        for node in ("web", "set", "agent", "once", "bare", "follows", "stays", "parts", "wanted"):
            until(lambda node=node: self.is_settled(self.home, node), timeout_s=RUN_S, every_s=0.3, what=f"{node} runs")
        # The Job never completes, so the run would wait for it, and the next one for the run.
        assert self.home.person.post(f"runs/{run['id']}/cancel").status == 202
        self.home.until(run, "canceled")

    def is_settled(self, bench: NodeBench, node: str) -> bool:
        """Whether there is one pod, which runs, and nothing of others."""
        pods = bench.pods(node, ending=True)
        live = [
            bench.get("apps/v1", kind, node)
            for kind in ("Deployment", "StatefulSet", "DaemonSet")
            if node not in ("once", "bare", "nightly")
        ]
        seen = all(one is None or one["status"].get("observedGeneration") == generation(one) for one in live)
        return seen and len(pods) == 1 and is_running(pods[0])

    def run_cron_job(self) -> None:
        """As its controller does when the time has come; what an earlier one left goes."""
        for pod in self.home.pods("nightly"):
            job = f"/apis/batch/v1/namespaces/{self.home.namespace}/jobs/{pod['metadata']['labels']['job-name']}"
            assert self.home.plane.call("DELETE", f"{job}?propagationPolicy=Background")[0] == 200
        template = self.home.get("batch/v1", "CronJob", "nightly")["spec"]["jobTemplate"]
        name = f"nightly-{next(self._jobs)}"
        meta = {**template["metadata"], "name": name, "namespace": self.home.namespace}
        self.home.plane.apply({"apiVersion": "batch/v1", "kind": "Job", **template, "metadata": meta})

        def runs() -> bool:
            pods = self.home.pods("nightly", ending=True)
            return [pod["metadata"]["labels"]["job-name"] for pod in pods] == [name] and is_running(pods[0])

        until(runs, timeout_s=RUN_S, every_s=0.3, what=f"{name} runs")

    def foreseen(self) -> list[Row]:
        """All rows of the reach of each key, as the API says."""
        found: list[Row] = []
        for source, keys in KEYS.items():
            for key in keys:
                path = f"workflows/{self.home.workflow['id']}/reach?node={source}&key={key}"
                answer = self.home.person.get(path)
                assert answer.status == 200, answer.body
                assert answer.body["left_out"] == 0
                found += [{**row, "source": source} for row in answer.body["readers"]]
        return found

    def restart_those(self, rows: Iterable[Row]) -> set[str]:
        """What the page's button does: restart the workloads that have a change only then; their nodes."""
        nodes: set[str] = set()
        for bench in self.benches.values():
            refs = {
                (row["ref"]["kind"], row["ref"]["name"]): row["ref"]
                for row in rows
                if row["workflow"]["id"] == bench.workflow["id"]
                and row["arrives"] == "restart"
                and row["ref"]["kind"] in ("Deployment", "StatefulSet", "DaemonSet")
            }
            before = {name: the_pod(bench, name)["metadata"]["uid"] for _, name in refs}
            answer = bench.person.post(f"environments/{bench.environment['id']}/restart", {"refs": list(refs.values())})
            assert answer.status == 200, answer.body
            assert all(one["restarted"] for one in answer.body["results"]), answer.body
            for name, uid in before.items():

                def replaced(bench: NodeBench = bench, name: str = name, uid: str = uid) -> bool:
                    return self.is_settled(bench, name) and the_pod(bench, name)["metadata"]["uid"] != uid

                until(replaced, timeout_s=RUN_S, every_s=0.3, what=f"{name} has another pod")
            nodes |= set(before)
        return nodes


def edge(source: str, target: str, relation: str, **parameters: Any) -> dict[str, Any]:
    return {**an_edge(source, target, relation), "parameters": parameters}


def generation(one: Mapping[str, Any]) -> int:
    return int(one["metadata"]["generation"])


class Story:
    """What was foreseen, and what was there: at first, after two changes, after restarts, in new pods."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.rows = world.foreseen()
        self.first = self.look()
        by_itself = [row for row in self.rows if row["arrives"] in HERE]
        for _ in range(2):
            # After the second change whatever follows by itself has had the time that it takes.
            world.change()
            self.arrived = self.wait_for(by_itself)
        self.changed = self.look()
        restart_containers(world.benches.values())
        self.restarted = self.look()
        self.nodes = world.restart_those(self.rows)
        world.run_cron_job()
        self.replaced = self.look()

    def look(self) -> dict[Place, Sight]:
        return observed(self.world.benches, self.rows)

    def wait_for(self, rows: list[Row]) -> bool:
        """Whether all of them have the new value in time."""
        try:
            until(lambda: self.all_new(rows), timeout_s=ARRIVES_S, every_s=0.5)
        except AssertionError:
            return False
        return True

    def all_new(self, rows: list[Row]) -> bool:
        return {one.value for one in observed(self.world.benches, rows).values()} == {self.world.value}

    def happened(self, place: Place) -> str:
        """In the words of the forecast. An init container starts again only in a new pod."""
        again = self.replaced if place.container == "first" else self.restarted
        if self.changed[place].value == self.world.value:
            return "replaced" if self.changed[place].pod != self.first[place].pod else "minute"
        return "restart" if again[place].value == self.world.value else "never"


@pytest.fixture(scope="module")
def story(product: Product) -> Story:
    world = World(product)
    world.start()
    return Story(world)


def test_every_container_has_a_new_value_when_it_was_said_to(story: Story) -> None:
    assert len(story.rows) >= LEAST
    wrong = [
        (row["arrives"], story.happened(place_of(row)), row["ref"]["kind"], *place_of(row)[1:])
        for row in story.rows
        if row["arrives"] != story.happened(place_of(row))
    ]
    assert not wrong, "\n".join(["(foreseen, observed, …)", *map(str, sorted(wrong))])
    assert story.arrived, f"all that was foreseen, but not within {ARRIVES_S:.0f} s"
    assert min(Counter(row["arrives"] for row in story.rows).values()) >= 2


def test_init_containers_do_not_run_again_with_the_others(story: Story) -> None:
    places = [place for row in story.rows if (place := place_of(row)).container == "first"]
    assert len(places) >= 10
    assert {story.restarted[place] for place in places} == {story.first[place] for place in places}


def test_restarting_those_brings_the_new_value_to_all_of_them(story: Story) -> None:
    assert story.nodes == {"web", "set", "agent", "stays", "parts", "guest"}
    old = [place for row in story.rows if (place := place_of(row)).node in story.nodes and not is_new(story, place)]
    assert not old, old
    assert all(is_new(story, place_of(row)) for row in story.rows if row["node_id"] == "nightly")


def is_new(story: Story, place: Place) -> bool:
    return story.replaced[place].value == story.world.value
