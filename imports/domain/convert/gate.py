"""The last gate of a conversion: no value of a secret leaves it in the graph, the ledger or a question.

Commands and probes read the value as a variable of the Secret. What cannot is left out, and the ledger says so.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from imports.domain.compose.load import Project
from imports.domain.convert.decisions import Decision
from imports.domain.convert.environment import in_secret
from imports.domain.convert.ledgers import ServiceRow
from imports.domain.convert.secret_texts import Hit, SecretTexts
from imports.domain.convert.units import text_of
from imports.domain.convert.work import Work, Workload
from imports.domain.ledger import Ledger, Path
from imports.domain.problems import ImportInvalid
from kubeorch.base.names import is_env_name
from kubeorch.base.records import replace

_EXPANDED = ("command", "args")
"""Kubernetes replaces `$(NAME)` in them. Source: Kubernetes API reference, Container."""
_HOOKS = ("post_start", "pre_stop")
_RUN = ("readiness_probe", "liveness_probe", "startup_probe", *_HOOKS)
"""Commands that Kubernetes runs as they are, so that a shell has to read the variable."""
_FILLED = frozenset({"environment", "env_file", "configs", "secrets", "volumes"})
"""Keys of a service of which the converters themselves say where a secret went."""


def withhold(work: Work, project: Project) -> None:
    """Take every value of a secret out of the draft. Raises ImportInvalid where one is part of a name."""
    read: dict[str, set[str]] = {}
    for workload in work.workloads.values():
        read[workload.service] = _as_variables(workload)
    cleaner = _Cleaner(work.secrets)
    for node in work.draft.nodes.values():
        if (hit := work.secrets.first(f"{node.name}\n{node.id}")) is not None:
            raise ImportInvalid(
                f"the name of a {node.kind} has the value of {hit.name or 'a secret'} in it; write the name without it",
                node.place,
                code="import.secret_name",
            )
        before = node.parameters
        kept = {"env"} if node.kind != "configmap" else {"data"}  # where somebody said that it is no secret
        if work.secrets.first(image := text_of(before.get("image"))) is not None:
            before["image"] = work.secrets.masked(image)
        cleaned = cleaner.clean({name: value for name, value in before.items() if name not in kept})
        node.parameters = {
            name: cleaned.get(name, value) for name, value in before.items() if name in kept or name in cleaned
        }
        node.patch = cleaner.clean(node.patch)
    for edge in work.draft.edges:
        edge.parameters = cleaner.clean(edge.parameters)
    if work.secrets.first(project.name) is not None:
        place = work.place(("name",))
        raise ImportInvalid("the name of the project has the value of a secret in it", place, code="import.secret_name")
    for service, spec in project.model.get("services", {}).items():
        if service in work.workloads:
            _tell(work.workloads[service], spec, read[service])


def _tell(workload: Workload, spec: Mapping[str, Any], read: set[str]) -> None:
    """A verdict for every key of a service that holds a value of a secret."""
    filled = _FILLED if workload.source is None else _FILLED | {"build"}
    for key, value in spec.items():
        for path, hit in _hits((key,), value, workload.work.secrets) if key not in filled else ():
            what = f"the value of {hit.name}" if hit.name else "the value of a secret"
            if key in read:
                workload.approximated(*path, why=f"{what} is read from the Secret, as a variable")
            else:
                why = f"{what} is in it, which all would read in the workflow; it is left out, set it yourself"
                workload.open(*path, why=why)


def _hits(path: Path, value: Any, secrets: SecretTexts) -> Iterator[tuple[Path, Hit]]:
    """Paths of what holds a value of a secret: scalars, and lists of them, which may be written as one line."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _hits((*path, key), item, secrets)
    elif isinstance(value, list):
        found = [one for index, item in enumerate(value) for one in _hits((*path, index), item, secrets)]
        yield from ([(path, found[0][1])] if found else [])
        yield from found
    elif (hit := secrets.first(text_of(value))) is not None:
        yield path, hit


def _as_variables(workload: Workload) -> set[str]:
    """Let commands and probes read values from the Secret. Gives the keys of Compose for which that was all."""
    found: set[str] = set()
    keys = {"command": {"entrypoint", "command"}, "args": {"command"}}
    parameters, variables = workload.parameters, _Variables(workload)
    for name in _EXPANDED:
        words = parameters.get(name)
        if isinstance(words, list) and any(workload.work.secrets.first(word) for word in words):
            parameters[name] = [_replaced(variables, word, lambda variable: f"$({variable})") for word in words]
            found |= keys[name]
    for name in _RUN:
        at = parameters.get(name)
        words = at.get("command") if isinstance(at, dict) else at
        if not isinstance(words, list) or not any(workload.work.secrets.first(word) for word in words):
            continue
        command = _by_shell(variables, words)
        if any(workload.work.secrets.first(word) for word in command):
            del parameters[name]  # a command without one of its words would do something else
            continue
        if isinstance(at, dict):
            at["command"] = command
        else:
            parameters[name] = command
        found |= {name} if name in _HOOKS else {"healthcheck", "labels"}
    return found


