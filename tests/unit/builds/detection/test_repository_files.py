"""kubeorch.yaml and paasdeploy.json are read strictly, and what is wrong is told with its place and a cure."""

from __future__ import annotations

import json
from typing import Any

import pytest

from builds.domain.detection.declared import Declared, DeclaredVolume, Health
from builds.domain.detection.fields import RepositoryFileInvalid
from builds.domain.detection.repository_files import read_kubeorch, read_paasdeploy
from builds.domain.detection.units import cpu, memory, seconds
from tests.unit.builds.detection.samples import SAMPLES


def test_an_application_of_kubeorch_yaml_has_all_that_it_says() -> None:
    web, cache = read_kubeorch(SAMPLES["kubeorch-yaml"]["kubeorch.yaml"])
    assert web == Declared(
        file="kubeorch.yaml",
        name="web",
        root="front",
        port=3000,
        build="npm run release",
        version="20",
        cpu="250m",
        memory="512Mi",
        health=Health("/healthz", start_s=120),
        hosts=("shop.example.com",),
        build_variables=("API_URL",),
        build_secrets=("NPM_TOKEN",),
        run_variables={"LOG_LEVEL": "info", "WORKERS": "2"},
        volumes=(DeclaredVolume("data", "/data"),),
    )
    assert (cache.builder, cache.image, cache.port) == ("image", "redis:8.0", 6379)


def test_one_application_may_stand_at_the_top() -> None:
    assert read_kubeorch("version: 1\nname: shop\nroot: ./web/\n") == (Declared("kubeorch.yaml", "shop", "web"),)


@pytest.mark.parametrize(
    ("text", "place", "why"),
    [
        ("name: shop\n", "1:1", "begin the file with version: 1"),
        ("version: 2\nname: shop\n", "1:1", "a whole number from 1 to 1"),
        ("version: 1\nname: Shop\n", "2:1", "lower-case"),
        ("version: 1\nname: shop\nprot: 80\n", "3:1", "did you mean port?"),
        ("version: 1\nname: shop\ncolor: red\n", "3:1", "there are version, name, root"),
        ("version: 1\nname: shop\nport: '80'\n", "3:1", "from 1 to 65535"),
        ("version: 1\nname: shop\nroot: ../x\n", "3:1", "below the top"),
        ("version: 1\nname: shop\nbuilder: nix\n", "3:1", "one of dockerfile, written, static, image"),
        ("version: 1\nname: shop\nbuilder: image\n", "3:1", "go together"),
        ("version: 1\nname: shop\nresources: {memory: 5x}\n", "3:13", "write 512Mi"),
        ("version: 1\nname: shop\nresources:\n  cpu: -1\n", "4:3", "write 500m"),
        ("version: 1\nname: shop\narguments:\n  A: 1\n  DB_PASSWORD: x\n", "5:3", "make it a secret of the source"),
        ("version: 1\nname: shop\nvariables: {build: [PATH]}\n", "3:21", "names of variables"),
        ("version: 1\nname: shop\nhealth: {path: x}\n", "3:10", "begins with /"),
        ("version: 1\nname: shop\nhealth: {period: 5d}\n", "3:10", "write 30s"),
        ("version: 1\napps:\n  - name: a\n  - name: a\n", "4:5", "there twice"),
        ("version: 1\napps: []\n", "2:1", "at least one"),
        ("version: 1\napps: [x]\n", "2:8", "a mapping"),
        ("version: 1\nname: shop\nname: shop\n", "3:1", ""),
        ("version: 1\nname: [\n", "3:1", ""),
        ("- 1\n", "1:1", "a mapping"),
        ("", "1:1", "a mapping"),
        ("a: &x 1\nb: *x\n", "2:1", ""),
        ('version: 1\nname: shop\nstart: "a\\nb"\n', "3:1", "visible"),
    ],
)
def test_what_is_wrong_in_kubeorch_yaml_is_told_with_its_place(text: str, place: str, why: str) -> None:
    with pytest.raises(RepositoryFileInvalid) as refused:
        read_kubeorch(text)
    assert refused.value.detail.startswith(f"kubeorch.yaml:{place}: "), refused.value.detail
    assert why in refused.value.detail


def paasdeploy(**fields: Any) -> Declared:
    return read_paasdeploy(json.dumps({"name": "shop", **fields}))


