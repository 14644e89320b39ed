"""What teams reach with the instance's registry, which has the images of all of them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.odd_registry import Asked, OddRegistry, Said, an_odd_registry
from tests.support.people import Person, a_user


def answers(*repositories: str) -> Any:
    def said(asked: Asked) -> Said:
        if asked.path == "/v2/":
            return Said(200, {})
        return Said(200, {"repositories": list(repositories), "tags": ["1"]})

    return said


def shared(server: OddRegistry, **given: Any) -> dict[str, Any]:
    owner = a_user("admin", is_admin=True)
    account = {"provider": "generic", "host": server.host, "plain_http": True, "username": "ko", "secret": "x"}
    made = owner.post("registries", {"name": "shared", "instance": True, "test": False, **account, **given})
    assert made.status == 201, made.body
    found: dict[str, Any] = made.body["registry"]
    return found


def refusal(answer: Any) -> tuple[int, str, str]:
    return answer.status, answer.body["code"], answer.body["errors"][0]["field"]


def test_the_images_of_other_teams_are_out_of_reach(mongo: Any, settings: Any) -> None:
    from builds.domain.images import image_of
    from builds.registries.access import logins_for
    from builds.registries.store import for_image

    anna, other = a_user("admin"), a_user("admin")
    mine, theirs = f"ko/{anna.team_id}/web", f"ko/{other.team_id}/web"
    with an_odd_registry(answers("base/python", mine, theirs)) as server:
        settings.BUILD_IMAGES = f"{server.host}/ko"
        row = shared(server)
        path = f"registries/{row['id']}"
        assert anna.get(f"{path}/repositories").body["results"] == ["base/python", mine]
        server.asked.clear()
        assert refusal(anna.get(f"{path}/tags?repository={theirs}")) == (400, "registry.refused", "repository")
        tried = anna.post(f"{path}/test", {"repository": theirs})
        assert refusal(tried) == (400, "registry.refused", "repository")
        for route in ("images", "images/tags"):
            assert refusal(anna.get(f"{route}?image={server.host}/{theirs}:1")) == (400, "registry.refused", "image")
        assert server.asked == []
        assert anna.get(f"{path}/tags?repository={mine}").body["results"] == ["1"]

        own, others = image_of(f"{server.host}/{mine}"), image_of(f"{server.host}/{theirs}")
        assert for_image(anna.team_id, own) is not None
        assert for_image(anna.team_id, others) is None
        assert logins_for(anna.team_id, [others]) == {}


def test_a_source_does_not_build_into_another_team(mongo: Any, settings: Any) -> None:
    settings.BUILD_IMAGES = "reg.corp/ko"
    anna, other = a_user(), a_user()
    given = {"name": "shop", "repository": "https://git.example.test/a/shop.git"}
    wanted = f"reg.corp/ko/{other.team_id}/shop"
    refused = anna.post("sources", {**given, "image": wanted})
    assert (refused.status, refused.body["errors"][0]["field"]) == (400, "image")
    assert "leave the image out" in refused.body["detail"]
    made = anna.post("sources", {**given, "image": f"reg.corp/ko/{anna.team_id}/shop"})
    assert made.status == 201, made.body
    changed = anna.patch(f"sources/{made.body['id']}", {"image": wanted})
    assert (changed.status, changed.body["errors"][0]["field"]) == (400, "image")


def test_what_is_tried_is_below_the_prefix_and_noted_by_who_may_edit(mongo: Any) -> None:
    editor: Person = a_user("editor")
    with an_odd_registry(answers()) as server:
        row = shared(server, path_prefix="team")
        path = f"registries/{row['id']}"
        outside = editor.post(f"{path}/test", {"repository": "other/web"})
        assert refusal(outside) == (400, "registry.refused", "repository")
        assert server.asked == []

        assert editor.post(f"{path}/test", {"repository": "team/web"}).status == 200
        assert editor.get(path).body["state"] == "untested", "one repository says nothing of the registry"
        assert editor.post(f"{path}/test", {}).status == 200
        assert editor.get(path).body["state"] != "untested"


def test_a_change_in_between_is_not_written_over(mongo: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from builds.registries import actions

    anna = a_user("admin")
    given = {"name": "one", "provider": "ghcr", "username": "acme", "secret": "x", "test": False}
    made = anna.post("registries", given).body["registry"]
    checked = actions.checked

    def meanwhile(account: Any) -> Any:
        mongo.registries.update_one({}, {"$set": {"username": "theirs"}, "$inc": {"rev": 1}})
        return checked(account)

    monkeypatch.setattr(actions, "checked", meanwhile)
    late = anna.patch(f"registries/{made['id']}", {"username": "mine", "test": False})
    assert (late.status, late.body["code"]) == (409, "registry.changed")
    assert mongo.registries.find_one()["username"] == "theirs"
    monkeypatch.undo()
    assert anna.patch(f"registries/{made['id']}", {"is_default": True}).status == 200, "its own default is kept"
