"""The local engine as seen by who builds: each order is a buildctl that ends with the thread that gave it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

from builds.engines.command import Files, command_of, write_files
from builds.engines.local.place import Place, Status, digest_of, digest_of_reached
from builds.engines.local.programs import BUILDKIT, surroundings, why_shared
from builds.engines.orders import Orders
from builds.engines.protocol import BuildOrder, Outcome, Readiness, Said
from kubeorch.base.errors import Unavailable
from kubeorch.processes import lock
from kubeorch.processes.scratch import scratch_folder
from kubeorch.programs.progress import Phase

SHARED = (
    "images are not built beside a KubeOrch that others reach over the network while the steps of a Dockerfile have "
    "the network of this machine, its loopback and cloud metadata with it: {why}. Where everybody who may build is "
    "trusted with that, an administrator can set KUBEORCH_BUILD_LOCALLY=1"
)


class EngineNotReady(Unavailable):
    """BuildKit is being started anew."""

    code = "engine.not_ready"


class LocalEngine:
    """One for each process; an order belongs to the thread that started it."""

    id = "local"
    version = f"buildkit {BUILDKIT}"

    def __init__(self, place: Place, may_share: Callable[[], bool] = lambda: True) -> None:
        """`may_share` says whether it may build although steps have the network of this machine."""
        self._place = place
        self._may_share = may_share
        self._orders = Orders()

    def check(self) -> Readiness:
        if self._may_share() or not _shares():
            self._place.want()
        return self.look()

    def look(self) -> Readiness:
        status = self._place.read_status()
        is_ready = status is not None and status.phase == Phase.READY
        shares = status.shares if status is not None and is_ready else _shares()
        if shares and not self._may_share():
            return Readiness(False, (SHARED.format(why=shares),), is_refused=True)
        if status is None:
            return Readiness(
                False,
                (
                    "BuildKit does not run beside this worker; `manage.py up` starts it by itself, elsewhere run "
                    "`manage.py builder`",
                ),
            )
        words = f"{status.message}: {status.detail}" if status.detail else status.message
        if is_ready:
            is_told = self._is_told(status)
            return Readiness(is_told, (words, *_facts(status)), is_coming=not is_told)
        return Readiness(False, (words,), is_coming=status.phase != Phase.FAILED)

    def start(self, order: BuildOrder) -> None:
        """Raises EngineNotReady."""
        if order.name in self._orders:
            return
        with contextlib.ExitStack() as stack:
            try:
                stack.enter_context(lock.share(self._place.in_use))
            except lock.AlreadyHeld:
                raise EngineNotReady("BuildKit is being started anew") from None
            status = self._ready_status()
            files = Files(stack.enter_context(scratch_folder("order")))
            write_files(order, files)
            buildctl, bytes_ = str((status.programs or {})["buildctl"]), status.step_bytes
            command = command_of(order, files, buildctl, self._place.address, step_bytes=bytes_)
            self._orders.begin(order, [*status.entry, *command], files, stack)

    def follow(self, name: str, after: int, check: Callable[[], None]) -> Iterator[Said | Outcome]:
        return self._orders.follow(name, after, check)

    def cancel(self, name: str) -> None:
        self._orders.cancel(name)

    def clean(self, name: str) -> None:
        self._orders.clean(name)

    def _ready_status(self) -> Status:
        status = self._place.read_status()
        if status is None or status.phase != Phase.READY or not self._is_told(status):
            raise EngineNotReady("BuildKit is being started")
        return status

    def _is_told(self, status: Status) -> bool:
        """Whether the daemon knows of every registry that it was told of."""
        is_reached = status.reached == digest_of_reached(self._place.reached())
        return is_reached and status.trusted == digest_of(self._place.told())


def _shares() -> str:
    """Why steps would have the network of the machine, as far as its programs tell; "" where they would not."""
    around, _ = surroundings()
    return why_shared(around) if around is not None else ""


def _facts(status: Status) -> tuple[str, ...]:
    """What holds steps, in words."""
    network = (
        f"steps have the network of this machine, its loopback and private networks: {status.shares}"
        if status.shares
        else "steps have a network of their own, which leads to public addresses and to KUBEORCH_BUILD_NETWORKS"
    )
    return (network, status.bounds) if status.bounds else (network,)
