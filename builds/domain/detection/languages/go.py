"""Go: the module, its programs, and the port that one listens on."""

from __future__ import annotations

import re

from builds.domain.detection.findings import Notes
from builds.domain.detection.languages.common import (
    Said,
    Sketch,
    ask_port,
    choose,
    existing,
    port_in,
    port_of_environment,
    procfile,
    tool_versions,
    version_file,
)
from builds.domain.detection.plan import Plan, is_plain_path
from builds.domain.detection.tree import Tree, join
from builds.domain.detection.versions import GO

_MODULE = re.compile(r"^module[ \t]+\"?([^\s\"]{1,200})", re.MULTILINE)
_GO = re.compile(r"^(?:go|toolchain go)[ \t]*([0-9]+\.[0-9]+(?:\.[0-9]+)?)", re.MULTILINE)
_MAIN = re.compile(r"^package[ \t]+main\b", re.MULTILINE)
_LISTENS = (
    re.compile(r"(?:ListenAndServe(?:TLS)?|\.Run|\.Listen|\.Start)\(\s*[\"'`][\w.]{0,40}:([0-9]{2,5})[\"'`]"),
    re.compile(r"Addr:\s*[\"'`][\w.]{0,40}:([0-9]{2,5})[\"'`]"),
    re.compile(r"[\"'`]:([0-9]{2,5})[\"'`]"),
    re.compile(r"\bport\s*:?=\s*[\"'`]?([0-9]{2,5})\b"),
)
_FRAMEWORKS = (
    ("github.com/gin-gonic/gin", "Gin"),
    ("github.com/labstack/echo", "Echo"),
    ("github.com/gofiber/fiber", "Fiber"),
    ("github.com/go-chi/chi", "chi"),
    ("github.com/gorilla/mux", "gorilla/mux"),
)
_NEEDS_C = ("github.com/mattn/go-sqlite3", "github.com/confluentinc/confluent-kafka-go", "github.com/h2non/bimg")
_ASSETS = ("templates", "static", "public", "views", "assets", "web", "migrations", "config", "configs")
_LIKELY = ("server", "api", "web", "app", "main", "serve")


def look(tree: Tree, folder: str, notes: Notes) -> Sketch | None:
    """What can be built of the module in a folder. None for a library."""
    path = join(folder, "go.mod")
    source = tree.text(path)
    if not source:
        return None
    programs = _programs(tree, folder)
    if not programs:
        return None
    module = (_MODULE.search(source) or ["", ""])[1]
    program = _chosen(programs, module, notes)
    versions = [(tuple(map(int, match[1].split(".")[:2])), match) for match in _GO.finditer(source)]
    newest = max(versions, key=lambda one: one[0], default=None)
    said = None
    if newest is not None:
        text = f">={newest[1][1]}" if newest[0] < (1, 21) else newest[1][1]
        said = Said(text, path, source.count("\n", 0, newest[1].start()) + 1, newest[0] < (1, 21))
    version = choose(
        GO, (said, version_file(tree, (folder,), ".go-version"), tool_versions(tree, (folder,), "golang", "go")), notes
    )
    notes.because("it is a Go module with a program", join(folder, program) if program else path, 0 if program else 1)
    framework = next((name for needed, name in _FRAMEWORKS if needed in source), "")
    needs_c = next((needed for needed in _NEEDS_C if needed in source), "")
    if needs_c:
        notes.because(f"{needs_c} needs a C compiler", path, tree.line_of(path, needs_c))
    files = [
        join(join(folder, program), name)
        for name in sorted(tree.names(join(folder, program) if program else folder))
        if name.endswith(".go")
    ]
    port = port_in(tree, files[:20], _LISTENS, notes) or port_of_environment(tree, folder, notes)
    replaced = re.search(r"^(?:replace\s|\s+)?[^\n]{0,200}=>\s*\.", source, re.MULTILINE) is not None
    plan = Plan(
        language="go",
        version=version,
        manager="go",
        framework=framework,
        app=program,
        start=procfile_of(tree, folder, notes),
        port=ask_port(port, 8080, notes, "no file names one; PORT is set to it"),
        build_packages=("gcc", "libc6-dev") if needs_c else (),
        files=()
        if replaced or tree.has_folder(join(folder, "vendor"))
        else existing(tree, folder, ("go.mod", "go.sum")),
        assets=tuple(name for name in _ASSETS if tree.has_folder(join(folder, name)) and name != program.split("/")[0]),
    )
    return Sketch(plan, folder, module.rpartition("/")[2])


def procfile_of(tree: Tree, folder: str, notes: Notes) -> str:
    """What a Procfile says is heard only where it does not name the program by a path of its own."""
    command = procfile(tree, folder, notes)
    if command and not command.startswith("/usr/local/bin/app"):
        notes.warn(
            "the program is /usr/local/bin/app here; the command of the Procfile is not used", join(folder, "Procfile")
        )
    return ""


def _programs(tree: Tree, folder: str) -> list[str]:
    """Folders with `package main`, below the module: itself as "", and those in cmd/."""
    found = []
    start = f"{folder}/" if folder else ""
    for path in sorted(tree.folders):
        below = path[len(start) :] if path.startswith(start) else None
        if path == folder:
            below = ""
        if below is None or not (below == "" or (below.startswith("cmd/") and below.count("/") == 1) or below == "cmd"):
            continue
        sources = [name for name in sorted(tree.names(path)) if name.endswith(".go") and not name.endswith("_test.go")]
        sources.sort(key=lambda name: name != "main.go")
        if is_plain_path(below or "x") and any(_MAIN.search(tree.text(join(path, name))) for name in sources[:5]):
            found.append(below)
    return found[:50]


def _chosen(programs: list[str], module: str, notes: Notes) -> str:
    if len(programs) == 1:
        return programs[0]
    likely = (*_LIKELY, module.rpartition("/")[2])
    best = "" if "" in programs else next((f"cmd/{name}" for name in likely if f"cmd/{name}" in programs), programs[0])
    others = ", ".join(one or "the top folder" for one in programs[:10])
    notes.ask("app", "Which program is built?", best, f"there are several: {others}")
    return best
