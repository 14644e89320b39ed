"""Saving never touches a cluster: whatever is done to a drawing, its cluster is not even asked."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.people import a_user
from tests.support.tls_api_server import TlsApiServer, tls_api_server
from tests.support.workflows import a_node, a_workflow, an_environment

pytestmark = pytest.mark.usefixtures("mongo")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TlsApiServer]:
    with tls_api_server(tmp_path_factory.mktemp("fake")) as running:
        yield running


def test_nothing_that_is_done_to_a_drawing_asks_its_cluster(server: TlsApiServer) -> None:
    admin = a_user("admin")
    cluster = admin.post("clusters", {"name": "east", "kubeconfig": server.kubeconfig()}).body["id"]
    workflow = a_workflow(admin, a_node("web"))
    environment = an_environment(admin, workflow, cluster, "shop")
    path = f"workflows/{workflow['id']}"
    assert server.requests, "connecting asks it"
    server.requests.clear()
    drawing = {"nodes": [a_node("web"), a_node("api")], "edges": []}
    done = [
        admin.put(f"{path}/graph", {"rev": 1, **drawing}),
        admin.post(f"{path}/validate", drawing),
        admin.post(f"{path}/manifests", {"environment": environment["id"]}),
        admin.post(f"{path}/versions", {"name": "v1"}),
        admin.post(f"{path}/clone", {"name": "copy"}),
        admin.patch(path, {"name": "renamed"}),
        admin.patch(f"environments/{environment['id']}", {"name": "renamed"}),
        admin.get(f"{path}/export"),
    ]
    assert [answer.status for answer in done if answer.status >= 300] == []
    assert server.requests == []
