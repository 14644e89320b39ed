"""Files that are mounted become ConfigMaps and Secrets by content; what cannot is said, with the choices."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest

from imports.domain.convert.conversion import Conversion
from tests.unit.imports.convert.apps import of_text
from tests.unit.imports.convert.test_containers import objects_of, outcome, pod_of, service


def of_kind(conversion: Conversion, kind: str) -> list[dict[str, Any]]:
    return [one for one in objects_of(conversion) if one["kind"] == kind]


def question(conversion: Conversion, id_: str) -> tuple[str, list[str]]:
    [found] = [one for one in conversion.decisions if one.id == id_]
    return found.default, [choice.value for choice in found.choices]


def test_a_file_becomes_a_config_map_with_its_digest_in_the_ledger():
    content = b"a: ${B}\r\nc: \xc3\xa4\n"
    conversion = of_text(service("volumes: ['./app.conf:/etc/app.conf:ro']"), **{"app.conf": content})
    [config] = of_kind(conversion, "ConfigMap")
    assert config["data"] == {"app.conf": content.decode()}
    mount = pod_of(conversion)["containers"][0]["volumeMounts"][0]
    assert (mount["mountPath"], mount["subPath"], mount["readOnly"]) == ("/etc/app.conf", "app.conf", True)
    assert hashlib.sha256(content).hexdigest() in outcome(conversion, "volumes", 0)[1]


def test_a_folder_keeps_its_paths_and_bytes():
    files = {"conf/a.conf": b"a", "conf/sub/b c.conf": b"\xff\x00", "conf/sub/d": b""}
    conversion = of_text(service("volumes: ['./conf:/etc/conf:ro']"), **files)
    [config] = of_kind(conversion, "ConfigMap")
    [volume] = pod_of(conversion)["volumes"]
    paths = {item["path"]: item["key"] for item in volume["configMap"]["items"]}
    assert sorted(paths) == ["a.conf", "sub/b c.conf", "sub/d"]
    assert config["data"][paths["a.conf"]] == "a"
    assert base64.b64decode(config["binaryData"][paths["sub/b c.conf"]]) == b"\xff\x00"


def test_a_script_can_be_executed():
    conversion = of_text(service("volumes: ['./run.sh:/run.sh']"), **{"run.sh": b"#!/bin/sh\nexit 0\n"})
    assert pod_of(conversion)["volumes"][0]["configMap"]["defaultMode"] == 0o755


def test_a_key_is_mounted_from_a_secret_whose_value_is_sealed():
    conversion = of_text(service("volumes: ['./tls/server.key:/etc/server.key:ro']"), **{"tls/server.key": b"private"})
    assert conversion.secret_values == {"secret-tls-server-key": {"server.key": b"private"}}
    assert of_kind(conversion, "ConfigMap") == []


@pytest.mark.parametrize(
    ("mount", "files", "default"),
    [
        ("./big.bin:/big.bin", {"big.bin": b"\0" * 900_000}, "image"),
        ("./many:/many", {f"many/{number}": b"" for number in range(101)}, "claim"),
        ("./data:/var/lib/data", {"data/.gitkeep": b""}, "claim"),
        ("./data:/var/lib/data", {"data/seed.sql": b"x"}, "claim"),
        ("./absent.conf:/etc/absent.conf", {}, "image"),
        ("/srv/media:/media", {}, "claim"),
        ("/var/run/docker.sock:/var/run/docker.sock", {}, "image"),
        ("/proc:/host/proc:ro", {}, "host"),
        ("../outside:/outside", {}, "claim"),
    ],
)
def test_what_is_no_content_is_a_decision_with_a_default_that_starts(mount: str, files: dict[str, bytes], default: str):
    conversion = of_text(service(f"volumes: ['{mount}']"), **files)
    target = mount.split(":")[1]
    assert question(conversion, f"mount/web{target}")[0] == default
    assert outcome(conversion, "volumes", 0)[0] == "decision"


def test_risks_of_paths_of_the_node_are_named():
    reasons = [
        outcome(of_text(service(f"volumes: ['{path}:/x']")), "volumes", 0)[1]
        for path in ("/var/run/docker.sock", "/", "/dev", "/proc", "/etc")
    ]
    words = ("controls all containers", "All files of the node", "devices", "processes", "passwords")
    assert [word in reason for word, reason in zip(words, reasons, strict=True)] == [True] * 5


def test_services_that_mount_one_folder_share_one_claim():
    text = "services:\n  a: {image: a, volumes: ['./logs:/logs']}\n  b: {image: b, volumes: ['./logs:/var/log/x']}"
    assert len(of_kind(of_text(text), "PersistentVolumeClaim")) == 1


def test_the_folder_that_an_image_is_built_from_is_not_mounted_over_it():
    conversion = of_text(service("build: .", "volumes: ['.:/app']"), **{"app.py": b"print()"})
    assert "volumes" not in pod_of(conversion)
    assert question(conversion, "mount/web/app") == ("image", ["image", "claim", "scratch", "content"])


def test_secrets_are_files_in_run_secrets_and_their_values_stay_outside():
    text = service("secrets: [one, {source: two, target: other, mode: 0400}, three]")
    text += "\nsecrets: {one: {file: ./one.txt}, two: {environment: TWO}, three: {external: true}}"
    conversion = of_text(text, **{"one.txt": b"1"})
    assert conversion.secret_values == {"secret-one": {"one": b"1"}}
    mounts = {one["mountPath"]: one["subPath"] for one in pod_of(conversion)["containers"][0]["volumeMounts"]}
    assert mounts == {"/run/secrets/one": "one", "/run/secrets/other": "two", "/run/secrets/three": "three"}


@pytest.mark.parametrize(
    ("image", "target", "default"),
    [("mariadb", "/var/lib/mysql", "claim"), ("a", "/app/node_modules", "image"), ("a", "/x", "scratch")],
)
def test_a_volume_without_a_name_is_kept_for_databases_and_hides_no_packages(image: str, target: str, default: str):
    conversion = of_text(f"services: {{web: {{image: {image}, volumes: [{target}]}}}}")
    [decision] = [one for one in conversion.decisions if one.id == f"mount/web{target}"]
    assert decision.answer == default


@pytest.mark.parametrize(
    ("mode", "expected", "said"),
    [("0440", "0440", "converted"), ("01204", "0204", "approximated"), ("644", "0204", "approximated")],
)
def test_a_mode_of_a_config_has_nine_bits(mode: str, expected: str, said: str):
    text = f"services: {{web: {{image: a, configs: [{{source: c, mode: {mode}}}]}}}}\nconfigs: {{c: {{content: x}}}}"
    conversion = of_text(text)
    [edge] = [one for one in conversion.draft.edges if one.relation == "mounts"]
    assert edge.parameters["default_mode"] == expected
    [entry] = [one for one in conversion.ledger.entries if one.path == ("services", "web", "configs", 0, "mode")]
    assert entry.outcome == said
    assert ("write 0644" in entry.why) == (said == "approximated")


def test_a_service_mounts_what_another_one_mounts_from_the_same_volumes():
    text = """
