"""A workflow as a Compose file: brought in again it gives the same services, and what it does not say is listed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from clusters.domain.objects import Manifest
from imports.domain.compose.load import load
from imports.domain.convert.conversion import Conversion, convert
from imports.domain.exporting.compose import WORKLOADS, ComposeFile, compose_file
from imports.domain.sources import Files
from imports.objects_command import main
from tests.unit.imports.convert.apps import NAMES, converted, graph_of
from tests.unit.imports.convert.test_containers import as_kubernetes_expands, objects_of
from tests.unit.kinds.samples import a_graph, a_node, an_edge, the_catalog
from workflows.domain.graphs.file import workflow_file
from workflows.domain.graphs.graph import Graph

Mounted = dict[str, Any]


def exported(graph: Graph, name: str = "shop") -> ComposeFile:
    return compose_file(graph, the_catalog(), name, {})


def brought_in(file: ComposeFile, name: str = "shop") -> Conversion:
    tree = Files({"compose.yaml": file.text.encode()})
    given = dict.fromkeys(file.variables, "open sesame")
    return convert(load(tree, ["compose.yaml"], folder_name=name, environment=given), tree, {})


def content(file: ComposeFile) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(file.text)
    return found


def services_of(conversion: Conversion) -> dict[tuple[str, str], Manifest]:
    """The workloads with all that their pods get: mounted files by path and content, whatever object holds them."""
    objects = objects_of(conversion)
    held = {(one["kind"], one["metadata"]["name"]): one for one in objects}
    found = {}
    for one in objects:
        if one["kind"] in WORKLOADS:
            spec = one["spec"]
            template = spec["jobTemplate"]["spec"]["template"] if one["kind"] == "CronJob" else spec["template"]
            template.get("metadata", {}).pop("annotations", None)  # digests of the objects that hold the files
            pod = template["spec"]
            volumes = {volume["name"]: volume for volume in pod.pop("volumes", ())}
            for container in pod["containers"]:
                mounts = container.pop("volumeMounts", ())
                container["mounted"] = [row for mount in mounts for row in mounted(mount, volumes, held)]
                container["mounted"].sort(key=str)
            found[one["kind"], one["metadata"]["name"]] = one
    return found


def mounted(mount: Mounted, volumes: dict[str, Any], held: dict[tuple[str, str], Manifest]) -> list[Any]:
    volume = volumes.get(mount["name"], {})
    if "configMap" in volume:
        config = volume["configMap"]
        data = held["ConfigMap", config["name"]]["data"]
        paths = {one["key"]: one["path"] for one in config.get("items") or ()} or {key: key for key in data}
        at, single = mount["mountPath"].rstrip("/"), mount.get("subPath")
        return [(at if single else f"{at}/{path}", data[key], config.get("defaultMode")) for key, path in paths.items()]
    if "secret" in volume:
        return [(mount["mountPath"], "secret", volume["secret"].get("defaultMode"))]
    return [(mount["mountPath"], mount.get("subPath"), mount.get("readOnly"), {**volume, "name": ""})]


@pytest.mark.parametrize("name", NAMES)
def test_an_application_written_and_brought_in_again_has_the_same_services(name: str):
    before = converted(name)
    file = exported(graph_of(before), name)
    assert file == exported(graph_of(converted(name)), name), "equal workflows give equal bytes"
    after = brought_in(file, name)
    assert services_of(after) == services_of(before)
    again = exported(graph_of(after), name)
    assert content(again) == content(file)


def test_what_a_compose_file_cannot_say_is_listed_in_it():
    graph = a_graph(
        a_node(
            "deployment",
            "web",
            id="w",
            image="nginx:1.27",
            port=80,
            readiness_probe={"type": "http", "path": "/"},
            sidecars=[{"name": "log", "image": "busybox:1.36"}],
            priority_class="high",
        ),
        a_node("networkpolicy", "only", id="only"),
        a_node("service", "web", id="front", port=8080),
        edges=[an_edge("front", "w"), an_edge("only", "w", "selects")],
    )
    file = exported(graph)
    assert set(file.notes) == {
        "Deployment web: spec.template.spec.containers[web].readinessProbe.httpGet.path",
        "Deployment web: spec.template.spec.containers[web].readinessProbe.httpGet.port",
        "Deployment web: spec.template.spec.priorityClassName",
        "Deployment web: the container log",
        "Deployment web: its port 8080 is 80, since Compose has no ports of a Service",
        "NetworkPolicy only: Compose has no such object",
    }
    assert all(f"# - {note}\n" in file.text for note in file.notes)


def test_values_of_secrets_are_variables_that_have_to_be_given():
    graph = a_graph(
        a_node("secret", "db-env", id="s", keys=["POSTGRES_PASSWORD"]),
        a_node("secret", "keys", id="k", keys=["tls.key"]),
        a_node("deployment", "db", id="d", image="postgres:16"),
        edges=[an_edge("s", "d", "sets_env"), an_edge("k", "d", "mounts", mount_path="/keys")],
    )
    file = exported(graph)
    found = content(file)
    assert file.variables == ("POSTGRES_PASSWORD", "TLS_KEY")
    assert found["services"]["db"]["environment"] == {
        "POSTGRES_PASSWORD": "${POSTGRES_PASSWORD:?give POSTGRES_PASSWORD of db-env}"
    }
    assert found["secrets"] == {"keys": {"environment": "TLS_KEY"}}
    assert found["services"]["db"]["secrets"] == [{"source": "keys", "target": "/keys/tls.key"}]


@pytest.mark.parametrize("text", ["$HOME", "${A}", "$$", "100$", "a$(B)c"])
def test_a_text_with_dollars_comes_back_as_it_was(text: str):
    written = text.replace("$", "$$")
    graph = a_graph(a_node("deployment", "web", image="a", args=[written], env={"TEXT": written}))
    [web] = services_of(brought_in(exported(graph))).values()
    container = web["spec"]["template"]["spec"]["containers"][0]
    assert as_kubernetes_expands(container["args"][0]) == text
    assert as_kubernetes_expands(container["env"][0]["value"]) == text


def test_paths_with_dollars_and_names_of_several_lines_break_nothing():
    mounts = [
        {"name": "one", "type": "empty_dir", "mount_path": "/data/$one"},
        {"name": "two", "type": "host_path", "path": "/srv/$${two}", "mount_path": "/two", "read_only": True},
        {"name": "three", "type": "empty_dir", "medium": "Memory", "mount_path": "/three/$$"},
    ]
    file = exported(
        a_graph(a_node("deployment", "web", image="a", volumes=mounts)), "shop\nservices: {evil: {}}\u2028x: 1"
    )
    assert [*content(file)["services"]] == ["web"]
    tree = Files({"compose.yaml": file.text.encode()})
    web = load(tree, ["compose.yaml"], folder_name="shop").model["services"]["web"]
    assert [(one.get("source"), one["target"]) for one in web["volumes"]] == [
        (None, "/data/$one"),
        ("/srv/${two}", "/two"),
    ]
    assert web["tmpfs"] == ["/three/$$"]


def test_a_wait_for_health_becomes_a_condition_where_there_is_a_healthcheck():
    check = {"type": "exec", "command": ["pg_isready"]}
    nodes = [a_node("deployment", name, id=name, image="a") for name in ("web", "db", "cache")]
    nodes[1]["parameters"]["readiness_probe"] = check
    edges = [an_edge("web", "db", "after_health"), an_edge("web", "cache", "after_health")]
    file = exported(a_graph(*nodes, edges=edges))
    assert content(file)["services"]["web"]["depends_on"] == {
        "cache": {"condition": "service_started"},
        "db": {"condition": "service_healthy"},
    }
    assert "web waits for the health of cache, which has no healthcheck in this file" in file.notes


def test_the_command_writes_the_file_and_says_what_it_does_not_say(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    workflow = tmp_path / "shop.yaml"
    graph = a_graph(a_node("deployment", "web", image="a", priority_class="high"))
    workflow.write_text(workflow_file(graph, {"name": "shop"}))
    target = tmp_path / "out" / "compose.yaml"
    assert main([str(workflow), "--compose", str(target)], the_catalog) == 0
    assert content(exported(graph)) == yaml.safe_load(target.read_text())
    printed = capsys.readouterr()
    assert printed.out == f"{target}\n"
    assert printed.err == "not said: Deployment web: spec.template.spec.priorityClassName\n"
