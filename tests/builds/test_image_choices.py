"""Tags to choose from with what they name, and what keeps the nodes of a plan's cluster from its images."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bson import ObjectId

from builds.registries.embedded.place import embedded_in
from tests.support.embedded import an_embedded_registry, in_team
from tests.support.people import Person, a_user
from tests.support.registry import Registry, a_registry
from tests.support.workflows import a_cluster, a_node, a_plan, a_workflow, an_environment


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    """With a password."""
    with a_registry(tmp_path_factory.mktemp("closed"), password=True) as running:
        yield running


@pytest.fixture(scope="module")
def public(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    with a_registry(tmp_path_factory.mktemp("public")) as running:
        yield running


@pytest.fixture
def anna(mongo: Any) -> Person:
    return a_user("admin", name="Anna")


@pytest.fixture
def cluster(mongo: Any, anna: Person) -> str:
    made = a_cluster(anna.team_id)
    mongo.clusters.update_one(
        {"_id": ObjectId(made)}, {"$set": {"architectures": [{"name": "amd64", "nodes": 2}, {"name": "", "nodes": 1}]}}
    )
    return made


def add(person: Person, registry: Registry, **more: Any) -> None:
    answer = person.post("registries", {"name": f"r{registry.port}", **registry.given(), **more})
    assert answer.status == 201, answer.body


def choices(person: Person, image: str, query: str = "") -> Any:
    return person.get(f"images/choices?image={image}{query}")


def test_tags_come_with_digest_size_age_and_platforms(anna: Person, closed: Registry, cluster: str) -> None:
    many = closed.push_index("shop/web", "2.0", "amd64", "arm64")
    alone = closed.push("shop/web", "1.0", architecture="arm64", content=b"x" * 5000)
    assert choices(anna, f"{closed.host}/shop/web").status == 400, "nobody has signed in there"
    add(anna, closed)
    found = choices(anna, f"{closed.host}/shop/web", f"&cluster={cluster}")
    assert found.status == 200, found.body
    by_tag = {one["tag"]: one for one in found.body["results"]}
    assert list(by_tag) == ["2.0-arm64", "2.0-amd64", "2.0", "1.0"]
    assert (by_tag["2.0"]["digest"], by_tag["2.0"]["platforms"]) == (many, ["linux/amd64", "linux/arm64"])
    assert by_tag["2.0"]["created_at"] == "2026-11-01T10:00:00.123Z"
    assert by_tag["2.0"]["fit"]["ok"] is True
    assert by_tag["1.0"]["digest"] == alone
    assert 5000 < by_tag["1.0"]["size_bytes"] < 6000
    assert by_tag["1.0"]["fit"]["ok"] is False
    assert "no node can run it (2 amd64)" in by_tag["1.0"]["fit"]["detail"]
    assert all(one["error"] == "" for one in found.body["results"])
    without = choices(anna, f"{closed.host}/shop/web").body["results"]
    assert {one["fit"] for one in without} == {None}


def test_ten_at_a_time_and_a_tag_that_is_no_image_spoils_none(anna: Person, public: Registry) -> None:
    for number in range(12):
        public.push("many/app", f"1.{number}")
    broken = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": []}
    public.push_manifest("many/app", "broken", broken, broken["mediaType"])  # type: ignore[arg-type]
    add(anna, public)
    first = choices(anna, f"{public.host}/many/app", "&limit=100").body
    assert len(first["results"]) == 10
    rest = choices(anna, f"{public.host}/many/app", f"&cursor={first['next']}").body
    assert ([one["tag"] for one in rest["results"]], rest["next"]) == (["1.1", "1.0", "broken"], None)
    assert (rest["results"][2]["platforms"], rest["results"][2]["digest"] != "") == ([], True)
    assert [one["tag"] for one in choices(anna, f"{public.host}/many/app", "&q=1.1").body["results"]] == [
        "1.11",
        "1.10",
        "1.1",
    ]


def test_the_sandbox_fits_everything_and_others_clusters_are_unknown(
    anna: Person, public: Registry, cluster: str
) -> None:
    public.push("one/app", "1", architecture="s390x")
    add(anna, public)
    sandbox = a_cluster(None, shared=True, is_sandbox=True)
    assert choices(anna, f"{public.host}/one/app", f"&cluster={sandbox}").body["results"][0]["fit"] is None
    stranger = a_user("admin")
    assert choices(stranger, "docker.io/a/b", f"&cluster={cluster}").status == 404


def planned(person: Person, cluster: str, **images: str) -> Any:
    """What may keep nodes from the images of a plan, by node."""
    workflow = a_workflow(person, *(a_node(name, image=image) for name, image in images.items()))
    assert person.post(f"workflows/{workflow['id']}/versions", {"name": "first"}).status == 201
    environment = an_environment(person, workflow, cluster)
    answer = person.get(f"plans/{a_plan(workflow, environment['id'], person.team_id)}/pulls")
    assert answer.status == 200, answer.body
    return answer.body


def codes(found: Any) -> dict[str, str]:
    return {one["node_ids"][0]: one["code"] for one in found["warnings"]}


def test_a_plan_is_told_what_its_nodes_cannot_run_or_pull(
    anna: Person, closed: Registry, public: Registry, cluster: str
) -> None:
    closed.push("team/secret", "1")
    public.push("team/good", "1")
    public.push("team/arm", "1", architecture="arm64")
    add(anna, closed, pulls="none")
    add(anna, public)
    found = planned(
        anna,
        cluster,
        good=f"{public.host}/team/good:1",
        arm=f"{public.host}/team/arm:1",
        gone=f"{public.host}/team/good:2",
        secret=f"{closed.host}/team/secret:1",
        silent="127.0.0.1:9/team/web:1",
    )
    assert codes(found) == {"arm": "pull.platform", "gone": "pull.not_found", "secret": "pull.no_account"}
    assert (found["images"], found["unknown"]) == (5, 1)
    details = {one["node_ids"][0]: one["detail"] for one in found["warnings"]}
    assert "the image is for linux/arm64; no node can run it (2 amd64)" in details["arm"]
    assert f"choose in the registry “r{closed.port}” as whom they do" in details["secret"]


def test_an_account_of_nodes_or_a_public_image_is_no_warning(anna: Person, closed: Registry, cluster: str) -> None:
    closed.push("team/secret", "1")
    add(anna, closed, pulls="same")
    assert planned(anna, cluster, secret=f"{closed.host}/team/secret:1")["warnings"] == []


def test_some_nodes_that_cannot_run_an_image_are_told_of(
    anna: Person, public: Registry, cluster: str, mongo: Any
) -> None:
    public.push("team/good", "1")
    add(anna, public)
    mixed = [{"name": "amd64", "nodes": 2}, {"name": "arm64", "nodes": 1}]
    mongo.clusters.update_one({"_id": ObjectId(cluster)}, {"$set": {"architectures": mixed}})
    found = planned(anna, cluster, good=f"{public.host}/team/good:1")
    assert codes(found) == {"good": "pull.some_nodes"}
    assert "2 of 3 nodes can run it" in found["warnings"][0]["detail"]


def test_the_embedded_registry_on_loopback_is_told_of_unless_nodes_are_simulated(
    anna: Person, cluster: str, tmp_path: Path, settings: Any
) -> None:
    settings.DATA_DIR, settings.EMBEDDED_REGISTRY = tmp_path, True
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "kubeorch.example.test"]
    with an_embedded_registry(embedded_in(tmp_path)) as place:
        in_team(place, str(anna.team_id)).push(f"{anna.team_id}/web", "1")
        image = f"{place.address().name}/{anna.team_id}/web:1"
        assert codes(planned(anna, cluster, web=image)) == {"web": "pull.loopback"}
        assert planned(anna, a_cluster(None, is_sandbox=True), web=image)["warnings"] == []
        other = a_user("admin")
        assert codes(planned(other, a_cluster(other.team_id), web=image)) == {"web": "pull.no_account"}


def test_nobody_else_learns_of_a_plan(anna: Person, cluster: str) -> None:
    workflow = a_workflow(anna, a_node())
    environment = an_environment(anna, workflow, cluster)
    plan = a_plan(workflow, environment["id"], anna.team_id)
    assert a_user("admin").get(f"plans/{plan}/pulls").status == 404
    assert anna.get(f"plans/{ObjectId()}/pulls").status == 404
