"""A Dockerfile as BuildKit reads it: instructions, heredocs, stages. Linear, bounded, and it never refuses a text.

Source: Dockerfile reference, "Format", "Parser directives", "Here-Documents"; BuildKit, `frontend/dockerfile/parser`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import orjson

CHARACTERS_MOST = 256_000
INSTRUCTIONS_MOST = 5_000
STAGES_MOST = 200
VALUE_MOST = 4_000
"""Characters of a value after variables were put in."""
_DIRECTIVE = re.compile(r"#[ \t]*([A-Za-z][A-Za-z0-9]*)[ \t]*=[ \t]*(.*?)[ \t]*\Z")
_HEREDOC = re.compile(r"""(?<!\S)\d*<<(-?)(["']?)([^\s"'<]{1,200})\2(?=\s|\Z)""")
_HAS_HEREDOC = ("RUN", "COPY", "ADD")
_FLAG = re.compile(r"--([a-z][a-z-]*)(?:=(\S*))?(?:\s+|\Z)")
_VARIABLE = re.compile(
    r"\$(?:([A-Za-z_][A-Za-z0-9_]*)|\{([A-Za-z_][A-Za-z0-9_]*)(?:(:?[-+?])([^}$]{0,500}))?\})", re.ASCII
)
_ARGUMENT = re.compile(r"""([A-Za-z_][A-Za-z0-9_]*)(?:=("[^"]*"|'[^']*'|[^\s"']*))?""", re.ASCII)
DEFAULT_SSH = "default"
_SSH_ID = re.compile(r"(?:^|,)id=([^,\s]{1,200})")
_SECRET = re.compile(r"(?:^|,)(?:id|source|src|target|dst|destination)=([^,\s]{1,200})")


@dataclass(frozen=True, slots=True)
class Instruction:
    line: int
    word: str
    """In capitals: FROM."""
    text: str
    """What follows it, flags and all, continued lines joined."""
    heredocs: tuple[str, ...] = ()

    @property
    def flags(self) -> tuple[tuple[str, str], ...]:
        return _flags(self.text)[0]

    @property
    def rest(self) -> str:
        """What follows the flags."""
        return _flags(self.text)[1]

    @property
    def words(self) -> list[str]:
        """The arguments, from a JSON array or as they stand between spaces."""
        return _array(self.rest) or self.rest.split()


@dataclass(frozen=True, slots=True)
class Stage:
    line: int
    image: str
    """As it is written, or the name of another stage."""
    name: str
    """In lower case; "" where it has none."""
    instructions: tuple[Instruction, ...] = ()


@dataclass(frozen=True, slots=True)
class Dockerfile:
    syntax: str = ""
    escape: str = "\\"
    arguments: tuple[Instruction, ...] = ()
    """ARG above the first FROM."""
    stages: tuple[Stage, ...] = ()
    problems: tuple[tuple[int, str], ...] = ()
    """Lines, and what is wrong there."""

    def stage(self, target: str) -> Stage | None:
        """The stage of this name; the last for ""."""
        if not target:
            return self.stages[-1] if self.stages else None
        return next((one for one in self.stages if one.name == target.lower()), None)

    def defaults(self) -> dict[str, str]:
        """Values of the arguments above the first FROM."""
        found: dict[str, str] = {}
        for instruction in self.arguments:
            for name, value in arguments_of(instruction):
                if value is not None:
                    found[name] = substituted(value, found)
        return found

    def chain(self, target: str) -> list[Stage]:
        """A stage and those that it is built on, itself first."""
        found: list[Stage] = []
        stage = self.stage(target)
        while stage is not None and stage not in found:
            found.append(stage)
            image, before = stage.image.lower(), self.stages[: self.stages.index(stage)]
            stage = next((one for one in reversed(before) if one.name == image), None)
        return found


def parse(text: str) -> Dockerfile:
    """Read a text as a Dockerfile. What makes no sense is in `problems`, and the rest is read all the same."""
    problems: list[tuple[int, str]] = []
    if len(text) > CHARACTERS_MOST:
        problems.append((0, f"only its first {CHARACTERS_MOST:,} characters were read"))
        text = text[:CHARACTERS_MOST]
    lines = text.removeprefix("\ufeff").split("\n")
    directives, start = _directives(lines)
    escape = directives.get("escape", "\\")
    if escape not in ("\\", "`"):
        problems.append((1, "the escape character is \\ or `"))
        escape = "\\"
    instructions = _instructions(lines, start, escape, problems)
    arguments: list[Instruction] = []
    stages: list[tuple[Stage, list[Instruction]]] = []
    for one in instructions:
        if one.word == "FROM":
            if len(stages) == STAGES_MOST:
                problems.append((one.line, f"only {STAGES_MOST} stages are read"))
                break
            stages.append((_stage(one, problems), []))
        elif stages:
            stages[-1][1].append(one)
        elif one.word == "ARG":
            arguments.append(one)
        else:
            problems.append((one.line, f"{one.word[:40]} stands above the first FROM"))
    if not stages:
        problems.append((0, "it has no FROM"))
    return Dockerfile(
        directives.get("syntax", ""),
        escape,
        tuple(arguments),
        tuple(Stage(stage.line, stage.image, stage.name, tuple(inside)) for stage, inside in stages),
        tuple(problems[:50]),
    )


def arguments_of(instruction: Instruction) -> list[tuple[str, str | None]]:
    """Names and defaults of an ARG."""
    found: list[tuple[str, str | None]] = []
    for match in _ARGUMENT.finditer(instruction.text[:VALUE_MOST]):
        before = instruction.text[match.start() - 1] if match.start() else " "
        if before.isspace():
            value = match[2]
            found.append((match[1], value.strip("\"'") if value is not None else None))
    return found


def substituted(text: str, values: dict[str, str]) -> str:
    """With variables replaced once: `${TAG:-1}` is 1 where TAG is unknown."""

    def value(match: re.Match[str]) -> str:
        known = values.get(match[1] or match[2])
        operator, other = match[3] or "", match[4] or ""
        if operator.endswith("+"):
            return other if known is not None else ""
        if operator.endswith("-") and (known is None or (operator == ":-" and not known)):
            return other
        return known or ""

    return _VARIABLE.sub(value, text[:VALUE_MOST])[:VALUE_MOST]


def secrets_of(instruction: Instruction) -> list[str]:
    """Ids of the secrets that a RUN asks for."""
    found = []
    for name, value in instruction.flags:
        if name == "mount" and "type=secret" in value.split(","):
            match = _SECRET.search(value)
            if match:
                found.append(match[1].rpartition("/")[2])
    return found


def ssh_of(instruction: Instruction) -> list[str]:
    """Ids of the SSH keys that a RUN signs in with; `default` where it names none.

    Source: Dockerfile reference, "RUN --mount=type=ssh".
    """
    found = []
    for name, value in instruction.flags:
        if name == "mount" and "type=ssh" in value.split(","):
            match = _SSH_ID.search(value)
            found.append(match[1] if match else DEFAULT_SSH)
    return found


def _directives(lines: list[str]) -> tuple[dict[str, str], int]:
    """Parser directives, and how many lines they take."""
    found: dict[str, str] = {}
    for number, line in enumerate(lines):
        match = _DIRECTIVE.match(line.rstrip("\r"))
        if match is None or match[1].lower() in found:
            return found, number
        if match[1].lower() not in ("syntax", "escape", "check"):
            return found, number
        found[match[1].lower()] = match[2]
    return found, len(lines)


def _instructions(lines: list[str], start: int, escape: str, problems: list[tuple[int, str]]) -> list[Instruction]:
    found: list[Instruction] = []
    at = start
    while at < len(lines):
        first = at + 1
        stripped = lines[at].strip()
        at += 1
        if not stripped or stripped.startswith("#"):
            continue
        if len(found) == INSTRUCTIONS_MOST:
            problems.append((first, f"only {INSTRUCTIONS_MOST:,} instructions are read"))
            break
        parts, more = [stripped], _continues(stripped, escape)
        if more:
            parts = [stripped[:-1]]
        while more and at < len(lines):
            line = lines[at].rstrip(" \t\r")
            at += 1
            if not line.strip() or line.lstrip().startswith("#"):
                continue  # BuildKit passes over these too
            more = _continues(line, escape)
            parts.append(line[:-1] if more else line)
        word, _, rest = "".join(parts).replace("\t", " ").partition(" ")
        word = word.upper()
        bodies: list[str] = []
        if "<<" in rest and _carries_heredocs(word, rest):
            for dash, _quote, name in _HEREDOC.findall(rest):
                body, at = _heredoc(lines, at, name, bool(dash))
                if body is None:
                    problems.append((first, f"the here-document {name[:40]} does not end"))
                bodies.append(body or "")
        found.append(Instruction(first, word, rest.strip(), tuple(bodies)))
    return found


def _continues(line: str, escape: str) -> bool:
    return line.endswith(escape) and not line.endswith(escape * 2)


def _carries_heredocs(word: str, rest: str) -> bool:
    if word == "ONBUILD":
        word, _, rest = rest.strip().partition(" ")
        word = word.upper()
    return word in _HAS_HEREDOC and _array(_flags(rest.strip())[1]) is None


def _heredoc(lines: list[str], at: int, name: str, strips_tabs: bool) -> tuple[str | None, int]:
    body: list[str] = []
    while at < len(lines):
        line = lines[at].rstrip("\r")
        line = line.lstrip("\t") if strips_tabs else line
        at += 1
        if line == name:
            return "\n".join(body), at
        body.append(line)
    return None, at


def _flags(text: str) -> tuple[tuple[tuple[str, str], ...], str]:
    found: list[tuple[str, str]] = []
    at = 0
    while match := _FLAG.match(text, at):
        found.append((match[1], match[2] or ""))
        at = match.end()
    return tuple(found), text[at:].strip()


def _array(text: str) -> list[str] | None:
    """A JSON array of texts, as the exec form is written; None for whatever else."""
    if not text.startswith("["):
        return None
    try:
        found = orjson.loads(text)
    except (orjson.JSONDecodeError, UnicodeEncodeError):
        return None
    return found if isinstance(found, list) and all(isinstance(one, str) for one in found) else None


def _stage(instruction: Instruction, problems: list[tuple[int, str]]) -> Stage:
    words = instruction.rest.split()
    if not words or (len(words) > 1 and (len(words) != 3 or words[1].upper() != "AS")):
        problems.append((instruction.line, "FROM is followed by an image, and may end in AS and a name"))
    name = words[2].lower() if len(words) == 3 and words[1].upper() == "AS" else ""
    return Stage(instruction.line, words[0] if words else "", name)
