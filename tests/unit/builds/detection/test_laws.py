"""Whatever is in a tree: the same answer each time, an answer at all, and no more than the bounds read."""

# ruff: noqa: E501 - tables
from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builds.domain.detection import tree
from builds.domain.detection.detect import PROPOSALS_MOST, detect
from builds.domain.detection.dockerfile import CHARACTERS_MOST, INSTRUCTIONS_MOST, parse
from tests.support.cpu import takes_less_than
from tests.support.searches import searched
from tests.unit.builds.detection.samples import SAMPLES, found_in

NAMES = sorted({path.rpartition("/")[2] for files in SAMPLES.values() for path in files})
names = st.one_of(st.sampled_from(NAMES), st.text(min_size=1, max_size=12).filter(lambda name: "/" not in name))
paths = st.lists(names, min_size=1, max_size=4).map("/".join)
contents = st.one_of(
    st.text(max_size=200),
    st.sampled_from([text for files in SAMPLES.values() for text in files.values()]),
    st.recursive(st.none() | st.text(max_size=5) | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["scripts", "dependencies", "workspaces", "engines", "name", "projects", "require"]) | st.text(max_size=5), inner), max_leaves=10).map(json.dumps),
)  # fmt: skip


@searched(100)
@given(st.dictionaries(paths, contents, max_size=8))
def test_any_tree_has_one_answer(files: dict[str, str]) -> None:
    found = found_in(files)
    assert found == found_in(dict(reversed(files.items())))
    assert len({one.name for one in found.proposals}) == len(found.proposals)
    for one in found.proposals:
        for said in (*one.reasons, *one.warnings):
            assert not said.line or said.line <= files[said.path].count("\n") + 1


@searched(100)
@given(st.text(alphabet="FROM RUNCOPYARGas<=\\`$#{}[]\"'-:\n\t\r", max_size=400))
def test_any_text_is_read_as_a_dockerfile_the_same_way_twice(text: str) -> None:
    assert parse(text) == parse(text)


def test_no_more_than_the_bounds_is_read() -> None:
    read: list[str] = []

    def text_of(path: str) -> str:
        read.append(path)
        return "services: {}\n" + "x" * 20_000

    listing = {
        f"d{number}/{name}": 20_000 for number in range(3000) for name in ("package.json", "Dockerfile", "a.yaml")
    }
    found = detect(listing, text_of)
    assert len(read) <= tree.TEXTS_MOST
    assert len(read) == len(set(read))
    assert sum(20_000 for _ in read) <= tree.CHARACTERS_MOST + 20_013
    assert len(found.proposals) <= PROPOSALS_MOST
    assert any("larger than what is looked at" in warning.text for warning in found.warnings)


def test_a_file_that_is_too_large_is_not_asked_for() -> None:
    detect({"package.json": tree.FILE_MOST_BYTES + 1}, lambda _: pytest.fail("it was read"))


def test_a_file_that_lies_about_its_size_is_cut() -> None:
    found = detect({"Dockerfile": 10}, lambda _: "FROM debian:13\n" + "#" * 10_000_000)
    assert found.proposals[0].builder == "dockerfile"


@pytest.mark.parametrize(
    "text",
    [
        "FROM a\nRUN " + "x \\\n" * 60_000,
        "FROM a\nRUN <<E\n" + "x\n" * 100_000,
        "FROM a\n" + "RUN <<E\n" * 30_000,
        "FROM a\nRUN " + "<<E " * 60_000,
        "FROM ${" * 60_000,
        "ARG A=" + "$A" * 100_000 + "\nFROM $A",
        "# escape=\n" * 20_000,
        "FROM a\nENV " + "a=b " * 60_000,
        "FROM a\nCOPY [" + '"a",' * 60_000,
        "FROM a AS b\n" * 20_000,
        "FROM a\n" + "RUN --mount=type=secret" + ",id=x" * 40_000,
    ],
)
def test_a_hostile_dockerfile_costs_no_more_than_its_length(text: str) -> None:
    assert takes_less_than(1.0, lambda: detect({"Dockerfile": 9}, lambda _: text))
    read = parse(text * 3)
    assert sum(len(stage.instructions) for stage in read.stages) <= INSTRUCTIONS_MOST
    assert len(text * 3) < CHARACTERS_MOST or read.problems


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("package.json", "[" * 200_000),
        ("package.json", '{"scripts":' * 30_000),
        ("pyproject.toml", "a = " + "[" * 100_000),
        ("pyproject.toml", "[" + ".".join("a" * 100_000) + "]\n"),
        ("pyproject.toml", "".join(f"[{'a.' * 150}b{n}]\nx=1\n" for n in range(700))),
        ("pnpm-workspace.yaml", "packages: " + "[" * 100_000),
        ("kubeorch.yaml", "a: &a [x]\nb: " + "[*a]" * 10_000),
        ("kubeorch.yaml", "- " * 50_000),
        ("paasdeploy.json", '{"a":' * 10_000),
        ("Gemfile", "gem 'a'\n" * 30_000),
        ("requirements.txt", "a[" * 100_000),
        ("Procfile", "web: " + " " * 200_000),
        ("pom.xml", "<parent>" * 30_000 + "io.quarkus"),
        ("go.mod", "module x\n" + "go 1.2\n" * 30_000),
        (".nvmrc", "v" * 200_000),
        ("app.py", "a = " * 60_000),
        ("main.go", "package main\n" + "port := " * 30_000),
        ("server.js", "PORT " * 50_000),
        ("src/main/resources/application.yml", "server:\n" + "  a: b\n" * 30_000),
        ("next.config.js", "output: " * 30_000),
        (".env.example", "VITE_A=\n" * 30_000),
        (".env.example", "# " * 100_000),
    ],
)
def test_a_hostile_file_costs_no_more_than_its_length(path: str, text: str) -> None:
    beside = {
        "package.json": '{"dependencies":{"vite":"1","next":"1"},"scripts":{"start":"node server.js"}}',
        "requirements.txt": "flask\n",
        "go.mod": "module x\n",
        "pom.xml": "io.quarkus",
        "Gemfile": "gem 'rails'\n",
    }

    files = beside | {path: text}
    assert takes_less_than(1.0, lambda: found_in(files))


def test_a_large_repository_is_looked_through_at_once() -> None:
    paths = [f"src/p{number % 200}/d{number % 2000}/file{number}.ts" for number in range(20_000)]
    listing = dict.fromkeys(paths, 100) | {"package.json": 10}
    assert takes_less_than(0.15, lambda: detect(listing, {"package.json": '{"dependencies":{"express":"1"}}'}.get))
