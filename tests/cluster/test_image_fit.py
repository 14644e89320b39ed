"""Whether an image runs on a cluster's nodes, told before it is run: a real registry and a real API server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.support.control_plane import ControlPlane
from tests.support.people import a_user
from tests.support.registry import a_registry


def test_an_image_for_other_processors_is_told_before_it_is_run(
    mongo: Any, control_plane: ControlPlane, tmp_path: Path
) -> None:
    person = a_user("admin")
    made = person.post("clusters", {"name": "east", "kubeconfig": control_plane.kubeconfig})
    assert made.status == 201, made.body
    cluster = made.body["id"]
    assert person.post(f"clusters/{cluster}/refresh", {}).status == 200, "its nodes are looked at"
    nodes = person.get(f"clusters/{cluster}/nodes").body["results"]
    [architecture] = {node["architecture"] for node in nodes}
    other = "arm64" if architecture != "arm64" else "amd64"
    with a_registry(tmp_path / "registry") as registry:
        registry.push("shop/web", "other", architecture=other)
        registry.push_index("shop/web", "both", "amd64", "arm64")

        def fit(tag: str) -> dict[str, object]:
            answer = person.get(f"images?image={registry.host}/shop/web:{tag}&cluster={cluster}")
            assert answer.status == 200, answer.body
            found: dict[str, object] = answer.body["fit"]
            return found

        assert fit("other")["ok"] is False
        assert f"the image is for linux/{other}; no node can run it" in str(fit("other")["detail"])
        assert fit("both")["ok"] is True
        assert person.get(f"images?image={registry.host}/shop/web:both&cluster={'0' * 24}").status == 404
        alone = person.get(f"images?image={registry.host}/shop/web:both").body
        assert alone["fit"] is None
