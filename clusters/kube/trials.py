"""What an API server would make of new objects, by dry runs under another name.

The answer says which fields it fills in, and whether it takes the object at all. Objects that are alike but for their
names and nodes, as the services of one workflow often are, are tried once: a trial has another name anyway.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from concurrent.futures import Future
from threading import Lock
from typing import Any

import orjson

from clusters.domain.labels import NODE_LABEL
from clusters.domain.objects import Manifest, Ref
from clusters.kube.client import KubeClient
from kubeorch.base.errors import KubeOrchError

_NAME, _NODE = "\x00name", "\x00node"
"""In place of the names in which alike objects differ; Kubernetes refuses such values."""
_NAMING = ("k:", "v:")
"""Beginnings of the keys of managedFields that name a row of a list."""


class Trials:
    """The trials of one plan. Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._found: dict[bytes, Future[Manifest]] = {}

    def made_anew(self, client: KubeClient, ref: Ref, manifest: Manifest) -> Manifest:
        """As `made_anew`, of this object or of one that is alike."""
        node = (manifest["metadata"].get("labels") or {}).get(NODE_LABEL) or ref.name
        own = {ref.name: _NAME, node: _NODE}
        alike = orjson.dumps(
            [ref.api_version, ref.kind, ref.namespace, with_texts(manifest, own)], option=orjson.OPT_SORT_KEYS
        )
        with self._lock:
            is_first = alike not in self._found
            found = self._found.setdefault(alike, Future())
        if is_first:
            try:
                answer = made_anew(client, ref, manifest)
            except BaseException as error:
                found.set_exception(error)
                with self._lock:
                    del self._found[alike]
                raise
            found.set_result(with_texts(answer, own))
            return answer
        try:
            theirs: Manifest = with_texts(found.result(), {_NAME: ref.name, _NODE: node})
        except KubeOrchError:
            return made_anew(client, ref, manifest)  # what stands against the other one names that
        return theirs


def made_anew(client: KubeClient, ref: Ref, manifest: Manifest) -> Manifest:
    """What the API server would make of a new object, by a dry run under another name; the answer has its own name.

    Raises API errors.
    """
    name = f"kubeorch-dry-run-{secrets.token_hex(4)}"
    metadata: dict[str, Any] = {
        "name": name,
        **{name: manifest["metadata"][name] for name in ("labels", "annotations") if name in manifest["metadata"]},
    }
    if ref.namespace:
        metadata["namespace"] = ref.namespace
    trial = {**manifest, "apiVersion": ref.api_version, "kind": ref.kind, "metadata": metadata}
    named: Manifest = with_texts(client.apply(trial, dry_run=True).object, {name: ref.name})
    return named


def with_texts(value: Any, texts: Mapping[str, str]) -> Any:
    """The value with other texts in place of these, wherever they stand: controllers' labels repeat a Job's name, and
    the keys of managedFields name the rows of lists (`k:{"name":"web"}`)."""
    if isinstance(value, dict):
        return {
            key if key[:2] not in _NAMING else _key(key, texts): with_texts(child, texts)
            for key, child in value.items()
        }
    if isinstance(value, list):
        return [with_texts(child, texts) for child in value]
    return texts.get(value, value) if isinstance(value, str) else value


def _key(key: str, texts: Mapping[str, str]) -> str:
    try:
        named = orjson.loads(key[2:])
    except orjson.JSONDecodeError:
        return key  # a label of that form
    other = with_texts(named, texts)
    return key if other == named else key[:2] + orjson.dumps(other).decode()
