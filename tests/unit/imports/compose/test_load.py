from __future__ import annotations

import pytest

from imports.domain.compose.tree import Fate
from imports.domain.problems import ImportInvalid
from imports.domain.sources import Place
from tests.unit.imports.compose.loading import loaded, web


def test_a_file_in_the_long_syntax_becomes_a_model_with_places():
    project = loaded(
        """
        name: shop
        services:
          web:
            image: nginx
            ports:
              - target: 80
                published: "8080"
            environment:
              A: 1
        """
    )
    assert project.name == "shop"
    assert project.model == {
        "name": "shop",
        "services": {
            "web": {
                "command": None,
                "entrypoint": None,
                "image": "nginx",
                "environment": {"A": "1"},
                "networks": {"default": None},
                "ports": [{"mode": "ingress", "target": 80, "published": "8080", "protocol": "tcp"}],
            }
        },
        "networks": {"default": {"name": "shop_default", "ipam": {}}},
    }
    assert project.places["services", "web", "image"] == Place("compose.yaml", 5, 5)
    assert project.places["services", "web", "ports", 0] == Place("compose.yaml", 7, 9)
    assert project.places["services", "web", "ports", 0, "target"] == Place("compose.yaml", 7, 9)


def test_a_later_file_wins_and_says_what_it_replaced():
    files = {
        "compose.yaml": "services: {web: {image: a, environment: {A: '1', B: '2'}}}",
        "more.yaml": "services: {web: {image: b, environment: [A=3]}}",
    }
    project = loaded(files, "compose.yaml", "more.yaml")
    service = project.model["services"]["web"]
    assert (service["image"], service["environment"]) == ("b", {"A": "3", "B": "2"})
    replaced = {
        (gone.path, gone.place.path, gone.by.path) for gone in project.overridden if gone.fate is Fate.OVERRIDDEN
    }
    assert (("services", "web", "image"), "compose.yaml", "more.yaml") in replaced


def test_variables_come_from_the_env_file_and_from_what_is_given_and_nowhere_else(monkeypatch):
    monkeypatch.setenv("HOME", "/from/this/process")
    files = {
        "compose.yaml": "services: {web: {image: '${IMAGE:-none}:${TAG}', labels: ['home=${HOME}']}}",
        ".env": "TAG=1\nIMAGE=nginx\n",
    }
    project = loaded(files, environment={"TAG": "2"})
    assert project.model["services"]["web"]["image"] == "nginx:2"
    assert project.model["services"]["web"]["labels"] == {"home": ""}
    found = {variable.name: (variable.value, variable.origin) for variable in project.variables}
    assert found == {"HOME": (None, None), "IMAGE": ("nginx", Place(".env", 2, 1)), "TAG": ("2", "given")}


def test_services_of_profiles_that_are_off_are_kept_apart():
    text = "services: {web: {image: a}, debug: {image: b, profiles: [dev]}}"
    project = loaded(text)
    assert list(project.model["services"]) == ["web"]
    assert project.inactive["debug"]["image"] == "b"
    assert list(loaded(text, profiles={"dev"}).model["services"]) == ["web", "debug"]


def test_extends_and_include_bring_in_other_files():
    files = {
        "compose.yaml": """
            include: [sub/compose.yaml]
            services:
              web:
                extends: {file: base/common.yaml, service: base}
                image: nginx
            """,
        "base/common.yaml": "services: {base: {image: x, volumes: ['./data:/data'], restart: always}}",
        "sub/compose.yaml": "services: {db: {image: 'postgres:${V}'}}",
        "sub/.env": "V=16",
    }
    project = loaded(files)
    service = project.model["services"]["web"]
    assert (service["restart"], service["image"]) == ("always", "nginx")
    assert project.relative(service["volumes"][0]["source"]) == "base/data"
    assert project.model["services"]["db"]["image"] == "postgres:16"


def test_an_env_file_fills_the_environment_and_the_own_entries_win():
    files = {
        "compose.yaml": "services: {web: {image: a, env_file: web.env, environment: {A: own}}}",
        "web.env": "A=file\nB=${A}-${C:-c}\n",
    }
    assert web(files)["environment"] == {"A": "own", "B": "own-c"}


@pytest.mark.parametrize("written", ["''", "['']", "[{path: ''}]"])
def test_an_env_file_without_a_name_is_refused_with_its_place(written: str):
    with pytest.raises(ImportInvalid) as caught:
        loaded(f"services: {{web: {{image: a, env_file: {written}}}}}")
    assert caught.value.code == "import.file_missing"
    assert caught.value.place is not None
