"""What is stored of a run gives back objects equal to those that were rendered, and the same plan."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.unit.kinds.samples import ROOT, SAMPLES, a_graph, a_node, sample_node, the_catalog
from workflows.domain.graphs.file import parse_workflow_file
from workflows.domain.graphs.graph import Graph
from workflows.domain.graphs.read_graph import parse_graph
from workflows.domain.rendering.plan import make_plan
from workflows.domain.rendering.render import Rendered, render_graph
from workflows.domain.rendering.secrets import secret_keys
from workflows.environments.owned import owned_after
from workflows.releases.release import compressed, digests_in, pack, unpack

EXAMPLES = sorted((ROOT / "tests" / "examples").glob("*.yaml"))


def rendered(graph: Graph) -> list[Rendered]:
    names = {"namespace": "shop", "environment_id": "e" * 24}
    return render_graph(graph, the_catalog(), **names)


def check_law(graph: Graph) -> None:
    items, keys = rendered(graph), secret_keys(graph, the_catalog())
    packed = pack(items, keys)
    assert set(digests_in(packed.content)) == set(packed.manifests)
    back = unpack(7, packed.content, {digest: compressed(text) for digest, text in packed.manifests.items()})
    assert (back.version, list(back.items), dict(back.secret_keys)) == (7, items, keys)
    assert owned_after(back.items) == owned_after(items), "what holds data, and what needs what"
    assert make_plan(back.items, []) == make_plan(items, [])
    assert pack(back.items, back.secret_keys) == packed
    assert pack(items[::-1], keys).manifests == packed.manifests


@pytest.mark.parametrize("kind", the_catalog().kinds)
def test_every_kind_comes_back_as_it_was_rendered(kind: str) -> None:
    for sample in SAMPLES:
        check_law(a_graph(sample_node(kind, sample)))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_comes_back_as_it_was_rendered(path: Path) -> None:
    _, raw = parse_workflow_file(path.read_text(encoding="utf-8"), the_catalog())
    check_law(parse_graph(raw, the_catalog()))


@pytest.mark.parametrize("value", ["", "é\u2028 😀", "null", "1e3", "ä" * 100_000])
def test_any_text_comes_back(value: Any) -> None:
    check_law(a_graph(a_node("configmap", data={"a": value})))


def test_the_largest_numbers_come_back() -> None:
    text = "apiVersion: example.com/v1\nkind: Big\nspec: {whole: 9223372036854775807, part: 0.1, none: null}\n"
    check_law(a_graph(a_node("manifest", manifest=text)))


def test_a_manifest_that_is_missing_is_not_made_up() -> None:
    packed = pack(rendered(a_graph(a_node("configmap", data={"a": "1"}))), {})
    with pytest.raises(KeyError):
        unpack(1, packed.content, {})
