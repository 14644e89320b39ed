"""What a cluster is asked to find the resource of a kind."""

from __future__ import annotations

from typing import Any

import pytest

from clusters.kube.discovery import Discovery
from clusters.kube.errors import UnknownKind


@pytest.mark.parametrize(
    "api_version",
    [
        *(
            "v1?dryRun=All",
            "v1#",
            "v1/../../version",
            "../../api/v1",
            "v1%2f..",
            "v1/namespaces/a/pods/b/proxy",
            "v1 ",
            "",
        ),
        *("v1\n", "V1", "/v1", "apps/", "apps//v1", "a..b/v1", "a/../v1", "-a/v1", "v1\\..", "ex\u00e4mple.test/v1"),
    ],
)
def test_an_api_version_that_is_none_is_never_asked_about(api_version: str) -> None:
    asked: list[str] = []

    def get(path: str) -> dict[str, Any]:
        asked.append(path)
        return {"resources": [{"name": "things", "kind": "Thing", "namespaced": True}]}

    with pytest.raises(UnknownKind):
        Discovery().resource(api_version, "Thing", get)
    assert asked == []


@pytest.mark.parametrize(
    ("api_version", "path"),
    [
        ("v1", "/api/v1"),
        ("example.test/v1alpha1", "/apis/example.test/v1alpha1"),
        ("a.b-c.d/v2", "/apis/a.b-c.d/v2"),
        ("example.test/stable", "/apis/example.test/stable"),
    ],
)
def test_an_api_version_as_kubernetes_names_them_is_asked_about_at_its_path(api_version: str, path: str) -> None:
    asked: list[str] = []

    def get(path: str) -> dict[str, Any]:
        asked.append(path)
        return {"resources": [{"name": "things", "kind": "Thing", "namespaced": True}]}

    assert Discovery().resource(api_version, "Thing", get).plural == "things"
    assert asked == [path]
