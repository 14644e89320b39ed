"""Names by which containers find one another: which are used, which resolve, and which have to be written otherwise.

In Compose a service is found by its name, its aliases, its `container_name` and its `hostname`; in Kubernetes by the
names of Services alone.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from imports.domain.convert.files import content_at
from imports.domain.convert.hooks import HOOKS
from imports.domain.convert.hosts_in_texts import is_host
from imports.domain.convert.images import scheme_port
from imports.domain.convert.units import text_of, whole_number, words_of
from imports.domain.convert.work import Work, Workload
from imports.domain.ledger import Outcome, Path
from kubeorch.base.names import is_dns_1035_label
from kubeorch.base.records import draft, field, record

MAX_TEXT = 65_536
"""Characters of one text that are searched for names."""
_HOST = r"[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,251}[A-Za-z0-9])?"
_URL = re.compile(
    rf"(?<![A-Za-z0-9+.-])([A-Za-z][A-Za-z0-9+.-]{{0,19}})://(?:[^@/\s]{{0,255}}@)?({_HOST})(?::([0-9]{{1,5}}))?"
)
_WORD = re.compile(rf"(?<![A-Za-z0-9_.-])({_HOST})(?::([0-9]{{1,5}}))?")
_PRIVATE = frozenset(
    ("internal", "local", "localdomain", "localhost", "lan", "home", "corp", "private", "intranet", "test", "docker")
)
"""Last labels of names that resolve in networks of one's own alone."""
_HOST_VARIABLE = re.compile(r"(.*?)_?(?:HOST|HOSTNAME|SERVER|ADDR|ADDRESS)\Z")


@draft
class Names:
    """What texts of the project name. `resolves` has, for each service, the name of its Service to be."""

    used: dict[str, list[Path]] = field(default_factory=dict)
    """Every word that may be a name, in lower case, with where it stands."""
    ports: dict[str, dict[int, Path]] = field(default_factory=dict)
    """Ports at which a name is asked."""
    resolves: dict[str, str] = field(default_factory=dict)
    rewritten: dict[str, str] = field(default_factory=dict)
    """Names that no Service can have, and the one to write instead."""
    _pattern: re.Pattern[str] | None = None

    def uses(self, name: str, *, by_others_than: str) -> list[Path]:
        """Where another service names it."""
        return [path for path in self.used.get(name.lower(), ()) if path[:2] != ("services", by_others_than)]

    def rewrite(self, text: str, said: str) -> str:
        """The text with the names that cannot resolve replaced, where they stand as names of hosts.

        `said` is what says what the text is: the name of the variable, or the option before a word of a command.
        """
        if not self.rewritten:
            return text
        if self._pattern is None:
            longest_first = sorted(self.rewritten, key=len, reverse=True)
            self._pattern = re.compile(
                rf"(?:(?<=//)|(?<=[@,=\s\"'(;|&])|^)({'|'.join(map(re.escape, longest_first))})(?=[:/,\s\"');|&?#]|\Z)"
            )
        return self._pattern.sub(
            lambda found: self.rewritten[found[1]] if is_host(text, found.start(1), found.end(1), said) else found[1],
            text,
        )


def names_of(work: Work) -> Names:
    """The names in the variables, commands and mounted files of all services. Linear in their length."""
    names = Names()
    known: dict[str, _Found] = {}
    for service, spec in (work.model.get("services") or {}).items():
        for path, key, text in _texts(service, spec):
            _note(names, path, _names_in(text[:MAX_TEXT]))
            _note_variable(names, path, key, text[:MAX_TEXT], spec)
        for path, found in _mounted_names(work, service, spec, known):
            _note(names, path, found)
    return names


_Found = frozenset[tuple[str, int | None]]
"""Names in lower case, each with the port at which it is asked, if any."""


