"""Repositories without a Dockerfile are found, written for, built by BuildKit, and run without root: each answers.

Dependencies come from the package registries, as they do for people. The first time, the base images are made: some
minutes, see `tests/support/builds/bases.py`.
"""

# ruff: noqa: E501 - files as they are written
from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
import pytest

from builds.domain.detection.detect import detect
from builds.domain.detection.findings import Proposal
from builds.domain.detection.plan import Plan
from builds.domain.detection.written import written
from tests.support.builds.bases import go_version, make, node_version
from tests.support.builds.containers import running, unpack
from tests.support.builds.plain_engine import PlainEngine

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

FLASK = {
    "requirements.txt": "flask==3.1.0\ngunicorn==23.0.0\n",
    ".python-version": "3.11\n",
    "app.py": 'from flask import Flask\n\napp = Flask(__name__)\n\n\n@app.get("/")\ndef home():\n    return "hello from flask"\n',
}
DJANGO = {
    "requirements.txt": "django==5.1.4\nuvicorn==0.34.0\n",
    ".python-version": "3.11",
    "manage.py": 'import os\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_.settings")\n',
    "site_/__init__.py": "",
    "site_/settings.py": 'SECRET_KEY = "x"\nALLOWED_HOSTS = ["*"]\nROOT_URLCONF = "site_.urls"\n',
    "site_/urls.py": (
        'from django.http import HttpResponse\nfrom django.urls import path\n\nurlpatterns = [path("", lambda r: HttpResponse("hello from django"))]\n'
    ),
    "site_/asgi.py": (
        'import os\nfrom django.core.asgi import get_asgi_application\n\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_.settings")\n'
        "application = get_asgi_application()\n"
    ),
}
EXPRESS = {
    "package.json": json.dumps(
        {
            "name": "api",
            "scripts": {"start": "node server.js"},
            "dependencies": {"express": "4.21.2"},
            "devDependencies": {"is-odd": "3.0.1"},
            "engines": {"node": node_version()},
        }
    ),
    "server.js": (
        'const app = require("express")();\napp.get("/", (q, r) => r.send("hello from express"));\n'
        "app.listen(process.env.PORT || 4000);\n"
    ),
}
VITE = {
    "package.json": json.dumps(
        {
            "name": "web",
            "scripts": {"build": "vite build"},
            "devDependencies": {"vite": "5.4.11"},
            "engines": {"node": node_version()},
        }
    ),
    "index.html": '<title>x</title><script type="module" src="/main.js"></script>',
    "main.js": "document.title = import.meta.env.VITE_GREETING;\n",
    ".env.example": "VITE_GREETING=hello\n",
}
GO = {
    "go.mod": f"module example.com/hello\n\ngo {go_version()}\n",
    "main.go": (
        'package main\n\nimport (\n\t"fmt"\n\t"net/http"\n\t"os"\n)\n\nfunc main() {\n'
        '\ttext, _ := os.ReadFile("templates/hello.txt")\n'
        '\thttp.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, string(text)) })\n'
        '\thttp.ListenAndServe(":9090", nil)\n}\n'
    ),
    "templates/hello.txt": "hello from go",
}
UV_PROJECT = '[project]\nname = "api"\nversion = "1"\nrequires-python = "==3.11.*"\n'
UV_LOCK = 'version = 1\nrequires-python = "==3.11.*"\n\n[[package]]\nname = "api"\nversion = "1"\nsource = { virtual = "." }\n'
STATIC = {"index.html": "<h1>hello from a page</h1>", "secret/.env": "canary", ".git/config": "canary"}


def repository(folder: Path, files: Mapping[str, str]) -> Proposal:
    """The files in the folder, and the first thing that is found in them."""
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    return detect({path: len(text) for path, text in files.items()}, files.get).proposals[0]


