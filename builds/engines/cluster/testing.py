"""A place in a cluster is tried as a build uses it: to a step of a Dockerfile that runs there. The pod goes again."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from builds.domain import build_pods as pods
from builds.domain.build_pod_states import PodState
from builds.engines.cluster.jobs import Job, Jobs, PodRefused, jobs_in, refused
from builds.engines.command import Files
from builds.engines.orders import environment
from builds.engines.services import client
from builds.engines.services.steps import Report, Stop, step_of
from builds.engines.services.store import InCluster
from builds.engines.services.testing import BOUNDS
from builds.engines.services.worker import WORKERS, look_at_worker
from clusters.connecting.rights import Right, is_allowed
from clusters.domain.objects import Ref
from clusters.domain.reading import mapping, text
from clusters.kube.allowance import Allowance
from clusters.kube.errors import ClusterTimeout
from kubeorch.base.errors import Forbidden, KubeOrchError, Unavailable
from kubeorch.processes.bounded import Finished, run_bounded
from kubeorch.processes.scratch import scratch_folder

log = logging.getLogger(__name__)
WHOLE_S = 50.0
"""For all that is asked of the cluster and of BuildKit."""
REMOVING_S = 8.0
VERSION_S = 10.0
TRIAL_S = 300
"""Of the Job of a trial: one whose image is still being fetched is taken over by the next trial."""
LOOK_EVERY_S = 0.5
RIGHTS = (
    Right("make", "make Jobs", "create", "jobs", "batch"),
    Right("change", "change Jobs", "patch", "jobs", "batch"),
    Right("look", "get Jobs", "get", "jobs", "batch"),
    Right("list", "list Jobs", "list", "jobs", "batch"),
    Right("remove", "delete Jobs", "delete", "jobs", "batch"),
    Right("pods", "list pods", "list", "pods"),
    Right("enter", "run commands in pods (pods/exec, create)", "create", "pods", subresource="exec"),
    Right("enter_old", "run commands in pods (pods/exec, get)", "get", "pods", subresource="exec"),
)
"""What building takes, in the namespace alone."""


class NoNamespace(Forbidden):
    """The namespace is not there, and may not be made."""

    code = "engine.no_namespace"


class RightsMissing(Forbidden):
    """The cluster's credentials may not do there what building takes."""

    code = "engine.rights_missing"


class PodLate(Unavailable):
    """BuildKit's pod is not ready yet."""

    code = "engine.pod_late"


@dataclass(frozen=True, slots=True)
class Namespace:
    is_new: bool
    level: str
    """Of Pod Security that is enforced; "" for none."""


def try_place(place: InCluster, engine: str, name: str, architecture: str = "") -> Report:
    """`name`: of the Job that it is tried with. The namespace stays where it was made, with its NetworkPolicy."""
    report = Report()
    allowance = Allowance(WHOLE_S, 0)
    with contextlib.suppress(Stop):
        whole, _ = step_of(
            report, "cluster", lambda: _reached(place, engine, architecture), lambda found: f"Kubernetes {found[1]}"
        )
        jobs = whole.within(allowance)
        step_of(report, "namespace", lambda: _namespace(jobs), lambda found: _said_of(jobs, found))
        step_of(report, "rights", lambda: _rights(jobs), lambda _: "Its credentials may do there what building takes")
        _protect(report, jobs)
        _refusal(report, jobs, name)
        path = _client(report)
        with contextlib.ExitStack() as stack:
            state = step_of(
                report, "pod", lambda: _started(whole, name, allowance, stack), lambda _: "A pod of BuildKit starts"
            )
            _look_inside(report, whole, state, path, allowance)
    return report


def _reached(place: InCluster, engine: str, architecture: str) -> tuple[Jobs, str]:
    """With the version of its API server."""
    jobs = jobs_in(place, engine, architecture)
    return jobs, jobs.client.version(timeout_s=VERSION_S)


def _client(report: Report) -> str:
    since = time.monotonic()
    try:
        return str(client.buildctl())
    except KubeOrchError as error:
        report.note("pod", "failed", error.detail, since, error.code)
        raise Stop from error


def _namespace(jobs: Jobs) -> Namespace:
    """Made where it is not there. Raises NoNamespace."""
    name = jobs.place.namespace
    is_new = False
    try:
        found = jobs.client.get(Ref("v1", "Namespace", "", name))
        if found is None:
            found = jobs.client.apply(pods.namespace_manifest(name)).object
            is_new = True
    except KubeOrchError as error:
        if error.code != "cluster.forbidden":
            raise
        raise NoNamespace(
            f"the namespace {name} may not be looked at or made by the cluster's credentials: {error.detail}",
            field="namespace",
        ) from error
    labels = mapping(mapping(found.get("metadata")).get("labels"))
    return Namespace(is_new, text(labels.get(pods.ENFORCE_LABEL)))


