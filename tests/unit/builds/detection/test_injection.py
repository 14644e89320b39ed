"""No file of a repository, and no value of a person, can put an instruction into a Dockerfile that we write."""

# ruff: noqa: E501 - tables
from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builds.domain.detection.dockerfile import Dockerfile, parse
from builds.domain.detection.plan import LANGUAGES, MANAGERS, Plan, PlanInvalid, plan_of
from builds.domain.detection.writers.lines import HEAD
from builds.domain.detection.written import written
from tests.support.searches import searched
from tests.unit.builds.detection.samples import SAMPLES, found_in

HOSTILE = (
    "x\nRUN touch /pwned",
    "x\r\nUSER root",
    "x\\\nRUN id",
    "x \\",
    "x`",
    "cat <<EOF",
    "<<EOF\nRUN id\nEOF",
    "# escape=`",
    "# syntax=evil.example/frontend",
    "x\u2028RUN id",
    "x\x85RUN id",
    "x\x00",
    "x\vRUN id",
    "x\fRUN id",
    '"] \nRUN id',
    '["a", "b"]',
    "--mount=type=bind,from=evil,target=/x id",
    "--security=insecure id",
    "--network=host id",
    "$(id)",
    "${PATH}",
    "a; id && id | id > /tmp/x",
    "FROM evil",
    "évil 🏴 'x' \"y\"",
    "../../etc/passwd",
    "x" * 5000,
)
ALLOWED = {"FROM", "WORKDIR", "COPY", "RUN", "ENV", "ARG", "USER", "EXPOSE", "CMD"}
IMAGES = (
    "python",
    "node",
    "oven/bun",
    "golang",
    "ruby",
    "php",
    "maven",
    "gradle",
    "eclipse-temurin",
    "nginx",
    "debian",
    "build",
)
PLAIN = {"install": "true", "build": "true", "start": "true", "framework": "x"}


def shape(read: Dockerfile) -> list[tuple[str, int, tuple[str, ...]]]:
    """What a Dockerfile does but for the text of its commands."""
    return [
        (one.word, len(one.heredocs), one.heredocs) for stage in read.stages for one in stage.instructions if one.word
    ]


def assert_unharmed(plan: Plan) -> None:
    text = written(plan).dockerfile
    assert text.startswith(HEAD + "\n")
    read = parse(text)
    assert read.problems == ()
    assert (read.syntax, read.escape) == ("", "\\")
    harmless = {name: value for name, value in PLAIN.items() if getattr(plan, name) and name != "framework"}
    assert shape(read) == shape(parse(written(replace(plan, **harmless)).dockerfile))
    for stage in read.stages:
        assert stage.image.rpartition(":")[0] in IMAGES
        assert {one.word for one in stage.instructions} <= ALLOWED
        for one in stage.instructions:
            mounts = [value for name, value in one.flags if name == "mount"]
            assert all(value.startswith(("type=cache,target=/", "type=secret,id=")) for value in mounts)
            assert {name for name, _ in one.flags} <= {"mount", "from", "chown"}
    commands = [one for one in read.stages[-1].instructions if one.word == "CMD"]
    assert len(commands) == 1
    assert commands[0].text.startswith("[")
    if plan.start and not plan.output and plan.language != "static":
        assert (
            commands[0].words[-1].removeprefix("exec ").split() == plan.start.split()
            or commands[0].words == plan.start.split()
        )


texts = st.one_of(
    st.sampled_from(HOSTILE), st.text(max_size=60), st.text(alphabet="a \\\n\r`<>$\"'[]{}#-=:/.", max_size=40)
)


@st.composite
def plans(draw: st.DrawFn) -> Plan | None:
    """A plan with arbitrary texts in it; None where it is refused, which is as good."""
    language = draw(st.sampled_from(LANGUAGES))
    try:
        return Plan(
            language=language,
            version=draw(st.sampled_from(["3.13", "22", *HOSTILE[:3]])) if language != "static" else "",
            manager=draw(st.sampled_from(MANAGERS[language])),
            install=draw(texts),
            build=draw(texts),
            start=draw(texts),
            app=draw(st.one_of(st.just(""), st.just("apps/web"), texts)),
            output=draw(st.one_of(st.just(""), st.just("dist"), texts)),
            document_root=draw(st.one_of(st.just(""), texts)),
            framework=draw(st.one_of(st.just("Quarkus"), texts)),
            port=draw(st.integers(min_value=-5, max_value=70000)),
            packages=tuple(draw(st.lists(st.one_of(st.just("git"), texts), max_size=2))),
            variables=tuple(draw(st.lists(st.one_of(st.just("API_URL"), texts), max_size=2))),
            secrets=tuple(draw(st.lists(st.one_of(st.just("TOKEN"), texts), max_size=2))),
            files=tuple(draw(st.lists(st.one_of(st.just("a/b.txt"), texts), max_size=2))),
        )
    except PlanInvalid:
        return None


