"""Networks of a project and charts of a chart become groups: frames around what belongs to them."""

from __future__ import annotations

import pytest

from imports.domain.drafts import Draft
from imports.domain.groups import chart_groups, title_of
from imports.domain.sources import Place
from tests.unit.imports.convert.apps import graph_of, of_text
from workflows.domain.graphs.reading import GROUP_MOST

NETWORKS = """\
services:
  proxy: {image: nginx, ports: ["80:80"], networks: [front]}
  api: {image: api, networks: [front, back], environment: {MODE: fast}}
  db:
    image: postgres
    environment: {POSTGRES_PASSWORD: hunter-22}
    volumes: ["data:/var/lib/postgresql/data"]
    networks: [back]
  agent: {image: agent, network_mode: host}
volumes: {data: {}}
networks: {front: {}, back: {}}
"""


def groups_of(text: str) -> dict[str, str]:
    """Titles by kind and name."""
    return {f"{node.kind} {node.name}": node.group for node in graph_of(of_text(text)).nodes}


def test_services_of_the_same_networks_stand_in_one_frame_with_what_belongs_to_them_alone():
    assert groups_of(NETWORKS) == {
        "deployment proxy": "front", "service proxy": "front", "deployment api": "back, front",
        "statefulset db": "back", "secret db-env": "back", "persistentvolumeclaim data": "back",
        "service db": "back", "deployment agent": "",
    }  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "services: {a: {image: x}, b: {image: x}}",
        "services: {a: {image: x, networks: [n]}, b: {image: x, networks: [n]}}\nnetworks: {n: {}}",
        "services: {a: {image: x}, b: {image: x, network_mode: none}}",
    ],
)
def test_one_frame_around_everything_is_none(text: str):
    assert set(groups_of(text).values()) == {""}


def test_what_two_groups_share_stands_in_no_frame():
    text = NETWORKS.replace("environment: {MODE: fast}", "volumes: ['data:/data']")
    assert groups_of(text)["persistentvolumeclaim data"] == ""


def test_a_network_with_the_value_of_a_secret_in_its_name_becomes_no_title():
    text = (
        "services:\n"
        "  a: {image: x, networks: [hunter-22], environment: {DB_PASSWORD: hunter-22}}\n"
        "  b: {image: x, networks: [n]}\n"
        "networks: {hunter-22: {}, n: {}}\n"
    )
    assert set(groups_of(text).values()) == {""}


def a_draft(*paths: str) -> Draft:
    draft = Draft()
    for at, path in enumerate(paths):
        draft.add("configmap", f"c{at}", place=Place(path, 0, 0))
    return draft


def test_charts_in_a_chart_are_groups_and_one_alone_is_none():
    inner = "umbrella/charts/primary/templates/deep/all.yaml (rendered)"
    found = chart_groups(a_draft("umbrella/templates/a.yaml (rendered)", inner, "umbrella/crds/b.yaml", "other.yaml"))
    assert list(found.values()) == ["umbrella", "primary", "umbrella"]
    assert chart_groups(a_draft("umbrella/templates/a.yaml", "umbrella/crds/b.yaml", "other.yaml")) == {}


@pytest.mark.parametrize(
    ("text", "title"),
    [("front", "front"), (" a \n b ", "a b"), ("a\u202eb", ""), ("x" * 61, "x" * 59 + "…"), ("x" * 60, "x" * 60)],
)
def test_a_title_is_one_line_that_a_graph_may_have(text: str, title: str):
    assert title_of(text) == title
    assert len(title) <= GROUP_MOST
