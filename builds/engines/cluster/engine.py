"""BuildKit in a cluster as an engine: a Job for each build, driven by a buildctl here through the API server."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from builds.domain import build_pods as pods
from builds.domain.build_pod_states import Limit, PodState, is_full
from builds.domain.build_pods import job_name
from builds.engines.cluster.jobs import Job, Jobs, jobs_of, refused
from builds.engines.command import Files, command_of, write_files
from builds.engines.orders import Orders
from builds.engines.protocol import BuildOrder, Outcome, Said
from builds.engines.services import client, store
from builds.engines.services.nature import nature_in
from builds.engines.services.stored import StoredEngine
from clusters.kube.tunnel import Tunnel
from kubeorch.base.errors import KubeOrchError
from kubeorch.processes.scratch import scratch_folder

log = logging.getLogger(__name__)
LOOK_EVERY_S = 0.2
ASK_EVERY_S = 0.6
"""How often the cluster is asked for a pod that is not ready yet."""
STUCK_MOST_S = 60.0
"""How long a pod may be unable to start: the kubelet tries an image again and again."""
FULL_MOST_S = 60.0
"""How long a quota may have no room for it: pods that are about to go still count."""
NODE_MOST_S = 600.0
"""How long a pod may wait for a node, which an autoscaler may have to make."""
ANSWER_S = 8.0
TOLD_WITHIN_S = 5.0
"""How long it is waited for why a pod has ended."""
DELETED = "its Job was deleted"


@dataclass(slots=True)
class _Order:
    """One that waits for its pod, or is there."""

    order: BuildOrder
    job: Job
    files: Files
    kept: contextlib.ExitStack
    unprotected: str
    """What no policy keeps from its pod, for its log; "" where one does."""
    tunnel: Tunnel | None = None
    said: int = 0
    began: float = field(default_factory=time.monotonic)
    stuck_since: float | None = None
    full_since: float | None = None


class ClusterEngine(StoredEngine):
    """For one job; an order belongs to the thread that started it, its Job to whoever has the build."""

    def __init__(self, row: store.Service) -> None:
        super().__init__(row)
        self._orders = Orders()
        self._held: dict[str, _Order] = {}

    def _facts(self) -> tuple[str, ...]:
        return facts_of(self._row)

    def _reach(self) -> None:
        jobs_of(self._row).client.version(timeout_s=ANSWER_S)

    def start(self, order: BuildOrder) -> None:
        """Raises what the cluster answers."""
        if order.name in self._held:
            return
        with contextlib.ExitStack() as stack:
            files = Files(stack.enter_context(scratch_folder("order")))
            write_files(order, files)
            jobs = jobs_of(self._row)
            unprotected = jobs.protect()
            job = jobs.begin(
                job_name(order.build_id),
                attempt=order.attempt,
                trusts=order.trusts,
                labels={pods.BUILD_LABEL: order.build_id},
            )
            self._held[order.name] = _Order(order, job, files, stack.pop_all(), unprotected)

    def follow(self, name: str, after: int, check: Callable[[], None]) -> Iterator[Said | Outcome]:
        held = self._held.get(name)
        if held is None:
            yield Outcome("lost", reason="the worker that had given the order has ended")
            return
        if name not in self._orders:
            for words in self._await_pod(held, check):
                if isinstance(words, Outcome):
                    yield words
                    return
                held.said += 1
                if held.said > after:
                    yield Said(held.said, words.encode())
        for said in self._orders.follow(name, max(0, after - held.said), check):
            if isinstance(said, Outcome):
                yield self._explained(held, said)
            else:
                yield Said(said.position + held.said, said.line)

    def cancel(self, name: str) -> None:
        self._orders.cancel(name)
        self._remove(name)

    def clean(self, name: str) -> None:
        self._orders.clean(name)
        held = self._held.pop(name, None)
        if held is not None:
            held.kept.close()
        self._remove(name)

    def _await_pod(self, held: _Order, check: Callable[[], None]) -> Iterator[str | Outcome]:
        """Words while it waits, or an outcome where no pod came; then buildctl runs. Raises PodRefused."""
        jobs, told = jobs_of(self._row), ""
        if held.unprotected:
            yield held.unprotected
        while True:
            state = jobs.state(held.job)
            if state.is_ready:
                self._enter(held, jobs, state)
                return
            if outcome := self._hopeless(held, jobs, state):
                yield outcome
                return
            if state.words != told and (told := state.words):
                yield f"{pods.job_name(held.order.build_id)} in {jobs.place.namespace}: {told}"
            until = time.monotonic() + ASK_EVERY_S
            while time.monotonic() < until:
                check()
                time.sleep(LOOK_EVERY_S)

    def _hopeless(self, held: _Order, jobs: Jobs, state: PodState) -> Outcome | None:
        """Raises PodRefused."""
        if state.is_lost:
            return Outcome("lost", reason=state.words)
        if state.over is not None:
            return self._over(state.over, state)
        if state.is_over:
            raise refused(f"BuildKit has ended before it was ready: {state.words}")
        moment = time.monotonic()
        held.stuck_since = (held.stuck_since or moment) if state.is_stuck else None
        if held.stuck_since is not None and moment - held.stuck_since > STUCK_MOST_S:
            raise refused(f"BuildKit cannot start in {jobs.place.namespace}: {state.words}")
        if not state.name:
            words = jobs.why_none_comes(held.job)
            held.full_since = (held.full_since or moment) if is_full(words) else None
            if words and (held.full_since is None or moment - held.full_since > FULL_MOST_S):
                raise refused(words)
            if jobs.find(held.job.name) is None:
                return Outcome("lost", reason=DELETED)
        if moment - held.began > NODE_MOST_S:
            words = state.words or "its pod has not come"
            return Outcome("failed", reason=f"{words}, for {NODE_MOST_S / 60:.0f} minutes", code="engine.no_node")
        return None

    def _enter(self, held: _Order, jobs: Jobs, state: PodState) -> None:
        """Raises ClientComing and ClientMissing."""
        path = str(client.buildctl())
        socket = held.files.folder / "s.sock"
        held.tunnel = jobs.enter(state, socket)
        with contextlib.ExitStack() as stack:
            stack.callback(held.tunnel.close)
            command = command_of(held.order, held.files, path, f"unix://{socket}")
            self._orders.begin(held.order, command, held.files, stack)

    def _explained(self, held: _Order, outcome: Outcome) -> Outcome:
        """Why BuildKit is gone, as far as its pod tells."""
        if outcome.result != "lost":
            return outcome
        try:
            return self._why(held, outcome)
        except KubeOrchError as error:
            return Outcome("lost", reason=error.detail)

    def _why(self, held: _Order, outcome: Outcome) -> Outcome:
        jobs = jobs_of(self._row)
        state, until = jobs.state(held.job), time.monotonic() + TOLD_WITHIN_S
        while state.is_ready and time.monotonic() < until:  # the kubelet tells the end of a pod a moment after it
            time.sleep(ASK_EVERY_S)
            state = jobs.state(held.job)
        if state.over is not None:
            return self._over(state.over, state)
        if state.words:
            return Outcome("lost", reason=state.words)
        if jobs.find(held.job.name) is None:
            return Outcome("lost", reason=DELETED)
        why = held.tunnel.why if held.tunnel is not None else ""
        return Outcome("lost", reason=why or outcome.reason)

    def _over(self, limit: Limit, state: PodState) -> Outcome:
        """It has used more than one build may."""
        place = self._row["cluster"]
        most_mib = place["memory_mib"] if limit == "memory" else place["disk_mib"]
        words = f"it has used more {limit} than the {most_mib / 1024:.4g} GiB that the engine gives one build"
        said = f" ({state.words})" if limit == "disk" else ""
        return Outcome("failed", reason=f"{words}{said}", code=f"build.too_much_{limit}")

    def _remove(self, name: str) -> None:
        """Its Job, unless a later attempt has taken it over. What cannot be removed now is removed by the sweep."""
        build_id, attempt = _parts(name)
        try:
            jobs_of(self._row).end(build_id, attempt)
        except KubeOrchError as error:
            log.warning("the job of build %s is not removed yet: %s", build_id, error.detail)


def facts_of(row: store.Service) -> tuple[str, ...]:
    """What it is, in words."""
    nature, place = nature_in(row), row["cluster"]
    how = "privileged" if place["mode"] == "privileged" else "without root"
    memory, disk = place["memory_mib"] / 1024, place["disk_mib"] / 1024
    return (
        f"BuildKit {nature.version} for {nature.platform}, {how}, in a pod of its own for each build",
        f"a build may use {memory:.4g} GiB of memory and {disk:.4g} GiB of disk",
    )


def _parts(name: str) -> tuple[str, int]:
    """Of a name of `protocol.name_of`."""
    build_id, _, attempt = name.removeprefix("b-").rpartition("-")
    return build_id, int(attempt)