@searched(200)
@given(plans())
def test_whatever_a_plan_holds_its_dockerfile_has_our_instructions_alone(plan: Plan | None) -> None:
    if plan is not None:
        assert_unharmed(plan)


@searched(100)
@given(language=st.sampled_from(LANGUAGES), install=texts, build=texts, start=texts)
def test_commands_that_a_plan_takes_reach_the_shell_as_they_are(
    language: str, install: str, build: str, start: str
) -> None:
    try:
        plan = Plan(
            language=language,
            version="3.1" if language != "static" else "",
            manager=MANAGERS[language][0],
            install=install,
            build=build,
            start=start,
        )  # type: ignore[arg-type]
    except PlanInvalid:
        return
    assert_unharmed(plan)


@searched(100)
@given(sample=st.sampled_from(sorted(SAMPLES)), hostile=texts, seed=st.integers(min_value=0, max_value=10_000))
def test_a_hostile_text_anywhere_in_a_repository_does_no_harm(sample: str, hostile: str, seed: int) -> None:
    files = dict(SAMPLES[sample])
    path = sorted(files)[seed % len(files)]
    text = files[path]
    words = [word for word in text.replace('"', " ").split() if len(word) > 1] or [text or "x"]
    word = words[seed % len(words)]
    inside = json.dumps(hostile)[1:-1] if path.endswith(".json") else hostile
    files[path] = text.replace(word, inside, 1)
    for proposal in found_in(files).proposals:
        if proposal.plan is not None:
            assert_unharmed(proposal.plan)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_hostile_procfile_or_script_is_a_command_or_is_left_out(hostile: str) -> None:
    for files in (
        {"requirements.txt": "flask", "app.py": "app = Flask(__name__)", "Procfile": f"web: {hostile}"},
        {"package.json": json.dumps({"scripts": {"start": hostile, "build": hostile}, "dependencies": {"express": "1"}})},
        {"package.json": json.dumps({"name": hostile, "main": hostile, "dependencies": {"next": hostile}, "engines": {"node": hostile}, "packageManager": f"pnpm@{hostile}"})},
        {f"{hostile}/index.html": "x", f"{hostile}/app/main.py": "app = FastAPI()", f"{hostile}/requirements.txt": hostile},
        {"go.mod": f"module {hostile}\ngo {hostile}", f"cmd/{hostile}/main.go": "package main"},
        {"composer.json": json.dumps({"require": {f"ext-{hostile}": "*", "php": hostile}}), "index.php": ""},
        {"pom.xml": f"<artifactId>{hostile}</artifactId><java.version>{hostile}</java.version>io.quarkus", ".java-version": hostile},
        {"package.json": json.dumps({"workspaces": [hostile, "*"]}), f"{hostile}/package.json": json.dumps({"name": hostile, "dependencies": {"express": "1"}})},
        {"kubeorch.yaml": f"version: 1\nname: a\nlanguage: go\nstart: {json.dumps(hostile)}\nbuild: {json.dumps(hostile)}\n"},
    ):  # fmt: skip
        for proposal in found_in(files).proposals:
            if proposal.plan is not None:
                assert_unharmed(proposal.plan)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"language": "cobol"}, "plan.language"),
        ({}, "plan.language"),
        ({"language": "go", "version": "1.26\nRUN id"}, "plan.version"),
        ({"language": "go", "version": "1.26", "manager": "npm"}, "plan.manager"),
        ({"language": "static", "output": "../x"}, "plan.output"),
        ({"language": "static", "output": "a b"}, "plan.output"),
        ({"language": "static", "port": 0}, "plan.port"),
        ({"language": "static", "port": True}, "plan.port"),
        ({"language": "static", "port": "80"}, "plan.port"),
        ({"language": "static", "variables": ["PATH"]}, "plan.variables"),
        ({"language": "static", "variables": "A"}, "plan.variables"),
        ({"language": "static", "packages": ["--allow"]}, "plan.packages"),
        ({"language": "static", "start": "a\nb"}, "plan.start"),
        ({"language": "static", "fallback": 1}, "plan.fallback"),
        ({"language": "static", "color": "red"}, "plan.color"),
    ],
)
def test_a_value_that_no_plan_may_have_is_refused_by_its_field(values: dict[str, object], field: str) -> None:
    with pytest.raises(PlanInvalid) as refused:
        plan_of(values)
    assert refused.value.problems[0].field == field


def test_a_plan_as_json_is_the_plan_again() -> None:
    plan = found_in(SAMPLES["node-vite-npm"]).proposals[0].plan
    assert plan is not None
    raw = {
        name: list(value) if isinstance(value, tuple) else value
        for name in Plan.__slots__
        for value in [getattr(plan, name)]
    }
    assert plan_of(json.loads(json.dumps(raw))) == plan
