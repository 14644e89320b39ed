"""What the steps of one run share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from clusters.domain.objects import Manifest, Ref
from clusters.kube.client import KubeClient
from kubeorch.base.failpoint import hit
from kubeorch.jobs.context import JobContext
from workflows.domain.rendering.render import Rendered
from workflows.domain.run_options import RunOptions
from workflows.environments.inventory_store import InventoryRow
from workflows.runs.recorder import RunRecorder
from workflows.runs.states import StepState
from workflows.runs.step_store import RunStep
from workflows.runs.store import Run


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
    secret_keys: Mapping[str, tuple[str, ...]]
    """The keys of each Secret, by node."""
    owned: Mapping[Ref, InventoryRow]
    """Inventory rows as they were before this attempt."""
    listed: dict[tuple[str, str], dict[str, Manifest] | None] = field(default_factory=dict)
    """Metadata by kind and name, as listed before the first write; None: the kind cannot be listed."""
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Values of Secrets, base64, by node and key."""
    given: frozenset[str] = frozenset()
    """The nodes whose values were given with this try of the run."""
    stored_at: Mapping[str, datetime] = field(default_factory=dict)
    """When values of a node were last stored for the environment."""
    defines_kinds: bool = False
    """Whether the run applies a CustomResourceDefinition."""

    def guard(self) -> None:
        """Called when the bytes of a request that writes to the cluster are about to go out."""
        hit("run.before_patch")
        self.record.check()
        self.job.check_lease()
        if self.job.cancel_requested:
            raise RunCanceled

    def begin(self, step: RunStep) -> None:
        """Record that the step's turn has come."""
        if step["state"] != StepState.RUNNING:
            self.record.step(step["index"], StepState.RUNNING)
