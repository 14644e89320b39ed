"""The Compose projects that are given to both: kompose's own fixtures, of which nothing is kept here, and ours."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

OWN = Path(__file__).parent / "own"
APPS = Path(__file__).resolve().parents[2] / "unit" / "imports" / "convert" / "apps"
GIVEN = {"ADMIN_PASSWORD": "open sesame", "KC_DB_PASSWORD": "kc-pass-1"}
"""Variables of our own projects."""
_COMPOSE = re.compile(r"\.ya?ml\Z")
_OUTPUT = re.compile(r"(^|/)(output|provider-files)")
_SETTING = re.compile(r"""^(?:export[ \t]+)?([A-Za-z_]\w*)=["']?([^"'\n]*)["']?$""", re.MULTILINE)
_TOGETHER = {
    "multiple-files/first.yaml": ("second.yaml",),
    "unused/merge-multiple-compose/base.yml": ("dev.yml",),
    "unused/merge-multiple-compose/compose-port-base.yml": ("compose-port-prod.yml",),
    "unused/merge-multiple-compose/other-toplevel-base.yml": (
        "other-toplevel-dev.yml",
        "other-toplevel-ext.yml",
        "other-toplevel-override.yml",
    ),
    "unused/merge-multiple-compose/service-merge-concat-base.yml": ("service-merge-concat-override.yml",),
}
"""Files that are loaded with others after them, beside each by itself."""


@dataclass(frozen=True, slots=True)
class Case:
    """Files of one folder that are loaded together; `environment` is what the shell of a person would have."""

    name: str
    folder: Path
    files: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)


def fixtures(folder: Path) -> Iterator[Case]:
    """Every Compose file below kompose's `script/test/fixtures`, and those that belong together."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if not path.is_file() or not _COMPOSE.search(name) or _OUTPUT.search(name):
            continue
        settings = path.with_name("envs")
        environment = dict(_SETTING.findall(settings.read_text())) if settings.exists() else {}
        yield Case(name, path.parent, (path.name,), environment)
        if more := _TOGETHER.get(name):
            yield Case("+".join((name, *more)), path.parent, (path.name, *more), environment)


def own() -> list[Case]:
    """Our own projects: the applications of the unit tests, and what exercises the labels of kompose."""
    return [
        Case(file.stem, file.parent, (file.name,), GIVEN)
        for folder in (APPS, OWN)
        for file in sorted(folder.glob("*.yaml"))
    ]
