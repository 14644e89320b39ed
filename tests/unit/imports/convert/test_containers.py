"""What a container gets: commands, variables, users, rights, healthchecks and resources."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from clusters.domain.objects import Manifest
from imports.domain.convert.conversion import Conversion
from imports.domain.convert.units import cpus, quantity, seconds, size_bytes, whole_seconds
from kubeorch.base.secrecy import is_secret, is_secret_name
from tests.unit.imports.convert.apps import graph_of, of_text
from tests.unit.kinds.samples import the_catalog
from workflows.domain.rendering.render import render_graph


def objects_of(conversion: Conversion) -> list[Manifest]:
    rendered = render_graph(graph_of(conversion), the_catalog(), namespace="shop", variables={})
    return [one.manifest for one in rendered]


def pod_of(conversion: Conversion) -> Manifest:
    [workload] = [one for one in objects_of(conversion) if "template" in one.get("spec", {})]
    pod: Manifest = workload["spec"]["template"]["spec"]
    return pod


def service(*lines: str) -> str:
    return "\n".join(["services:", "  web:", "    image: example/web:1", *(f"    {line}" for line in lines)])


def outcome(conversion: Conversion, *path: Any) -> tuple[str, str]:
    [entry] = [one for one in conversion.ledger.entries if one.path == ("services", "web", *path)]
    return entry.outcome.value, entry.why


def as_kubernetes_expands(text: str) -> str:
    """Source: Kubernetes, third_party/forked/golang/expansion: $$ is $, $(NAME) a variable that nobody defines here."""
    out, at = "", 0
    while at < len(text):
        out += text[at]
        at += 2 if text.startswith("$$", at) else 1
    return out


@pytest.mark.parametrize(
    "text", ["$(HOME)", "$$5", "${NAME}", "$${A} $$(B)", "a$", "$", "$$$", "100$ $x", "$$$(C)$${D}"]
)
def test_a_container_gets_dollars_as_compose_gives_them(text: str):
    written = text.replace("$", "$$")
    pod = pod_of(of_text(service(f"command: ['{written}']", f"environment: {{TEXT: '{written}'}}")))
    assert as_kubernetes_expands(pod["containers"][0]["env"][0]["value"]) == text
    assert as_kubernetes_expands(pod["containers"][0]["args"][0]) == text


@pytest.mark.parametrize("text", ["$(HOME)", "$$5", "${NAME}"])
def test_a_probe_and_a_file_get_dollars_as_they_are(text: str):
    written = text.replace("$", "$$")
    lines = (
        f"healthcheck: {{test: ['CMD', '{written}']}}",
        "configs: [one]",
        f"configs: {{one: {{content: '{written}'}}}}",
    )
    conversion = of_text(service(*lines[:2]) + "\n" + lines[2])
    assert pod_of(conversion)["containers"][0]["readinessProbe"]["exec"]["command"] == [text]
    [config] = [one for one in objects_of(conversion) if one["kind"] == "ConfigMap"]
    assert config["data"] == {"one": text}


def test_each_container_gets_exactly_the_variables_of_compose():
    text = service("env_file: [web.env]", "environment: {A: from-file-too, N: 1, F: false, E: ''}")
    conversion = of_text(text, **{"web.env": b"A=x\nB=y\n", ".env": b"C=only for interpolation\n"})
    assert {one["name"]: one["value"] for one in pod_of(conversion)["containers"][0]["env"]} == {
        "A": "from-file-too",
        "B": "y",
        "N": "1",
        "F": "false",
        "E": "",
    }


@pytest.mark.parametrize(
    ("lines", "command", "args"),
    [
        (["command: sh -c 'echo a b'"], None, ["sh", "-c", "echo a b"]),
        (["entrypoint: [run]", "command: [now]"], ["run"], ["now"]),
        (["entrypoint: []", "command: [now]"], ["now"], None),
        (["entrypoint: ['']", "command: null"], [""], None),
        (["command: []"], None, None),
    ],
)
def test_entrypoint_and_command_become_command_and_args(lines: list[str], command: Any, args: Any):
    container = pod_of(of_text(service(*lines)))["containers"][0]
    assert (container.get("command"), container.get("args")) == (command, args)


def test_a_user_by_name_asks_for_its_number():
    text = service("user: node")
    assert outcome(of_text(text), "user")[0] == "decision"
    pod = pod_of(of_text(text, {"service/web/user": "1000"}))
    assert pod["containers"][0]["securityContext"] == {"runAsUser": 1000}


def test_a_user_owns_the_volumes_that_it_mounts():
    pod = pod_of(of_text(service("user: '1000:2000'", "volumes: ['data:/data']") + "\nvolumes: {data: }"))
    assert pod["securityContext"] == {"fsGroup": 2000}


def test_a_healthcheck_becomes_a_readiness_probe_with_the_times_of_docker():
    conversion = of_text(service("healthcheck: {test: curl localhost}"))
    assert pod_of(conversion)["containers"][0] == {
        "name": "web",
        "image": "example/web:1",
        "readinessProbe": {
            "exec": {"command": ["/bin/sh", "-c", "curl localhost"]},
            "periodSeconds": 30,
            "timeoutSeconds": 30,
            "failureThreshold": 3,
        },
    }


def test_a_liveness_probe_leaves_the_start_period_to_a_startup_probe():
    text = service("healthcheck: {test: [CMD, x], interval: 10s, retries: 2, start_period: 1m}")
    container = pod_of(of_text(text, {"service/web/health": "liveness"}))["containers"][0]
    assert container["livenessProbe"] == container["readinessProbe"]
    assert container["startupProbe"]["failureThreshold"] == 8


def test_512m_is_512_mebibytes():
    conversion = of_text(service("mem_limit: 512m", "cpus: 0.5", "deploy: {resources: {reservations: {memory: 64M}}}"))
    assert pod_of(conversion)["containers"][0]["resources"] == {
        "requests": {"memory": "64Mi"},
        "limits": {"cpu": "500m", "memory": "512Mi"},
    }


@pytest.mark.parametrize(
    ("name", "found"),
    [
        *((name, True) for name in ("DB_PASSWORD", "apiKey", "JWT_SECRET", "GITHUB_TOKEN", "AWS_SECRET_ACCESS_KEY")),
        *((name, True) for name in ("MYSQL_ROOT_PASSWORD", "SECRET_KEY_BASE", "pgpass_pw", "ENCRYPTION_KEY")),
        *((name, False) for name in ("KEYBOARD", "AUTHOR", "MONKEY", "DB_PASSWORD_FILE", "TOKEN_TTL", "PRIMARY_KEY")),
        *((name, False) for name in ("AUTH_URL", "KEYCLOAK_ADMIN", "PASSWORD_MIN_LENGTH", "PASSENGER_APP", "")),
    ],
)
def test_a_secret_is_known_by_whole_words(name: str, found: bool):
    assert is_secret_name(name) is found


def test_a_login_in_a_url_is_a_secret_and_a_switch_is_none():
    assert is_secret("DATABASE_URL", "postgres://app:pw@db/app")
    assert not is_secret("DATABASE_URL", "postgres://db/app")
    assert not is_secret("MYSQL_ALLOW_EMPTY_PASSWORD", "yes")


@pytest.mark.parametrize(
    ("text", "expected"), [("1m30s", 90), ("1h2m3s", 3723), ("1500ms", 2), ("0s", 0), ("10000000000", 10), ("1.5s", 2)]
)
def test_durations_are_read_as_go_writes_them_and_rounded_up(text: str, expected: int):
    assert whole_seconds(text) == expected
    assert seconds(text) <= expected


def test_sizes_and_cores_are_exact():
    sizes = ["512m", "1g", "1500k", "100b", "1024", "64MiB", 3]
    assert [size_bytes(one) for one in sizes] == [2**29, 2**30, 1_536_000, 100, 1024, 2**26, 3]
    assert [quantity(one) for one in (2**30, 1_536_000, 100, 3 * 2**20)] == ["1Gi", "1500Ki", "100", "3Mi"]
    assert [cpus(one) for one in ("0.5", 2, 1.5, "0.0001", "x")] == ["500m", "2", "1500m", "1m", ""]


def test_what_has_no_parameter_is_in_the_patch():
    lines = (
        "hostname: box",
        "ipc: host",
        "dns: 1.1.1.1",
        "extra_hosts: ['a=10.0.0.1']",
        "security_opt: [apparmor=unconfined]",
    )
    pod = pod_of(of_text(service(*lines)))
    assert (pod["hostname"], pod["hostIPC"], pod["dnsConfig"]) == ("box", True, {"nameservers": ["1.1.1.1"]})
    assert pod["hostAliases"] == [{"ip": "10.0.0.1", "hostnames": ["a"]}]
    assert pod["securityContext"] == {"appArmorProfile": {"type": "Unconfined"}}


def test_rights_of_containers_are_kept():
    lines = (
        "cap_add: [CAP_NET_ADMIN]",
        "cap_drop: [all]",
        "read_only: true",
        "privileged: true",
        "stdin_open: true",
        "tty: true",
    )
    container = pod_of(of_text(service(*lines)))["containers"][0]
    assert (container["stdin"], container["tty"]) == (True, True)
    assert container["securityContext"] == {
        "readOnlyRootFilesystem": True,
        "privileged": True,
        "capabilities": {"add": ["NET_ADMIN"], "drop": ["ALL"]},
    }


def test_a_hook_after_the_start_is_that_of_the_container_and_what_differs_is_said():
    started = "post_start: [{command: touch /tmp/started, user: root}]"
    converted = of_text(service(started, "pre_stop: [{command: [a]}]"))
    lifecycle = pod_of(converted)["containers"][0]["lifecycle"]
    assert lifecycle == {
        "postStart": {"exec": {"command": ["touch", "/tmp/started"]}},
        "preStop": {"exec": {"command": ["a"]}},
    }
    how = "Kubernetes runs it at once with the container's own command, and restarts the container where it fails"
    assert outcome(converted, "post_start", 0) == ("approximated", how)
    assert outcome(converted, "post_start", 0, "user") == ("dropped", "the command runs as the container does")
    assert outcome(converted, "pre_stop", 0) == ("converted", "")


@pytest.mark.parametrize(("key", "hook"), [("post_start", "postStart"), ("pre_stop", "preStop")])
def test_several_hooks_run_one_after_the_other_until_one_fails(key: str, hook: str, tmp_path: Path):
    words = ["printf", "%s|", "a b", "$HOME", "it's", "*"]
    written = [word.replace("$", "$$") for word in words]
    converted = of_text(service(f"{key}: [{{command: {written}}}, {{command: ['false']}}, {{command: [echo, no]}}]"))
    command = pod_of(converted)["containers"][0]["lifecycle"][hook]["exec"]["command"]
    ran = subprocess.run(command, capture_output=True, cwd=tmp_path, check=False)
    assert (ran.stdout.decode(), ran.returncode) == ("a b|$HOME|it's|*|", 1)
    verdict, how = outcome(converted, key, 1)
    assert (verdict, "a shell (/bin/sh) runs them one after the other until one fails" in how) == ("approximated", True)


def test_text_that_looks_like_a_variable_of_an_environment_stays_as_it_is_everywhere():
    text = service(
        "labels: {a.b/c: '$${TAG}'}",
        "annotations: {a.b/d: '$${TAG}'}",
        "deploy: {labels: {a.b/e: '$${TAG}'}}",
        "pre_stop: [{command: [x, '$${TAG}']}]",
        "post_start: [{command: [y, '$${TAG}']}]",
        "dns_opt: ['$${TAG}']",
        "volumes: ['/srv/$${TAG}:/data/$${TAG}']",
    )
    [workload] = [one for one in objects_of(of_text(text)) if one["kind"] == "Deployment"]
    pod = workload["spec"]["template"]
    assert workload["metadata"]["annotations"]["a.b/e"] == "${TAG}"
    assert {pod["metadata"]["annotations"][key] for key in ("a.b/c", "a.b/d")} == {"${TAG}"}
    assert pod["spec"]["containers"][0]["lifecycle"]["preStop"]["exec"]["command"] == ["x", "${TAG}"]
    assert pod["spec"]["containers"][0]["lifecycle"]["postStart"]["exec"]["command"] == ["y", "${TAG}"]
    assert pod["spec"]["dnsConfig"]["options"] == [{"name": "${TAG}"}]
    assert pod["spec"]["containers"][0]["volumeMounts"][0]["mountPath"] == "/data/${TAG}"


def test_a_container_without_labels_of_selinux_is_not_confined():
    conversion = of_text("services: {web: {image: a, security_opt: ['label=disable', 'label:disable']}}")
    [web] = conversion.draft.nodes.values()
    assert web.patch["spec"]["template"]["spec"]["securityContext"] == {"seLinuxOptions": {"type": "spc_t"}}
    assert conversion.ledger.counts()["dropped"] == 0


def test_how_long_a_token_lasts_is_no_secret():
    conversion = of_text("services: {web: {image: a, environment: {JWT_EXP: '3600', JWT_SECRET: zq9-hidden}}}")
    asked = [one.id for one in conversion.decisions if one.topic == "secrets"]
    assert asked == ["secret/web/JWT_SECRET"]


def test_of_several_hooks_the_first_can_be_chosen_where_the_image_has_no_shell():
    text = "services: {web: {image: a, post_start: [{command: ''}, {command: [a, b]}, {command: [c]}]}}"
    conversion = of_text(text)
    [web] = conversion.draft.nodes.values()
    assert web.parameters["post_start"] == ["/bin/sh", "-c", "a b && c"]
    first = of_text(text, {"hooks/web/post_start": "first"})
    [web] = first.draft.nodes.values()
    assert web.parameters["post_start"] == ["a", "b"]
    [lost] = [one for one in first.ledger.entries if one.path[2:] == ("post_start", 2)]
    assert (lost.outcome, "the first was chosen" in lost.why) == ("dropped", True)
