"""Sources over the API."""

from __future__ import annotations

from typing import Any

import pytest

from builds.sources.store import open_values
from tests.support.people import Person, a_user

GIVEN = {"name": "shop", "repository": "https://git.example.test/a/shop.git"}
SECRET = "canary-of-a-build-secret"


def many(count: int, *, secret: bool = False) -> list[dict[str, Any]]:
    return [{"key": f"V{n}", "usage": "build", "secret": secret, "value": "x" * 29_000} for n in range(count)]


@pytest.fixture
def anna(mongo: Any) -> Person:
    return a_user()


def test_a_source_is_kept_as_it_was_given(anna: Person) -> None:
    builder = {"dockerfile": "docker/Dockerfile", "target": "prod", "args": {"A": "1"}, "platform": "linux/amd64"}
    made = anna.post(
        "sources", {**GIVEN, "ref": "main", "root": "/apps/web/", "builder": builder, "image": "ghcr.io/a/b"}
    )
    assert made.status == 201, made.body
    found = anna.get(f"sources/{made.body['id']}").body
    assert (found["ref"], found["root"], found["image"]) == ("main", "apps/web", "ghcr.io/a/b")
    unsaid = {
        "text": "",
        "ignore": "",
        "provenance": False,
        "sbom": False,
        "submodules": False,
        "lfs": False,
        "deploy_key": False,
    }
    assert found["builder"] == {"type": "dockerfile", **unsaid, **builder}
    assert found["last_build"] is None
    assert [row["name"] for row in anna.get("sources").body["results"]] == ["shop"]
    assert anna.get("sources?q=SHOP").body["results"] != []
    assert anna.get("sources?q=none").body["results"] == []


def test_a_name_stands_once_in_a_team(anna: Person) -> None:
    assert anna.post("sources", GIVEN).status == 201
    again = anna.post("sources", GIVEN)
    assert (again.status, again.body.get("code", again.body)) == (409, "source.name_taken")
    assert a_user().post("sources", GIVEN).status == 201


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "Shop"}, "name"),
        ({"repository": "file:///etc"}, "repository"),
        ({"repository": "ext::sh -c x"}, "repository"),
        ({"ref": "--upload-pack=x"}, "ref"),
        ({"root": "../.."}, "root"),
        ({"image": "ghcr.io/a/b:1"}, "image"),
        ({"image": "UPPER/case"}, "image"),
        ({"builder": {"dockerfile": "../../etc/passwd"}}, "builder.dockerfile"),
        ({"variables": [{"key": "1", "usage": "build", "value": ""}]}, "variables.0"),
        ({"variables": [{"key": "A", "usage": "build"}]}, "variables.0.value"),
        ({"variables": many(17), "builder": {"args": {"A": "x" * 10_000}}}, "variables"),
        ({"variables": many(35, secret=True)}, "variables"),
    ],
)
def test_what_cannot_be_is_refused_with_its_field(anna: Person, change: dict[str, Any], field: str) -> None:
    refused = anna.post("sources", {**GIVEN, **change})
    assert refused.status == 400, refused.body
    assert [row["field"] for row in refused.body["errors"]] == [field]


def test_a_secret_is_sealed_never_shown_and_stays_when_it_is_not_given_again(mongo: Any, anna: Person) -> None:
    variables = [
        {"key": "TOKEN", "usage": "build", "secret": True, "value": SECRET},
        {"key": "MODE", "usage": "both", "value": "fast"},
    ]
    made = anna.post("sources", {**GIVEN, "variables": variables})
    assert made.status == 201, made.body
    assert SECRET not in str(made.body)
    before = mongo.sources.find_one({})
    assert SECRET not in str(before)
    kept = [{"key": "TOKEN", "usage": "both", "secret": True}]
    changed = anna.patch(f"sources/{made.body['id']}", {"variables": kept})
    assert [(one["key"], one["usage"], one["value"]) for one in changed.body["variables"]] == [("TOKEN", "both", None)]
    after = mongo.sources.find_one({})
    assert open_values(after) == {"TOKEN": SECRET}


def test_a_stale_change_is_refused(anna: Person) -> None:
    made = anna.post("sources", GIVEN).body
    assert anna.patch(f"sources/{made['id']}", {"ref": "a", "rev": 1}).status == 200
    stale = anna.patch(f"sources/{made['id']}", {"ref": "b", "rev": 1})
    assert (stale.status, stale.body["code"]) == (409, "source.changed")


def test_what_is_left_out_and_attached_is_kept_and_goes_into_the_identity(anna: Person) -> None:
    builder = {
        "type": "written",
        "text": "FROM scratch\n",
        "ignore": "node_modules\n",
        "provenance": True,
        "sbom": True,
        "submodules": True,
    }
    made = anna.post("sources", {**GIVEN, "builder": builder})
    assert made.status == 201, made.body
    found = anna.get(f"sources/{made.body['id']}").body["builder"]
    assert {key: found[key] for key in builder} == builder


def test_a_builder_of_an_older_version_is_read(anna: Person, mongo: Any) -> None:
    made = anna.post("sources", GIVEN).body
    younger = ("ignore", "provenance", "sbom", "submodules", "deploy_key", "lfs")
    mongo.sources.update_one({}, {"$unset": {f"builder.{key}": "" for key in younger}})
    found = anna.get(f"sources/{made['id']}").body["builder"]
    assert (found["deploy_key"], found["lfs"]) == (False, False)
    assert (found["ignore"], found["provenance"], found["sbom"], found["submodules"]) == ("", False, False, False)
