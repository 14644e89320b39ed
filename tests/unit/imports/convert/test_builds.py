"""Images that a project builds: sources of the repository of its files, or images that are there."""

from __future__ import annotations

import json
from typing import Any

import pytest

from builds.domain import sources as rules
from imports.building import build_rows
from imports.domain.compose.load import load
from imports.domain.convert import build_places, builds
from imports.domain.convert.build_values import BuildSource, Origin
from imports.domain.convert.conversion import Conversion, convert
from imports.domain.convert.decisions import AnswerInvalid
from imports.domain.exporting.compose import compose_file
from imports.domain.ledger import Ledger
from imports.domain.sources import Files
from tests.unit.imports.convert.apps import graph_of
from tests.unit.kinds.samples import the_catalog
from workflows.domain.graphs.built_images import wanted_images
from workflows.domain.images import BuiltImage
from workflows.domain.rendering.render import render_graph

REPOSITORY = "https://git.example.com/shop/shop.git"
ORIGIN = Origin(REPOSITORY, "main")


def of_git(
    text: str,
    answers: dict[str, str] | None = None,
    at: str = "compose.yaml",
    origin: Origin | None = ORIGIN,
    **files: bytes,
) -> Conversion:
    tree = Files({at: f"name: shop\n{text}".encode(), **files})
    return convert(load(tree, [at], folder_name="shop"), tree, answers or {}, origin)


def service(build: str, *more: str) -> str:
    return "\n".join(["services:", "  web:", f"    build: {build}", *(f"    {line}" for line in more)])


def the_source(conversion: Conversion) -> BuildSource:
    [found] = conversion.sources
    return found


def entry(ledger: Ledger, *path: Any) -> tuple[str, str]:
    [found] = [one for one in ledger.entries if one.path == path]
    return found.outcome.value, found.why


def images_of(conversion: Conversion) -> dict[str, str]:
    """What each container runs where every source was built; sources by the name of theirs."""
    graph = graph_of(conversion)
    built = {
        node_id: BuiltImage(one.source, f"built/{one.source}@sha256:{'0' * 64}", "", "", "1", 1, "")
        for node_id, one in wanted_images(graph, the_catalog()).items()
    }
    rendered = render_graph(graph, the_catalog(), namespace="shop", variables={}, images=built)
    pods = [one.manifest["spec"]["template"]["spec"] for one in rendered if "template" in one.manifest.get("spec", {})]
    containers = [each for pod in pods for key in ("initContainers", "containers") for each in pod.get(key, ())]
    return {each["name"]: each["image"].partition("@")[0] for each in containers}


def test_what_is_built_becomes_a_source_that_gives_its_image():
    build = "{context: ./apps/web, dockerfile: prod.Dockerfile, target: run, args: {MODE: prod}}"
    conversion = of_git(service(build, "ports: ['8080:80']"))

    found = the_source(conversion)
    assert (found.name, found.place.repository, found.place.ref, found.place.root) == (
        "shop-web",
        REPOSITORY,
        "main",
        "apps/web",
    )
    assert (found.place.dockerfile, found.place.target, found.args) == ("prod.Dockerfile", "run", {"MODE": "prod"})
    node = conversion.draft.nodes[found.node_id]
    assert (node.kind, node.parameters, node.place and node.place.line) == ("source", {"source": "shop-web"}, 4)
    assert images_of(conversion) == {"web": "built/shop-web"}
    for key in ("context", "dockerfile", "target"):
        outcome, _ = entry(conversion.ledger, "services", "web", "build", key)
        assert outcome == "converted"
    [became] = {
        one
        for row in conversion.ledger.entries
        if row.path == ("services", "web", "build", "context")
        for one in row.became
    }
    assert (became.node_id, became.field) == (found.node_id, "parameters.source")
    assert not conversion.not_built


