"""What helm refuses is told at the file and line of the chart, or of the values."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from imports.charts.helm import Settings, render
from imports.charts.jail import USUAL
from imports.domain.problems import ImportInvalid
from kubeorch.processes.bounded import Bounds
from tests.support.helm import the_chart, the_helm, written_chart

CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n"
DATA = f"{CONFIG}data:\n  x: "
BUSY = "{{ range until 100000 }}{{ range until 100000 }}{{ end }}{{ end }}"
NAMED = 'x: {{ include "a.name" . }}\n'
HELPER = '{{- define "a.name" -}}\n{{ required "set name" .Values.name }}\n{{- end -}}\n'
DEEP = '{{- define "a.name" -}}\n\n  {{ .Values.image.tag.name }}\n{{- end -}}\n'


def refused(*values: str, chart: str = "", bounds: Bounds = USUAL, **files: str) -> str:
    found = the_chart(chart) if chart else written_chart(**files)
    with pytest.raises(ImportInvalid) as error:
        render(found, Settings("shop", "store", values), the_helm(), bounds=bounds)
    return error.value.detail


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"templates__a_yaml": DATA + "{{ if }}\n"}, "shop/templates/a.yaml:6"),
        ({"templates__a_yaml": DATA + "{{ nope }}\n"}, 'shop/templates/a.yaml:6:1: function "nope" not defined'),
        ({"templates__a_yaml": DATA + '{{ fail "no such thing" }}\n'}, "shop/templates/a.yaml:6:9: no such thing"),
        ({"templates__a_yaml": NAMED, "templates___h_tpl": HELPER}, "shop/templates/a.yaml:1:7: set name"),
        ({"templates__a_yaml": NAMED, "templates___h_tpl": DEEP}, "shop/templates/_h.tpl:3:13: nil pointer"),
        ({"templates__a_yaml": NAMED}, "shop/templates/a.yaml:1:"),
        ({"templates__a_yaml": CONFIG + "data:\n - a\n b: c\n"}, "shop/templates/a.yaml: what this template renders"),
        ({}, "shop/Chart.yaml: the chart renders no object with these values"),
        ({"Chart_yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\nkubeVersion: '>=9'\n"}, "shop/Chart.yaml: "),
    ],
)  # fmt: skip
def test_a_template_that_fails_is_named_with_its_line(files: dict[str, str], said: str):
    assert refused(**files).startswith(said)


def test_values_that_do_not_fit_the_schema_are_named_where_they_stand():
    given = refused("image: {tag: 3}\nreplicas: 0\n", chart="checked")
    own = refused("size: 3", chart="checked")

    assert given.startswith(("values:2:1: the values do not fit checked's schema: ", "values:1:1: "))
    assert "additional properties 'size' not allowed" in own


def test_values_are_a_mapping_of_yaml():
    assert refused("a: [1", chart="web").startswith("values:2:1: ")
    assert refused("- a", chart="web") == "values:1:1: values are a mapping, such as `replicas: 2`"
    assert "twice" in refused("a: 1\na: 2", chart="web")


def test_a_chart_that_lacks_what_it_depends_on_is_refused_with_the_cure():
    more = "dependencies:\n  - name: postgresql\n    version: 12.x\n    repository: https://charts.example.com\n"
    said = refused(Chart_yaml="apiVersion: v2\nname: shop\nversion: 1.0.0\n" + more)

    assert said == (
        "shop/Chart.yaml:5:1: the chart depends on postgresql 12.x from https://charts.example.com, which is not in "
        "charts/; run `helm dependency build` in its folder and bring the folder again"
    )


@pytest.mark.parametrize(
    ("template", "bounds", "why"),
    [
        (BUSY, {"cpu_s": 1}, "may take 1 s of CPU"),
        (BUSY, {"wall_s": 0.5}, "longer than 0 s"),
        ('{{ repeat 400 (repeat 1000000 "x") }}', {"memory_bytes": 200_000_000}, "more than 200 MB of memory"),
        ('x: {{ repeat 20000 "x" }}', {"output_bytes": 10_000}, "prints more than 10,000 bytes"),
    ],
)  # fmt: skip
def test_a_chart_that_takes_too_much_is_ended(template: str, bounds: dict[str, Any], why: str):
    assert why in refused(bounds=replace(USUAL, **bounds), templates__a_yaml=template)


def test_a_chart_whose_templates_call_one_another_without_end_is_refused():
    circle = '{{ define "a" }}{{ include "a" . }}{{ end }}{{ include "a" . }}'

    assert refused(templates__a_yaml=circle).endswith("templates include a in itself without end")


def test_no_template_sees_this_machine_or_its_network():
    own = '{{ env "HOME" }}'
    assert 'function "env" not defined' in refused(templates__a_yaml=own)
    found = render(
        written_chart(templates__a_yaml=CONFIG + 'data:\n  host: "{{ getHostByName "localhost" }}"\n'),
        Settings("shop", "store"),
        the_helm(),
    )
    assert 'host: ""' in found.parts[0].text
