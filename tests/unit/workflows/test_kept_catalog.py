"""What is kept of the catalog is the catalog, or nothing."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.kinds.samples import ROOT, SAMPLES, a_graph, sample_node, the_catalog
from workflows.domain.graphs.read_graph import parse_graph
from workflows.domain.kinds.folder import TemplateFolder
from workflows.domain.kinds.kept import library_bytes
from workflows.domain.rendering.render import render_graph
from workflows.kept_catalog import TEMPLATES, keep, kept_catalog


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("kept") / "below" / "catalog"
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, False
    keep(library_bytes(TemplateFolder(TEMPLATES)), path)
    sys.dont_write_bytecode = before
    return path


def test_what_was_kept_is_the_same_catalog_and_renders_the_same(kept: Path):
    found = kept_catalog(kept)
    assert found is not None
    for kind in the_catalog().kinds:
        nodes = [sample_node(kind, sample) for sample in SAMPLES]
        expected = render_graph(a_graph(*nodes), the_catalog(), namespace="shop", variables={})
        assert render_graph(parse_graph({"nodes": nodes, "edges": []}, found), found, namespace="shop") == expected
    assert found.as_json() == the_catalog().as_json()


def test_nothing_is_taken_from_a_torn_file_or_one_that_was_made_of_other_templates(kept: Path, tmp_path: Path):
    whole = kept.read_bytes()
    for number, torn in enumerate((b"", whole[:20], whole[:-1], whole + b"1", whole[:40] + b"1" + whole[41:])):
        path = tmp_path / f"torn-{number}"
        path.write_bytes(torn)
        assert kept_catalog(path) is None
    templates = shutil.copytree(TEMPLATES, tmp_path / "k8s_templates")
    assert kept_catalog(kept, templates) is not None
    text = (templates / "network/service/template.yaml").read_text()
    (templates / "network/service/template.yaml").write_text(f"{text}\n")
    assert kept_catalog(kept, templates) is None


def test_what_cannot_be_written_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    (tmp_path / "file").write_text("")
    keep(b"1", tmp_path / "file" / "catalog")
    assert kept_catalog(tmp_path / "file" / "catalog") is None


def test_a_conversion_loads_neither_the_compiler_nor_a_framework_nor_what_is_for_many_graphs():
    loaded = "import sys, typing; before = {*sys.modules}; import imports.command, workflows.kept_catalog; "
    loaded += "print(*sys.modules.keys() - before)"
    done = subprocess.run([sys.executable, "-c", loaded], cwd=ROOT, capture_output=True, text=True, check=True)
    heavy = {"jinja2", "django", "pymongo", "asyncio", "ssl", "orjson", "dataclasses", "inspect", "uuid"}
    assert not heavy & set(done.stdout.split())
