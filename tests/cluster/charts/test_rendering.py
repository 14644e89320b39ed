"""Charts rendered by the real helm become graphs that render what helm printed."""

from __future__ import annotations

from typing import Any

import pytest

from imports.charts.choosing import chosen
from imports.charts.helm import Rendering, Settings, render
from imports.charts.keeping import Before, kept
from imports.domain.manifests.read import Reading, read
from kubeorch.base.yaml import load_all_strict
from tests.support.helm import NAMES, the_chart, the_helm, written_chart
from tests.unit.imports.manifests.support import meant, rendered
from tests.unit.kinds.samples import the_catalog

Manifest = dict[str, Any]


def settings(*values: str, **more: Any) -> Settings:
    return Settings(**{"release": "shop", "namespace": "store", "values": values, **more})


def rendering(name: str, *values: str, **more: Any) -> Rendering:
    return render(the_chart(name), settings(*values, **more), the_helm())


def documents(found: Rendering) -> list[Manifest]:
    """What helm printed, lists as their items."""
    texts = [one for part in found.parts for one in load_all_strict(part.text) if one]
    return [item for one in texts for item in (one["items"] if one["kind"] == "List" else [one])]


def by_name(manifests: list[Manifest]) -> dict[tuple[str, str], Manifest]:
    return {(one["kind"], one["metadata"]["name"]): one for one in manifests}


def reading_of(found: Rendering, answers: dict[str, str] | None = None) -> Reading:
    parts, _ = kept(found)
    return read(chosen(parts, answers or {}).files, the_catalog(), namespace="store")


@pytest.mark.parametrize("name", NAMES)
def test_the_graph_of_a_chart_renders_what_helm_prints(name: str):
    found = rendering(name)
    printed = documents(found)
    hooks = dict.fromkeys((decision.id for decision in chosen(found.parts, {}).decisions), "keep")

    drawn = rendered(reading_of(found, hooks))

    assert drawn.keys() == by_name(printed).keys()
    for key, manifest in by_name(printed).items():
        assert meant(drawn[key], of=printed) == meant(manifest, of=printed), key


def test_values_and_files_of_values_count_in_their_order():
    plain = by_name(documents(rendering("web")))
    more = by_name(documents(rendering("web", "replicaCount: 9\n", value_files=("values-production.yaml",))))

    assert plain["Deployment", "shop-web"]["spec"]["replicas"] == 2
    assert ("Ingress", "shop-web") in more
    assert ("HorizontalPodAutoscaler", "shop-web") in more
    assert plain["ConfigMap", "shop-web"]["data"]["GREETING"] == "hello from shop"
    assert by_name(documents(rendering("web", "replicaCount: 9\n")))["Deployment", "shop-web"]["spec"]["replicas"] == 9


def test_charts_in_a_chart_have_its_values_its_aliases_and_its_conditions():
    found = by_name(documents(rendering("umbrella")))
    both = by_name(documents(rendering("umbrella", "replica: {enabled: true, size: 7Gi}")))

    assert ("StatefulSet", "shop-primary") in found
    assert ("StatefulSet", "shop-replica") not in found
    container = found["StatefulSet", "shop-primary"]["spec"]["template"]["spec"]["containers"][0]
    assert container["image"] == "registry.example.com/postgres:16"
    claims = both["StatefulSet", "shop-replica"]["spec"]["volumeClaimTemplates"]
    assert claims[0]["spec"]["resources"] == {"requests": {"storage": "7Gi"}}


def test_hooks_are_told_apart_and_those_of_an_install_are_drawn():
    parts, _ = kept(rendering("migrating"))
    decisions = {one.id: one for one in chosen(parts, {}).decisions}

    assert {id_: one.answer for id_, one in decisions.items()} == {
        "hooks/post-delete": "leave",
        "hooks/post-install": "keep",
        "hooks/pre-install,pre-upgrade": "keep",
    }
    assert (
        "Helm would run Job shop-migrate at pre-install, pre-upgrade"
        in decisions["hooks/pre-install,pre-upgrade"].question
    )
    names = {ref for ref, _ in rendered(reading_of(rendering("migrating"), {"hooks/post-install": "leave"}))}
    assert names == {"Deployment", "Job"}


def test_definitions_are_drawn_or_left_to_the_cluster_by_choice():
    found = rendering("gadgets")
    kinds = [kind for kind, _ in rendered(reading_of(found))]
    without = [kind for kind, _ in rendered(reading_of(found, {"crds": "leave"}))]

    assert kinds.count("CustomResourceDefinition") == 2
    assert "CustomResourceDefinition" not in without
    assert "Gadget" in without


def test_what_is_random_is_rendered_once_and_kept_when_values_change():
    first = rendering("passwords")
    parts, random = kept(first)
    again, _ = kept(rendering("passwords", "replicas: 4"), Before(tuple(parts), tuple(random)))
    before, after = (
        {one["kind"]: one for part in found for one in load_all_strict(part.text)} for found in (parts, again)
    )

    assert {(one.kind, one.fields) for one in random} == {
        ("Secret", ("data.password",)),
        ("Deployment", ("spec.template.metadata.annotations.rendered-at",)),
        ("Job", ("metadata.name",)),
    }
    assert after["Secret"] == before["Secret"]
    assert after["Job"] == before["Job"]
    assert after["Deployment"]["spec"]["replicas"] == 4
    assert after["Deployment"]["spec"]["template"] == before["Deployment"]["spec"]["template"]


def test_a_chart_hears_of_the_version_and_the_apis_of_its_cluster():
    plain = by_name(documents(rendering("capable", kube_version="v1.31.4-gke.1")))
    more = by_name(documents(rendering("capable", kube_version="v1.36.3", api_versions=("monitoring.coreos.com/v1",))))

    data = plain["ConfigMap", "shop-cluster"]["data"]
    assert (data["minor"], data["newer"], data["namespace"], data["monitors"]) == ("31", "false", "store", "false")
    assert more["ConfigMap", "shop-cluster"]["data"]["newer"] == "true"
    assert ("ServiceMonitor", "shop") in more


def test_a_cluster_may_serve_thousands_of_apis():
    many = [f"{'group' * 10}{number}.example.com/v1/Kind" for number in range(5_000)]
    found = rendering("capable", api_versions=("monitoring.coreos.com/v1", *many))

    assert ("ServiceMonitor", "shop") in by_name(documents(found))


def test_a_schema_that_names_another_one_is_not_read_and_values_are_not_checked_by_it():
    chart = written_chart(
        values_schema_json="", templates__a_yaml="apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"
    )
    files = {**chart.files, "values.schema.json": b'{"$ref": "file:///etc/passwd"}'}
    foreign = type(chart)(chart.root, chart.name, chart.version, False, files)

    assert [str(place) for place in foreign.foreign_schemas()] == ["shop/values.schema.json"]
    assert [part.source for part in render(foreign, settings(), the_helm()).parts] == ["shop/templates/a.yaml"]