class Built:
    """An image on disk: its files, and its configuration as the registry would have it."""

    def __init__(self, engine: PlainEngine, folder: Path, plan: Plan, **given: Any) -> None:
        text = written(plan)
        archive, layout = folder / "image.tar", folder / "layout"
        output = f"type=oci,dest={archive},compression=uncompressed,force-compression=true"
        context = folder / "repository"
        self.said = engine.build(context, text.dockerfile, output, ignored=text.dockerignore, **given)["log"]
        self.layers = layout
        layout.mkdir()
        subprocess.run(["tar", "-xf", str(archive), "-C", str(layout)], check=True)
        index = orjson.loads((layout / "index.json").read_bytes())
        manifest = self._blob(layout, index["manifests"][0]["digest"])
        self.document = self._blob(layout, manifest["config"]["digest"])
        self.config: dict[str, Any] = self.document["config"]
        self.root = folder / "image" / "rootfs"
        unpack([layout / "blobs" / one["digest"].replace(":", "/") for one in manifest["layers"]], self.root)

    @staticmethod
    def _blob(layout: Path, digest: str) -> dict[str, Any]:
        found: dict[str, Any] = orjson.loads((layout / "blobs" / digest.replace(":", "/")).read_bytes())
        return found


def built(
    engine: PlainEngine, folder: Path, files: Mapping[str, str], *bases: str, **given: Any
) -> tuple[Proposal, Built]:
    (folder / "repository").mkdir()
    proposal = repository(folder / "repository", files)
    make(engine, *bases)
    assert proposal.plan is not None
    return proposal, Built(engine, folder, proposal.plan, **given)


def answers(engine: PlainEngine, image: Built, proposal: Proposal) -> str:
    """What the container answers on its port; nothing in it runs as root."""
    with running(engine, image.root, image.config) as container:
        text = container.get(f"http://127.0.0.1:{proposal.port}/")
        assert "0" not in container.uids()
        return text


def test_flask_with_pip_answers(engine: PlainEngine, tmp_path: Path) -> None:
    proposal, image = built(engine, tmp_path, FLASK, "python")
    assert proposal.title == "Python 3.11, Flask, port 8000"
    assert answers(engine, image, proposal) == "hello from flask"


def test_django_answers_by_uvicorn(engine: PlainEngine, tmp_path: Path) -> None:
    proposal, image = built(engine, tmp_path, DJANGO, "python")
    assert proposal.title == "Python 3.11, Django, port 8000"
    assert answers(engine, image, proposal) == "hello from django"


@pytest.mark.skipif(not node_version(), reason="Node is not installed")
def test_express_with_npm_answers_and_has_no_packages_of_the_build(engine: PlainEngine, tmp_path: Path) -> None:
    proposal, image = built(engine, tmp_path, EXPRESS, "node")
    assert proposal.title == f"Node {node_version()}, Express, port 4000"
    assert answers(engine, image, proposal) == "hello from express"
    assert not (image.root / "app/node_modules/is-odd").exists()


SERVER = """
import http.server
import os


class Home(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"hello from " + os.environ["VIRTUAL_ENV"].encode())


http.server.HTTPServer(("0.0.0.0", 8000), Home).serve_forever()
"""


def test_a_project_of_uv_answers(engine: PlainEngine, tmp_path: Path) -> None:
    files = {"pyproject.toml": UV_PROJECT, "uv.lock": UV_LOCK, "main.py": SERVER}
    proposal, image = built(engine, tmp_path, files, "python")
    assert proposal.plan is not None
    assert (proposal.plan.manager, proposal.plan.version) == ("uv", "3.11")
    assert answers(engine, image, proposal) == "hello from /opt/venv"


@pytest.mark.skipif(not node_version(), reason="Node is not installed")
def test_a_workspace_of_pnpm_builds_what_a_package_needs_first(engine: PlainEngine, tmp_path: Path) -> None:
    files = {
        "package.json": json.dumps(
            {"name": "top", "private": True, "packageManager": "pnpm@9.15.0", "engines": {"node": node_version()}}
        ),
        "pnpm-workspace.yaml": "packages: ['apps/*', 'packages/*']\n",
        "packages/words/package.json": json.dumps(
            {"name": "words", "version": "1.0.0", "main": "dist.js", "scripts": {"build": "cp words.js dist.js"}}
        ),
        "packages/words/words.js": "module.exports = 'hello from a workspace';\n",
        "apps/api/package.json": json.dumps(
            {
                "name": "api",
                "version": "1.0.0",
                "scripts": {"start": "node server.js"},
                "dependencies": {"words": "workspace:*"},
            }
        ),
        "apps/api/server.js": "require('http').createServer((q, r) => r.end(require('words'))).listen(4100);\n",
    }
    proposal, image = built(engine, tmp_path, files, "node")
    assert proposal.title == f"Node {node_version()}, port 4100"
    assert answers(engine, image, proposal) == "hello from a workspace"


