"""Charts from repositories and registries, fetched and rendered by a worker."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from kubeorch.mongo.client import db
from tests.mongo.imports.test_chart_imports import changed, node, rendered
from tests.support.chart_server import TOKEN, ChartServer, a_chart_server
from tests.support.people import Person, a_user

UMBRELLA = """\
apiVersion: v2
name: shop
version: 1.0.0
dependencies:
  - {{name: web, version: {version}, repository: {url}}}
"""


@pytest.fixture
def anna(mongo: Any) -> Person:
    return a_user("editor", name="Anna")


@pytest.fixture(scope="module")
def server() -> Iterator[ChartServer]:
    with a_chart_server() as found:
        yield found


def test_a_chart_is_fetched_in_the_version_that_is_asked_for(anna: Person, server: ChartServer) -> None:
    server.asked.clear()
    found = rendered(anna, {"type": "chart", "url": server.url, "chart": "web", "version": "^1.0"})

    assert (found["state"], found["name"]) == ("ready", "web"), found["problem"]
    assert server.asked == ["/charts/index.yaml", "/charts/files/web-1.9.0.tgz"]
    assert found["source"]["chart"]["url"] == server.url
    more = changed(anna, found, values="replicaCount: 6")
    assert node(more, "deployment")["parameters"]["replicas"] == 6
    assert len(server.asked) == 2


def test_a_chart_is_fetched_from_a_registry_with_the_token_that_it_gives(anna: Person, server: ChartServer) -> None:
    found = rendered(anna, {"type": "chart", "url": server.oci, "version": "1.x"})

    assert (found["state"], found["problem"]) == ("ready", None)
    assert node(found, "deployment")["name"] == "web"
    assert TOKEN not in str(found)


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ({"url": "{url}", "chart": "nothing"}, "the repository has no chart nothing"),
        ({"url": "{url}", "chart": "web", "version": "^7"}, "there is no version ^7 of web; there are 1.2.3, 1.9.0"),
        ({"url": "{url}/none", "chart": "web"}, "has nothing at /charts/none/index.yaml"),
        ({"url": "http://{address}/moved", "chart": "web"}, "that is never connected to"),
        ({"url": "http://{address}/large", "chart": "web"}, "sends more than 40,000,000 bytes"),
        ({"url": "http://169.254.169.254/charts", "chart": "web"}, "that is never connected to"),
        ({"url": "oci://{address}/charts/none"}, "does not let this be read|has nothing at"),
    ],
)
def test_what_cannot_be_fetched_is_refused_with_the_cause(
    anna: Person, server: ChartServer, source: dict[str, str], why: str
) -> None:
    own = {key: value.format(url=server.url, address=server.address) for key, value in source.items()}
    found = rendered(anna, {"type": "chart", **own})

    assert found["state"] == "refused"
    assert any(one in found["problem"]["detail"] for one in why.split("|")), found["problem"]


def test_an_address_that_is_none_is_refused_at_once(anna: Person) -> None:
    for source in (
        {"url": "https://charts.example.com"},
        {"url": "ftp://charts.example.com", "chart": "web"},
        {"url": "https://me:secret@charts.example.com", "chart": "web"},
        {"url": "oci://host"},
        {"url": "https://charts.example.com/shop-1.2.3.tgz?private_token=glpat-SECRETSECRET"},
        {"url": "https://charts.example.com#token=SECRETSECRET", "chart": "web"},
        {},
        {"url": "https://charts.example.com/a.tgz", "files": [{"path": "Chart.yaml", "text": "name: a"}]},
    ):
        answer = anna.post("imports", {"source": {"type": "chart", **source}})
        assert answer.status == 400, (source, answer.body)
    assert anna.get("imports").body["results"] == [], "an address that holds a token stands in no list"


def test_what_a_chart_depends_on_is_fetched_in_the_locked_version(anna: Person, server: ChartServer) -> None:
    lock = f"dependencies:\n  - {{name: web, version: 1.2.3, repository: {server.url}}}\n"
    files = [
        {"path": "Chart.yaml", "text": UMBRELLA.format(version="1.x", url=server.url)},
        {"path": "Chart.lock", "text": lock},
        {"path": "values.yaml", "text": "web: {replicaCount: 4}\n"},
    ]
    server.asked.clear()
    found = rendered(anna, {"type": "chart", "files": files})
    gone = rendered(
        anna, {"type": "chart", "files": [{**files[0], "text": UMBRELLA.format(version="8", url=server.url)}]}
    )

    assert node(found, "deployment")["parameters"]["replicas"] == 4, found["problem"]
    assert server.asked[:2] == ["/charts/index.yaml", "/charts/files/web-1.2.3.tgz"]
    assert gone["state"] == "refused"
    assert "Chart.yaml:5:1: web 8 could not be fetched: there is no version 8" in gone["problem"]["detail"]
    assert "run `helm dependency build`" in gone["problem"]["detail"]


def merged(person: Person, found: dict[str, Any], workflow: str) -> dict[str, Any]:
    answer = person.get(f"imports/{found['id']}/merge?workflow={workflow}")
    assert answer.status == 200, answer.body
    return dict(answer.body)


def taken_out(shown: dict[str, Any]) -> list[str]:
    return [one["name"] for one in shown["changes"]["nodes"] if one["change"] == "removed"]


def test_another_chart_or_release_of_one_repository_takes_nothing_out_of_a_workflow(
    anna: Person, server: ChartServer
) -> None:
    def chart(name: str, release: str, namespace: str = "shop", **more: str) -> dict[str, Any]:
        asked = {"type": "chart", "url": server.url, "chart": name, "release": release, "namespace": namespace, **more}
        found = rendered(anna, asked)
        assert found["state"] == "ready", found["problem"]
        return found

    def assert_adds(found: dict[str, Any]) -> None:
        shown = merged(anna, found, workflow)
        assert (shown["base"], taken_out(shown)) == (None, [])

    first = chart("web", "one")
    applied = anna.post(f"imports/{first['id']}/apply", {"name": "Shop"})
    assert applied.status == 201, applied.body
    workflow = applied.body["workflow"]["id"]

    assert_adds(chart("passwords", "one"))
    assert_adds(chart("web", "two"))
    assert_adds(chart("web", "one-web"))  # draws all that the first one draws, under the same names
    assert_adds(chart("web", "one", "staging"))
    again = merged(anna, chart("web", "one", values="service: {port: 8081}\n"), workflow)
    assert (again["base"]["id"], taken_out(again)) == (first["id"], [])

    db().imports.update_many({}, {"$unset": {"facts.chart_name": ""}})  # as imports were made earlier
    assert_adds(chart("passwords", "one"))
    assert_adds(chart("web", "two"))
    assert merged(anna, chart("web", "one"), workflow)["base"]["id"] == first["id"]
    last = chart("passwords", "one")
    db().imports.update_many({}, {"$unset": {"facts.chart_name": ""}})
    assert_adds(last)
