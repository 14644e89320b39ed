"""Who owns a field, who that is, what has drifted, and who fights."""

from __future__ import annotations

from typing import Any

import pytest

from clusters.domain.ownership.added import added_by_others
from clusters.domain.ownership.contests import Written, contests
from clusters.domain.ownership.drift import drift
from clusters.domain.ownership.known import Sort, known
from clusters.domain.ownership.owners import Owner, owners
from clusters.domain.ownership.paths import read_path
from tests.support.cpu import takes_less_than

OURS = "kubeorch"


def entry(
    manager: str, fields: dict[str, Any], operation: str = "Update", at: str = "", sub: str = ""
) -> dict[str, Any]:
    row = {"manager": manager, "operation": operation, "time": at, "fieldsV1": fields, "apiVersion": "apps/v1"}
    return {**row, "subresource": sub} if sub else row


def an_object(spec: dict[str, Any], *entries: dict[str, Any]) -> dict[str, Any]:
    return {"kind": "Deployment", "metadata": {"name": "web", "managedFields": list(entries)}, "spec": spec}


def managers(live: dict[str, Any], path: str) -> list[str]:
    return [owner.manager for owner in owners(live).who(read_path(path))]


WEB = 'k:{"name":"web"}'
LIVE = an_object(
    {"replicas": 3},
    entry(
        OURS,
        {
            "f:spec": {
                "f:paused": {},
                "f:template": {"f:spec": {"f:containers": {WEB: {".": {}, "f:name": {}, "f:args": {}, "f:image": {}}}}},
            }
        },
        "Apply",
    ),
    entry("kube-controller-manager", {"f:spec": {"f:replicas": {}}}, sub="scale"),
    entry("kubectl-edit", {"f:spec": {"f:paused": {}}, "f:metadata": {"f:finalizers": {'v:"a/b"': {}}}}),
)


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("spec.replicas", ["kube-controller-manager"]),
        ("spec.paused", [OURS, "kubectl-edit"]),
        ("spec.template.spec.containers[name=web].image", [OURS]),
        ("spec.template.spec.containers[name=web].args[0]", [OURS]),
        ("spec.template.spec.containers[name=web]", [OURS]),
        ("spec.template.spec.containers", []),
        ("spec.template.spec.containers[name=proxy].image", []),
        ("metadata.finalizers[=a/b]", ["kubectl-edit"]),
        ("spec.strategy.type", []),
    ],
)
def test_a_field_has_its_owners(path: str, found: list[str]) -> None:
    assert managers(LIVE, path) == found


def test_every_owned_leaf_is_listed() -> None:
    found = owners(LIVE).by_path()
    assert [one.manager for one in found[read_path("spec.paused")]] == [OURS, "kubectl-edit"]
    assert len(found) == 6


def test_of_two_entries_of_one_manager_the_later_one_counts_as_for_the_api_server() -> None:
    def edited(fields: dict[str, Any], **more: str) -> dict[str, Any]:
        return {"manager": "kubectl-edit", "operation": "Update", "apiVersion": "apps/v1", "fieldsV1": fields, **more}

    replicas, history = {"f:spec": {"f:replicas": {}}}, {"f:spec": {"f:revisionHistoryLimit": {}}}
    rows = [edited(replicas), edited(history, time="2026-11-26T00:12:49Z"), edited(replicas, subresource="scale")]
    found = owners({"metadata": {"managedFields": rows}}).by_path()
    assert {path: [owner.subresource for owner in who] for path, who in found.items()} == {
        ("f:spec", "f:revisionHistoryLimit"): [""],
        ("f:spec", "f:replicas"): ["scale"],
    }


def test_keys_are_read_in_whatever_order_they_are_written() -> None:
    ports = {'k:{"protocol":"TCP", "containerPort":80}': {"f:name": {}}}
    live = an_object({}, entry("a", {"f:ports": ports}))
    assert managers(live, "ports[containerPort=80,protocol=TCP].name") == ["a"]


@pytest.mark.parametrize(
    "fields",
    [
        {"k:": {}},
        {"k:[1]": {}},
        {"k:{": {}},
        {"k:{}": {}},
        {"v:": {}},
        {"i:x": {}},
        {"x": {}},
        {"f:a": None},
        {"f:a": "text"},
        {"k:" + "[" * 100_000: {}},
    ],
)
def test_what_cannot_be_read_is_left_out_and_said(fields: dict[str, Any]) -> None:
    found = owners(an_object({}, entry("a", {"f:ok": {}, **fields})))
    assert not found.complete
    assert [one.manager for one in found.who(("f:ok",))] == ["a"]


@pytest.mark.parametrize("rows", [None, "text", [1], [{"fieldsV1": []}], [{"manager": 1, "time": []}]])
def test_managed_fields_of_a_wrong_shape_own_nothing(rows: Any) -> None:
    assert owners({"metadata": {"managedFields": rows}}).by_path() == {}