def _said_of(jobs: Jobs, found: Namespace) -> str:
    name = jobs.place.namespace
    level = f"Pod Security enforces {found.level} there" if found.level else "no level of Pod Security is set there"
    return f"{name} was made, with the level of Pod Security {pods.LEVEL}" if found.is_new else f"{name}: {level}"


def _rights(jobs: Jobs) -> None:
    """Raises RightsMissing."""
    namespace = jobs.place.namespace
    lacking = [right.label for right in RIGHTS if is_allowed(jobs.client, right, namespace) is False]
    if lacking:
        raise RightsMissing(
            f"the credentials of the cluster may not {', '.join(lacking)} in {namespace}: give them a Role there"
        )


def _protect(report: Report, jobs: Jobs) -> None:
    """Raises Stop."""
    since = time.monotonic()
    try:
        unprotected = jobs.protect()
    except KubeOrchError as error:
        report.note("network", "failed", error.detail, since, error.code)
        raise Stop from error
    if unprotected:
        report.note("network", "warning", unprotected[0].upper() + unprotected[1:], since, "engine.no_policy")
    else:
        words = "A NetworkPolicy keeps others out of the pods, and steps from the metadata of nodes, where the "
        report.note("network", "ok", f"{words}cluster's network keeps to policies", since)


def _refusal(report: Report, jobs: Jobs, name: str) -> None:
    """Whether such a pod may be there, before anything is fetched for it. Raises Stop."""
    since = time.monotonic()
    try:
        before = jobs.find(name)
        words = jobs.why_no_pod() if before is None or before.is_over else jobs.why_none_comes(before)
        if words:
            raise refused(words)
    except KubeOrchError as error:
        report.note("pod", "failed", error.detail, since, error.code)
        raise Stop from error


def _started(whole: Jobs, name: str, allowance: Allowance, stack: contextlib.ExitStack) -> PodState:
    """Raises PodRefused and PodLate."""
    jobs = whole.within(allowance)
    job = jobs.begin(name, attempt=0, trusts={}, deadline_s=TRIAL_S)
    stack.callback(_remove, whole, job)
    state = _waited(jobs, job, allowance)
    if state.is_over or state.is_stuck:
        raise refused(f"BuildKit does not start: {state.words}")
    if not state.is_ready:
        if not state.is_lost:
            stack.pop_all()  # it goes on, for the next trial
        raise PodLate(
            f"BuildKit's pod is not ready yet: {state.words or 'the cluster has not made it'}; try again in a minute"
        )
    return state


def _remove(jobs: Jobs, job: Job) -> None:
    """Where the cluster does not answer any more, it ends by itself."""
    try:
        jobs.within(Allowance(REMOVING_S, 0)).remove(job)
    except KubeOrchError as error:
        log.warning("the trial %s is not removed: %s", job.name, error.detail)


def _waited(jobs: Jobs, job: Job, allowance: Allowance) -> PodState:
    state = PodState()
    while not (state.is_ready or state.is_over or state.is_lost or state.is_stuck):
        try:
            allowance.sleep(LOOK_EVERY_S)
            state = jobs.state(job)
        except ClusterTimeout:
            return state
    return state


def _look_inside(report: Report, jobs: Jobs, state: PodState, path: str, allowance: Allowance) -> None:
    with scratch_folder("engine") as folder:
        files = Files(folder)
        files.home.mkdir()
        tunnel = jobs.enter(state, folder / "s.sock")
        try:
            asked = _asking(path, files, folder / "s.sock", allowance)
            said = step_of(report, "version", lambda: _said(asked(*WORKERS), lambda: tunnel.why), lambda _: "")
            report.steps.pop()  # said by what follows
            look_at_worker(report, said, asked, folder)
        finally:
            tunnel.close()


def _asking(path: str, files: Files, socket: Path, allowance: Allowance) -> Callable[..., Finished]:
    env = environment(files)

    def asked(*command: str, wall_s: float = BOUNDS.wall_s) -> Finished:
        bounds = replace(BOUNDS, wall_s=min(wall_s, max(allowance.left_s(), 1.0)))
        return run_bounded([path, "--addr", f"unix://{socket}", *command], bounds, env=env, cwd=files.folder)

    return asked


def _said(finished: Finished, why: Callable[[], str]) -> Finished:
    """Raises PodRefused."""
    if finished.code == 0:
        return finished
    raise PodRefused(f"there is no way into BuildKit's pod: {why() or finished.error.strip()[-300:]}")
