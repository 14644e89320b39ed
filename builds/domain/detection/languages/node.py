"""Node and Bun: what package.json, lock files and configuration tell."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from builds.domain.detection.findings import Notes
from builds.domain.detection.languages.common import (
    Said,
    Sketch,
    ask_port,
    choose,
    existing,
    port_in,
    port_of_environment,
    tool_versions,
    version_file,
)
from builds.domain.detection.languages.node_commands import (
    build_of,
    needs_development,
    output_of,
    public_variables,
    start_of,
)
from builds.domain.detection.languages.node_frameworks import FRAMEWORKS, NATIVE, Framework
from builds.domain.detection.languages.node_workspaces import Workspace
from builds.domain.detection.plan import Plan, is_plain_path
from builds.domain.detection.tree import Tree, join, mapping, text
from builds.domain.detection.versions import NODE

LOCKS = (
    ("pnpm-lock.yaml", "pnpm"),
    ("bun.lock", "bun"),
    ("bun.lockb", "bun"),
    ("yarn.lock", "yarn"),
    ("package-lock.json", "npm"),
    ("npm-shrinkwrap.json", "npm"),
)
_BESIDE = (
    *(
        "package.json",
        "package-lock.json",
        "npm-shrinkwrap.json",
        "pnpm-lock.yaml",
        "yarn.lock",
        "bun.lock",
        "bun.lockb",
    ),
    *(".npmrc", ".yarnrc.yml", ".yarnrc", "bunfig.toml"),
)
_STATIC_PORT = 8080
_LISTENS = (
    re.compile(r"\bPORT\b[^\n]{0,40}?(?:\|\||\?\?)\s*[\"']?([0-9]{2,5})\b"),
    re.compile(r"\.listen\(\s*(?:\{\s*port:\s*)?([0-9]{2,5})\b"),
    re.compile(r"\b(?:const|let|var)\s+(?:port|PORT)\s*=\s*([0-9]{2,5})\b"),
)
_ENTRIES = ("server", "index", "app", "main", "src/server", "src/index", "src/app", "src/main")


def look(tree: Tree, folder: str, notes: Notes, workspace: Workspace | None = None) -> Sketch | None:
    """What can be built of the package in a folder. None for a library, and for the top of a workspace."""
    path = join(folder, "package.json")
    package = tree.json(path)
    if not package:
        if "package.json" in tree.names(folder):
            notes.warn("it is not a JSON object, or too large, and was not read", path, 1)
        return None
    scripts = {name: text(line) for name, line in mapping(package.get("scripts")).items() if text(line)}
    needs = {**mapping(package.get("devDependencies")), **mapping(package.get("dependencies"))}
    framework = next((one for one in FRAMEWORKS if one.package in needs), None)
    entry = _entry(tree, folder, package)
    is_started = "start" in scripts or (entry and "Procfile" in tree.names(folder))
    has_program = entry and workspace is None and tree.names(folder) & {"server.js", "app.js", "index.js"}
    if framework is None and not is_started and not has_program:
        return None
    if framework is None and "workspaces" in package and "start" not in scripts:
        return None
    if framework is not None:
        notes.because(f"it uses {framework.name}", path, tree.line_of(path, f'"{framework.package}"'))
    root = workspace.root if workspace else folder
    folders = list(dict.fromkeys((folder, root)))
    manager, locked, tool_version = _manager(tree, root, package, notes)
    version = _version(tree, folders, package, path, notes) if manager != "bun" else NODE.usual
    framework = _server_after_all(framework, needs, scripts, tree, folder, notes)
    install = "" if locked else _unlocked(manager, path, notes)
    native = [NATIVE[name] for name in needs if name in NATIVE]
    plan = Plan(
        language="node",
        version=version,
        manager=manager,
        framework=framework.name if framework else "",
        app=folder[len(root) :].strip("/"),
        install=install,
        tool_version=tool_version,
        files=_files(tree, root, package, scripts, needs) if workspace is None else (),
        build_packages=tuple(sorted({one for build, _ in native for one in build})),
        packages=tuple(sorted({one for _, run in native for one in run})),
        variables=public_variables(tree, folder, framework, notes),
    )
    plan = replace(plan, build=build_of(tree, folder, scripts, framework, plan, workspace, notes))
    name = text(package.get("name"), 214)
    output = output_of(tree, folder, package, framework, notes)
    if output:
        return Sketch(
            replace(plan, output=output, fallback=bool(framework and framework.fallback), port=_STATIC_PORT),
            root,
            name,
        )
    start = start_of(tree, folder, package, scripts, framework, plan, entry, notes)
    port = port_in(tree, [entry] if entry else [], _LISTENS, notes) or port_of_environment(tree, folder, notes)
    usual = framework.port if framework else 3000
    port = ask_port(port, usual, notes, "no file names one; PORT is set to it, and this is what most listen on")
    prunes = (
        workspace is None and not needs_development(start, scripts, package) and bool(package.get("devDependencies"))
    )
    return Sketch(replace(plan, start=start, port=port, prunes=prunes), root, name)


def _manager(tree: Tree, root: str, package: Mapping[str, Any], notes: Notes) -> tuple[str, bool, str]:
    """The package manager, whether there is a lock file, and its version ("" for ours)."""
    at_top = tree.json(join(root, "package.json"))
    declared = text(package.get("packageManager")) or text(at_top.get("packageManager"))
    name, _, version = declared.partition("@")
    version = version.partition("+")[0].partition("-")[0]
    major = version.split(".")[0]
    found = next(((file, manager) for file, manager in LOCKS if file in tree.names(root)), None)
    if found is not None:
        manager = found[1]
        notes.because(f"{manager} installs: its lock file is there", join(root, found[0]))
    else:
        manager = name if name in ("npm", "pnpm", "yarn", "bun") else "npm"
        notes.because(
            f"{manager} installs",
            join(root, "package.json"),
            tree.line_of(join(root, "package.json"), '"packageManager"'),
        )
    if manager == "yarn" and (
        ".yarnrc.yml" in tree.names(root) or (name == "yarn" and major.isdecimal() and int(major) > 1)
    ):
        manager = "berry"
    if name != manager or not re.fullmatch(r"[0-9]{1,4}(?:\.[0-9]{1,4}){0,2}", version, re.ASCII):
        version = _pnpm_of_lock(tree, root) if manager == "pnpm" else ""
    return manager, found is not None, version


def _pnpm_of_lock(tree: Tree, root: str) -> str:
    """The version of pnpm that wrote the lock file. Source: pnpm docs, "pnpm-lock.yaml", lockfileVersion."""
    match = re.match(r"lockfileVersion:\s*'?([0-9]{1,2})", tree.text(join(root, "pnpm-lock.yaml"))[:200])
    return {"5": "7", "6": "8"}.get(match[1], "") if match else ""


def _unlocked(manager: str, path: str, notes: Notes) -> str:
    notes.warn("there is no lock file, so that another build may install other versions; commit one", path)
    return f"{'yarn' if manager == 'berry' else manager} install"


def _version(tree: Tree, folders: list[str], package: Mapping[str, Any], path: str, notes: Notes) -> str:
    engines = text(mapping(package.get("engines")).get("node"))
    volta = text(mapping(package.get("volta")).get("node"))
    top = join(folders[-1], "package.json")
    return choose(
        NODE,
        (
            version_file(tree, folders, ".nvmrc"),
            version_file(tree, folders, ".node-version"),
            tool_versions(tree, folders, "nodejs", "node"),
            Said(volta, path, tree.line_of(path, '"volta"')),
            Said(engines, path, tree.line_of(path, '"engines"'), is_range=True),
            Said(text(mapping(tree.json(top).get("engines")).get("node")), top, tree.line_of(top, '"engines"'), True),
        ),
        notes,
    )


def _files(
    tree: Tree, root: str, package: Mapping[str, Any], scripts: Mapping[str, str], needs: Mapping[str, Any]
) -> tuple[str, ...]:
    """What an install reads; none where it reads more than can be told."""
    if {"preinstall", "install", "postinstall", "prepare", "prepublish"} & scripts.keys() or "prisma" in needs:
        return ()
    if any(
        text(one).startswith(("file:", "link:", "portal:", "workspace:", "patch:", ".", "/")) for one in needs.values()
    ):
        return ()
    if tree.has_folder(join(root, ".yarn")) or tree.has_folder(join(root, "patches")) or "pnpm" in package:
        return ()
    if "pnpm-workspace.yaml" in tree.names(root) or "workspaces" in package:
        return ()
    return existing(tree, root, _BESIDE)


def _entry(tree: Tree, folder: str, package: Mapping[str, Any]) -> str:
    main = text(package.get("main"), 200).removeprefix("./")
    if main and is_plain_path(main) and tree.has(join(folder, main)):
        return join(folder, main)
    for stem in _ENTRIES:
        for ending in (".js", ".ts", ".mjs", ".cjs"):
            if tree.has(join(folder, stem + ending)):
                return join(folder, stem + ending)
    return ""


def _server_after_all(
    framework: Framework | None,
    needs: Mapping[str, Any],
    scripts: Mapping[str, str],
    tree: Tree,
    folder: str,
    notes: Notes,
) -> Framework | None:
    """SvelteKit and Angular tell by their parts; others are what they are."""
    if framework is None or framework.package not in ("vite", "@angular/core"):
        return framework
    path = join(folder, "package.json")
    if "@sveltejs/kit" in needs:
        notes.warn(
            "SvelteKit needs an adapter to run here: add @sveltejs/adapter-node or @sveltejs/adapter-static", path
        )
        return replace(framework, name="SvelteKit", output="build", prefix="PUBLIC_")
    if "@angular/ssr" in needs:
        return replace(framework, output="", start=scripts.get("serve:ssr", ""), port=4000)
    return framework
