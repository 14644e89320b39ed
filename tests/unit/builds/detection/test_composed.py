"""What a Compose file says of the images that are built is taken; the variables that applications want are named."""

from __future__ import annotations

import pytest

from tests.unit.builds.detection.samples import found_in

DOCKERFILE = "FROM scratch\nARG MODE\n"
SPEC = "{context: ../api, dockerfile: prod.Dockerfile, target: run, args: {MODE: prod, API_KEY: x, LATER: '${L}'}}"


def test_the_build_of_a_service_names_folder_dockerfile_target_arguments_and_port() -> None:
    compose = f"services:\n  Shop_API:\n    build: {SPEC}\n    ports: ['127.0.0.1:80:9000/tcp']\n  db: {{image: x}}\n"
    found = found_in({"deploy/compose.yaml": compose, "api/prod.Dockerfile": "FROM scratch AS run\nARG MODE\n"})
    (api,) = found.proposals
    assert (api.name, api.root, api.dockerfile, api.port) == ("shop-api", "api", "prod.Dockerfile", 9000)
    assert api.declared is not None
    assert (api.declared.target, dict(api.declared.arguments)) == ("run", {"MODE": "prod"})
    assert [one.field for one in api.questions] == []
    assert any("API_KEY looks like a secret" in one.text for one in found.warnings)


def test_without_a_dockerfile_the_service_gives_its_name_and_port_to_what_is_found() -> None:
    files = {"compose.yaml": "services: {front: {build: ., expose: [8080]}}\n", "index.html": "<h1>x</h1>"}
    (front,) = found_in(files).proposals
    assert (front.name, front.builder, front.port) == ("front", "static", 8080)


def test_our_own_file_counts_before_a_compose_file() -> None:
    files = {
        "kubeorch.yaml": "version: 1\nname: ours\n",
        "compose.yaml": "services: {theirs: {build: .}}\n",
        "Dockerfile": DOCKERFILE,
    }
    assert [one.name for one in found_in(files).proposals] == ["ours"]


@pytest.mark.parametrize(
    "build",
    [
        *("https://github.com/a/b.git", "../..", "/etc", "~/x", "${DIR}", "{dockerfile_inline: FROM scratch}"),
        *("{context: ., dockerfile: ../Dockerfile}", "[a]", "7", "{context: [x]}"),
    ],
)
def test_what_lies_elsewhere_or_makes_no_sense_is_left_to_the_import(build: str) -> None:
    found = found_in({"compose.yaml": f"services: {{web: {{build: {build}}}}}\n", "api/Dockerfile": DOCKERFILE})
    assert [one.dockerfile for one in found.proposals] == ["Dockerfile"]


def test_variables_are_named_with_where_they_stand_and_without_the_values_of_examples() -> None:
    example = "# comment\nexport LOG_LEVEL=info\nDB_PASSWORD=hunter2\nSTRIPE_KEY=sk\nPORT=1\nlog.level=x\nLOG_LEVEL=2\n"
    (app,) = found_in(
        {"Dockerfile": "FROM scratch\nRUN --mount=type=secret,id=NPM_TOKEN true\n", ".env.example": example}
    ).proposals
    assert [(one.name, one.usage, one.is_secret, one.value, one.line) for one in app.needs] == [
        ("NPM_TOKEN", "build", True, "", 2),
        ("LOG_LEVEL", "run", False, "", 2),
        ("DB_PASSWORD", "run", True, "", 3),
        ("STRIPE_KEY", "run", True, "", 4),
    ]


def test_the_values_that_the_repository_declares_are_kept() -> None:
    text = "version: 1\nname: web\nvariables: {build: [A], build_secrets: [B], run: {C: c, DB_PASSWORD: hunter2}}\n"
    (app,) = found_in({"Dockerfile": DOCKERFILE, "kubeorch.yaml": text}).proposals
    assert {one.name: (one.usage, one.is_secret, one.value) for one in app.needs} == {
        "A": ("build", False, ""),
        "B": ("build", True, ""),
        "C": ("run", False, "c"),
        "DB_PASSWORD": ("run", True, ""),
    }
    assert any("DB_PASSWORD looks like a secret" in one.text for one in app.warnings)