def _mounted_names(
    work: Work, service: str, spec: Mapping[str, Any], known: dict[str, _Found]
) -> Iterator[tuple[Path, _Found]]:
    """The beginnings of files that a service mounts, as settings of proxies and monitors, which name other services."""
    for index, row in enumerate(spec.get("configs") or ()):
        content = (work.section("configs").get(row.get("source")) or {}).get("content")
        if content is not None:
            yield ("services", service, "configs", index), _names_in(text_of(content)[:MAX_TEXT])
    for index, mount in enumerate(spec.get("volumes") or ()):
        inside = work.inside(text_of(mount.get("source"))) if mount.get("type") == "bind" else None
        if inside:
            if inside not in known:  # many services may mount one folder
                known[inside] = _names_at(work, inside)
            yield ("services", service, "volumes", index), known[inside]


def _names_at(work: Work, path: str) -> _Found:
    content = content_at(work.files, path)
    if content is None or content.too_large():
        return frozenset()
    starts = [one[:MAX_TEXT] for one in content.files.values()]
    return frozenset[tuple[str, int | None]]().union(
        *(_names_in(start.decode(errors="replace")) for start in starts if b"\0" not in start)
    )


def _texts(service: str, spec: Mapping[str, Any]) -> Iterator[tuple[Path, str, str]]:
    for name, value in (spec.get("environment") or {}).items():
        if value is not None:
            yield ("services", service, "environment", name), name, text_of(value)
    for key in ("command", "entrypoint"):
        for index, word in enumerate(spec.get(key) or ()):
            yield ("services", service, key, index), "", text_of(word)
    for index, word in enumerate((spec.get("healthcheck") or {}).get("test") or ()):
        yield ("services", service, "healthcheck", "test", index), "", text_of(word)
    for key in HOOKS:
        for at, hook in enumerate(spec.get(key) or ()):
            for index, word in enumerate(words_of((hook or {}).get("command"))):
                yield ("services", service, key, at, "command", index), "", word


def _names_in(text: str) -> _Found:
    words = {(found[1].lower(), int(found[2]) if found[2] else None) for found in _WORD.finditer(text)}
    for found in _URL.finditer(text):
        words.add((found[2].lower(), int(found[3]) if found[3] else scheme_port(found[1])))
    return frozenset(words)


def _note(names: Names, path: Path, found: _Found) -> None:
    for name in {name for name, _ in found}:
        names.used.setdefault(name, []).append(path)
    for name, port in sorted((name, port) for name, port in found if port is not None):
        _port(names, name, port, path)


def _note_variable(names: Names, path: Path, key: str, text: str, spec: Mapping[str, Any]) -> None:
    """A host in a variable of its own, with the port in the one beside it."""
    if key and (prefix := _HOST_VARIABLE.match(key)) is not None:
        port_text = text_of((spec.get("environment") or {}).get(f"{prefix[1]}_PORT" if prefix[1] else "PORT"))
        if (number := whole_number(port_text)) is not None:
            _port(names, text.lower(), number, path)


def _port(names: Names, name: str, port: int, path: Path) -> None:
    if 0 < port < 65_536:
        names.ports.setdefault(name, {}).setdefault(port, path)


def settle_names(work: Work, names: Names) -> None:
    """Give each service the name of its Service; what cannot be such a name is rewritten where others use it."""
    for service, workload in work.workloads.items():
        wanted = text_of((workload.spec.get("labels") or {}).get("kompose.service.name_override")) or service
        names.resolves[service] = work.draft.free_name("Service", wanted, starts_with_letter=True)
    for service, resolved in names.resolves.items():
        used = names.uses(service, by_others_than="")
        if resolved == service.lower() or not used:
            continue
        how = work.ask(
            f"names/{service}",
            "networks",
            f"The Service of {service} is called {resolved}, and no other name resolves. Write it where variables and"
            f" commands name {service}?",
            _write(resolved),
            "rewrite",
            used[:20],
        )
        if how == "rewrite":
            names.rewritten[service] = resolved
            if is_dns_1035_label(resolved):
                why = f"found at {resolved}, which is written where variables and commands named {service}"
                work.workloads[service].approximated(why=why, whole=False)
        _say_in_files(work, used, service, resolved)
    owners = Counter(
        alias
        for workload in work.workloads.values()
        for alias in {one.name for one in aliases_of(workload, work.model)}
    )
    for workload in work.workloads.values():
        if not workload.is_job:
            _settle_aliases(work, names, workload, owners)


