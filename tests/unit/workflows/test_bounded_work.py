"""Checking what people send takes work in proportion to its length, and no more than the limits allow."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from typing import Any

import pytest

from kubeorch.base.errors import InvalidInput
from tests.support.proportion import assert_in_proportion
from tests.support.steps import counted_steps
from tests.unit.kinds.samples import a_node, the_catalog
from workflows.domain.graphs.check import check, check_fields
from workflows.domain.graphs.limits import MAX_VALUES, MAX_YAML_CHARACTERS, MAX_YAML_VALUES
from workflows.domain.graphs.read_graph import parse_graph
from workflows.domain.graphs.variables import parse_variables
from workflows.domain.kinds.field_problems import MAX_PROBLEMS
from workflows.domain.kinds.formats import FORMATS
from workflows.domain.kinds.parameter_fill import MAX_TEXT
from workflows.domain.kinds.parameters import Parameter
from workflows.domain.rendering.render import preview_graph

TEXTS: dict[str, Callable[[int], str]] = {
    "many kinds": lambda n: "# Secret\ndata:\n - ]['" + " kind:" * n,
    "many kinds with variables": lambda n: "]" + "kind: ${ " * n,
    "many kinds behind tags": lambda n: "] ${A}" + "kind: &&&&&&&&&& " * n,
    "many open variables": lambda n: "]" + "${" * n,
    "many variables": lambda n: "a: '" + "${A} " * n + "'",
    "many unknown variables": lambda n: "a: '" + " ".join(f"${{V{i}}}" for i in range(n)) + "'",
    "many escapes": lambda n: "] Secret\\x" + "\\u0053" * n,
    "many backslashes": lambda n: "]" + "\\" * n,
    "many folded lines": lambda n: "]" + "\\\n  " * n,
    "many secrets": lambda n: "]" + "secret  " * n,
    "spaces after secret": lambda n: "] secret" + " " * n,
    "many anchors": lambda n: "\n".join(f"a{i}: &a{i} x" for i in range(n)),
    "many aliases": lambda n: "a: &a 1\nb: [" + "*a," * (n // 20) + "]",
    "long keys": lambda n: "k" * n + ": 1",
    "many keys": lambda n: "\n".join(f"k{i}: Secret" for i in range(n // 4)),
    "equal long keys": lambda n: ("k" * n + ": 1\n") * 2,
    "deep nesting": lambda n: "[" * n,
    "many dashes": lambda n: "- " * n,
    "a long line": lambda n: "a: " + "x " * n,
    "a long comment": lambda n: "#" * n + "\nkind: Secret",
    "many quotes": lambda n: "'\"" * n,
    "many lines": lambda n: "\n" * n,
    "many documents": lambda n: "---\n" * n,
    "many merges": lambda n: "a: &a {x: 1}\nb: {<<: [" + "*a," * (n // 20) + "]}",
    "a long number": lambda n: "a: " + "1" * n,
    "many dots": lambda n: "." * n,
    "many slashes": lambda n: "a/" * n,
    "many commas": lambda n: "1," * n,
    "many colons": lambda n: "1:" * n,
    "many stars": lambda n: "* " * n,
    "many percents": lambda n: "1%" * n,
    "many durations": lambda n: "1m" * n + "!",
    "letters and dashes": lambda n: "a-" * n + "!",
    "an image without an end": lambda n: "a/a" * n + ":!",
    "dashes in an image": lambda n: "a" + "-" * n + "!",
    "underscores in an image": lambda n: "a__" * n + "!",
    "spaces": lambda n: " " * n,
}


def sample_values(parameter: Parameter, text: str, many: int) -> Iterator[Any]:
    """Values that make the check of a parameter work: the text, many of it, and what has the wrong type."""
    yield text
    yield [text[:200] + str(i) for i in range(many)]
    yield {f"{i}{text[:60]}": text[:200] for i in range(many)}
    if parameter.type == "object":
        yield {f"{one.name}{i}": text[:50] for one in parameter.fields for i in range(many)}
        for one in parameter.fields:
            yield from ({one.name: value} for value in sample_values(one, text[: many * 4], many // 10))
    if parameter.type == "list" and parameter.item is not None:
        yield [value for value in sample_values(parameter.item, text[:30], 3) for _ in range(many // 2)]
        if parameter.unique_by:
            yield [{parameter.unique_by.split(",")[0]: text[:20]} for _ in range(many)]


def judged(*nodes: dict[str, Any]) -> list[str]:
    """Read, check and render as a save and a preview do; the codes of all problems."""
    try:
        graph = parse_graph({"nodes": list(nodes), "edges": []}, the_catalog())
    except InvalidInput as error:
        return [one.code for one in error.problems]
    problems = check_fields(graph, the_catalog())
    problems += check_fields(graph, the_catalog(), variables={"A": "b"})
    preview_graph(graph, the_catalog(), namespace="x", variables={"A": "b"})
    return [one.code for one in problems]


@pytest.mark.parametrize("name", TEXTS)
def test_yaml_of_a_manifest_and_of_a_patch_is_judged_in_proportion_to_its_length(name: str):
    text = TEXTS[name]
    for make in (
        lambda n: [a_node("manifest", "m", manifest=text(n))],
        lambda n: [a_node("deployment", "d", patch=text(n))],
        lambda n: [a_node("secret", "s", keys=["a"], patch=text(n))],
        lambda n: [a_node("manifest", "m", manifest={"kind": "x"}, other=text(n))],
    ):
        assert_in_proportion(lambda n, make=make: judged(*make(n)))


@pytest.mark.parametrize("name", TEXTS)
def test_every_format_is_checked_in_proportion_to_the_length(name: str):
    for rule in FORMATS.values():
        assert_in_proportion(lambda n, rule=rule: rule.accepts(TEXTS[name](n)[: rule.longest]), size=1_000)


def declared_first(kind: str) -> list[Parameter]:
    """The parameters of a kind that no kind before it declares in the same way."""
    seen: set[str] = set()
    for other in the_catalog().kinds.values():
        new = [one for one in other.parameters if repr(one) not in seen]
        if other.id == kind:
            return new
        seen |= {repr(one) for one in new}
    raise AssertionError(kind)


@pytest.mark.parametrize("kind", the_catalog().kinds)
def test_every_parameter_is_checked_in_proportion_to_its_length(kind: str):
    for parameter in declared_first(kind):
        if parameter.name == "init_containers":
            continue  # the same shared part as sidecars
        for text in ("kind: ${A} ",) if parameter.type in ("list", "object") else ("x ", "kind: ${A} "):

            @cache
            def samples(n: int, parameter: Parameter = parameter, text: str = text) -> list[dict[str, Any]]:
                values = sample_values(parameter, text * n, n)
                return [a_node(kind, "one", **{parameter.name: value}) for value in values]

            for index in range(len(samples(100))):

                def work(n: int, samples: Any = samples, index: int = index) -> None:
                    judged(samples(n)[index])

                assert_in_proportion(work, size=100, timed=False)


def test_names_are_checked_in_proportion_to_their_length():
    for kind in the_catalog().kinds:
        assert_in_proportion(lambda n, kind=kind: judged(a_node(kind, "a-" * n, id="a")), size=2_000)


def test_variables_are_checked_in_proportion_to_their_number():
    def work(n: int) -> None:
        with suppress(InvalidInput):
            parse_variables({f"A{i}": {"type": "string", "value": "x" * n} for i in range(n)})

    assert_in_proportion(work, size=500)


def test_unknown_parameters_are_named_in_bounded_number_and_work():
    unknown = {f"replica{i}": 1 for i in range(20_000)}
    with counted_steps() as steps:
        codes = judged(a_node("deployment", "web", **unknown), a_node("secret", "s", **{"k" * 900 + "x": 1}))
    assert steps.count < 500_000
    assert codes == ["graph.secret_values"]
    assert len(judged(a_node("deployment", "web", **unknown))) <= 50


@pytest.mark.parametrize(
    "nodes",
    [
        [{"id": "A b", "kind": "service"}] * 4_000,
        [{"id": f"n{i}", "kind": "gone", "name": "x"} for i in range(4_000)],
        [a_node("deployment", f"d{i}", id=f"d{i}", image="no spaces allowed") for i in range(1_000)],
        [{"id": "a", "kind": "service", "name": "x", **{f"key{i}": 1 for i in range(5_000)}}],
        [a_node("deployment", "d", env={f"{i}": 1 for i in range(1_000)})],
        [a_node("deployment", "d", ports=[{f"n{j}": 1 for j in range(40)} for _ in range(1_000)])],
        [a_node("configmap", "d", data={f"a{i}": "\0" for i in range(5_000)})],
    ],
)
def test_the_problems_of_a_graph_are_bounded_in_number_and_size(nodes: list[Any]):
    try:
        problems = check_fields(parse_graph({"nodes": nodes, "edges": []}, the_catalog()), the_catalog())
    except InvalidInput as error:
        problems = list(error.problems)
    assert 0 < len(problems) <= MAX_PROBLEMS + 1
    assert max(len(one.detail) for one in problems) <= 1_500


TOO_LARGE = {
    "text": [a_node("manifest", f"m{i}", id=f"m{i}", manifest="#" * MAX_TEXT) for i in range(9)],
    "values": [a_node("configmap", f"c{i}", id=f"c{i}", data={f"k{j}": "" for j in range(1000)}) for i in range(301)],
    "yaml": [a_node("manifest", f"m{i}", id=f"m{i}", manifest="a: [" + "1," * 90_000 + "]") for i in range(3)],
    "patches": [a_node("configmap", f"m{i}", id=f"m{i}", patch="a: [" + "1," * 90_000 + "]") for i in range(3)],
    "undeclared": [a_node("configmap", f"m{i}", id=f"m{i}", other="a: [" + "1," * 90_000 + "]") for i in range(3)],
    "aliases": [
        a_node("manifest", f"m{i}", id=f"m{i}", manifest="a: &a [1,1,1,1]\nb: [" + "*a," * 400 + "]")
        for i in range(200)
    ],
}


@pytest.mark.parametrize("what", TOO_LARGE)
def test_a_graph_beyond_the_limits_is_refused_before_anything_of_it_is_parsed(what: str):
    with counted_steps() as steps:
        codes = judged(*TOO_LARGE[what])
    assert codes == ["graph.too_large"]
    assert steps.count < 100_000, "its size is counted, nothing is parsed"


def test_a_text_beyond_its_limit_is_refused_before_it_is_searched():
    text = "# Secret\ndata:\n - ]['" + " kind:" * 200_000
    with counted_steps() as steps:
        assert judged(a_node("manifest", "m", manifest=text)) == ["value.too_long"]
        assert judged(a_node("configmap", "m", patch=text)) == ["value.too_long"]
    assert steps.count < 1_000


def test_the_largest_graphs_within_the_limits_take_seconds_at_most():
    """The steps of a second; the measured time is far below a limit that only a loop without bound would reach."""
    half = "a: [" + "1," * 55_000 + "]"
    assert MAX_YAML_VALUES > 2 * 55_000
    assert MAX_VALUES >= 200_000
    assert MAX_YAML_CHARACTERS >= 2_000_000
    with counted_steps() as steps:
        codes = judged(*(a_node("manifest", f"m{i}", id=f"m{i}", manifest=half) for i in range(2)))
    assert "graph.too_large" not in codes
    assert steps.count < 12_000_000


def test_warnings_hide_no_error_and_keep_no_graph_from_running_however_many_there_are() -> None:
    nodes = [a_node("service", f"s{number}", ports=[{"port": 80}]) for number in range(MAX_PROBLEMS + 50)]
    found = check(parse_graph({"nodes": nodes, "edges": []}, the_catalog()), the_catalog())
    assert {one.severity for one in found} == {"warning"}
    assert (len(found), found[-1].code) == (MAX_PROBLEMS + 1, "graph.many_problems")
    wrong = a_node("deployment", "web", id="web", image="")
    found = check(parse_graph({"nodes": [*nodes, wrong], "edges": []}, the_catalog()), the_catalog())
    assert [one.node_ids for one in found if one.severity == "error"] == [("web",)]
