"""Asks Docker Compose what it makes of a project, and compares that with ours.

`python -m tests.oracles.compose.oracle` records its answers for the generated projects; CONTRIBUTING.md says how to
build the program. It needs no daemon.
"""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from imports.domain.compose.load import ROOT, load
from imports.domain.problems import ImportInvalid
from imports.domain.sources import Files
from tests.oracles.compose.generate import Case, cases

GOLDEN = Path(__file__).parent / "answers.json.gz"
COUNT = 300
OUTSIDE = ROOT.rpartition("/")[0]
PROGRAM = "COMPOSE_ORACLE"
"""The variable that names the program."""


def answer(case: Case, program: str) -> dict[str, Any]:
    """The model that Docker Compose prints, as {"model": …}, or {"error": its last line}."""
    with tempfile.TemporaryDirectory() as made:
        root = Path(made, "project")
        for name, text in case.files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
        done = run(program, root, case.main, case.profiles, case.env_files)
        if done.returncode:
            return {"error": done.stderr.strip().replace(made, OUTSIDE).splitlines()[-1:]}
        return {"model": json.loads(done.stdout.replace(made, OUTSIDE))}


def run(
    program: str, root: Path, files: list[str], profiles: list[str], env_files: list[str]
) -> subprocess.CompletedProcess[str]:
    """One call, with an environment of its own."""
    command = [program, *(part for file in files for part in ("-f", file))]
    command += [part for name in profiles for part in ("--profile", name)]
    command += [part for name in env_files for part in ("--env-file", name)]
    environment = {"PATH": os.environ["PATH"], "HOME": str(root.parent)}
    return subprocess.run(
        [*command, "config", "--format", "json"],
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def ours(case: Case) -> dict[str, Any]:
    """The same of our own."""
    tree = Files({name: text.encode() for name, text in case.files.items()})
    try:
        project = load(tree, case.main, profiles=case.profiles, env_files=case.env_files)
    except ImportInvalid as error:
        return {"error": [error.detail]}
    return {"model": project.model}


def as_theirs(model: dict[str, Any]) -> dict[str, Any]:
    """Our model without what Docker Compose loses on the way to JSON, and with its dollars doubled.

    Extensions of services and resources and the section `models` stay in ours; its devices of blkio_config are called
    as the fields of its own source are.
    """
    made: dict[str, Any] = _without_extensions(
        {k: v for k, v in model.items() if k != "models" and not k.startswith("x-")}
    )
    made |= {key: value for key, value in model.items() if key.startswith("x-")}
    for service in made["services"].values():
        for key, items in service.get("blkio_config", {}).items():
            if isinstance(items, list):
                service["blkio_config"][key] = [
                    {name.capitalize(): value for name, value in one.items()} for one in items
                ]
    return _escaped(made)


def _without_extensions(value: Any, top: bool = True) -> Any:
    if isinstance(value, dict):
        return {k: _without_extensions(v, False) for k, v in value.items() if top or not k.startswith("x-")}
    return [_without_extensions(item, False) for item in value] if isinstance(value, list) else value


def _escaped(value: Any) -> Any:
    if isinstance(value, dict):
        return {key.replace("$", "$$"): _escaped(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_escaped(item) for item in value]
    return value.replace("$", "$$") if isinstance(value, str) else value


def differences(theirs: Any, mine: Any, path: str = "") -> list[str]:
    """One line for each value that differs."""
    if isinstance(theirs, dict) and isinstance(mine, dict):
        found = []
        for key in sorted(theirs.keys() | mine.keys()):
            if key not in mine:
                found.append(f"{path}.{key}: only theirs: {theirs[key]!r}")
            elif key not in theirs:
                found.append(f"{path}.{key}: only ours: {mine[key]!r}")
            else:
                found += differences(theirs[key], mine[key], f"{path}.{key}")
        return found
    if isinstance(theirs, list) and isinstance(mine, list) and len(theirs) == len(mine):
        return [
            line
            for at, pair in enumerate(zip(theirs, mine, strict=True))
            for line in differences(*pair, f"{path}[{at}]")
        ]
    same = theirs == mine and isinstance(theirs, bool) == isinstance(mine, bool)
    return [] if same else [f"{path}: theirs {theirs!r}, ours {mine!r}"]


def compared(theirs: dict[str, Any], mine: dict[str, Any]) -> list[str]:
    """What differs between two answers; two refusals are the same, whatever they say."""
    if ("error" in theirs) != ("error" in mine):
        return [f"theirs {theirs.get('error', 'accepted')}, ours {mine.get('error', 'accepted')}"]
    return [] if "error" in theirs else differences(theirs["model"], as_theirs(mine["model"]))


def main() -> None:
    program = os.environ.get(PROGRAM)
    if not program:
        sys.exit(f"set {PROGRAM} to the path of the program")
    made = cases(COUNT)
    answers = [{"case": case.digest(), **answer(case, program)} for case in made]
    text = json.dumps(answers, separators=(",", ":"), sort_keys=True).encode()
    GOLDEN.write_bytes(gzip.compress(text, 9, mtime=0))
    for at, (case, theirs) in enumerate(zip(made, answers, strict=True)):
        for line in compared(theirs, ours(case)):
            print(f"{at}: {line}")


if __name__ == "__main__":
    main()
