"""What the trials of one plan share; of Secrets, the same as a run knows when it starts."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bson import ObjectId

from clusters.domain.objects import Identity, Manifest, Ref
from clusters.domain.ownership.adoption import is_free
from clusters.domain.ownership.paths import Path
from clusters.kube.apply import is_secret
from clusters.kube.client import KubeClient
from clusters.kube.trials import Trials
from kubeorch.base.seal import fingerprint
from workflows.domain.planning.classify import hidden
from workflows.domain.rendering.json_digest import manifest_hash
from workflows.domain.rendering.render import Rendered
from workflows.domain.run_options import RunOptions
from workflows.environments import secret_store as environment_secrets
from workflows.environments.inventory_store import InventoryRow
from workflows.environments.questions import is_there, may_be_anothers
from workflows.environments.store import Environment
from workflows.pulling import Pull, pulls_of


@dataclass(slots=True)
class PlanContext:
    client: KubeClient
    environment: Environment
    options: RunOptions
    rendered: Mapping[Ref, Rendered]
    whole: Mapping[Ref, Rendered]
    """The same objects with the fields that the environment leaves to others."""
    left: Mapping[Identity, tuple[Path, ...]]
    """Those fields, by object."""
    secret_keys: Mapping[str, tuple[str, ...]]
    """The keys of each Secret, by node."""
    owned: Mapping[Ref, InventoryRow]
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Stored values of Secrets, base64, by node and key."""
    stored_at: Mapping[str, datetime] = field(default_factory=dict)
    pulls: Mapping[str, Pull] = field(default_factory=dict)
    """What nodes pull images with, by namespace; of what has to be asked for, only that."""
    secret_digests: dict[str, Mapping[str, str]] = field(default_factory=dict)
    """Keyed digests of the values that Secrets will have, by node and key."""
    unknown_secrets: set[str] = field(default_factory=set)
    """Nodes whose values are not known before the run."""
    given: Mapping[str, frozenset[str]] = field(default_factory=dict)
    new_namespaces: frozenset[str] = frozenset()
    """Namespaces that the run itself makes."""
    new_kinds: frozenset[tuple[str, str]] = frozenset()
    """(group, kind) of what the plan's own definitions define."""

    tries_until: float = float("inf")
    """On the steady clock: nothing is tried any more after it."""
    owned_elsewhere: Mapping[str, ObjectId] = field(default_factory=dict)
    """The environments that own objects of the cluster, by uid: of all where objects are to be taken
    over, else of those that go."""
    namespaces: dict[str, Manifest | None] = field(default_factory=dict)
    """Those that objects go into and that are there; None: it may not be read."""
    goes_back: bool = False
    """As a run's: a rollback is planned."""
    untried: set[Ref] = field(default_factory=set)
    """What is not tried, since there was no time for it when it was planned."""
    settled: frozenset[Ref] = frozenset()
    """What was found as the run would have it, and is asked about no more."""
    trials: Trials = field(default_factory=Trials)
    will_change: Callable[[], None] = field(default=lambda: None)
    """Called when an object that is there turns out to change, perhaps from several threads."""
    _hashes: dict[Ref, str] = field(default_factory=dict)

    @property
    def environment_id(self) -> str:
        return str(self.environment["_id"])

    def is_another(self, environment_id: str) -> bool:
        """Whether what the label of an object names is an environment that is there."""
        return is_there(environment_id)

    def comes_with(self, ref: Ref) -> str:
        """Why an object can be proven only at the apply: what it lives in or is of comes with the plan; "" if not."""
        if (ref.group, ref.kind) in self.new_kinds:
            return f"this plan defines the kind {ref.kind}"
        if ref.namespace in self.new_namespaces:
            return f"the namespace {ref.namespace} is made by this plan"
        return ""

    def is_drawn_anew(self, item: Rendered) -> bool:
        """Whether it was not applied before as it is drawn now, by drawing and inventory alone."""
        row = self.owned.get(item.ref)
        return row is None or row["hash"] != self.hash_of(item)

    def hash_of(self, item: Rendered) -> str:
        """`manifest_hash` of its manifest, made once for what is drawn."""
        if self.rendered.get(item.ref) is not item:
            return manifest_hash(item.manifest)
        if item.ref not in self._hashes:
            self._hashes[item.ref] = manifest_hash(item.manifest)
        return self._hashes[item.ref]

    def has_no_time_for(self, ref: Ref) -> bool:
        if time.monotonic() > self.tries_until:
            self.untried.add(ref)
        return ref in self.untried

    def load_secrets(self) -> None:
        """Open what is stored for Secrets, where the graph has any."""
        self.pulls = pulls_of(self.environment["team_id"], self.rendered.values(), may_ask=False)
        if not any(self.secret_keys.values()):
            return
        clear = environment_secrets.clear_values(self.environment["_id"])
        self.values = {
            node_id: {key: base64.b64encode(value).decode() for key, value in values.items()}
            for node_id, values in clear.items()
        }
        self.stored_at = environment_secrets.changed_at(self.environment["_id"])
        self.secret_digests = {
            row["node_id"]: row["secret_digests"]
            for ref, row in self.owned.items()
            if ref in self.rendered and "secret_digests" in row
        }

    def leave_to_the_run(self, keys: Mapping[str, Collection[str]]) -> None:
        """Count nothing that is stored for these keys: their values come with the run, and it may have stored them."""
        self.values = {
            node_id: {key: value for key, value in values.items() if key not in keys.get(node_id, ())}
            for node_id, values in self.values.items()
        }

    def uid_of(self, ref: Ref, live: Manifest | None) -> str | None:
        """Of the object of this name that is the environment's: as the inventory says, or the one that is adopted."""
        if self.adopts(ref, live) and live is not None:
            return str(live["metadata"]["uid"])
        row = self.owned.get(ref)
        return row["uid"] if row else None

    def adopts(self, ref: Ref, live: Manifest | None) -> bool:
        """Whether a run would take the object over, which is nobody's: no environment may have its label on it, or
        owns it without."""
        if not self.options.adopt or live is None or not is_free(live, may_be_anothers):
            return False
        if live["metadata"]["uid"] in self.owned_elsewhere:
            return False
        row = self.owned.get(ref)
        return row is None or row["uid"] != live["metadata"]["uid"]

    def without_values(self, ref: Ref, manifest: Manifest) -> Manifest:
        return without_values(self.environment_id, ref, manifest)


def without_values(environment_id: str, ref: Ref, manifest: Manifest) -> Manifest:
    """The object as it may be compared, stored and shown: a Secret with keyed digests in place of its values."""
    if not is_secret(ref):
        return manifest
    place = f"plans/{environment_id}/{ref.key}"
    return hidden(manifest, lambda key, value: fingerprint(value.encode(), aad=f"{place}/{key}"))