def _write(resolved: str) -> tuple[tuple[str, str], ...]:
    return (("rewrite", f"Write {resolved} instead"), ("keep", "Leave the texts as they are"))


def _settle_aliases(work: Work, names: Names, workload: Workload, owners: Mapping[str, int]) -> None:
    """Other names of a service that no Service can have: rewritten where others use them, unless several have one."""
    service, resolved = workload.service, names.resolves[workload.service]
    for alias in aliases_of(workload, work.model):
        used = names.uses(alias.name, by_others_than=service)
        known = alias.name in names.rewritten or alias.name in work.workloads
        if not used or known or is_dns_1035_label(alias.name.lower()):
            continue
        if owners[alias.name] > 1:
            why = f"{owners[alias.name]} services are called {alias.name}, which no Service can be: name one of them"
            workload.dropped(*alias.at, why=f"{why}, as {resolved}")
            continue
        how = work.ask(
            f"names/{service}/{alias.name}",
            "networks",
            f"No Service can be called {alias.name}, which is another name of {service}. Write {resolved} where"
            " variables and commands name it?",
            _write(resolved),
            "keep" if _is_public(alias.name) else "rewrite",
            [workload.path(*alias.at), *used[:20]],
        )
        if how == "rewrite":
            names.rewritten[alias.name] = resolved
        _say_in_files(work, used, alias.name, resolved)


def _is_public(name: str) -> bool:
    """Whether it may be a name of the Internet's, by which browsers find what runs here."""
    last = name.rpartition(".")[2].lower()
    return "." in name and "_" not in name and last.isalpha() and last not in _PRIVATE


def _say_in_files(work: Work, used: Iterable[Path], name: str, resolved: str) -> None:
    for path in used:
        if path[2] in ("volumes", "configs"):
            why = f"{name} stands in it, and the Service is called {resolved}; write {resolved} in the file"
            work.verdicts.add(path, Outcome.APPROXIMATED, (), why)


_COMMANDS = (
    ("command", "entrypoint"),
    ("args", "command"),
    ("readiness_probe", "healthcheck"),
    *((name, name) for name in HOOKS),
)
"""Parameters with words in which other services may be named, and the key of Compose that they come from."""


def write_names(workload: Workload, names: Names) -> None:
    """Write names that resolve into the commands of a workload."""
    for parameter, key in _COMMANDS:
        holder, field_ = workload.parameters, parameter
        if isinstance(probe := holder.get(parameter), dict):
            holder, field_ = probe, "command"
        words = holder.get(field_)
        if not isinstance(words, list):
            continue
        said = ["", *(word if word.startswith("-") else "" for word in words)]
        written = [names.rewrite(word, before) for word, before in zip(words, said, strict=False)]
        if written != words:
            holder[field_] = written
            at = key if key in workload.spec else "command"
            workload.approximated(at, to=parameter, why="with the name that resolves in the cluster", whole=False)


@record
class Alias:
    """Another name of a service, and where it was given."""

    name: str
    at: tuple[str | int, ...]


def aliases_of(workload: Workload, model: Mapping[str, Any]) -> list[Alias]:
    """All other names of a service; links of others count for the one that they lead to."""
    spec = workload.spec
    found = [Alias(text_of(spec[key]), (key,)) for key in ("container_name", "hostname") if spec.get(key)]
    networks = spec.get("networks")
    for network, settings in networks.items() if isinstance(networks, Mapping) else ():
        for index, alias in enumerate((settings or {}).get("aliases") or ()):
            found.append(Alias(text_of(alias), ("networks", network, "aliases", index)))
    return found


def links_of(model: Mapping[str, Any]) -> Iterator[tuple[str, int, str, str]]:
    """(service, index, the service that it links, the name) of all `links`."""
    for service, spec in (model.get("services") or {}).items():
        for index, link in enumerate(spec.get("links") or ()):
            target, _, alias = text_of(link).partition(":")
            yield service, index, target, alias or target