@pytest.mark.parametrize(
    ("at", "build", "root", "dockerfile"),
    [
        ("compose.yaml", ".", "", "Dockerfile"),
        ("deploy/compose.yaml", "../api", "api", "Dockerfile"),
        ("deploy/compose.yaml", "{context: .., dockerfile: api/Dockerfile}", "", "api/Dockerfile"),
        ("compose.yaml", "{context: ./api, dockerfile: ./x/../Dockerfile.dev}", "api", "Dockerfile.dev"),
        ("compose.yaml", "{context: ./api, dockerfile: ../api/D}", "api", "D"),
    ],
)
def test_the_context_is_the_root_of_the_source(at: str, build: str, root: str, dockerfile: str):
    place = the_source(of_git(service(build), at=at)).place
    assert (place.root, place.dockerfile, place.text) == (root, dockerfile, "")


def test_a_dockerfile_that_the_project_has_or_that_is_outside_of_the_context_is_kept_with_the_source():
    inline = the_source(of_git(service("{context: ., dockerfile_inline: 'FROM scratch'}")))
    assert (inline.place.text, inline.place.dockerfile) == ("FROM scratch", "Dockerfile")
    conversion = of_git(service("{context: ./api, dockerfile: ../D}"), D=b"FROM busybox\n")
    assert the_source(conversion).place.text == "FROM busybox\n"
    outcome, why = entry(conversion.ledger, "services", "web", "build", "dockerfile")
    assert outcome == "approximated"
    assert "outside of the context" in why
    missing = of_git(service("{context: ./api, dockerfile: ../D}"))
    assert missing.sources == ()
    assert "was not brought in" in missing.not_built["web"]


def test_without_a_repository_it_is_asked_for_and_until_then_an_image_is():
    text = service("./web")
    conversion = of_git(text, origin=None)
    asked = {one.id: one.answer for one in conversion.decisions}
    assert asked["build/repository"] == ""
    assert asked["service/web/image"] == "shop-web"
    assert conversion.not_built == {"web": build_places.NO_REPOSITORY}
    outcome, why = entry(conversion.ledger, "services", "web", "build")
    assert (outcome, build_places.NO_REPOSITORY in why) == ("decision", True)

    given = {"build/repository": f"{REPOSITORY}", "build/ref": "v1", "build/folder": "deploy"}
    found = the_source(of_git(text, given, origin=None))
    assert (found.place.repository, found.place.ref, found.place.root) == (REPOSITORY, "v1", "deploy/web")
    above = the_source(of_git(service("../api"), given, origin=None))
    assert above.place.root == "api"
    for id_, wrong in (
        ("build/repository", "https://token@git.example.com/x.git"),
        ("build/repository", "shop"),
        ("build/ref", "a..b"),
        ("build/folder", "../x"),
    ):
        with pytest.raises(AnswerInvalid) as refused:
            of_git(text, {**given, id_: wrong}, origin=None)
        assert refused.value.decision_id == id_


def test_an_image_that_is_there_may_be_used_instead():
    answers = {"service/web/build": "image", "service/web/image": "registry.example.com/web:1"}
    conversion = of_git(service("./web", "image: example/web"), answers)
    assert conversion.sources == ()
    assert images_of(conversion) == {"web": "registry.example.com/web:1"}


@pytest.mark.parametrize(
    ("context", "place"),
    [
        ("https://github.com/team/app.git", ("https://github.com/team/app.git", "", "")),
        ("https://github.com/team/app.git#v2:services/api", ("https://github.com/team/app.git", "v2", "services/api")),
        ("github.com/team/app#main", ("https://github.com/team/app", "main", "")),
        ("git@github.com:team/app.git#:web", ("git@github.com:team/app.git", "", "web")),
    ],
)
def test_a_context_may_name_a_repository_of_its_own(context: str, place: tuple[str, str, str]):
    conversion = of_git(service(f"'{context}'"), origin=None)
    found = the_source(conversion).place
    assert (found.repository, found.ref, found.root) == place
    assert "build/repository" not in {one.id for one in conversion.decisions}


