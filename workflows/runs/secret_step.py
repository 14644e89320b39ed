"""The values of one Secret for its apply: given with the run, stored before, or as the cluster has them.

They go with the Secret's first apply, since the API server refuses most types of Secret without their keys, and changes
no values of an immutable one afterwards. Every later apply sends all of them again: a key that is left out is deleted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from clusters.domain.objects import Manifest, Ref
from clusters.kube.apply import check_ours, secret_data
from clusters.kube.client import KubeClient
from kubeorch.base.errors import InvalidInput
from workflows.domain.rendering.pulls import CONFIG_KEY, is_pull_secret
from workflows.domain.rendering.render import Rendered
from workflows.domain.rendering.secrets import is_secret
from workflows.environments.inventory_store import InventoryRow
from workflows.environments.secret_store import digest_of
from workflows.pulling import Pull


class SecretValueMissing(InvalidInput):
    """A key of a Secret has no value, neither here nor in the cluster."""

    code = "secret.value_missing"


class PullNotAsked(SecretValueMissing):
    """Only a run asks for what ends after some hours."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the password in {name} ends after some hours, so the run asks the registry's cloud for it")


class Known(Protocol):
    """What a run, or a plan of one, knows of Secrets; RunContext says what each means."""

    @property
    def client(self) -> KubeClient: ...
    @property
    def environment_id(self) -> str: ...
    @property
    def secret_keys(self) -> Mapping[str, tuple[str, ...]]: ...
    @property
    def values(self) -> Mapping[str, Mapping[str, str]]: ...
    @property
    def given(self) -> Mapping[str, frozenset[str]]: ...
    @property
    def stored_at(self) -> Mapping[str, datetime]: ...
    @property
    def pulls(self) -> Mapping[str, Pull]: ...
    @property
    def goes_back(self) -> bool: ...
    def uid_of(self, ref: Ref, live: Manifest | None) -> str | None: ...
    def is_another(self, environment_id: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class SecretValues:
    wanted: tuple[str, ...]
    """The keys that the Secret is to have; () for an object that takes no values."""
    known: Mapping[str, str]
    """Given or stored values, base64 by key."""
    fresh: bool
    """Whether they are others than those that were applied last."""
    stay: frozenset[str] = frozenset()
    """Of these keys the cluster's value goes first: others were stored since, for the next run that goes forward."""


NO_VALUES = SecretValues((), {}, fresh=False)


def values_of(context: Known, item: Rendered, row: InventoryRow | None) -> SecretValues:
    """What is known without asking the cluster."""
    if is_pull_secret(item.manifest):
        pull = context.pulls[item.ref.namespace]
        known = {CONFIG_KEY: pull.value} if pull.value else {}
        return SecretValues((CONFIG_KEY,), known, fresh=pull.is_newer(row.get("pulls") if row else None))
    wanted = context.secret_keys.get(item.node_id, ()) if is_secret(item.manifest) else ()
    if not wanted:
        return NO_VALUES
    known = {key: value for key, value in context.values.get(item.node_id, {}).items() if key in wanted}
    applied_keys = row.get("secret_keys", []) if row else []
    changed = set(applied_keys) != set(wanted)
    others = other_keys(context.environment_id, item.node_id, known, row, context.stored_at.get(item.node_id))
    given = context.given.get(item.node_id, frozenset())
    stay = others - given if context.goes_back and row is not None else frozenset[str]()
    return SecretValues(wanted, known, fresh=changed or bool(others - stay), stay=stay)


def with_values(
    context: Known, item: Rendered, values: SecretValues, live: Manifest | None, row: InventoryRow | None
) -> Manifest:
    """The manifest with all values; keys without one keep what the cluster has.

    Raises SecretValueMissing naming the keys, and ForeignObject.
    """
    if not values.wanted:
        return item.manifest
    data: dict[str, str] = dict(values.known)
    if (values.stay or len(data) < len(values.wanted)) and live is not None:
        check_ours(live, item.ref, context.environment_id, context.uid_of(item.ref, live), context.is_another)
        there = secret_data(context.client, item.ref)
        data = {**there, **data} | {key: there[key] for key in values.stay if key in there}
    missing = [key for key in values.wanted if key not in data]
    if missing and is_pull_secret(item.manifest):
        raise context.pulls[item.ref.namespace].error or PullNotAsked(item.ref.name)
    if missing:
        raise SecretValueMissing(
            f"the Secret {item.ref.name} has no value for {', '.join(missing)}; give one with the run"
        )
    return {**item.manifest, "data": {key: data[key] for key in values.wanted}}


def digests_of(context: Known, item: Rendered, manifest: Manifest) -> dict[str, str]:
    """Keyed digests of the values in a Secret's manifest, by key."""
    return keyed_digests(context.environment_id, item.node_id, manifest["data"])


def keyed_digests(environment_id: str, node_id: str, data: Mapping[str, str]) -> dict[str, str]:
    """Of values of a Secret, base64 by key."""
    return {key: digest_of(environment_id, node_id, key, value) for key, value in data.items()}


def other_keys(
    environment_id: str, node_id: str, known: Mapping[str, str], row: InventoryRow | None, stored_at: datetime | None
) -> frozenset[str]:
    """The keys of which another value is known, base64, than was applied last.

    Times tell nothing: a value may be set while a run is on its way with the one before it. They count only for what an
    earlier release applied, of which no digest is kept.
    """
    if row is None or row["applied_at"] is None:
        return frozenset(known)
    applied = row.get("secret_digests")
    if applied is None:
        return frozenset(known) if stored_at is None or stored_at >= row["applied_at"] else frozenset()
    now = keyed_digests(environment_id, node_id, known)
    return frozenset(key for key, digest in now.items() if applied.get(key) != digest)
