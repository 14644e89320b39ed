"""Which images a Dockerfile names: those that it is built on, and those that it copies from.

A text does not tell everything: an image may carry ONBUILD instructions, and another frontend reads the text in its own
way. What must not be pulled is kept from the engine as well (`SharedPlace`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from builds.domain.detection.dockerfile import Dockerfile, Instruction, Stage, arguments_of, parse, substituted
from builds.domain.images import Image, ImageInvalid, image_of

PULLS_MOST = 100
_MOUNTED = re.compile(r"(?:\A|,)from=([^,\s]{1,500})")


@dataclass(frozen=True, slots=True)
class Pull:
    """An image that a Dockerfile names."""

    line: int
    text: str
    """As it is written, with arguments put in."""
    image: Image | None
    """None where the text is not a name of an image."""
    is_base: bool
    """The image that is made is built on it: it is that of the last stage, or of one which that one is built on."""


@dataclass(frozen=True, slots=True)
class SharedPlace:
    """Where the images of several teams are: of those below `prefix` only the ones below `own` may be pulled."""

    prefix: str
    own: str


def pulls_of(text: str, args: Mapping[str, str], *, target: str = "") -> list[Pull]:
    """In the order of the text, each once; PULLS_MOST at most."""
    parsed = parse(text)
    found: dict[str, Pull] = {}
    for one in _pulls(parsed, args, {stage.line for stage in parsed.chain(target)}):
        known = found.get(one.text)
        if (known is None and len(found) < PULLS_MOST) or (known is not None and one.is_base and not known.is_base):
            found[one.text] = one
    return list(found.values())


def _pulls(parsed: Dockerfile, args: Mapping[str, str], bases: set[int]) -> Iterator[Pull]:
    if parsed.syntax:
        yield _pull(1, parsed.syntax.split()[0], is_base=False)
    above = {**parsed.defaults(), **{name: args[name] for name in _declared(parsed.arguments) if name in args}}
    names: set[str] = set()
    for number, stage in enumerate(parsed.stages):
        image = substituted(stage.image, above)
        if image and image.lower() not in names and image != "scratch":
            yield _pull(stage.line, image, is_base=stage.line in bases)
        yield from _copied(stage, {**above}, args, names | {str(one) for one in range(number)})
        names.add(stage.name)


def _copied(stage: Stage, above: Mapping[str, str], args: Mapping[str, str], names: set[str]) -> Iterator[Pull]:
    values: dict[str, str] = {}
    for one in stage.instructions:
        if one.word == "ARG":
            for name, default in arguments_of(one):
                given = args.get(name, above.get(name) if default is None else substituted(default, values))
                values[name] = given or ""
        for text in _named(one):
            image = substituted(text, values)
            if image and image.lower() not in names and image != "scratch":
                yield _pull(one.line, image, is_base=False)


def _named(one: Instruction) -> Iterator[str]:
    """Places that an instruction takes files from."""
    for name, value in one.flags:
        if name == "from":
            yield value.strip("\"'")
        elif name == "mount" and (found := _MOUNTED.search(value)):
            yield found[1].strip("\"'")


def _declared(arguments: tuple[Instruction, ...]) -> list[str]:
    return [name for one in arguments for name, _ in arguments_of(one)]


def _pull(line: int, text: str, *, is_base: bool) -> Pull:
    try:
        image = image_of(text)
    except ImageInvalid:
        image = None
    return Pull(line, text[:500], image, is_base)
