"""What a plan foresees is what the cluster stores: every kind, created, each of its parameters changed, changed back,
and removed; foreseen and stored objects are compared field by field.

The cases come from the catalog, so a new parameter is a new case.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from clusters.domain.objects import Manifest, Ref, ref_from_json
from clusters.domain.ownership.paths import children, path_text
from tests.support.plans import Plan, made
from tests.support.runs import Bench
from tests.unit.kinds.samples import GATEWAY, the_catalog
from tests.unit.kinds.test_parameter_matrix import BESIDE, cases, wanted

LEAST = 300
"""Edit cases that the comparison must have had."""
PODS = ("deployment", "statefulset", "daemonset", "job", "cronjob")
WRITTEN_ALONG = (
    *("metadata.managedFields", "metadata.resourceVersion", "metadata.generation", "status"),
    *("metadata.uid", "metadata.creationTimestamp"),  # of an object that is made again
)
BY_CONTROLLERS = ("metadata.annotations[deployment.kubernetes.io/revision]",)

Node = dict[str, Any]


def still(kind: str) -> dict[str, Any]:
    """Parameters with which a workload makes no pods: they are not what is compared here."""
    quiet: dict[str, dict[str, Any]] = {
        "deployment": {"replicas": 0},
        "statefulset": {"replicas": 0},
        "daemonset": {"node_selector": {"nobody": "here"}},
        "job": {"suspend": True},
        "cronjob": {"suspend": True},
    }
    known = {one.name for one in the_catalog().kinds[kind].parameters}
    return {name: value for name, value in quiet.get(kind, {}).items() if name in known}


def a_case(kind: str, index: int, parameters: dict[str, Any]) -> Node:
    known = {one.name for one in the_catalog().kinds[kind].parameters}
    needed = {"image": "nginx:1.27", "schedule": "@daily", **GATEWAY}
    first = {name: value for name, value in needed.items() if name in known}
    name = f"{kind}-{index}"
    node = {"id": name, "kind": kind, "name": name, "position": {"x": 0, "y": 0}, "patch": None}
    return {**node, "parameters": {**first, **still(kind), **parameters}}


def pairs() -> Iterator[tuple[Node, Node]]:
    """(the node without a parameter, the node with it)."""
    for kind, described in the_catalog().kinds.items():
        if kind in ("manifest", "secret") or not described.renders:
            continue
        seen: set[str] = set()
        for index, (_, path, _, parameters) in enumerate(cases(kind, described.parameters)):
            top = str(path[0])
            if not wanted(kind, path) or top == "namespace" or (kind in PODS and top in seen):
                continue
            seen.add(top)
            beside = BESIDE.get(f"{kind}.{top}", {"port": 8080} if top.endswith("_probe") else {})
            without = {name: value for name, value in parameters.items() if name != top}
            yield a_case(kind, index, {**beside, **without}), a_case(kind, index, {**beside, **parameters})


def accepted(bench: Bench, nodes: list[Node], fallback: dict[str, Node] | None = None) -> list[Node]:
    """The nodes that the drawing takes; those that it refuses are as in `fallback`, or left out."""
    for _ in range(5):
        answer = bench.person.post(f"workflows/{bench.workflow['id']}/validate", {"nodes": nodes, "edges": []})
        assert answer.status == 200, answer.body
        wrong = {one for row in answer.body["problems"] if row["severity"] == "error" for one in row["node_ids"]}
        if not wrong:
            return nodes
        nodes = settled(nodes, wrong, fallback)
    raise AssertionError(sorted(wrong))


def settled(nodes: list[Node], wrong: set[str], fallback: dict[str, Node] | None) -> list[Node]:
    return [
        node if node["id"] not in wrong else fallback[node["id"]]
        for node in nodes
        if node["id"] not in wrong or fallback is not None
    ]


def planned(bench: Bench, nodes: list[Node], fallback: dict[str, Node] | None = None) -> tuple[Plan, list[Node]]:
    """The plan of those nodes that the cluster accepts and of which a trial tells all, and these nodes."""
    nodes = accepted(bench, nodes, fallback)
    bench.draw(*nodes)
    plan = made(bench)
    refused = {one["node_id"] for one in plan["objects"] if one["error"] or one["proof"] == "at_apply"}
    if refused:
        nodes = settled(nodes, refused, fallback)
        bench.draw(*nodes)
        plan = made(bench)
    assert not [one for one in plan["objects"] if one["error"]]
    return plan, nodes


def stored(bench: Bench, plan: Plan) -> dict[Ref, Manifest | None]:
    """All objects of a plan, as plain reads find them."""
    refs = [ref_from_json(one["ref"]) for one in plan["objects"]]
    with ThreadPoolExecutor(8) as pool:
        found = pool.map(lambda ref: bench.plane.get(ref.api_version, ref.kind, ref.name, ref.namespace), refs)
    return dict(zip(refs, found, strict=True))


def leaves(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    below = list(children(value, path))
    if not below:
        yield path_text(path), value
    for element, child in below:
        yield from leaves(child, (*path, element))


def content(live: Manifest | None) -> dict[str, Any]:
    left_out = (*WRITTEN_ALONG, *BY_CONTROLLERS)
    return {path: value for path, value in leaves(live or {}) if not path.startswith(left_out)}


def compare(plan: Plan, before: dict[Ref, Manifest | None], after: dict[Ref, Manifest | None]) -> list[str]:
    """Where what the plan says of fields is not what has changed between two reads."""
    wrong: list[str] = []
    for one in plan["objects"]:
        ref = ref_from_json(one["ref"])
        old, new = content(before[ref]), content(after[ref])
        changed = {path for path in {**old, **new} if old.get(path) != new.get(path)}
        foreseen = {row["path"]: row for row in one["fields"]}
        if one["effect"] == "unchanged" and changed:
            wrong.append(f"{ref.key} unchanged: {sorted(changed)}")
        if one["effect"] in ("update", "recreate"):
            wrong += [
                f"{ref.key} {one['effect']}: {path} was not foreseen" for path in changed if not near(path, foreseen)
            ]
            wrong += [f"{ref.key}: {path} was foreseen" for path in foreseen if not near(path, dict.fromkeys(changed))]
        for path, row in foreseen.items():
            if path in new and row["band"] == "acts" and row["after"] != new[path]:
                wrong.append(f"{ref.key}: {path} is {new[path]!r}, foreseen {row['after']!r}")
    return wrong


def near(path: str, known: dict[str, Any]) -> bool:
    """Whether the path, what it lies in, or something in it is known."""
    return any(
        path == one or path.startswith((f"{one}.", f"{one}[")) or one.startswith((f"{path}.", f"{path}["))
        for one in known
    )


def carried_out(bench: Bench, plan: Plan) -> list[str]:
    """Run the plan; what the run itself measured."""
    run = bench.until(
        bench.start(plan=plan["id"], confirm_deletions=plan["deletions"]["count"]),
        "verifying",
        "succeeded",
        timeout_s=60,
    )
    if run["state"] == "verifying":
        bench.see_all_healthy()
        bench.until(run, "succeeded")
    different = [
        f"{step['ref']['kind']} {step['ref']['name']}: {step['differs']}" for step in run["steps"] if step["differs"]
    ]
    assert run["as_planned"]["not_foreseen"] == 0, run["as_planned"]
    return different


def test_what_is_foreseen_is_what_is_stored_for_every_parameter_of_every_kind(bench: Bench) -> None:
    both = list(pairs())
    tried = 0
    wrong: list[str] = []
    plan, first = planned(bench, [without for without, _ in both])
    base = {node["id"]: node for node in first}
    changed = [node for _, node in both if node["id"] in base]
    before_it = base
    for nodes in (first, changed, first, []):
        plan, drawn = planned(bench, list(nodes), before_it)
        before_it = {node["id"]: node for node in drawn}
        before = stored(bench, plan)
        wrong += carried_out(bench, plan)
        after = stored(bench, plan)
        wrong += compare(plan, before, after)
        tried += sum(one["effect"] in ("update", "recreate") for one in plan["objects"])
        for one in plan["objects"]:
            if one["effect"] == "delete" and after[ref_from_json(one["ref"])] is not None:
                wrong.append(f"{one['ref']} is still there")
        assert not wrong, "\n".join(wrong[:60])
    assert tried >= LEAST