def test_reading_is_bounded_in_entries_elements_and_depth() -> None:
    deep: dict[str, Any] = {}
    for _ in range(500):
        deep = {"f:a": deep}
    wide = {f"f:{number}": {} for number in range(50_000)}
    many = [entry(str(number), {"f:a": {}}) for number in range(500)]

    def read() -> None:
        for rows in ([entry("a", deep)], [entry("a", wide)], many):
            found = owners(an_object({}, *rows))
            assert not found.complete
            assert len(found.entries) <= 100
            assert len(found.by_path()) <= 20_000

    assert takes_less_than(2.0, read)


@pytest.mark.parametrize(
    ("owner", "sort", "name"),
    [
        (Owner("kube-controller-manager", "Update", "", "scale"), Sort.AUTOSCALER, "the HorizontalPodAutoscaler"),
        (Owner("kube-controller-manager", "Update", "", "status"), Sort.CONTROLLER, "a controller of Kubernetes"),
        (Owner("kubectl-client-side-apply", "Update", "", ""), Sort.KUBECTL, "kubectl apply"),
        (Owner("kubectl", "Apply", "", ""), Sort.KUBECTL, "kubectl apply --server-side"),
        (Owner("kubectl", "Update", "", "scale"), Sort.KUBECTL, "kubectl scale"),
        (Owner("kubectl-edit", "Update", "", ""), Sort.KUBECTL, "kubectl edit"),
        (Owner("kubectl-patch", "Update", "", ""), Sort.KUBECTL, "kubectl patch"),
        (Owner("helm", "Update", "", ""), Sort.HELM, "Helm"),
        (Owner("argocd-controller", "Apply", "", ""), Sort.GITOPS, "Argo CD"),
        (Owner("kustomize-controller", "Apply", "", ""), Sort.GITOPS, "Flux"),
        (Owner("cert-manager-cainjector", "Update", "", ""), Sort.INJECTOR, "cert-manager"),
        (Owner("kubeorch", "Apply", "", ""), Sort.OURS, "KubeOrch"),
        (Owner("my-script", "Update", "", ""), Sort.OTHER, "my-script"),
    ],
)
def test_a_manager_is_called_as_people_call_it(owner: Owner, sort: Sort, name: str) -> None:
    assert (known(owner).sort, known(owner).name) == (sort, name)


def the_drift(ours: dict[str, Any], live: dict[str, Any]) -> list[tuple[str, Any, Any, str]]:
    return [(one.path, one.ours, one.live, one.manager) for one in drift({"spec": ours}, live)]


OUR_REST = entry(OURS, {"f:metadata": {"f:labels": {}}}, "Apply")
"""What is left of our entry once others have the rest."""


def test_a_field_that_somebody_else_set_otherwise_is_drift() -> None:
    live = an_object({"replicas": 5}, OUR_REST, entry("me", {"f:spec": {"f:replicas": {}}}))
    assert the_drift({"replicas": 3}, live) == [("spec.replicas", 3, 5, "me")]


def test_a_field_that_is_gone_is_drift_and_nobody_says_whose() -> None:
    live = an_object({}, OUR_REST, entry("me", {"f:spec": {"f:paused": {}}}))
    assert the_drift({"replicas": 3}, live) == [("spec.replicas", 3, None, "")]


def test_labels_that_others_add_are_no_drift_even_where_somebody_had_none_at_all() -> None:
    ours = {"labels": {"a": "b"}}
    live = an_object(
        {"labels": {"a": "b", "c": "d"}},
        entry(OURS, {"f:spec": {"f:labels": {"f:a": {}}}}, "Apply"),
        entry("me", {"f:spec": {"f:labels": {}}}),
    )
    assert the_drift(ours, live) == []


@pytest.mark.parametrize(
    ("ours", "live"),
    [
        ("1000m", "1"),
        ("1024Mi", "1Gi"),
        (1, "1"),
        ("1e3", "1k"),
        (False, None),
        ([], None),
        ({}, None),
        (None, None),
    ],
)
def test_the_same_value_written_otherwise_is_no_drift_even_if_nobody_says_who_owns_it(ours: Any, live: Any) -> None:
    assert the_drift({"x": ours}, an_object({} if live is None else {"x": live})) == []


@pytest.mark.parametrize(("ours", "live"), [("1", "2"), (True, None), (1, True), ("a", "b"), (0, 1), ("x", None)])
def test_another_value_is_drift_when_nobody_says_who_owns_it(ours: Any, live: Any) -> None:
    assert len(the_drift({"x": ours}, an_object({} if live is None else {"x": live}))) == 1


def test_what_the_api_server_writes_otherwise_while_it_stays_ours_is_no_drift() -> None:
    live = an_object({"timeout": "1m0s"}, entry(OURS, {"f:spec": {"f:timeout": {}}}, "Apply"))
    assert the_drift({"timeout": "60s"}, live) == []


