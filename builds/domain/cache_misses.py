"""Why a step was not taken from the cache, as far as facts tell: pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

_PLACE = re.compile(r"\A\[(?:(.*?) )?\d+/\d+\] ")
_COPIES = ("COPY ", "ADD ")


@dataclass(frozen=True, slots=True)
class StepFacts:
    number: int
    name: str
    """As BuildKit says it: `[build 2/5] COPY . /app`."""
    is_cached: bool
    after: tuple[int, ...]
    """Numbers of the steps that it stands on."""


@dataclass(frozen=True, slots=True)
class Before:
    """The build before this one."""

    number: int
    names: frozenset[str]
    """`instruction_of` of its steps."""
    has_same_files: bool
    """It was made of the same tree."""


def instruction_of(name: str) -> str:
    """The instruction of a step with its stage, wherever it stands in it; "" for what is none of the Dockerfile."""
    found = _PLACE.match(name)
    return f"[{found[1] or ''}] {name[found.end() :]}" if found else ""


def before_of(number: int, names: Collection[str], *, has_same_files: bool) -> Before:
    return Before(number, frozenset(one for name in names if (one := instruction_of(name))), has_same_files)


def misses(steps: Sequence[StepFacts], before: Before | None, *, no_cache: bool) -> Mapping[int, str]:
    """By number, of the instructions that were not cached."""
    by_number = {one.number: one for one in steps}
    return {
        one.number: _why(one, by_number, before, no_cache=no_cache)
        for one in steps
        if not one.is_cached and _is_cacheable(one)
    }


def _why(one: StepFacts, steps: Mapping[int, StepFacts], before: Before | None, *, no_cache: bool) -> str:
    if no_cache:
        return "it was asked for without cache"
    if before is None:
        return "no build of this source has succeeded before"
    anew = [steps[number] for number in one.after if number in steps]
    earlier = next((step for step in anew if _is_cacheable(step) and not step.is_cached), None)
    instruction = instruction_of(one.name)
    if instruction not in before.names:
        return f"its instruction is new or was changed since build #{before.number}"
    if earlier is not None:
        return f"step #{earlier.number}, which it stands on, was built anew"
    if instruction.partition("] ")[2].startswith(_COPIES) and not before.has_same_files:
        return f"files that it copies have changed since build #{before.number}, or its layer is not kept any more"
    if before.has_same_files:
        return "its layer is not kept any more, or its base image or an argument has changed"
    return "what it stands on or an argument has changed, or its layer is not kept any more"


def _is_cacheable(one: StepFacts) -> bool:
    instruction = instruction_of(one.name).partition("] ")[2]
    return bool(instruction) and not instruction.startswith("FROM ")
