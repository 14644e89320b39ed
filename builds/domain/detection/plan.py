"""What a Dockerfile of ours is written from: a few values that a person may change, checked before it is written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal, get_args

from kubeorch.base.errors import InvalidInput
from kubeorch.base.names import shows_all

Language = Literal["node", "python", "go", "java", "ruby", "php", "static"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
MANAGERS: dict[str, tuple[str, ...]] = {
    "node": ("npm", "pnpm", "yarn", "berry", "bun"),
    "python": ("pip", "project", "poetry", "uv", "pipenv"),
    "go": ("go",),
    "java": ("maven", "gradle"),
    "ruby": ("bundler",),
    "php": ("composer", "none"),
    "static": ("none",),
}
"""`berry` is Yarn from version 2 on; `project` is pip with a pyproject.toml alone."""
COMMAND_MOST = 1_000
NAMES_MOST = 100
_VERSION = re.compile(r"[0-9]{1,4}(?:\.[0-9]{1,4}){0,2}", re.ASCII)
_PATH = re.compile(r"[A-Za-z0-9_@+-][A-Za-z0-9._@+-]*|\.[A-Za-z0-9_][A-Za-z0-9._-]*", re.ASCII)
"""A part of a path that means nothing to a shell, a Dockerfile or a pattern of file names."""
_PACKAGE = re.compile(r"[a-z0-9][a-z0-9.+-]{0,99}", re.ASCII)
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}", re.ASCII)
RESERVED = frozenset(
    {"PATH", "HOME", "PORT", "USER", "SHELL", "LD_PRELOAD", "LD_LIBRARY_PATH", "NODE_OPTIONS", "BASH_ENV", "ENV", "IFS"}
)


class PlanInvalid(InvalidInput):
    """A value from which a Dockerfile would be written cannot stand in one."""

    code = "builds.plan"


@dataclass(frozen=True, slots=True)
class Plan:
    """How an image is made from source. Commands are lines for a shell; "" leaves a step out."""

    language: Language
    version: str = ""
    """Of the language, as its official image has it in its tag: 22, 3.13. "" for static files."""
    manager: str = "none"
    framework: str = ""
    app: str = ""
    """The folder of the application below the root, where that is a workspace of several packages."""
    install: str = ""
    """Instead of what is usual for the package manager."""
    build: str = ""
    start: str = ""
    output: str = ""
    """Folder of the finished site, below the folder of the application, which is then served as static files."""
    fallback: bool = False
    """Whether paths without a file are answered with index.html, as applications with their own routes need it."""
    document_root: str = ""
    """Of PHP: the folder that the web server shows."""
    port: int = 8080
    packages: tuple[str, ...] = ()
    """Of Debian, in the finished image."""
    build_packages: tuple[str, ...] = ()
    """Of Debian, where it is built."""
    extensions: tuple[str, ...] = ()
    """Of PHP."""
    variables: tuple[str, ...] = ()
    """Names of build arguments that the build sees as variables. They are public: they stay in the image."""
    secrets: tuple[str, ...] = ()
    """Names of secrets that the install and build steps see as variables, and that stay nowhere."""
    files: tuple[str, ...] = ()
    """Files of the root that say what is to be installed, copied before all others; none: all are copied at once."""
    assets: tuple[str, ...] = ()
    """Of Go: folders and files that the program reads while it runs."""
    prunes: bool = False
    """Whether packages that only the build needs are taken out again."""
    tool_version: str = ""
    """Of the package manager or build tool; "" for ours."""

    def __post_init__(self) -> None:
        """Raises PlanInvalid: no plan exists from which a wrong Dockerfile could be written."""
        _check(self)


def plan_of(raw: Mapping[str, Any], field: str = "plan") -> Plan:
    """A plan from JSON, as the page edits it. Raises PlanInvalid with the field."""
    known = {one.name: one for one in fields(Plan)}
    values: dict[str, Any] = {}
    for key, value in raw.items():
        if key not in known:
            raise PlanInvalid(f"there is no value {str(key)[:60]!r} in a plan", field=f"{field}.{str(key)[:60]}")
        kind = str(known[key].type)
        if kind.startswith("tuple"):
            if not isinstance(value, (list, tuple)) or not all(isinstance(one, str) for one in value):
                raise PlanInvalid(f"{key} is a list of names", field=f"{field}.{key}")
            value = tuple(value)
        elif kind == "int":
            if type(value) is not int:
                raise PlanInvalid(f"{key} is a whole number", field=f"{field}.{key}")
        elif kind == "bool":
            if type(value) is not bool:
                raise PlanInvalid(f"{key} is true or false", field=f"{field}.{key}")
        elif not isinstance(value, str):
            raise PlanInvalid(f"{key} is a text", field=f"{field}.{key}")
        values[key] = value
    if "language" not in values:
        raise PlanInvalid(f"name the language: {', '.join(LANGUAGES)}", field=f"{field}.language")
    usual = MANAGERS.get(values["language"], ("none",))[0]
    return Plan(**{"manager": usual, **values})


def is_plain_path(path: str) -> bool:
    """Whether a path below a folder can be written into a Dockerfile as it is."""
    return len(path) <= 500 and all(_PATH.fullmatch(part) and part != ".." for part in path.split("/"))


def is_version(text: str) -> bool:
    return _VERSION.fullmatch(text) is not None


def is_command(text: str) -> bool:
    return len(text) <= COMMAND_MOST and shows_all(text) and text == text.strip()


def is_variable(text: str) -> bool:
    return _VARIABLE.fullmatch(text) is not None and text not in RESERVED


def _check(plan: Plan) -> None:
    if plan.language not in LANGUAGES:
        raise PlanInvalid(f"the language is one of {', '.join(LANGUAGES)}", field="plan.language")
    if plan.manager not in MANAGERS[plan.language]:
        raise PlanInvalid(f"the package manager is one of {', '.join(MANAGERS[plan.language])}", field="plan.manager")
    if not is_version(plan.version) and (plan.version or plan.language != "static"):
        raise PlanInvalid("a version is a number as in 22 or 3.13", field="plan.version")
    if plan.tool_version and not is_version(plan.tool_version):
        raise PlanInvalid("a version is a number as in 9 or 8.14", field="plan.tool_version")
    for name in ("install", "build", "start"):
        if not is_command(getattr(plan, name)):
            raise PlanInvalid(
                f"a command is one line of at most {COMMAND_MOST:,} visible characters", field=f"plan.{name}"
            )
    for name in ("app", "output", "document_root"):
        path = getattr(plan, name)
        if path and not is_plain_path(path):
            raise PlanInvalid(
                "a folder is named with letters, digits and . _ - @ +, below the root", field=f"plan.{name}"
            )
    if not 1 <= plan.port <= 65535:
        raise PlanInvalid("a port is a number from 1 to 65535", field="plan.port")
    if len(plan.framework) > 100 or not shows_all(plan.framework):
        raise PlanInvalid("the framework is named in at most 100 visible characters", field="plan.framework")
    for name, fits, what in (
        ("packages", _is_package, "names of Debian packages"),
        ("build_packages", _is_package, "names of Debian packages"),
        ("extensions", _is_extension, "names of PHP extensions"),
        ("variables", is_variable, "names of variables, PATH and the like left out"),
        ("secrets", is_variable, "names of variables, PATH and the like left out"),
        ("files", is_plain_path, "paths of files"),
        ("assets", is_plain_path, "paths of files"),
    ):
        values = getattr(plan, name)
        if len(values) > NAMES_MOST or not all(fits(one) for one in values):
            raise PlanInvalid(f"{name} are {what}, at most {NAMES_MOST}", field=f"plan.{name}")


def _is_package(text: str) -> bool:
    return _PACKAGE.fullmatch(text) is not None


def _is_extension(text: str) -> bool:
    return re.fullmatch(r"[a-z][a-z0-9_]{0,39}", text) is not None