def test_replicas_of_an_autoscaler_are_no_drift_and_those_of_a_person_are() -> None:
    fields = {"f:spec": {"f:replicas": {}}}
    rest = entry(OURS, {"f:spec": {"f:paused": {}}}, "Apply")
    scaled = an_object({"replicas": 5}, rest, entry("kube-controller-manager", fields, sub="scale"))
    by_hand = an_object({"replicas": 5}, rest, entry("kubectl", fields, sub="scale"))
    assert the_drift({"replicas": 3}, scaled) == []
    assert the_drift({"replicas": 3}, by_hand) == [("spec.replicas", 3, 5, "kubectl")]


def test_what_others_add_is_no_drift() -> None:
    ours = {"containers": [{"name": "web", "image": "a"}]}
    live = an_object({"containers": [{"name": "web", "image": "a"}, {"name": "istio-proxy", "image": "b"}], "x": 1})
    assert the_drift(ours, live) == []


def test_items_of_a_list_that_a_custom_kind_merges_by_a_key_are_compared_one_by_one() -> None:
    ours = {"listeners": [{"name": "http", "port": 80}, {"name": "https", "port": 443}]}
    keyed = {'k:{"name":"http"}': {".": {}, "f:name": {}, "f:port": {}}}
    apply = entry(OURS, {"f:spec": {"f:listeners": keyed}}, "Apply")
    filled = {"name": "http", "port": 80, "allowedRoutes": {"namespaces": {"from": "Same"}}}
    edit = entry("kubectl-edit", {"f:spec": {"f:listeners": {'k:{"name":"https"}': {"f:port": {}}}}})
    live = an_object({"listeners": [{"name": "https", "port": 8443}, filled]}, apply, edit)
    assert the_drift(ours, live) == [("spec.listeners[name=https].port", 443, 8443, "kubectl-edit")]


def test_an_entry_added_to_a_value_that_is_one_is_drift() -> None:
    live = an_object(
        {"nodeSelector": {"a": "b", "c": "d"}},
        entry(OURS, {"f:spec": {"f:x": {}}}, "Apply"),
        entry("me", {"f:spec": {"f:nodeSelector": {}}}),
    )
    ours = {"nodeSelector": {"a": "b"}}
    assert the_drift(ours, live) == [("spec.nodeSelector", {"a": "b"}, {"a": "b", "c": "d"}, "me")]


PREFIXES = ((OURS, "k"), ("kubectl-edit", "x"))


def test_what_others_added_is_found_in_one_pass_over_what_is_applied() -> None:
    class Counted(dict[str, str]):
        passes = 0

        def items(self) -> Any:
            Counted.passes += 1
            return super().items()

    ours = Counted({f"k{number}": "" for number in range(50)})
    fields = {manager: {"f:data": {f"f:{one}{number}": {} for number in range(50)}} for manager, one in PREFIXES}
    live = an_object({}, entry(OURS, fields[OURS], "Apply"), entry("kubectl-edit", fields["kubectl-edit"]))
    assert added_by_others({"data": ours}, owners(live)).count == 50
    assert Counted.passes == 1


def history(*managers: str, path: str = "spec.replicas") -> list[Written]:
    return [Written(path, manager, f"{minute:02}:00") for minute, manager in enumerate(managers)]


@pytest.mark.parametrize(
    ("managers", "flips"),
    [
        ("ab", None),
        ("aba", None),
        ("abab", 3),
        ("ababa", 4),
        ("aabbab", 3),
        ("abc", None),
        ("cabab", 3),
        ("ababc", None),
        ("", None),
    ],
)
def test_a_contested_field_is_named_at_the_third_flip_between_the_same_two(managers: str, flips: int | None) -> None:
    found = contests(history(*managers))
    assert [one.flips for one in found] == ([] if flips is None else [flips])
    if found:
        assert set(found[0].managers) == {"a", "b"}
        assert found[0].managers[1] == managers[-1]


@pytest.mark.parametrize(
    ("minutes", "flips"),
    [
        ((0, 17), None),  # somebody changed his mind
        ((0, 40), 3),
        ((0, 20, 40), 3),
        ((0, 5, 10), None),
        ((0, 1, 2, 3), 7),  # nobody does that by hand
    ],
)
def test_what_one_person_does_within_half_an_hour_is_one_edit(minutes: tuple[int, ...], flips: int | None) -> None:
    """Each time it is put back at once."""
    rows = [
        Written("spec.replicas", who, "", minute * 60.0 + offset, by_hand=who == "kubectl")
        for minute in minutes
        for offset, who in ((-1, "kubeorch"), (0, "kubectl"))
    ]
    assert [one.flips for one in contests(rows)] == ([] if flips is None else [flips])
