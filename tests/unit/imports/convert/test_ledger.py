"""What the ledger says of a key: the worst that became of it, of what Compose made of it, and for whom."""

from __future__ import annotations

import pytest

from imports.domain.convert.conversion import Conversion
from imports.domain.problems import ImportInvalid
from kubeorch.base.secrecy import DOTS
from tests.unit.imports.convert.apps import graph_of, of_text


def said(conversion: Conversion, *path: str | int) -> tuple[str, str]:
    [entry] = [one for one in conversion.ledger.entries if one.path == path]
    return entry.outcome.value, entry.why


def test_what_became_of_the_parts_of_a_text_is_said_of_the_text():
    conversion = of_text(
        "services: {web: {image: a, gpus: all, ports: ['127.0.0.1:8080:80']}}", {"service/web/exposure": "loadbalancer"}
    )
    outcome, why = said(conversion, "services", "web", "gpus")
    assert (outcome, "never for all" in why) == ("approximated", True)
    outcome, why = said(conversion, "services", "web", "ports", 0)
    assert (outcome, "not bound to one address" in why) == ("approximated", True)


def test_a_key_that_several_services_took_over_names_the_service_of_each_reason():
    text = """
services:
  base: {image: a, scale: 3}
  each: {extends: {service: base}, deploy: {mode: global}}
"""
    outcome, why = said(of_text(text), "services", "base", "scale")
    assert (outcome, why) == ("dropped", "each: a daemonset has no number of replicas")


def test_the_reasons_of_a_key_that_hundreds_of_services_took_over_are_counted():
    rows = "".join(f"  s{n}: {{extends: {{service: s{n - 1}}}, labels: {{l{n}: x}}}}\n" for n in range(1, 60))
    text = f"services:\n  s0: {{image: a, deploy: {{update_config: {{parallelism: 2}}}}}}\n{rows}"
    conversion = of_text(text, {f"service/s{n}/kind": ("job" if n % 2 else "statefulset") for n in range(60)})
    outcome, why = said(conversion, "services", "s0", "deploy", "update_config", "parallelism")
    assert (outcome, why.count("; ")) == ("dropped", 5)
    assert why.endswith("and 55 more")


def test_a_command_ends_where_compose_ends_it_and_the_ledger_says_so():
    conversion = of_text("services: {web: {image: a, command: 'echo $$HOME && run'}}")
    [web] = conversion.draft.nodes.values()
    assert web.parameters["args"] == ["echo", "$HOME"]
    outcome, why = said(conversion, "services", "web", "command")
    assert (outcome, "leaves out what follows from '&' on" in why) == ("converted", True)


@pytest.mark.parametrize("key", ["include: [other.yaml]", "version: '3'", "x-mine: 1"])
def test_what_stands_first_in_a_file_is_not_taken_for_the_name_of_the_project(key: str):
    conversion = of_text(f"{key}\nservices: {{web: {{image: a}}}}", **{"other.yaml": b"services: {z: {image: a}}"})
    assert said(conversion, key.partition(":")[0])[1] != "the name of the workflow"


def test_labels_of_kubeorch_are_dropped_with_the_reason():
    text = """
services:
  web:
    image: a
    labels: {kubeorch.dev/node: x}
    annotations: {kubeorch.dev/workflow: x}
    deploy: {labels: {kubeorch.dev/environment: x}}
    volumes: [data:/data]
volumes: {data: {labels: {kubeorch.dev/node: x}}}
"""
    conversion = of_text(text)
    for path in (
        ("services", "web", "labels", "kubeorch.dev/node"),
        ("services", "web", "annotations", "kubeorch.dev/workflow"),
        ("services", "web", "deploy", "labels", "kubeorch.dev/environment"),
        ("volumes", "data", "labels", "kubeorch.dev/node"),
    ):
        assert said(conversion, *path) == ("dropped", "kubeorch.dev/ belongs to KubeOrch, which writes it itself")
    assert graph_of(conversion).nodes


def test_a_long_row_of_services_that_extend_one_another_is_not_called_a_circle():
    rows = "".join(f"  s{n}: {{extends: {{service: s{n + 1}}}}}\n" for n in range(60))
    with pytest.raises(ImportInvalid, match="more than 50 services extend one another in a row"):
        of_text(f"services:\n{rows}  s60: {{image: a}}\n")


def test_what_is_in_a_profile_that_is_off_is_left_out_and_what_was_applied_is_decided():
    conversion = of_text("services: {web: {image: a, user: me}, late: {image: a, profiles: [tools], user: me}}")
    for path in (("late",), ("late", "image"), ("late", "user")):
        outcome, why = said(conversion, "services", *path)
        assert (outcome, "the profile tools, which was not chosen" in why) == ("left_out", True)
    [open_] = [one for one in conversion.ledger.entries if one.outcome == "decision"]
    settled = conversion.ledger.settled(set())
    assert [one.path for one in settled.entries] == [one.path for one in conversion.ledger.entries]
    assert settled.counts()["decision"] == 0
    [same] = [one for one in settled.entries if one.path == open_.path]
    assert (same.outcome, same.why) == ("dropped", open_.why), "nothing asks for the user, and there is none"