services:
  foo: {image: a, volumes: [/anon, "data:/data", "./conf:/conf:ro", /own], volumes_from: [bar]}
  bar: {image: b, volumes: [/own]}
  last: {image: c, volumes_from: ["foo:ro", "container:x"]}
volumes: {data: }
"""
    conversion = of_text(text, **{"conf/a.conf": b"x"})
    sources = {}
    for one in objects_of(conversion):
        if "template" in one.get("spec", {}):
            mounts = one["spec"]["template"]["spec"]["containers"][0]["volumeMounts"]
            sources[one["metadata"]["name"]] = {
                row["mountPath"]: (row["name"], row.get("readOnly", False)) for row in mounts
            }
    assert sources["last"].keys() == {"/anon", "/data", "/conf", "/own"}
    for path in ("/anon", "/data", "/own"):
        assert sources["last"][path] == (sources["foo"][path][0], True)
    assert sources["bar"]["/own"][0] != sources["foo"]["/own"][0]
    said = {one.path[-1]: one.outcome.value for one in conversion.ledger.entries if "volumes_from" in one.path}
    assert said == {"volumes_from": "converted", 0: "converted", 1: "dropped"}


def test_a_disk_of_each_pod_of_a_database_is_not_taken_over():
    text = """
services:
  db: {image: mariadb, volumes: ["data:/var/lib/mysql"], deploy: {replicas: 3}}
  tool: {image: a, volumes_from: ["db:ro"]}
volumes: {data: }
"""
    conversion = of_text(text)
    [entry] = [one for one in conversion.ledger.entries if one.path == ("services", "tool", "volumes_from", 0)]
    assert (entry.outcome, "a data of its own" in entry.why) == ("dropped", True)
    assert not of_kind(conversion, "PersistentVolumeClaim")


def test_mounts_are_taken_over_along_a_chain_of_any_length():
    rows = [f"  s{number}: {{image: a, volumes_from: [s{number + 1}]}}\n" for number in range(900)]
    last = "  s900: {image: a, volumes: ['data:/data']}\n"
    conversion = of_text(f"services:\n{''.join(rows)}{last}volumes: {{data: }}\n")
    assert len([one for one in conversion.draft.edges if one.relation == "stores"]) == 901


def test_what_the_cluster_has_to_have_is_named_as_it_is_called_there():
    text = service("configs: [shop.conf]", "volumes: ['data:/data']")
    text += "\nconfigs: {shop.conf: {external: true}}\nvolumes: {data: {external: true, name: shop.data_v2}}"
    volumes = pod_of(of_text(text, {"volume/data/external": "existing"}))["volumes"]
    assert [one.get("configMap", {}).get("name") for one in volumes if "configMap" in one] == ["shop.conf"]
    claims = [one["persistentVolumeClaim"]["claimName"] for one in volumes if "persistentVolumeClaim" in one]
    assert claims == ["shop.data-v2"]
