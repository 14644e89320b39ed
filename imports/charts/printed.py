"""What `helm template` prints, by the template each part comes from."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_HEAD = re.compile(r"^---[ \t]*\n# Source: (?P<source>[^\n]+)\n", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Part:
    """One or more documents, and the template that rendered them as Helm calls it (`shop/templates/web.yaml`)."""

    source: str
    text: str
    again: str = field(default="", repr=False)
    """Of what is kept: another rendering with the same values, where that differs."""


def parts_of(printed: str) -> list[Part]:
    """The parts in the order in which they were printed, without those that hold comments alone."""
    heads = list(_HEAD.finditer(printed))
    ends = [*(head.start() for head in heads), len(printed)][1:]
    found = [Part(head["source"].strip(), printed[head.end() : end]) for head, end in zip(heads, ends, strict=True)]
    return [part for part in found if any(_says_something(line) for line in part.text.splitlines())]


def _says_something(line: str) -> bool:
    text = line.strip()
    return bool(text) and not text.startswith("#") and text != "---"
