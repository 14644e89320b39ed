"""A Dockerfile is read as BuildKit reads it."""

# ruff: noqa: E501 - tables
from __future__ import annotations

import pytest

from builds.domain.detection.detect import detect
from builds.domain.detection.dockerfile import parse
from builds.domain.detection.dockerfiles import facts_of, is_floating
from tests.unit.builds.detection.samples import first_of


def words(text: str) -> list[tuple[int, str, str]]:
    return [(one.line, one.word, one.text) for stage in parse(text).stages for one in stage.instructions]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("FROM a\nrun x", [(2, "RUN", "x")]),
        ("FROM a\n  RUN x \\\n  y", [(2, "RUN", "x   y")]),
        ("FROM a\nRUN x \\  \n# a comment\n\n  y\nUSER 1", [(2, "RUN", "x   y"), (6, "USER", "1")]),
        ("FROM a\nRUN x \\\\\nUSER 1", [(2, "RUN", "x \\\\"), (3, "USER", "1")]),
        ("# escape=`\nFROM a\nRUN dir c:\\\nRUN x `\n y", [(3, "RUN", "dir c:\\"), (4, "RUN", "x  y")]),
        ("# a\n# escape=`\nFROM a\nRUN x \\\n y", [(4, "RUN", "x  y")]),
        ("FROM a\nRUN <<EOF\nUSER root\nEOF\nUSER 1", [(2, "RUN", "<<EOF"), (5, "USER", "1")]),
        ("FROM a\nRUN <<-EOF cat\n\tUSER root\n\tEOF\nUSER 1", [(2, "RUN", "<<-EOF cat"), (5, "USER", "1")]),
        ("FROM a\nCOPY <<'A' <<\"B\" /x/\n1\nA\n2\nB\nUSER 1", [(2, "COPY", "<<'A' <<\"B\" /x/"), (7, "USER", "1")]),
        ('FROM a\nRUN ["cat", "<<EOF"]\nUSER 1', [(2, "RUN", '["cat", "<<EOF"]'), (3, "USER", "1")]),
        ("FROM a\nENV A <<EOF\nUSER 1", [(2, "ENV", "A <<EOF"), (3, "USER", "1")]),
        ("FROM a\nRUN echo $((1<<2))\nUSER 1", [(2, "RUN", "echo $((1<<2))"), (3, "USER", "1")]),
        ("FROM a\nONBUILD RUN <<E\nUSER 2\nE\nUSER 1", [(2, "ONBUILD", "RUN <<E"), (5, "USER", "1")]),
        ("FROM a\r\nRUN x \\\r\n y\r\nUSER 1\r\n", [(2, "RUN", "x  y"), (4, "USER", "1")]),
    ],
)
def test_lines_are_joined_and_texts_are_set_apart(text: str, expected: list[tuple[int, str, str]]) -> None:
    assert words(text) == expected


def test_heredocs_have_their_bodies() -> None:
    one = parse("FROM a\nCOPY <<A <<-B /x/\n1\n2\nA\n\t\t3\n\tB\n").stages[0].instructions[0]
    assert one.heredocs == ("1\n2", "3")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", (0, "it has no FROM")),
        ("RUN x\nFROM a", (1, "RUN stands above the first FROM")),
        ("FROM a b", (1, "FROM is followed by an image, and may end in AS and a name")),
        ("FROM a\nRUN <<EOF\nx", (2, "the here-document EOF does not end")),
        ("# escape=x\nFROM a", (1, "the escape character is \\ or `")),
    ],
)
def test_what_makes_no_sense_is_told_with_its_line(text: str, problem: tuple[int, str]) -> None:
    assert problem in parse(text).problems


def test_arguments_above_the_first_from_name_images() -> None:
    text = "ARG V=22\nARG BASE=node:${V}-slim\nFROM ${BASE} AS build\nFROM node:${V:-20}${X:+no}\n"
    assert facts_of(parse(text)).base_images == ("node:22-slim", "node:22")


def test_a_stage_has_what_those_that_it_is_built_on_say() -> None:
    text = "FROM a:1 AS base\nARG P=80\nEXPOSE $P 81/udp 82/tcp\nUSER app\nFROM base AS prod\nFROM prod\nUSER 7\n"
    facts = facts_of(parse(text))
    assert (facts.ports, facts.user, facts.targets) == ((80, 82), "7", ("base", "prod"))
    assert facts_of(parse(text), "prod").user == "app"
    assert facts_of(parse("FROM a AS b\nFROM b AS b\nFROM b\nUSER 1"), "").user == "1"


def test_secrets_and_arguments_are_named() -> None:
    text = "ARG A\nFROM a\nARG A=1\nARG TARGETARCH B='x y' C\nRUN --mount=type=secret,id=tok,required=true --mount=type=secret,target=/run/k x\n"
    facts = facts_of(parse(text))
    assert (facts.secrets, facts.secret_lines) == (("tok", "k"), (5, 5))
    assert [(one.name, one.default) for one in facts.arguments] == [("A", "1"), ("B", "x y"), ("C", None)]


@pytest.mark.parametrize(
    ("image", "floats"),
    [
        *(("nginx", True), ("nginx:latest", True), ("host:5000/a/b", True), ("a/b:latest", True)),
        *(("nginx:1.28", False), ("host:5000/a:1", False), ("a@sha256:0", False), ("scratch", False)),
    ],
)
def test_an_image_without_a_version_is_one_that_may_change(image: str, floats: bool) -> None:
    assert is_floating(image) is floats


def test_a_base_image_without_a_version_and_root_are_warned_of() -> None:
    said = [
        (one.text.split(";")[0], one.line)
        for one in first_of({"Dockerfile": "FROM scratch AS x\nFROM nginx:latest\n"}).warnings
    ]
    assert said == [
        ("nginx:latest may be another image at every build", 2),
        ("no USER is set, so that it may run as root", 2),
    ]


def test_a_context_that_has_what_is_copied_is_found() -> None:
    at_top = first_of({"deploy/Dockerfile": "FROM a:1\nCOPY go.mod src ./\n", "go.mod": "", "src/x.go": ""})
    assert (at_top.root, at_top.dockerfile) == ("", "deploy/Dockerfile")
    beside = first_of({"api/Dockerfile": "FROM a:1\nCOPY go.mod ./\n", "api/go.mod": "", "go.mod": ""})
    assert (beside.root, beside.dockerfile) == ("api", "Dockerfile")
    nowhere = first_of({"api/Dockerfile": "FROM a:1\nCOPY dist ./\n"})
    assert "root" in {one.field for one in nowhere.questions}


def test_what_lies_at_the_top_without_a_name_is_called_as_its_repository() -> None:
    files = {"Dockerfile": "FROM debian:13\n", "api/Dockerfile": "FROM debian:13\n"}
    listing = {path: len(text) for path, text in files.items()}
    assert [one.name for one in detect(listing, files.get, called="Shop.Front").proposals] == ["shop-front", "api"]
    assert [one.name for one in detect(listing, files.get, called="api").proposals] == ["api", "api-2"]
    assert detect(listing, files.get).proposals[0].name == "app"
