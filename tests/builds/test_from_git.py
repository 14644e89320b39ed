"""From a repository with two applications, one of them without a Dockerfile, to images that a run takes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.image_builds import Shop, an_app
from tests.support.wait import until
from tests.support.workers import working

pytestmark = pytest.mark.slow

WRITTEN = "FROM scratch\nCOPY index.html /index.html\n"
"""In place of ours, which stands on an image of a registry that is not there."""


def test_what_was_detected_is_built_and_a_run_would_take_its_images(shop: Shop) -> None:
    api = {f"api/{path}": content for path, content in an_app("EXPOSE 9000\nUSER 1000\n").items()}
    commit = shop.repository("two", {**api, "web/index.html": "<h1>shop</h1>\n"})
    begun = shop.person.post("detections", {"repository": shop.server.url("two.git")})
    assert begun.status == 201, begun.body

    def found() -> dict[str, Any] | None:
        row = dict(shop.person.get(f"detections/{begun.body['id']}").body)
        return row if row["ended_at"] else None

    with working():
        detected = until(found)
        assert [(one["name"], one["kind"], one["port"]) for one in detected["proposals"]] == [
            ("api", "dockerfile", 9000),
            ("web", "static", 8080),
        ], detected["failure"]
        apps = [
            {
                "proposal": one["id"],
                "name": one["name"],
                "root": one["root"],
                "port": one["port"],
                "image": f"{shop.registry.host}/shop/two-{one['name']}",
                "builder": {"type": "dockerfile"} if one["name"] == "api" else {"type": "written", "text": WRITTEN},
            }
            for one in detected["proposals"]
        ]
        given = {"name": "Two", "apps": apps, "idempotency_key": "once"}
        made = shop.person.post(f"detections/{begun.body['id']}/workflow", given)
        assert made.status == 201, made.body
        builds = [shop.ended({"id": one}) for one in made.body["builds"]]

    assert [one["state"] for one in builds] == ["succeeded", "succeeded"], [shop.text(one) for one in builds]
    assert {one["commit"] for one in builds} == {commit}
    taken = shop.person.get(f"workflows/{made.body['workflow']['id']}/images").body["nodes"]
    assert {one["image"]["digest"] for one in taken} == {one["digest"] for one in builds}, taken