def test_a_variable_lands_where_it_is_written_and_not_beside_it():
    text = """
services:
  graf: {image: a, environment: ["A=${X}", "B=${Y:-n}"]}
  web:
    image: "b:${X}"
    environment: {A: "${Y}", B: "${X}", C: "1"}
"""
    lands = {
        one.name: [f"{became.node_id}.{became.field.removeprefix('parameters.')}" for became in one.lands]
        for one in of_text(text).variables
    }
    assert lands == {"X": ["graf.env.A", "web.image", "web.env.B"], "Y": ["graf.env.B", "web.env.A"]}


def test_a_default_that_is_in_force_is_shown_and_a_secret_one_is_not():
    text = """
services:
  web:
    image: "a:${TAG:-1.2}"
    environment: {BETA: "${BETA:-false}", OTHER: "${BETA-no}", DB_PASSWORD: "${DB_PASSWORD:-postgres}", URL: "${URL}"}
"""
    rows = {one.name: (one.value, one.defaults) for one in of_text(text, **{".env": b"TAG=3"}).variables}
    assert rows == {
        "TAG": ("3", ()),
        "BETA": (None, ("false", "no")),
        "DB_PASSWORD": (None, (DOTS,)),
        "URL": (None, ()),
    }


@pytest.mark.parametrize("value", ['"${X}"', '"x${X}"'])
def test_a_blank_is_blamed_on_the_variable_that_is_written_there(value: str):
    block = f'\n      API_TOKEN: ""\n      TITLE: {value}'
    flow = f'{{API_TOKEN: "", TITLE: {value}}}'
    asked = [
        {one.id: one.question for one in of_text(f"services:\n  web:\n    image: a\n    environment: {text}").decisions}
        for text in (block, flow)
    ]
    assert asked[0] == asked[1]


def test_a_text_below_its_key_is_told_apart_from_what_stands_above():
    text = """
services:
  web:
    image: a
    environment:
      API_TOKEN:
        "${X}"
      TITLE: >-
        of ${Y:-me}
"""
    conversion = of_text(text)
    lands = {one.name: [became.field for became in one.lands] for one in conversion.variables}
    assert lands["Y"] == ["parameters.env.TITLE"]
    assert [one.question for one in conversion.decisions if one.id == "secret/web/API_TOKEN"] == [
        "API_TOKEN of web is blank, since X is not set. Where does its value come from?"
    ]


def test_a_key_that_is_dropped_with_all_below_it_counts_once():
    conversion = of_text("""
services:
  web:
    image: a
    develop: {watch: [{path: ./src, action: sync, target: /app}, {path: ./conf, action: restart}]}
""")
    levels = [one for one in conversion.ledger.entries if "develop" in one.path]
    assert len(levels) == 9
    assert len({(one.outcome, one.why) for one in levels}) == 1
    others = [one for one in conversion.ledger.entries if one.outcome is levels[0].outcome and one not in levels]
    assert conversion.ledger.counts()[levels[0].outcome.value] == 1 + len(others)


def test_a_volume_without_a_name_of_its_own_is_converted():
    for settings in ("{data: }", "{data: {driver: local}}", "{data: {external: true}}"):
        text = f"services: {{web: {{image: a, volumes: ['data:/d']}}}}\nvolumes: {settings}"
        assert "Docker calls it" not in said(of_text(text), "volumes", "data")[1]


@pytest.mark.parametrize("more", ["", ", external: true"])
@pytest.mark.parametrize(("name", "outcome"), [("realdata", "approximated"), ("data", "converted")])
def test_a_volume_that_docker_calls_otherwise_does_not_keep_that_name(name: str, outcome: str, more: str):
    text = f"services: {{web: {{image: a, volumes: ['data:/d']}}}}\nvolumes: {{data: {{name: {name}{more}}}}}"
    found, why = said(of_text(text), "volumes", "data", "name")
    assert (found, "realdata" in why) == (outcome, name == "realdata")


def test_what_was_left_out_is_lost_once_it_was_applied():
    """What has become of something by a default is approximated."""
    conversion = of_text("""
services:
  web:
    image: a
    ports: [{target: 80, published: "8080"}]
    environment: {FLAG: }
  api: {image: a, networks: [one]}
  db: {image: a, networks: [two]}
networks: {one: {internal: true}, two: }
""")
    asked = {place for decision in conversion.decisions for place in decision.places}
    settled = {one.path: (one.outcome.value, one.why) for one in conversion.ledger.settled(asked).entries}
    assert "decision" not in {outcome for outcome, _ in settled.values()}
    lost = settled["services", "web", "environment", "FLAG"]
    why = "FLAG has no value here, so the container does not get it; applied with the default"
    assert lost == ("dropped", why)
    for path in (("services", "web", "ports", 0), ("networks", "one"), ("networks", "one", "internal")):
        assert settled[path][0] == "approximated", path
        assert settled[path][1].endswith("; applied with the default"), path