@pytest.mark.parametrize(
    ("context", "why"),
    [
        ("https://example.com/app.tar.gz", "archive"),
        ("git://example.com/app.git", "https or ssh"),
        ("https://me:secret@example.com/app.git", "not a repository that can be read"),
        ("../../x", "outside of the repository"),
    ],
)
def test_what_cannot_be_a_source_says_why_and_names_an_image(context: str, why: str):
    conversion = of_git(service(f"'{context}'"))
    assert conversion.sources == ()
    assert why in conversion.not_built["web"]
    assert "secret@" not in str(conversion.as_json())


def test_services_that_build_the_same_share_one_source_and_so_does_who_names_its_image():
    text = """
services:
  web: {build: {context: ., args: {A: b}}, image: example/app}
  worker: {build: {context: ., args: {A: b}}, command: work}
  cron: {image: example/app, command: cron}
  other: {build: {context: ., args: {A: c}}}
"""
    conversion = of_git(text)
    assert [one.name for one in conversion.sources] == ["shop-web", "shop-other"]
    assert images_of(conversion) == {
        "web": "built/shop-web",
        "worker": "built/shop-web",
        "cron": "built/shop-web",
        "other": "built/shop-other",
    }
    assert "the image that web builds" in entry(conversion.ledger, "services", "cron", "image")[1]


def test_a_secret_argument_is_kept_sealed_unless_somebody_says_that_it_is_none():
    text = service("{context: ., args: {NPM_TOKEN: tok-12345678, MODE: prod}}")
    sealed = the_source(conversion := of_git(text))
    assert (dict(sealed.args), dict(sealed.secrets)) == ({"MODE": "prod"}, {"NPM_TOKEN": "tok-12345678"})
    outcome, why = entry(conversion.ledger, "services", "web", "build", "args", "NPM_TOKEN")
    assert outcome == "approximated"
    assert "type=secret,id=NPM_TOKEN" in why
    assert "tok-12345678" not in str(conversion.as_json())
    plain = the_source(of_git(text, {"build/web/NPM_TOKEN": "plain"}))
    assert plain.args == {"NPM_TOKEN": "tok-12345678", "MODE": "prod"}


def test_the_ledger_says_what_becomes_of_every_key_of_a_build():
    keys = {
        "additional_contexts": "{base: 'docker-image://alpine'}",
        "ssh": "[default]",
        "secrets": "[npm]",
        "cache_from": "[example/cache]",
        "no_cache": "true",
        "tags": "['a:1']",
        "labels": "{a: b}",
        "network": "host",
        "extra_hosts": "['a:1.2.3.4']",
        "privileged": "true",
        "shm_size": "64m",
        "ulimits": "{nofile: 1024}",
        "platforms": "[linux/arm64, linux/amd64]",
    }
    build = "{context: ., " + ", ".join(f"{key}: {value}" for key, value in keys.items()) + "}"
    conversion = of_git(service(build) + "\nsecrets: {npm: {environment: NPM}}")
    found = {key: entry(conversion.ledger, "services", "web", "build", key) for key in keys}
    assert {key for key, (outcome, _) in found.items() if outcome == "converted"} == {"cache_from"}
    assert {key for key, (outcome, _) in found.items() if outcome == "approximated"} == {
        "no_cache",
        "tags",
        "platforms",
    }
    assert all(why for _, why in found.values())
    assert the_source(conversion).platform == "linux/arm64"


def test_a_container_of_a_shared_pod_and_one_that_fills_a_volume_run_the_built_image():
    text = """
services:
  app: {build: ./app, volumes: ['data:/app/data']}
  side: {build: ./side, network_mode: 'service:app'}
  twin: {build: ./app, network_mode: 'service:app', command: twin}
volumes: {data: }
"""
    conversion = of_git(text, {"volume/data/seed/app": "yes"})
    assert images_of(conversion) == {
        "app": "built/shop-app",
        "seed-data": "built/shop-app",
        "side": "built/shop-side",
        "twin": "built/shop-app",
    }


def test_a_value_of_a_secret_stands_in_no_source():
    text = """
services:
  web:
    build: {context: ., dockerfile_inline: "FROM a\\nRUN login hunter2hunter2"}
    environment: {DB_PASSWORD: hunter2hunter2}
"""
    conversion = of_git(text)
    assert conversion.sources == ()
    assert "value of a secret" in conversion.not_built["web"]
    assert "hunter2hunter2" not in str(conversion.as_json())


