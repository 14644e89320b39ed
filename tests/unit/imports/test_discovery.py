"""What is found in a tree of files, within bounds of time and memory whatever the tree."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Mapping

import pytest

from imports.discovery import Found, check_choice, discover
from kubeorch.base.errors import InvalidInput
from tests.support.proportion import assert_in_proportion

COMPOSE = b"services: {web: {image: 'nginx:1.27', volumes: ['./conf:/etc/nginx/conf.d']}}\n"
CONFIGMAP = b"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"
CHART = b"apiVersion: v2\nname: shop\nversion: 1.0.0\n"


def found_in(
    files: Mapping[str, bytes], *, below: str = "", check: Callable[[], None] = lambda: None
) -> dict[tuple[str, str], Found]:
    return {(one.type, one.path): one for one in discover(files, files.get, check, below=below)}


def test_each_thing_is_found_once_with_the_files_that_it_needs() -> None:
    found = found_in(
        {
            "README.md": b"",
            "app/compose.yaml": COMPOSE,
            "app/compose.prod.yaml": b"services: {web: {env_file: [prod.env]}}\n",
            "app/prod.env": b"A=1\n",
            "app/conf/site.conf": b"x",
            "app/unused.txt": b"x",
            "charts/shop/Chart.yaml": CHART,
            "charts/shop/charts/db/Chart.yaml": CHART,
            "charts/shop/templates/a.yaml": CONFIGMAP,
            "k8s/a.yaml": CONFIGMAP,
            "k8s/notes.yaml": b"a: 1\n",
            "node_modules/x/compose.yaml": COMPOSE,
            "app/Dockerfile": b"FROM scratch\n",
        }
    )
    assert sorted(found) == [
        ("chart", "charts/shop"),
        ("compose", "app"),
        ("dockerfile", "app/Dockerfile"),
        ("manifests", "k8s"),
    ]
    compose = found["compose", "app"]
    assert (compose.merged, compose.taken) == (("app/compose.prod.yaml", "app/compose.yaml"), ("app/compose.yaml",))
    assert compose.files == ("app/compose.prod.yaml", "app/compose.yaml", "app/conf/site.conf", "app/prod.env")
    assert len(found["chart", "charts/shop"].files) == 3
    assert found["manifests", "k8s"].files == ("k8s/a.yaml",)


def test_what_others_read_says_so_and_comes_after_them() -> None:
    """What lies in a folder that is mounted is still a project of its own."""
    base = b"resources: [a.yaml]\n"
    files = {
        "deploy/compose.yaml": b"include: [exp/compose.yaml]\nservices: {web: {image: a, volumes: ['..:/all']}}\n",
        "deploy/exp/compose.yaml": COMPOSE,
        "other/compose.yaml": COMPOSE,
        "kust/base/kustomization.yaml": base,
        "kust/base/a.yaml": CONFIGMAP,
        "kust/prod/kustomization.yaml": b"resources: [../base]\n",
    }
    found = found_in(files)
    assert {key: one.part_of for key, one in found.items()} == {
        ("compose", "deploy"): "",
        ("compose", "other"): "",
        ("kustomize", "kust/prod"): "",
        ("compose", "deploy/exp"): "Compose project deploy",
        ("kustomize", "kust/base"): "Kustomization kust/prod",
        ("manifests", "kust/base"): "Kustomization kust/base",
    }
    assert [bool(one.part_of) for one in found.values()] == [False, False, False, True, True, True]


def test_a_project_whose_variables_must_be_set_still_shows_what_it_needs() -> None:
    text = b"services: {web: {image: 'a:${TAG:?}', volumes: ['${CONF:?where}/x:/x', './y:/y']}}\n"
    found = found_in({"compose.yaml": text, ".env": b"CONF=./conf\n", "conf/x": b"1", "y/z": b"2"})
    assert found["compose", ""].files == (".env", "compose.yaml", "conf/x", "y/z")


WITH_VARIABLES = b"""
services:
  web:
    image: a
    env_file: "${STAGE:-dev}.env"
    extends: {file: "base-${STAGE:-dev}.yaml", service: web}
    volumes:
      - ./conf/${STAGE:-dev}.conf:/etc/x.conf
      - ./certs-${STAGE:-dev}-${ZONE:-eu}:/certs
      - ./${STAGE}/own:/own
    ports: ["${PORT:-80}:80"]
