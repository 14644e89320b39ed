"""What is immutable never arrives otherwise: not by a run, and not from another object of its name either."""

from __future__ import annotations

from tests.node.readers import CRED, KEYS, SETTINGS, Row, observed, plain, restart_containers
from tests.support.node.product import RUN_S, NodeBench, Product
from tests.support.wait import until
from tests.support.workflows import a_config_map, a_secret, an_edge

Node = dict[str, object]


def drawing(value: str) -> list[Node]:
    settings = a_config_map(SETTINGS, **dict.fromkeys(KEYS[SETTINGS], value))
    cred = a_secret(CRED, *KEYS[CRED])
    for node in (settings, cred):
        node["parameters"]["immutable"] = True
    return [settings, cred, plain("frozen"), a_config_map("beat", at="0")]


def given(value: str) -> dict[str, dict[str, str]]:
    return {CRED: dict.fromkeys(KEYS[CRED], value)}


def foreseen(bench: NodeBench) -> list[Row]:
    path = f"workflows/{bench.workflow['id']}/reach"
    return [
        row
        for source, keys in KEYS.items()
        for key in keys
        for row in bench.person.get(f"{path}?node={source}&key={key}").body["readers"]
    ]


def values(bench: NodeBench, rows: list[Row]) -> set[str]:
    return {one.value for one in observed({bench.workflow["id"]: bench}, rows).values()}


def test_no_container_sees_another_value_of_an_immutable_object(product: Product) -> None:
    bench = product.bench("immutable")
    mounts = {**an_edge("beat", "frozen", "mounts"), "parameters": {"mount_path": "/beat"}}
    bench.draw(*drawing("v1"), edges=(mounts,))
    bench.deployed(secrets=given("v1"))
    rows = foreseen(bench)
    assert len(rows) >= 20
    assert {row["arrives"] for row in rows} == {"never"}

    bench.draw(*drawing("v2"), edges=(mounts,))
    run = bench.until(bench.start(secrets=given("v2")), "failed", timeout_s=RUN_S)
    assert run["error"]["code"] == "object.immutable"

    # Somebody deletes both and makes others of the same name: the kubelet keeps what it had, for new containers, too.
    data = {"data": dict.fromkeys(KEYS[SETTINGS], "v3")}, {"stringData": dict.fromkeys(KEYS[CRED], "v3")}
    for kind, name, content in zip(("ConfigMap", "Secret"), (SETTINGS, CRED), data, strict=True):
        bench.plane.delete("v1", kind, name, bench.namespace)
        metadata = {"name": name, "namespace": bench.namespace}
        bench.plane.apply({"apiVersion": "v1", "kind": kind, "metadata": metadata, "immutable": True, **content})
    bench.plane.apply(
        {"apiVersion": "v1", "kind": "ConfigMap", "data": {"at": "1"}}
        | {"metadata": {"name": "beat", "namespace": bench.namespace}}
    )
    beat: Row = {**rows[0], "container": "frozen", "where": "/beat/at", "key": "at"}
    until(lambda: values(bench, [beat]) == {"1"}, every_s=0.3, what="the kubelet has looked at the pod since")
    assert values(bench, rows) == {"v1"}
    restart_containers([bench])
    assert values(bench, rows) == {"v1"}