@pytest.mark.skipif(not node_version(), reason="Node is not installed")
def test_a_vite_site_is_served_with_its_build_variable(engine: PlainEngine, tmp_path: Path) -> None:
    proposal, image = built(engine, tmp_path, VITE, "node", "nginx", args={"VITE_GREETING": "good morning"})
    assert proposal.title == f"Node {node_version()}, Vite, static site on port 8080"
    with running(engine, image.root, image.config) as container:
        page = container.get("http://127.0.0.1:8080/some/route")
        script = page.partition('src="')[2].partition('"')[0]
        assert "good morning" in container.get(f"http://127.0.0.1:8080{script}")
        assert "0" not in container.uids()


@pytest.mark.skipif(not go_version(), reason="Go is not installed")
def test_go_answers_with_its_templates(engine: PlainEngine, tmp_path: Path) -> None:
    proposal, image = built(engine, tmp_path, GO, "golang")
    assert proposal.title == f"Go {go_version()}, port 9090"
    assert answers(engine, image, proposal) == "hello from go"


def test_a_static_site_answers_and_what_nobody_should_see_is_not_in_it(engine: PlainEngine, tmp_path: Path) -> None:
    proposal, image = built(engine, tmp_path, STATIC, "nginx")
    assert answers(engine, image, proposal) == "<h1>hello from a page</h1>"
    kept = [path for path in (image.root / "usr/share/nginx/html").rglob("*") if path.is_file()]
    assert [path.name for path in kept] == ["index.html"]


def test_a_secret_of_the_build_is_seen_by_its_steps_and_stays_nowhere(engine: PlainEngine, tmp_path: Path) -> None:
    canary = "canary-4d1f77"
    files = {
        **FLASK,
        "kubeorch.yaml": (
            "version: 1\nname: shop\nvariables: {build_secrets: [PIP_TOKEN]}\n"
            'build: test -n "$PIP_TOKEN" && printf %s "$PIP_TOKEN" | wc -c > length.txt\n'
        ),
    }
    _, image = built(engine, tmp_path, files, "python", secrets={"PIP_TOKEN": canary})
    assert (image.root / "app/length.txt").read_text().strip() == str(len(canary))
    assert canary not in json.dumps(image.document)
    assert canary not in image.said
    found = subprocess.run(
        ["grep", "-rlF", canary, str(image.root), str(image.layers)], capture_output=True, text=True, check=False
    )
    assert (found.returncode, found.stdout) == (1, "")


@pytest.mark.parametrize(
    "command",
    [
        ": \\",
        ": x <<EOF",
        ": '<<-EOF' # syntax=a/b",
        "[ -e /app ]",
        ": \"$(id -u)\" '${PATH}' \\` && :",
        ": 'é \U0001f3f4' \"]\"",
    ],
)
def test_buildkit_reads_a_command_as_it_is_meant(engine: PlainEngine, tmp_path: Path, command: str) -> None:
    """Steps that follow it are still there, and what the container starts is the command."""
    (tmp_path / "repository").mkdir()
    plan = Plan(language="python", version="3.11", manager="pip", install=command, build=command, start=command)
    make(engine, "python")
    image = Built(engine, tmp_path, plan)
    assert image.config["User"] == "10001:10001"
    assert list(image.config["ExposedPorts"]) == ["8080/tcp"]
    assert image.config["Cmd"][-1].removeprefix("exec ") == command or image.config["Cmd"] == command.split()