class _Variables:
    """The variables of a container by the values of secrets that they hold."""

    def __init__(self, workload: Workload) -> None:
        self.secrets = workload.work.secrets
        self._workload = workload
        self._environment = workload.spec.get("environment") or {}
        self._keys: set[str] = set()
        self._by_value: dict[str, str] = {}
        if workload.secret is None:
            return
        held = workload.work.secret_values.get(workload.secret.id, {})
        for key in workload.secret.parameters["keys"]:
            self._keys.add(key)
            self._by_value.setdefault(text_of(self._environment.get(key)), key)
            if key in held:
                self._by_value.setdefault(held[key].decode(), key)

    def of(self, value: str, name: str) -> str:
        """The one that holds a value; a new key of the Secret where there is none, "" where its name is taken."""
        plain = self.secrets.original(value)
        if plain in self._by_value:
            return self._by_value[plain]
        free = next((one for one in (name, f"{name}_VALUE") if self._is_free(one)), "")
        if free:
            in_secret(self._workload, free, plain)
            self._keys.add(free)
            self._by_value[plain] = free
        return free

    def _is_free(self, name: str) -> bool:
        return is_env_name(name) and name not in self._environment and name not in self._keys


def _by_shell(variables: _Variables, words: list[str]) -> list[str]:
    """A command with a value of a secret, as one of a shell that reads the variable."""
    if words[:2] == ["/bin/sh", "-c"] and len(words) == 3 and "'" not in words[2]:
        return [*words[:2], _replaced(variables, words[2], lambda variable: f"$${{{variable}}}")]
    if any(variables.secrets.first(word) for word in words) and words[:2] != ["/bin/sh", "-c"]:
        return ["/bin/sh", "-c", " ".join(_quoted(variables, word) for word in words)]
    return words


def _quoted(variables: _Variables, word: str) -> str:
    """A word for a shell, with variables for values of secrets."""
    parts, at = [], 0
    for hit in variables.secrets.hits(word):
        if hit.whole and (variable := variables.of(word[hit.start : hit.end], hit.name)):
            parts += [shlex.quote(word[at : hit.start]) if hit.start > at else "", f'"$${{{variable}}}"']
            at = hit.end
    rest = word[at:]
    return "".join((*parts, shlex.quote(rest) if rest or not parts else ""))


def _replaced(variables: _Variables, text: str, written: Callable[[str], str]) -> str:
    parts, at = [], 0
    for hit in variables.secrets.hits(text):
        if hit.whole and (variable := variables.of(text[hit.start : hit.end], hit.name)):
            parts += [text[at : hit.start], written(variable)]
            at = hit.end
    return "".join((*parts, text[at:]))


class _Cleaner:
    """Leaves out what holds a value of a secret: a key of a mapping, or an item of a list."""

    def __init__(self, secrets: SecretTexts) -> None:
        self._secrets = secrets

    def clean(self, value: dict[str, Any]) -> dict[str, Any]:
        return {
            key: self._inner(item)
            for key, item in value.items()
            if not self._holds(item) and self._secrets.first(text_of(key)) is None
        }

    def _inner(self, value: Any) -> Any:
        if isinstance(value, dict):
            return self.clean(value)
        if isinstance(value, list):
            return [self._inner(item) for item in value if not self._holds(item) and not self._holds_flat(item)]
        return value

    def _holds(self, value: Any) -> bool:
        return not isinstance(value, (dict, list)) and self._secrets.first(text_of(value)) is not None

    def _holds_flat(self, value: Any) -> bool:
        """Whether an item such as {name, value} has it in one of its own fields."""
        return isinstance(value, dict) and any(map(self._holds, value.values()))


def masked_ledger(ledger: Ledger, secrets: SecretTexts) -> Ledger:
    """The ledger with dots for values. The same words stand in most entries, so each is searched once."""
    masked = cache(secrets.masked)
    entries = []
    for one in ledger.entries:
        path = tuple(masked(key) if isinstance(key, str) else key for key in one.path)
        fields, why = [masked(each.field) for each in one.became], masked(one.why)
        if (path, fields, why) == (one.path, [each.field for each in one.became], one.why):
            entries.append(one)
        else:
            became = (replace(each, field=field) for each, field in zip(one.became, fields, strict=True))
            entries.append(replace(one, path=path, became=tuple(became), why=why))
    return Ledger(tuple(entries))


def masked_services(rows: Iterable[ServiceRow], secrets: SecretTexts) -> tuple[ServiceRow, ...]:
    return tuple(replace(one, why=secrets.masked(one.why)) if secrets.first(one.why) else one for one in rows)


def masked_decisions(decisions: Iterable[Decision], secrets: SecretTexts) -> tuple[Decision, ...]:
    """Questions with dots for values. One with a value in its id could not be answered, and is left out."""
    return tuple(_masked(one, secrets) for one in decisions if secrets.first(one.id) is None)


def _masked(one: Decision, secrets: SecretTexts) -> Decision:
    texts = "\n".join((one.question, one.default, one.answer, *(each.label for each in one.choices)))
    if secrets.first(texts) is None:  # as nearly all: one search instead of one for each
        return one
    return replace(
        one,
        question=secrets.masked(one.question),
        default=secrets.masked(one.default),
        answer=secrets.masked(one.answer),
        choices=tuple(replace(each, label=secrets.masked(each.label)) for each in one.choices),
    )
