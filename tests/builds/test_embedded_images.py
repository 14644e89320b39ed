"""What a team has in the embedded registry: who uses it, what its removal frees, and that nobody else sees it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bson import ObjectId

from builds.registries.embedded import role
from builds.registries.embedded.place import EmbeddedPlace, embedded_in
from tests.support.built import a_build, a_source
from tests.support.embedded import TeamIn, an_embedded_registry, in_team
from tests.support.people import Person, a_user
from tests.support.wait import until
from tests.support.workflows import a_node, a_workflow, graph_of, save


@pytest.fixture
def anna(mongo: Any) -> Person:
    return a_user("operator", name="Anna")


@pytest.fixture
def place(tmp_path: Path, settings: Any, mongo: Any) -> Iterator[EmbeddedPlace]:
    settings.DATA_DIR, settings.EMBEDDED_REGISTRY = tmp_path, True
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "kubeorch.example.test"]  # no private address is judged fit
    with an_embedded_registry(embedded_in(tmp_path)) as running:
        yield running


@pytest.fixture
def team(place: EmbeddedPlace, anna: Person) -> TeamIn:
    return in_team(place, str(anna.team_id))


def images(person: Person, query: str = "") -> list[dict[str, Any]]:
    answer = person.get(f"registries/embedded/images?sort=repository{query}")
    assert answer.status == 200, answer.body
    return list(answer.body["results"])


def remove(person: Person, *wanted: dict[str, Any], **more: Any) -> Any:
    named = [{"repository": one["repository"], "digest": one["digest"]} for one in wanted]
    return person.post("registries/embedded/removals", {"images": named, **more})


def is_there(team: TeamIn, repository: str, tag: str) -> bool:
    return team.is_tag(f"{team.username.partition('-')[0]}/{repository}", tag)


def test_a_team_sees_its_images_with_tags_sizes_and_builds_and_nobody_elses(
    place: EmbeddedPlace, team: TeamIn, anna: Person
) -> None:
    own, other = str(anna.team_id), a_user("operator")
    digest = team.push(f"{own}/web", "1", content=b"x" * 10_000)
    team.push(f"{own}/web", "latest", content=b"x" * 10_000)
    index = team.push_index(f"{own}/tools/cli", "2", "amd64", "arm64")
    in_team(place, str(other.team_id)).push(f"{other.team_id}/secret", "1")
    a_build(a_source(anna.team_id), digest=digest, image=f"{place.address().name}/{own}/web")

    cli, web = images(anna, "&q=tools/cli")[0], images(anna, "&q=web")[0]
    assert (cli["repository"], cli["digest"], cli["tags"]) == ("tools/cli", index, ["2"])
    assert cli["platforms"] == ["linux/amd64", "linux/arm64"]
    assert (web["digest"], web["tags"]) == (digest, ["1", "latest"])
    assert web["image"] == f"{place.address().name}/{own}/web"
    assert 10_000 < web["size_bytes"] < 12_000
    assert (web["build"]["source"], web["build"]["number"]) == ("web", 1)
    assert "secret" not in str(images(anna))
    assert [one["repository"] for one in images(other)] == ["secret"]
    assert other.get(f"registries/embedded/images?team={own}").status == 404
    assert anna.get("registries/embedded/repositories").body["results"] == [
        f"{place.address().name}/{own}/{name}" for name in ("tools/cli", "web")
    ]


def test_what_is_drawn_kept_in_a_version_or_newest_of_a_source_is_used(
    place: EmbeddedPlace, team: TeamIn, anna: Person
) -> None:
    own = str(anna.team_id)
    prefix = f"{place.address().name}/{own}"
    digests = {name: team.push(f"{own}/{name}", "1", content=name.encode() * 100) for name in ("drawn", "old", "built")}
    team.push(f"{own}/loose", "1", content=b"loose" * 100)
    workflow = a_workflow(anna, a_node(image=f"{prefix}/old:1"), name="Shop")
    assert anna.post(f"workflows/{workflow['id']}/versions", {"name": "first"}).status == 201
    rev = graph_of(anna, workflow)["rev"]
    assert save(anna, workflow, rev, a_node(image=f"{prefix}/drawn@{digests['drawn']}")).status == 200
    a_build(a_source(anna.team_id), digest=digests["built"], image=f"{prefix}/built")

    uses = {one["repository"]: [use["what"] for use in one["uses"]] for one in images(anna)}
    assert uses == {
        "built": ["newest build of web"],
        "drawn": ["drawn in Shop"],
        "loose": [],
        "old": ["v1 of Shop"],
    }
    assert [one["repository"] for one in images(anna, "&used=no")] == ["loose"]
    assert len(images(anna, "&used=yes")) == 3


def test_a_build_whose_image_is_removed_says_so_and_that_of_another_image_does_not(
    place: EmbeddedPlace, team: TeamIn, anna: Person
) -> None:
    own, source = str(anna.team_id), a_source(anna.team_id)
    digests = [team.push(f"{own}/web", tag, content=tag.encode() * 100) for tag in ("1", "2")]
    old, new = (a_build(source, digest=one, image=f"{place.address().name}/{own}/web") for one in digests)
    answer = remove(anna, next(one for one in images(anna) if one["digest"] == digests[0]))
    assert answer.status == 200, answer.body
    assert anna.get(f"builds/{old['_id']}").body["image_removed_at"] is not None
    assert anna.get(f"builds/{new['_id']}").body["image_removed_at"] is None


def test_what_was_applied_and_can_be_returned_to_is_used(
    place: EmbeddedPlace, team: TeamIn, anna: Person, mongo: Any
) -> None:
    import zlib

    digest = team.push(f"{anna.team_id}/web", "1")
    environment = ObjectId()
    mongo.environments.insert_one(
        {"_id": environment, "team_id": anna.team_id, "workflow_id": ObjectId(), "name": "production"}
    )
    text = f'{{"image":"{place.address().name}/{anna.team_id}/web@{digest}"}}'
    row = {"environment_id": environment, "digest": "d", "uses": 1, "bytes": 1}
    mongo.release_manifests.insert_one({**row, "content": zlib.compress(text.encode())})
    assert images(anna)[0]["uses"] == [
        {"kind": "environment", "what": "applied in production of a workflow, or to go back to"}
    ]


def test_what_nothing_uses_is_shown_first_and_frees_what_was_said(
    place: EmbeddedPlace, team: TeamIn, anna: Person, monkeypatch: pytest.MonkeyPatch, mongo: Any
) -> None:
    monkeypatch.setattr(role, "COLLECTED_AFTER_S", 0.5)
    own = str(anna.team_id)
    shared, alone = b"shared" * 10_000, b"alone" * 20_000
    kept = team.push(f"{own}/kept", "1", content=shared)
    team.push(f"{own}/gone", "1", content=shared)
    team.push(f"{own}/gone", "2", content=alone)
    team.push_index(f"{own}/many", "1", "amd64", "arm64")
    a_build(a_source(anna.team_id), digest=kept, image=f"{place.address().name}/{own}/kept")
    before = role.stored_in(place.data)

    shown = remove(anna, preview=True).body
    assert sorted((one["repository"], one["tags"]) for one in shown["removed"]) == [
        ("gone", ["1"]),
        ("gone", ["2"]),
        ("many", ["1"]),
        ("many", ["1-amd64"]),
        ("many", ["1-arm64"]),
    ]
    assert 100_000 < shown["freed_bytes"] < 105_000, "without what the one that stays has, too"
    assert role.stored_in(place.data) == before, "a preview removes nothing"

    removed = remove(anna, *shown["removed"])
    assert (removed.status, len(removed.body["removed"]), removed.body["left"]) == (200, 5, [])
    assert removed.body["freed_bytes"] == shown["freed_bytes"]
    until(
        lambda: before.size_bytes - role.stored_in(place.data).size_bytes == shown["freed_bytes"],
        what="the room is free",
    )
    assert is_there(team, "kept", "1")
    assert [one["repository"] for one in images(anna)] == ["kept"]
    until(lambda: role.stored_in(place.data).teams[own] < 70_000, what="nothing of it counts for the team")
    assert mongo.audit.count_documents({"action": "image.remove", "team_id": anna.team_id}) == 5


def test_what_is_used_goes_alone_and_by_name_only(place: EmbeddedPlace, team: TeamIn, anna: Person) -> None:
    prefix = f"{place.address().name}/{anna.team_id}"
    for name in ("web", "loose"):
        team.push(f"{anna.team_id}/{name}", "1", content=name.encode())
    a_workflow(anna, a_node(image=f"{prefix}/web:1"), name="Shop")
    loose, web = images(anna)
    refused = remove(anna, web)
    assert (refused.status, refused.body["code"]) == (409, "image.in_use")
    assert "drawn in Shop" in refused.body["detail"]
    assert remove(anna, web, loose, despite_use=True).status == 409
    assert is_there(team, "web", "1")
    assert remove(anna, web, despite_use=True).status == 200
    assert not is_there(team, "web", "1")
    assert remove(anna, web).status == 404


def test_only_operators_of_the_team_remove(place: EmbeddedPlace, team: TeamIn, anna: Person) -> None:
    team.push(f"{anna.team_id}/web", "1")
    found = images(anna)[0]
    editor, stranger = a_user("editor", anna.team_id), a_user("admin")
    assert remove(editor, found).status == 403
    assert remove(stranger, found).status == 404
    assert remove(stranger, found, team=str(anna.team_id)).status == 404
    assert is_there(team, "web", "1")


def test_a_person_gets_a_password_to_pull_with_and_new_ones_end_it(
    place: EmbeddedPlace, team: TeamIn, anna: Person, mongo: Any
) -> None:
    own = str(anna.team_id)
    team.push(f"{own}/web", "1")
    made = anna.post("registries/embedded/logins", {"days": 2})
    assert made.status == 201
    assert made.body["prefix"] == f"{place.address().name}/{own}/"
    mine = in_team(place, own, "pull")
    mine.username, mine.password = made.body["username"], made.body["password"]
    assert is_there(mine, "web", "1")
    assert mine.call("POST", f"/v2/{own}/web/blobs/uploads/", b"")[0] == 401
    assert made.body["password"] not in str(list(mongo.audit.find()))
    assert anna.post("registries/embedded/logins", {"days": 31}).status == 400

    assert anna.post("registries/embedded/passwords", {}).status == 403
    admin = a_user("admin", anna.team_id)
    assert admin.post("registries/embedded/passwords", {}).body == {"generation": 1}
    with pytest.raises(OSError, match="401"):
        mine.token(f"repository:{own}/web:pull")
    assert {
        row["action"] for row in mongo.audit.find({"team_id": anna.team_id, "action": {"$regex": "^registry"}})
    } == {
        "registry.login",
        "registry.passwords",
    }


def test_who_leaves_the_team_pulls_no_more_by_a_password_of_their_own(
    place: EmbeddedPlace, team: TeamIn, anna: Person
) -> None:
    from builds.registries.embedded.logins import end_logins

    admin, stays = a_user("admin", anna.team_id), a_user("editor", anna.team_id)
    logins = {}
    for person in (anna, stays):
        logins[person.email] = in_team(place, str(anna.team_id), "pull")
        made = person.post("registries/embedded/logins", {}).body
        logins[person.email].username, logins[person.email].password = made["username"], made["password"]
    scope = f"repository:{anna.team_id}/web:pull"
    end_logins()
    assert logins[anna.email].token(scope)
    lowered = admin.patch(f"teams/{anna.team_id}/members/{anna.user_id}", {"role": "viewer"})
    assert lowered.status == 200, lowered.body
    end_logins()
    with pytest.raises(OSError, match="401"):
        logins[anna.email].token(scope)
    assert logins[stays.email].token(scope)


def test_new_passwords_are_news_to_pull_secrets(place: EmbeddedPlace, anna: Person) -> None:
    from workflows.pulling import is_renewed, pull_of

    image = f"{place.address().name}/{anna.team_id}/web:1"
    noted = pull_of(anna.team_id, [image], may_ask=False).noted()
    assert not is_renewed(anna.team_id, noted)
    place.begin_generation(str(anna.team_id))
    assert is_renewed(anna.team_id, noted)
