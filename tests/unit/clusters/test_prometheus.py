"""What is asked of a Prometheus server, and what its answers say, whatever they are."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clusters.domain.prometheus import (
    Address,
    BadLabels,
    BadPrometheus,
    address_of,
    before,
    clusters_query,
    clusters_told,
    labels_of,
    now_queries,
    series,
    succeeded,
    usage,
)
from clusters.domain.usage import Usage, Used

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["data", "result", "metric", "value", "values", "node"]), inner, max_size=4)
    ),
    max_leaves=20,
)


def vector(*rows: tuple[dict[str, str], Any]) -> dict[str, Any]:
    result = [{"metric": labels, "value": [1700000000.1, value]} for labels, value in rows]
    return {"status": "success", "data": {"resultType": "vector", "result": result}}


@pytest.mark.parametrize(
    ("written", "server", "path"),
    [
        ("https://prometheus.example.com", "https://prometheus.example.com", ""),
        ("http://10.0.0.7:9090/team/a/", "http://10.0.0.7:9090", "/team/a"),
        ("monitoring/prometheus:9090", "", "/api/v1/namespaces/monitoring/services/prometheus:9090/proxy"),
        ("https:monitoring/prometheus:web", "", "/api/v1/namespaces/monitoring/services/https:prometheus:web/proxy"),
    ],
)
def test_an_address_leads_to_a_server_or_to_a_service_of_the_cluster(written: str, server: str, path: str) -> None:
    assert address_of(written) == Address(server, path)


@pytest.mark.parametrize(
    "written",
    [
        *("prometheus.example.com", "ftp://a.example", "https://u:p@a.example", "https://a.example?x=1", "a/b"),
        *("https://a.example/../x", "a/../b:1", "-a/b:1", "a/b:1/metrics", "https:///x", "http://" + "a" * 600),
    ],
)
def test_what_is_no_address_is_refused_with_what_to_write(written: str) -> None:
    with pytest.raises(BadPrometheus, match="write https://") as refused:
        address_of(written)
    assert [one.field for one in refused.value.problems] == ["prometheus"]


def test_cpu_and_memory_meet_by_container_and_by_node() -> None:
    web = {"namespace": "shop", "pod": "web-1", "container": "main"}
    answers = {
        "pods_cpu": vector((web, "0.25")),
        "pods_memory": vector((web, "1048576"), ({**web, "container": "no-cpu"}, "1")),
        "nodes_cpu": vector(({"node": "one", "instance": "10.0.0.1:10250"}, "1.5"), ({"instance": "two:10250"}, "NaN")),
        "nodes_memory": vector(
            ({"node": "one", "instance": "10.0.0.1:10250"}, "2048"), ({"instance": "two:10250"}, "1")
        ),
    }
    assert set(answers) == set(now_queries({}))
    pods = {("shop", "web-1"): {"main": Used(0.25, 1048576.0)}}
    assert usage(answers) == Usage("prometheus", {"one": Used(1.5, 2048.0)}, pods)


def test_a_series_has_the_points_at_which_both_were_measured() -> None:
    cpu = {"data": {"result": [{"metric": {}, "values": [[60, "1"], [120, "2"], [180, "+Inf"]]}]}}
    memory = {"data": {"result": [{"metric": {}, "values": [[120, "20"], [60, "10"], [180, "30"], [240, "40"]]}]}}
    assert series({"cpu": cpu, "memory": memory}) == [(60.0, Used(1.0, 10.0)), (120.0, Used(2.0, 20.0))]


def test_a_name_is_quoted_in_a_query() -> None:
    asked = before("Pod", [('shop"} or {x="', "a.b-1"), ("shop", 'c"d')], {})
    assert 'namespace="shop\\"} or {x=\\""' in asked["memory"]
    assert 'pod=~"a\\\\.b-1|c\\"d"' in asked["cpu"]
    of_node = before("Node", [("", "n.x")], {})["cpu"]
    assert 'node="n.x"' in of_node
    assert 'instance=~"n\\\\.x(:[0-9]+)?"' in of_node, "scrapers that leave the name there"


@given(JSON)
def test_any_answer_is_read_without_failing(answer: Any) -> None:
    found = answer if isinstance(answer, dict) else {"data": answer}
    assert isinstance(usage(dict.fromkeys(now_queries({}), found)), Usage)
    assert isinstance(series({"cpu": found, "memory": found}), list)
    assert all(isinstance(name, str) for name in clusters_told(found))
    assert succeeded(found) is (found.get("status") == "success")


def test_the_labels_of_a_cluster_are_in_every_query() -> None:
    labels = labels_of(' cluster = "east" ,region=e"u,')
    assert labels == {"cluster": "east", "region": 'e"u'}
    asked = [*now_queries(labels).values(), clusters_query(labels), *before("Node", [("", "n")], labels).values()]
    for query in asked:
        assert query.count('cluster="east",region="e\\"u"') == query.count("{"), query


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("east", "not a label with its value"),
        ("9x=1", "not a label with its value"),
        ("__name__=up", "not a label with its value"),
        ("cluster=", "is empty"),
        ("cluster=" + "a" * 201, "longer than"),
        ("cluster=a\tb", "not printable"),
        ("pod=web", "chosen by KubeOrch"),
        ("a=1,a=2", "named twice"),
        ("a=1,b=1,c=1,d=1,e=1,f=1", "more than 5"),
    ],
)
def test_labels_that_tell_no_cluster_are_refused_with_what_to_write(written: str, why: str) -> None:
    with pytest.raises(BadLabels, match=f"{why}.*; write cluster=east") as refused:
        labels_of(written)
    assert [one.field for one in refused.value.problems] == ["labels"]
