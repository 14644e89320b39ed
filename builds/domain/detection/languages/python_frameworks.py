"""Web frameworks of Python, and how each of them is started."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from builds.domain.detection.findings import Notes
from builds.domain.detection.languages.common import ask_port, port_in, procfile
from builds.domain.detection.tree import Tree, join

_APPLICATION = re.compile(
    r"^([A-Za-z_]\w{0,60})[ \t]*(?::[^=\n]{1,60})?=[ \t]*(?:\w{1,40}\.)?"
    r"(FastAPI|Flask|Starlette|Litestar|Sanic|Quart|Dash)\(",
    re.MULTILINE | re.ASCII,
)
_FACTORY = re.compile(r"^def[ \t]+(create_app|make_app)\(", re.MULTILINE)
_LISTENS = (
    re.compile(r"\.run\([^)\n]{0,200}?\bport[ \t]*=[ \t]*([0-9]{2,5})\b"),
    re.compile(r"\bport[ \t]*=[ \t]*([0-9]{2,5})\b"),
)
_SETTINGS = re.compile(r"DJANGO_SETTINGS_MODULE[\"'][ \t]*,[ \t]*[\"']([A-Za-z_][\w.]{0,100})[\"']", re.ASCII)
_MODULE = re.compile(r"[A-Za-z_]\w{0,60}", re.ASCII)
_ENTRIES = ("main", "app", "wsgi", "asgi", "application", "server", "run", "api", "__init__")
_BINDS = re.compile(r"(?::|--port[= ]|-p )([0-9]{2,5})\b")
_ASYNC = ("FastAPI", "Starlette", "Litestar", "Quart")


def started(tree: Tree, folder: str, needs: Mapping[str, tuple[str, int]], notes: Notes) -> dict[str, Any] | None:
    """Framework, start command, port and build command, as values of a plan."""
    told = procfile(tree, folder, notes)
    kept = list(notes.warnings)
    found = (
        _django(tree, folder, needs, notes)
        or _application(tree, folder, needs, notes)
        or _other(tree, folder, needs, notes, told)
    )
    if found is None and not told:
        return None
    found = found or {"framework": "", "port": 8000}
    if told:
        notes.questions = [one for one in notes.questions if one.field != "start"]
        notes.warnings = kept
        port = _BINDS.search(told)
        found |= {"start": told, "port": int(port[1]) if port and 1 <= int(port[1]) <= 65535 else 8000}
    return found


def _django(tree: Tree, folder: str, needs: Mapping[str, tuple[str, int]], notes: Notes) -> dict[str, Any] | None:
    path = join(folder, "manage.py")
    if not tree.has(path) or not ("django" in needs or "django" in tree.text(path).lower()):
        return None
    notes.because("it is a Django project", path, tree.line_of(path, "DJANGO_SETTINGS_MODULE") or 1)
    match = _SETTINGS.search(tree.text(path))
    package = match[1].split(".")[0] if match else ""
    if not package or not tree.has(join(folder, f"{package}/wsgi.py")):
        package = next(
            (name for name in _packages(tree, folder) if tree.has(join(folder, f"{name}/wsgi.py"))), package or "config"
        )
    asynchronous = "channels" in needs or ("uvicorn" in needs and "gunicorn" not in needs)
    build = ""
    if "whitenoise" in needs:
        build = "python manage.py collectstatic --noinput"
        notes.because("whitenoise serves static files, which are collected at the build", *needs["whitenoise"])
    if asynchronous and "daphne" in needs:
        start = f"daphne --bind 0.0.0.0 --port 8000 {package}.asgi:application"
    elif asynchronous and "uvicorn" in needs:
        start = f"uvicorn {package}.asgi:application --host 0.0.0.0 --port 8000"
    elif "gunicorn" in needs:
        start = f"gunicorn {package}.wsgi:application --bind 0.0.0.0:8000"
    else:
        start = "python manage.py runserver 0.0.0.0:8000 --noreload"
        notes.warn("only Django's development server is there; add gunicorn to what is installed", path)
        notes.ask("start", "Which command starts it?", start, "no server for production is among what is installed")
    return {"framework": "Django", "start": start, "port": 8000, "build": build}


def _application(tree: Tree, folder: str, needs: Mapping[str, tuple[str, int]], notes: Notes) -> dict[str, Any] | None:
    """FastAPI, Flask and the like: the module in which the application is made."""
    for module, path in _modules(tree, folder):
        source = tree.text(path)
        match = _APPLICATION.search(source)
        if match:
            line = source.count("\n", 0, match.start()) + 1
            notes.because(f"{match[2]} is made here, as {match[1]}", path, line)
            name = f"{module}:{match[1]}" if match[2] != "Dash" else f"{module}:{match[1]}.server"
            return _server(match[2], name, path, tree, needs, notes)
        factory = _FACTORY.search(source)
        if factory and ("flask" in needs or "Flask(" in source):
            notes.because(f"Flask is made here, by {factory[1]}", path, source.count("\n", 0, factory.start()) + 1)
            return _server("Flask", f"{module}:{factory[1]}()", path, tree, needs, notes)
    return None


def _server(
    kind: str, name: str, path: str, tree: Tree, needs: Mapping[str, tuple[str, int]], notes: Notes
) -> dict[str, Any]:
    if kind in _ASYNC:
        if (
            not {"uvicorn", "fastapi[standard]", "fastapi[all]", "uvicorn[standard]"} & needs.keys()
            and "hypercorn" in needs
        ):
            return {"framework": kind, "port": 8000, "start": f"hypercorn {name} --bind 0.0.0.0:8000"}
        if not {"uvicorn", "fastapi[standard]", "fastapi[all]"} & needs.keys():
            notes.warn("uvicorn starts it, and is not among what is installed; add it", path)
        return {"framework": kind, "port": 8000, "start": f"uvicorn {name} --host 0.0.0.0 --port 8000"}
    if kind == "Sanic":
        return {"framework": kind, "port": 8000, "start": f"sanic {name} --host 0.0.0.0 --port 8000"}
    if "gunicorn" in needs:
        quoted = f"'{name}'" if "(" in name else name
        return {"framework": kind, "port": 8000, "start": f"gunicorn {quoted} --bind 0.0.0.0:8000"}
    if "waitress" in needs:
        factory = "--call " if "(" in name else ""
        return {
            "framework": kind,
            "port": 8000,
            "start": f"waitress-serve {factory}--port 8000 {name.removesuffix('()')}",
        }
    start = f"flask --app {name.removesuffix('()') if '(' not in name else repr(name)} run --host 0.0.0.0 --port 5000"
    notes.warn("only Flask's development server is there; add gunicorn to what is installed", path)
    notes.ask("start", "Which command starts it?", start, "no server for production is among what is installed")
    return {"framework": kind, "port": 5000, "start": start}


def _other(
    tree: Tree, folder: str, needs: Mapping[str, tuple[str, int]], notes: Notes, told: str
) -> dict[str, Any] | None:
    entry = next(
        (
            path
            for _, path in _modules(tree, folder)
            if path.count("/") == folder.count("/") + bool(folder) and not path.endswith("__init__.py")
        ),
        "",
    )
    file = entry[len(folder) :].strip("/")
    if "streamlit" in needs:
        notes.because("it uses Streamlit", *needs["streamlit"])
        file = file or "streamlit_app.py"
        return {
            "framework": "Streamlit",
            "port": 8501,
            "start": f"streamlit run {file} --server.port 8501 --server.address 0.0.0.0",
        }
    if "mkdocs" in needs and tree.has(join(folder, "mkdocs.yml")):
        notes.because("MkDocs makes a site", join(folder, "mkdocs.yml"))
        return {"framework": "MkDocs", "port": 8080, "build": "mkdocs build", "output": "site"}
    if told or not file:
        return None
    port = port_in(tree, [entry], _LISTENS, notes)
    start = f"python {file}"
    notes.ask("start", "Which command starts it?", start, f"no framework is known here, and {file} is there")
    return {
        "framework": "",
        "port": ask_port(port, 8000, notes, "no file names one; PORT is set to it"),
        "start": start,
    }


def _modules(tree: Tree, folder: str) -> list[tuple[str, str]]:
    """Modules in which an application may be made, with their paths, the likely ones first; 60 at most."""
    found: list[tuple[str, str]] = []
    for package in ("", *_packages(tree, folder)):
        inside = join(folder, package) if package else folder
        names = tree.names(inside)
        for stem in _ENTRIES:
            if f"{stem}.py" in names and not (stem == "__init__" and not package):
                module = ".".join(part for part in (*package.split("/"), stem) if part and part != "__init__")
                found.append((module, join(inside, f"{stem}.py")))
    return found[:60]


def _packages(tree: Tree, folder: str) -> list[str]:
    """Folders right below this one whose names are names of modules, in order; 40 at most."""
    start = f"{folder}/" if folder else ""
    below = {
        path[len(start) :]
        for path, names in tree.folders.items()
        if path.startswith(start) and path != folder and any(name.endswith(".py") for name in names)
    }
    return sorted(
        name
        for name in below
        if _MODULE.fullmatch(name) and name not in ("tests", "test", "docs", "migrations", "scripts")
    )[:40]
