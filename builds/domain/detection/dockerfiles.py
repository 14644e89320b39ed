"""What a Dockerfile of the repository tells of the image that it makes."""

from __future__ import annotations

from collections.abc import Iterator

from builds.domain.detection.dockerfile import (
    DEFAULT_SSH,
    Dockerfile,
    Instruction,
    Stage,
    arguments_of,
    parse,
    secrets_of,
    ssh_of,
    substituted,
)
from builds.domain.detection.findings import Argument, DockerfileFacts, Notes, Proposal
from builds.domain.detection.tree import Tree, join

_OWN_SYNTAX = ("docker/dockerfile:", "docker.io/docker/dockerfile:")
_PLATFORM_ARGUMENTS = frozenset(
    f"{side}{what}" for side in ("TARGET", "BUILD") for what in ("PLATFORM", "OS", "ARCH", "VARIANT")
)
"""BuildKit sets these. Source: Dockerfile reference, "Automatic platform ARGs in the global scope"."""


def proposal_of(tree: Tree, path: str, *, target: str = "") -> Proposal:
    """The proposal to build a Dockerfile, with whatever it says."""
    folder, _, file = path.rpartition("/")
    notes = Notes()
    parsed = parse(tree.text(path))
    facts = facts_of(parsed, target)
    root = _context_of(tree, folder, parsed, notes)
    notes.because(f"{file} says how to build it", path, 1)
    for line, text in parsed.problems:
        notes.warn(text, path, line)
    if parsed.syntax and not parsed.syntax.startswith(_OWN_SYNTAX):
        notes.warn(f"{parsed.syntax[:200]} reads it in place of BuildKit's own frontend, and is fetched first", path, 1)
    _look_at_images(parsed, path, notes)
    port = _port(facts, parsed, path, notes)
    _look_at_user(facts, parsed, path, notes)
    _look_at_keys(facts, path, notes)
    for argument in facts.arguments:
        if argument.default is None:
            notes.ask(
                f"arguments.{argument.name}",
                f"What is the value of the build argument {argument.name}?",
                "",
                f"line {argument.line} declares it without a default; without a value it is empty",
            )
    if len(facts.targets) > 1 and not target:
        notes.ask(
            "target", "Which stage is built?", "", f"the last of {', '.join(facts.targets[:10])} unless one is named"
        )
    words = [f"{file}" + (f", target {target}" if target else ""), *(_base(facts)), *([f"port {port}"] if port else [])]
    return Proposal(
        title=", ".join(words),
        name="",
        root=root,
        builder="dockerfile",
        dockerfile=path[len(root) + 1 :] if root else path,
        facts=facts,
        port=port,
        reasons=tuple(notes.reasons),
        questions=tuple(notes.questions),
        warnings=tuple(notes.warnings),
    )


def facts_of(parsed: Dockerfile, target: str = "") -> DockerfileFacts:
    """Of the stage `target`, and those that it is built on."""
    chain = parsed.chain(target)
    above = parsed.defaults()
    ports: list[int] = []
    user = start = ""
    for stage in reversed(chain):
        values = dict(above)
        for one in stage.instructions:
            _learn(one, values)
            if one.word == "EXPOSE":
                ports += [port for port in _ports(substituted(one.text, values)) if port not in ports]
            elif one.word == "USER":
                user = substituted(one.text, values)[:200]
            elif one.word in ("CMD", "ENTRYPOINT"):
                start = one.rest[:1000]
    names = {stage.name for stage in parsed.stages if stage.name}
    ordered = [*(stage for stage in parsed.stages if stage not in chain[-1:]), *chain[-1:]]
    images = [substituted(stage.image, above) for stage in ordered if stage.image.lower() not in names]
    declared: dict[str, Argument] = {}
    for one in (*parsed.arguments, *(one for stage in parsed.stages for one in stage.instructions)):
        if one.word == "ARG":
            for name, default in arguments_of(one):
                known = declared.get(name)
                if known is None or (known.default is None and default is not None):
                    declared[name] = Argument(name, default, one.line)
    secrets: dict[str, int] = {}
    ssh: dict[str, int] = {}
    for one in (one for stage in parsed.stages for one in stage.instructions):
        for secret in secrets_of(one):
            secrets.setdefault(secret, one.line)
        for key in ssh_of(one):
            ssh.setdefault(key, one.line)
    return DockerfileFacts(
        targets=tuple(stage.name for stage in parsed.stages if stage.name),
        target=target,
        arguments=tuple(one for name, one in declared.items() if name not in _PLATFORM_ARGUMENTS)[:100],
        ports=tuple(ports[:20]),
        user=user,
        base_images=tuple(dict.fromkeys(image for image in reversed(images) if image))[::-1],
        secrets=tuple(secrets)[:100],
        secret_lines=tuple(secrets.values())[:100],
        ssh=tuple(ssh)[:100],
        ssh_lines=tuple(ssh.values())[:100],
        start=start,
    )


