"""Charts as they are read, without helm."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from imports.charts.archive import MOST_BYTES
from imports.charts.chart import chart_in
from imports.charts.jail import jail
from imports.charts.kustomize import kustomizations, needed
from imports.charts.said import refusal
from imports.domain.problems import ImportInvalid
from imports.domain.sources import SourceFile
from tests.support.cpu import takes_less_than
from tests.support.helm import written_chart
from tests.support.steps import counted_steps

ROOT = Path(__file__).resolve().parents[4]


@pytest.mark.parametrize("piece", ["{{", "{", "lookup ", "{{ lookup }} ", "}} lookup ", "{{ x }} lookup "])
def test_a_template_of_a_million_characters_is_looked_through_in_linear_time(piece: str):
    chart = written_chart(templates__a_yaml=piece * (1_000_000 // len(piece)))

    assert takes_less_than(1.0, chart.remarks)
    assert takes_less_than(1.0, chart.is_random)


def test_a_long_trace_is_led_back_to_files_that_are_read_once():
    chart = written_chart(
        charts__c0__Chart_yaml="name: db\nannotations:\n" + "".join(f"  k{n}: v\n" for n in range(300)),
        charts__c0__templates__x_yaml="{{ .Values.a.b }}",
    )

    def steps(count: int) -> int:
        trace = "".join(f"  shop/charts/db/templates/x.yaml:{n + 1}:3\n" for n in range(count))
        said = f'Error: shop/charts/none/x.yaml:1:1\n{trace}    executing "t" at <.Values.a.b>: nil pointer\n'
        with counted_steps() as found:
            refused = refusal(chart, said, [])
        assert str(refused.place) == f"shop/charts/c0/templates/x.yaml:{count}:4"
        return found.count

    assert steps(400) < 1.5 * steps(100)


def test_lookup_is_found_in_actions_of_templates_alone():
    chart = written_chart(
        templates__a_yaml='# lookup\n{{ $x := lookup "v1" "Secret" "a" "b" }}\n',
        docs__templates__b_yaml="{{ lookup }}",
        templates__c_yaml="{{ .Values.x }} lookup",
    )

    assert chart.remarks() == ["shop/templates/a.yaml:2:1: lookup asks a cluster, and finds nothing here"]


@pytest.mark.parametrize(
    ("paths", "why"),
    [
        (["templates", "templates/a.yaml"], "a file and a folder at once"),
        (["templates/a.yaml", "templates"], "a file and a folder at once"),
        (["x" * 256], "longer than 255 bytes"),
    ],
)
def test_files_that_no_folder_can_have_are_named(paths: list[str], why: str):
    with jail() as own, pytest.raises(ImportInvalid, match=why):
        own.write([SourceFile(path, b"") for path in paths], below="chart")


def test_what_a_kustomization_needs_is_found_in_linear_time():
    names = [f"f{number}.yaml" for number in range(20_000)]
    text = "resources:\n" + "".join(f"  - ../{name}\n" for name in names)
    files = {"a/kustomization.yaml": text.encode()}

    assert takes_less_than(5.0, lambda: needed([*names, *files], "a", files.get))
    assert len(needed([*names, *files], "a", files.get)) == 20_001


def test_charts_that_are_named_by_file_count_with_the_chart():
    def files(names: list[str], size: int) -> list[SourceFile]:
        rows = "".join(f"  - {{name: {name}, version: '1', repository: 'file://../{name}'}}\n" for name in names)
        chart = f"apiVersion: v2\nname: shop\nversion: '1'\ndependencies:\n{rows}"
        others = [
            SourceFile(f"{name}/{path}", content)
            for name in names
            for path, content in {"Chart.yaml": f"name: {name}\n".encode(), "x": bytes(size)}.items()
        ]
        return [SourceFile("shop/Chart.yaml", chart.encode()), *others]

    assert "charts/a/x" in chart_in(files(["a", "b"], 10), "shop").files
    with pytest.raises(ImportInvalid, match=r"shop/Chart.yaml:7:1: with what it names by file://"):
        chart_in(files(["a", "b", "c"], MOST_BYTES // 3 + 1), "shop")
    with pytest.raises(ImportInvalid, match="depends on 100 others at most"):
        chart_in(files([f"d{number}" for number in range(101)], 1), "shop")
    one = SourceFile("big/Chart.yaml", b"name: big\n")
    many = files([f"d{number}" for number in range(100)], 1)[:1]
    text = many[0].content.replace(b"file://../d", b"file://../big#")
    assert set(chart_in([SourceFile("shop/Chart.yaml", text), one], "shop").files) == {"Chart.yaml"}


def test_what_a_killed_worker_left_of_a_rendering_goes_with_the_next_one(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    code = (
        "import os\nfrom imports.charts.jail import jail\nfrom imports.domain.sources import SourceFile\n"
        "with jail() as own:\n    own.write([SourceFile('values.yaml', b'password: x')])\n    os.kill(os.getpid(), 9)\n"
    )
    subprocess.run([sys.executable, "-c", code], env={**os.environ, "TMPDIR": str(tmp_path)}, cwd=ROOT, check=False)
    assert [path.read_bytes() for path in tmp_path.rglob("values.yaml")] == [b"password: x"]

    with jail() as own:
        own.write([SourceFile("own.yaml", b"")])
        with jail():
            assert [path.name for path in tmp_path.rglob("*.yaml")] == ["own.yaml"]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("key", ["resources", "components", "crds", "configurations"])
@pytest.mark.parametrize("address", ["http://127.0.0.1:8080/x.yaml", "https://example.com//x.yaml"])
def test_an_address_is_refused_though_a_file_has_its_path(key: str, address: str):
    files = [
        SourceFile("kustomization.yaml", f"{key}: ['{address}']".encode()),
        SourceFile(address.replace("//", "/"), b"a: 1"),
    ]
    with pytest.raises(ImportInvalid, match="lies elsewhere and is not fetched"):
        kustomizations(files).check("")


def test_a_kustomization_is_judged_with_those_that_it_uses_and_by_no_other():
    files = {
        "a/kustomization.yaml": "resources: [../base]",
        "base/kustomization.yaml": "resources: [x.yaml]",
        "base/x.yaml": "a: 1",
        "far/kustomization.yaml": "resources: ['https://example.com/x//config?ref=v1']",
        "uses-far/kustomization.yaml": "resources: [../far]",
        "broken/kustomization.yaml": "resources: [",
    }
    found = kustomizations([SourceFile(path, text.encode()) for path, text in files.items()])
    assert found.tops() == ["a", "broken", "uses-far"]
    found.check("a")
    with pytest.raises(ImportInvalid, match=r"far/kustomization.yaml:1:\d+: https.*lies elsewhere"):
        found.check("uses-far")
    with pytest.raises(ImportInvalid, match=r"broken/kustomization\.yaml"):
        found.check("broken")


@pytest.mark.parametrize(
    "text",
    [
        "commonLabels: {Env: prod, Path: a, FILES: b}",
        "labels: [{pairs: {Env: prod, Resources: c}}]",
        "configMapGenerator: [{name: a, options: {labels: {Files: x}}, literals: [a=b]}]",
    ],
)
def test_labels_of_people_have_any_name(text: str):
    kustomizations([SourceFile("kustomization.yaml", text.encode())]).check("")


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("Resources: [x.yaml]", "resources"),
        ("re\u017fources: [x.yaml]", "resources"),
        ("patches: [{Path: x.yaml}]", "path"),
        ("configMapGenerator: [{name: a, ENVS: [x]}]", "envs"),
        ("openapi: {PATH: x}", "path"),
    ],
)
def test_keys_that_name_files_are_written_as_kustomize_writes_them(text: str, right: str):
    with pytest.raises(ImportInvalid, match=f"kustomization.yaml:1:1: write {right} in place of"):
        kustomizations([SourceFile("kustomization.yaml", text.encode())]).check("")