def test_the_rules_are_those_of_sources():
    assert builds.PLATFORMS == rules.PLATFORMS
    assert builds.ARGS_MOST == rules.ARGS_MOST
    assert build_places.TEXT_MOST == rules.TEXT_MOST
    assert build_places.PATH_MOST == rules.PATH_MOST
    assert (builds.VALUE_MOST, builds.TOGETHER_MOST) == (rules.VALUE_MOST, rules.TOGETHER_MOST)


@pytest.mark.parametrize(
    "build",
    [
        "{context: ., dockerfile: 'docker\\file'}",
        f"{{context: './{'d/' * 300}'}}",
        f"{{context: 'https://github.com/example/shop.git#main:{'d/' * 300}'}}",
        "{context: 'https://github.com/example/shop.git#main:a\\b'}",
        f"{{context: ., dockerfile: '{'d/' * 300}f'}}",
    ],
)
def test_a_place_that_no_source_can_have_is_told_before_anything_is_made(build: str):
    conversion = of_git(f"services: {{web: {{build: {build}, image: 'web:1'}}}}\n")
    assert conversion.sources == ()
    assert "cannot be a path of the repository" in conversion.not_built["web"]


def test_arguments_that_no_source_can_have_are_told_before_anything_is_made():
    large = {f"L{number}": "x" * 30_000 for number in range(20)}
    args = {"BIG": "x" * 40_000, **large, "NPM_TOKEN": "y" * 40_000, "MODE": "fast"}
    conversion = of_git(f"services: {{web: {{build: {{context: ., args: {json.dumps(args)}}}}}}}\n")
    [source] = conversion.sources
    rules.builder_of({"args": source.args})
    assert "MODE" in source.args
    assert not source.secrets
    dropped = {str(one.path[-1]) for one in conversion.ledger.dropped()}
    assert dropped == {*args} - {*source.args}
    assert {"BIG", "NPM_TOKEN", "L19"} <= dropped


def test_exported_as_compose_it_says_how_its_images_are_built_and_comes_back_as_the_same():
    text = """
services:
  web:
    build: {context: ./apps/web, dockerfile: D, target: run, args: {MODE: "a$$b"}, platforms: [linux/arm64]}
    ports: ["8080:80"]
  api: {build: {context: ., dockerfile_inline: "FROM scratch"}}
"""
    before = of_git(text)
    sources = {one.node_id: one for one in before.sources}
    file = compose_file(graph_of(before), the_catalog(), "shop", {}, sources=sources)
    written = Files({"compose.yaml": file.text.encode()})
    services = load(written, ["compose.yaml"]).model["services"]
    assert services["web"]["build"]["context"] == f"{REPOSITORY}#main:apps/web"
    assert "image" not in services["web"]

    after = convert(load(written, ["compose.yaml"]), written, {})
    assert [(one.place, one.platform, one.args) for one in after.sources] == [
        (one.place, one.platform, one.args) for one in sorted(before.sources, key=lambda one: one.name)
    ]


def test_rows_of_images_tell_no_secret_of_their_context() -> None:
    text = """
services:
  a: {build: {context: "https://${GIT_TOKEN}@git.example.com/x.git#${GIT_TOKEN}", target: "${GIT_TOKEN}"}}
  b: {build: "https://user:in-the-address@git.example.com/y.git#main"}
"""
    tree = Files({"compose.yaml": text.encode()})
    project = load(tree, ["compose.yaml"], folder_name="shop", environment={"GIT_TOKEN": "glpat-zzzzzzzzzzzz"})

    a, b = (one.as_json() for one in build_rows(project, convert(project, tree, {}, ORIGIN)))

    assert "zzzz" not in str(a)
    assert "in-the-address" not in str(b)
    assert a["context"].endswith("@git.example.com/x.git#••••••")
    assert b["context"] == "https://••••••@git.example.com/y.git#main"