"""
VARYING = {
    "compose.yaml": WITH_VARIABLES,
    **{f"base-{one}.yaml": f"services: {{web: {{volumes: ['./{one}.txt:/a']}}}}".encode() for one in ("dev", "prod")},
    **dict.fromkeys(("dev.txt", "prod.txt", "conf/dev.conf", "conf/prod.conf", "conf/notes.md"), b"x"),
    **dict.fromkeys(("certs-dev-eu/a", "certs-prod-us/deep/a", "certs/a", "prod/own/a", "prod/other"), b"x"),
    **dict.fromkeys(("dev.env", "prod.env", ".envrc"), b"A=1"),
}


def test_what_paths_with_variables_may_be_is_kept_as_well() -> None:
    found = found_in(VARYING)["compose", ""]
    left_out = {"certs/a", "prod/other", "conf/notes.md", "prod.txt", ".envrc"}
    assert set(VARYING) - set(found.files) == left_out
    assert not found.why_not


def test_a_number_in_the_same_variable_hides_no_path() -> None:
    text = WITH_VARIABLES.replace(b"${PORT:-80}:80", b"${PORT:-80}:80/tcp")
    found = found_in({**VARYING, "compose.yaml": text})["compose", ""]
    assert {"conf/prod.conf", "prod.env", "certs-prod-us/deep/a"} <= set(found.files)


def test_what_is_needed_for_sure_is_kept_where_there_is_no_room_for_more() -> None:
    text = b"services: {web: {image: a, volumes: ['./data-${STAGE:-dev}:/x', './${WHERE:-conf}:/y']}}\n"
    files = {"compose.yaml": text, "data-dev/a": b"1", "conf/a": b"1", "lfs-prod/b": b"1"}
    many = {f"data-prod/{number}": b"1" for number in range(1_200)}
    found = found_in({**files, **many})["compose", ""]
    assert (found.files, found.why_not) == (("compose.yaml", "conf/a", "data-dev/a"), "")


def test_below_a_folder_alone_is_looked_for_and_compose_may_use_all() -> None:
    files = {
        "compose.yaml": COMPOSE,
        "app/compose.yaml": b"services: {web: {image: a, volumes: ['../conf:/x']}}\n",
        "conf/a": b"1",
    }
    found = found_in(files, below="app")
    assert {key: one.files for key, one in found.items()} == {("compose", "app"): ("app/compose.yaml", "conf/a")}


HARMFUL: dict[str, tuple[int, Callable[[int], Mapping[str, bytes]]]] = {
    "20,000 charts": (20_000, lambda many: {f"c{number}/Chart.yaml": CHART for number in range(many)}),
    "deep paths": (
        20_000,
        lambda many: {"compose.yaml": COMPOSE, **{f"{'d/' * 140}{number}.txt": b"" for number in range(many)}},
    ),
    "8,000 variables that must be set": (
        8_000,
        lambda many: {
            "compose.yaml": b"services: {}\nx-a: [%s]\n" % b",".join(b"'${A%d:?x}'" % n for n in range(many))
        },
    ),
    "2,000 projects": (2_000, lambda many: {f"{n}/compose.yaml": COMPOSE for n in range(many)}),
}


@pytest.mark.parametrize("name", HARMFUL)
def test_a_tree_that_means_harm_takes_little_memory_and_time_in_proportion(name: str) -> None:
    asked = 0

    def check() -> None:
        nonlocal asked
        asked += 1

    many, tree = HARMFUL[name]
    files = tree(many)
    tracemalloc.start()
    found_in(files, check=check)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 120_000_000
    assert asked > 0
    trees = {count: tree(count) for count in (many // 8, many // 4)}
    assert_in_proportion(lambda count: found_in(trees[count]), size=many // 8)


def test_looking_ends_when_it_is_told_to() -> None:
    class Enough(Exception):
        pass

    left = 50

    def check() -> None:
        nonlocal left
        left -= 1
        if left == 0:
            raise Enough

    with pytest.raises(Enough):
        found_in({f"{n}/compose.yaml": COMPOSE for n in range(100)}, check=check)


def test_only_what_was_found_and_can_be_read_is_chosen() -> None:
    row = {"type": "compose", "path": "a", "files": ["a/x.yaml", "a/y.yaml"], "why_not": ""}
    docker = {"type": "dockerfile", "path": "Dockerfile", "files": [], "why_not": "no"}
    folders = [
        {"type": "manifests", "path": path, "files": [], "why_not": why} for path, why in (("b", ""), ("c", "no"))
    ]
    found = [row, docker, *folders]
    assert check_choice(found, "compose", ["a/y.yaml", "a/x.yaml"]) == "compose"
    assert check_choice(found, "manifests", ["b"]) == "manifests"
    for type_, paths in (
        *(("compose", ["b/x.yaml"]), ("compose", []), ("manifests", ["c"]), ("manifests", ["b", "z"])),
        *(("dockerfile", ["Dockerfile"]), ("chart", ["b"])),
    ):
        with pytest.raises(InvalidInput):
            check_choice(found, type_, paths)