def test_paasdeploy_json_has_its_own_defaults() -> None:
    assert paasdeploy() == Declared(
        file="paasdeploy.json",
        name="shop",
        port=8080,
        cpu="500m",
        memory="512Mi",
        health=Health("/health", "HTTP", 30, 5, 3, 10),
    )


def test_paasdeploy_json_is_read_in_kubernetes_units() -> None:
    read = read_paasdeploy(SAMPLES["paasdeploy-json"]["paasdeploy.json"])
    assert (read.cpu, read.memory, read.replicas, read.port) == ("1500m", "1Gi", 2, 9000)
    assert (read.builder, read.dockerfile, dict(read.arguments)) == ("dockerfile", "Dockerfile", {"VERSION": "1"})
    assert read.health == Health("/up", "HTTP", 10, 5, 5, 60)
    assert [line for line, _ in read.warnings] == [19, 24]
    assert paasdeploy(healthcheck={"tls": True}).health == Health("/health", "HTTPS", 30, 5, 3, 10)
    assert paasdeploy(volumes=[{"source": "data", "target": "/data", "readOnly": True}]).volumes == (
        DeclaredVolume("data", "/data", True),
    )
    assert paasdeploy(workdir="services/api", build={"type": "dockerfile", "context": "app"}).root == "services/api/app"


@pytest.mark.parametrize(
    ("text", "place", "why"),
    [
        ('{"name": "x"}', "1:2", "2 to 63"),
        ('{\n  "name": "shop",\n  "prot": 1\n}', "3:3", "did you mean port?"),
        ('{"name": "shop", "port": 0}', "1:18", "from 1 to 65535"),
        ('{"name": "shop",\n "build": {\n  "args": {"API_TOKEN": "x"}}}', "3:12", "looks like a secret"),
        ('{"name": "shop", "volumes": [{"target": "/a"},\n {"source": "/etc", "target": "/b"}]}', "2:3", "of the host"),
        ('{"name": "shop", "healthcheck": {"retries": 11}}', "1:34", "from 1 to 10"),
        ('{"name": "shop", "replicas": 11}', "1:18", "from 1 to 10"),
        ('{"name": "shop", "runtime": "perl"}', "1:18", "one of go, node"),
        ('{"name": "shop", "domains": ["a b"]}', "1:30", "names of hosts"),
        ('{"name": "shop", "name": "shop"}', "1:18", "twice"),
        ('{"name": "shop",}', "1:16", ""),
        ("[]", "1:1", "a mapping"),
        ('{"a": ' * 50 + "1" + "}" * 50, "1:121", "deeper"),
    ],
)
def test_what_is_wrong_in_paasdeploy_json_is_told_with_its_place(text: str, place: str, why: str) -> None:
    with pytest.raises(RepositoryFileInvalid) as refused:
        read_paasdeploy(text)
    assert refused.value.detail.startswith(f"paasdeploy.json:{place}: "), refused.value.detail
    assert why in refused.value.detail


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *(("512m", "512Mi"), ("512Mi", "512Mi"), ("1g", "1Gi"), ("1.5g", "1536Mi"), ("512MB", "512Mi"), ("1G", "1G")),
        *(
            ("512k", None),
            ("8192k", "8Mi"),
            (536870912, "512Mi"),
            ("0.5Gi", "0.5Gi"),
            ("", None),
            ("-1m", None),
            ("1e9", None),
        ),
        *(("99t", None), ("9" * 40, None), (True, None), ("１g", None)),
    ],
)
def test_amounts_of_memory(text: str | int, expected: str | None) -> None:
    assert _or_none(memory, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *(
            ("0.5", "500m"),
            (0.5, "500m"),
            ("500m", "500m"),
            (2, "2"),
            ("1.5", "1500m"),
            ("1000m", "1"),
            (".25", "250m"),
        ),
        *(("0.0001", "1m"), (0, None), ("0m", None), ("x", None), (True, None), ("1e3", None), ("99999", None)),
    ],
)
def test_amounts_of_processors(text: str | float, expected: str | None) -> None:
    assert _or_none(cpu, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"), [("30s", 30), ("2m", 120), (15, 15), ("1h", 3600), ("0s", None), ("5", None)]
)
def test_durations(text: str | int, expected: int | None) -> None:
    assert _or_none(seconds, text) == expected


def _or_none(convert: Any, text: object) -> Any:
    try:
        return convert(text)
    except ValueError:
        return None
