"""How a package of Node is built and started, and what is then served."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from builds.domain.detection.findings import Notes
from builds.domain.detection.languages.common import procfile
from builds.domain.detection.languages.node_frameworks import Framework
from builds.domain.detection.languages.node_workspaces import Workspace, built_before
from builds.domain.detection.plan import Plan, is_command, is_plain_path, is_variable
from builds.domain.detection.tree import Tree, join, mapping, text

_OUT_DIR = re.compile(r"\boutDir:\s*[\"']([\w./-]{1,100})[\"']")
_NEXT_OUTPUT = re.compile(r"\boutput:\s*[\"'](export|standalone)[\"']")
_SIMPLE = re.compile(r"[A-Za-z0-9_@%+,./:-][A-Za-z0-9_@%+=:,./ -]*", re.ASCII)
_RUNNERS = ("npm", "pnpm", "yarn", "bun", "npx", "cd", "cross-env")
_PUBLIC = re.compile(r"^[ \t]*#?[ \t]*(?:export[ \t]+)?([A-Z][A-Z0-9_]{1,99})[ \t]*=", re.MULTILINE)


def build_of(
    tree: Tree,
    folder: str,
    scripts: Mapping[str, str],
    framework: Framework | None,
    plan: Plan,
    workspace: Workspace | None,
    notes: Notes,
) -> str:
    runner = "yarn" if plan.manager == "berry" else plan.manager
    path = join(folder, "package.json")
    own = ""
    if "build" in scripts:
        own = f"{runner} run build"
        notes.because(f"its script builds: {scripts['build'][:200]}", path, tree.line_of(path, '"build"'))
    elif framework is not None and framework.build:
        own = framework.build
        notes.because(f"{framework.name} is built with {framework.build}; there is no script named build", path)
    if workspace is None:
        return own
    steps = []
    for needed in built_before(tree, workspace, folder):
        below = needed[len(workspace.root) :].strip("/")
        if is_plain_path(below):
            steps.append(f"(cd /app/{below} && {runner} run build)")
            notes.because(f"it uses {below}, which is built first", join(needed, "package.json"))
    return " && ".join([*steps, *([own] if own else [])])


def output_of(tree: Tree, folder: str, package: Mapping[str, Any], framework: Framework | None, notes: Notes) -> str:
    """The folder of finished files; "" for a server."""
    if framework is None:
        return ""
    if framework.package == "next":
        for name in sorted(tree.names(folder)):
            if name.startswith("next.config."):
                match = _NEXT_OUTPUT.search(tree.text(join(folder, name)))
                if match and match[1] == "export":
                    notes.because(
                        "it is exported as static files", join(folder, name), tree.line_of(join(folder, name), match[0])
                    )
                    return "out"
        return ""
    if (
        framework.package == "vite"
        and not tree.names(folder) & {"index.html"}
        and "start" in mapping(package.get("scripts"))
    ):
        return ""
    if not framework.output:
        return ""
    if framework.package == "vite":
        for name in sorted(tree.names(folder)):
            if name.startswith("vite.config."):
                path = join(folder, name)
                match = _OUT_DIR.search(tree.text(path))
                chosen = match[1].removeprefix("./").strip("/") if match else ""
                if match and is_plain_path(chosen):
                    notes.because(f"its files go to {chosen}", path, tree.line_of(path, match[0]))
                    return chosen
    if framework.package == "@angular/core":
        return _angular_output(tree, folder, notes)
    return framework.output


def _angular_output(tree: Tree, folder: str, notes: Notes) -> str:
    path = join(folder, "angular.json")
    projects = mapping(tree.json(path).get("projects"))
    for name, project in projects.items():
        if mapping(project).get("projectType") in (None, "application"):
            target = mapping(mapping(mapping(project).get("architect")).get("build"))
            wanted = mapping(target.get("options")).get("outputPath")
            wanted = mapping(wanted).get("base") or wanted
            output = text(wanted, 200).strip("/") or f"dist/{name}"
            if text(target.get("builder")).endswith(":application"):
                output += "/browser"
            if is_plain_path(output):
                notes.because(f"its files go to {output}", path, tree.line_of(path, f'"{name}"'))
                return output
    notes.ask("output", "Which folder has the finished site?", "dist", "angular.json does not tell")
    return "dist"


def start_of(
    tree: Tree,
    folder: str,
    package: Mapping[str, Any],
    scripts: Mapping[str, str],
    framework: Framework | None,
    plan: Plan,
    entry: str,
    notes: Notes,
) -> str:
    told = procfile(tree, folder, notes)
    if told:
        return told
    path = join(folder, "package.json")
    runner = "yarn" if plan.manager == "berry" else plan.manager
    for name in ("start:prod", "start:production", "start"):
        if name not in scripts:
            continue
        command = scripts[name]
        notes.because(f"its script {name} starts it: {command[:200]}", path, tree.line_of(path, f'"{name}"'))
        plain = _SIMPLE.fullmatch(command) and "=" not in command.split()[0]
        alone = f"pre{name}" not in scripts and f"post{name}" not in scripts
        if plain and alone and is_command(command) and command.split()[0] not in _RUNNERS:
            return command
        return f"{runner} run {name}"
    if framework is not None and framework.start:
        notes.because(f"{framework.name} starts with {framework.start}; there is no script named start", path)
        return framework.start
    below = entry[len(folder) :].strip("/")
    if entry and is_plain_path(below):
        default = f"{'bun' if plan.manager == 'bun' else 'node'} {below}"
        notes.ask("start", "Which command starts it?", default, f"there is no script named start; {below} is there")
        return default
    notes.ask("start", "Which command starts it?", "npm start", "no file tells")
    return "npm start"


def needs_development(start: str, scripts: Mapping[str, str], package: Mapping[str, Any]) -> bool:
    """Whether what starts it is among the packages for development."""
    words = set(re.split(r"[\s&|;]+", start))
    for name in [word for word in words if word in scripts]:
        words |= set(re.split(r"[\s&|;]+", scripts[name]))
    for_development = mapping(package.get("devDependencies")).keys() - mapping(package.get("dependencies")).keys()
    programs = {"tsc": "typescript", "nest": "@nestjs/cli", "next": "next", "ts-node-dev": "ts-node-dev"}
    return bool(for_development & (words | {programs.get(word, word) for word in words})) or "ts-node" in start


def public_variables(tree: Tree, folder: str, framework: Framework | None, notes: Notes) -> tuple[str, ...]:
    """Variables that a build puts into what browsers get, as an example of the environment names them."""
    if framework is None or not framework.prefix:
        return ()
    found: dict[str, None] = {}
    for name in (".env.example", ".env.sample", ".env.template", ".env.production", ".env"):
        path = join(folder, name)
        for match in _PUBLIC.finditer(tree.text(path)):
            if (
                match[1].startswith(framework.prefix)
                and is_variable(match[1])
                and match[1] not in found
                and len(found) < 50
            ):
                found[match[1]] = None
                line = tree.line_of(path, match[0].strip())
                notes.because(f"{match[1]} is needed by the build, and is public", path, line)
    return tuple(found)
