"""What the steps of one run share."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bson import ObjectId

from clusters.domain.objects import Manifest, Ref
from clusters.domain.ownership.adoption import Hand, is_free
from clusters.kube.client import KubeClient
from kubeorch.base.clock import now
from kubeorch.base.failpoint import hit
from kubeorch.jobs.context import JobContext
from workflows.domain.rendering.render import Rendered
from workflows.domain.run_options import RunOptions
from workflows.environments.inventory_store import InventoryRow
from workflows.environments.questions import is_there, may_be_anothers
from workflows.pulling import Pull
from workflows.runs.looks import Looks
from workflows.runs.overdue import RunOverdue, must_be_applied_at
from workflows.runs.recorder import RunRecorder
from workflows.runs.run import Run
from workflows.runs.sealed import Supervision
from workflows.runs.states import StepState
from workflows.runs.step_store import RunStep


class RunCanceled(Exception):
    """A person canceled the run, and no further object may be touched."""


@dataclass(slots=True)
class RunContext:
    """What the steps of one run share."""

    run: Run
    options: RunOptions
    client: KubeClient
    job: JobContext
    record: RunRecorder
    rendered: Mapping[Ref, Rendered]
    whole: Mapping[Ref, Rendered]
    """The same objects with the fields that the environment leaves to others."""
    secret_keys: Mapping[str, tuple[str, ...]]
    """The keys of each Secret, by node."""
    owned: Mapping[Ref, InventoryRow]
    """Inventory rows as they were before this attempt."""
    looks: Looks
    listed: dict[tuple[str, str], dict[str, Manifest] | None] = field(default_factory=dict)
    """Metadata by kind and name, as listed before the first write; None: the kind cannot be listed."""
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Values of Secrets, base64, by node and key."""
    given: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """The keys whose values were given with this try of the run, by node."""
    stored_at: Mapping[str, datetime] = field(default_factory=dict)
    """When values of a node were last stored for the environment."""
    pulls: Mapping[str, Pull] = field(default_factory=dict)
    """What nodes pull images with, by namespace."""
    secret_digests: dict[str, Mapping[str, str]] = field(default_factory=dict)
    """Keyed digests of the values that Secrets have now, by node and key, where they are known."""
    defines_kinds: bool = False
    """Whether the run applies a CustomResourceDefinition."""
    writing: set[int] = field(default_factory=set)
    """Threads that may have a write in flight."""
    owned_elsewhere: Mapping[str, ObjectId] = field(default_factory=dict)
    """The environments that own objects of the cluster, by uid: of all where objects are taken over,
    else of those that go."""
    supervision: Supervision | None = None
    """Of a run that carries out a plan."""
    may_be_there_until: float = 0.0
    """On this machine's steady clock: how long the answer holds that the team may use the place of the run."""
    abandoned: threading.Event = field(default_factory=threading.Event)
    """Set when nobody waits for this attempt's threads any more: they may write nothing."""

    @property
    def environment_id(self) -> str:
        return str(self.run["environment_id"])

    @property
    def goes_back(self) -> bool:
        """Whether it applies what an earlier run applied: values of Secrets that were stored since are not for it."""
        return self.run["kind"] == "rollback"

    @property
    def must_be_applied_at(self) -> datetime:
        return must_be_applied_at(self.run)

    def is_another(self, environment_id: str) -> bool:
        """Whether what the label of an object names is an environment that is there."""
        return is_there(environment_id)

    def check(self) -> None:
        """Raise what ends the run now. It asks nobody, so call it as often as you like.

        Raises LeaseLost, WorkerStopping, RunOverdue or RunCanceled; that a person canceled, or that the time is up by
        another machine's clock, is known a few seconds later at most, with the next heartbeat.
        """
        self.job.check_alive()
        if now() > self.must_be_applied_at:
            raise RunOverdue
        if self.job.cancel_requested:
            raise RunCanceled

    def guard(self) -> None:
        """Called when the bytes of a request that writes to the cluster are about to go out.

        Raises as `check` does, on what the database says now, and what kept the recorder from writing. Before the
        first one it is written that the run has begun.
        """
        hit("run.before_patch")
        if self.abandoned.is_set():
            raise RunCanceled
        self.record.check()
        self.record.begin()
        self.job.check_lease()
        self.check()
        self.writing.add(threading.get_ident())

    def request_over(self) -> None:
        """Called when this thread's request, if any, has ended."""
        self.writing.discard(threading.get_ident())

    def uid_of(self, ref: Ref, live: Manifest | None) -> str | None:
        """Of the object of this name that is the environment's: as the inventory says, or the one that is adopted."""
        if live is not None and self.adopts(ref, live) and is_free(live, may_be_anothers):
            return str(live["metadata"]["uid"])
        row = self.owned.get(ref)
        return row["uid"] if row else None

    def adopts(self, ref: Ref, live: Manifest) -> bool:
        """Whether the run takes over the very object that its plan has seen, and has not recorded that yet."""
        if not self.options.adopt or self.supervision is None:
            return False
        row, uid = self.owned.get(ref), live["metadata"]["uid"]
        if uid in self.owned_elsewhere:
            return False
        return self.supervision.uid_of(ref) == uid and (row is None or row["hash"] is None or row["uid"] != uid)

    def hands_of(self, ref: Ref, live: Manifest | None) -> frozenset[Hand] | None:
        """Who gives up what they have of an object that the run takes over; None of any other object."""
        is_adopted = live is not None and self.supervision is not None and self.adopts(ref, live)
        return self.supervision.hands_of(ref) if is_adopted and self.supervision is not None else None

    def begin(self, step: RunStep) -> None:
        """Record that the step's turn has come."""
        if step["state"] != StepState.RUNNING:
            self.record.step(step["index"], StepState.RUNNING)