def is_floating(image: str) -> bool:
    """Whether the name of an image may mean another one tomorrow: no tag and no digest, or `latest`."""
    if "@" in image or image == "scratch" or not image:
        return False
    tag = image.rpartition("/")[2].partition(":")[2]
    return tag in ("", "latest")


def _learn(one: Instruction, values: dict[str, str]) -> None:
    """ARG and ENV set variables that later instructions use."""
    if one.word not in ("ARG", "ENV"):
        return
    for name, value in arguments_of(one):
        if value is not None:
            values[name] = substituted(value, values)
    words = one.text.split(None, 1)
    if one.word == "ENV" and len(words) == 2 and "=" not in words[0]:
        values[words[0]] = substituted(words[1], values)


def _ports(text: str) -> Iterator[int]:
    for word in text.split()[:50]:
        number, _, protocol = word.partition("/")
        is_number = number.isascii() and number.isdecimal() and len(number) < 6
        if is_number and protocol.lower() in ("", "tcp") and 1 <= int(number) <= 65535:
            yield int(number)


def _port(facts: DockerfileFacts, parsed: Dockerfile, path: str, notes: Notes) -> int | None:
    if not facts.ports:
        notes.ask("port", "Which port does it listen on?", "8080", "the Dockerfile has no EXPOSE for this stage")
        return None
    line = next(
        (one.line for stage in reversed(parsed.stages) for one in stage.instructions if one.word == "EXPOSE"), 0
    )
    notes.because(f"it exposes port {facts.ports[0]}", path, line)
    if len(facts.ports) > 1:
        others = ", ".join(map(str, facts.ports))
        notes.ask("port", "Which of its ports is the main one?", str(facts.ports[0]), f"it exposes {others}")
    return facts.ports[0]


def _look_at_images(parsed: Dockerfile, path: str, notes: Notes) -> None:
    names = {stage.name for stage in parsed.stages if stage.name}
    above = parsed.defaults()
    for stage in parsed.stages:
        image = substituted(stage.image, above)
        if stage.image.lower() in names:
            continue
        if not image:
            notes.warn(f"FROM {stage.image[:100]} names no image while its argument has no value", path, stage.line)
        elif is_floating(image):
            notes.warn(
                f"{image[:200]} may be another image at every build; name a version in place of latest",
                path,
                stage.line,
            )


def _look_at_user(facts: DockerfileFacts, parsed: Dockerfile, path: str, notes: Notes) -> None:
    base = facts.base_images[-1] if facts.base_images else ""
    if facts.user.partition(":")[0] in ("root", "0") or (not facts.user and "nonroot" not in base):
        line = parsed.stages[-1].line if parsed.stages else 0
        said = "it runs as root" if facts.user else "no USER is set, so that it may run as root"
        notes.warn(f"{said}; a cluster that forbids root refuses it", path, line)


def _look_at_keys(facts: DockerfileFacts, path: str, notes: Notes) -> None:
    for key, line in zip(facts.ssh, facts.ssh_lines, strict=True):
        cure = (
            "give one as the variable default, used as an SSH key, or let steps use the deploy key of the connection"
            if key == DEFAULT_SSH
            else f"give one as the variable {key[:100]}, used as an SSH key"
        )
        notes.warn(f"a step signs in by SSH, and fails without a key; {cure}", path, line)


def _base(facts: DockerfileFacts) -> list[str]:
    return [f"on {facts.base_images[-1][:100]}"] if facts.base_images else []


def _context_of(tree: Tree, folder: str, parsed: Dockerfile, notes: Notes) -> str:
    """The folder whose files a Dockerfile copies: its own, or one above, whichever has more of them."""
    wanted = [source for stage in parsed.stages for source in _copied(stage)][:200]
    choices = [folder]
    while choices[-1]:
        choices.append(choices[-1].rpartition("/")[0])
    counts = [sum(_is_there(tree, join(choice, source)) for source in wanted) for choice in choices]
    best = choices[counts.index(max(counts))]
    if best != folder:
        notes.because(f"what it copies lies in {best or 'the top folder'}")
    if wanted and not max(counts):
        notes.ask(
            "root", "Which folder is the context of the build?", best, f"{wanted[0][:100]}, which it copies, is in none"
        )
    return best


def _copied(stage: Stage) -> Iterator[str]:
    """Names that COPY and ADD take from the context, as far as they are plain."""
    for one in stage.instructions:
        if one.word in ("COPY", "ADD") and not one.heredocs and not any(name == "from" for name, _ in one.flags):
            for source in one.words[:-1]:
                plain = source.removeprefix("./").strip("/")
                if plain not in ("", ".") and not set(plain) & set("*?[$<") and "://" not in plain:
                    yield plain


def _is_there(tree: Tree, path: str) -> bool:
    return tree.has(path) or tree.has_folder(path)
