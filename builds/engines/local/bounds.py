"""What holds the steps of Dockerfiles on this machine: a network of their own, and a control group."""

from __future__ import annotations

import contextlib
import hashlib
import os
import threading
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from builds.engines.local.limits import Limits, bound, release
from builds.engines.local.network import Network, NoNetwork, networks_of, proxies
from builds.engines.local.place import Place, Reached
from builds.engines.local.programs import Surroundings, why_shared
from kubeorch.processes.saying import say
from kubeorch.programs.errors import NoProgram


@dataclass(frozen=True, slots=True)
class StepBounds:
    limits: Limits
    network: Network | None
    shares: str
    """Why steps have the network of the machine; "" where they have one of their own."""
    proxies: tuple[Reached, ...] = ()

    def allow(self, reached: Collection[Reached]) -> None:
        """Raises NoProgram."""
        if self.network is not None:
            with _said():
                self.network.allow([*reached, *self.proxies])

    def look(self, *, is_long_ago: bool) -> None:
        """Raises NoProgram where the network has ended."""
        if self.network is None:
            return
        if not self.network.is_alive:
            raise NoProgram("the network of builds has ended", "it is made anew")
        if is_long_ago:
            with _said():
                self.network.close_new_addresses()


def group_of(place: Place) -> str:
    """The name of the cgroup of the steps of the daemon that has its data here."""
    return f"kubeorch-builds-{hashlib.sha256(os.fsencode(place.root)).hexdigest()[:12]}"


def bounds_of(
    place: Place,
    around: Surroundings,
    environ: Mapping[str, str],
    stopping: threading.Event,
    stack: contextlib.ExitStack,
) -> StepBounds:
    """As much as this machine can; it goes with `stack`."""
    group = group_of(place)
    release(group)  # of a daemon that was killed
    limits = bound(group)
    stack.callback(release, group)
    if around.network is None:
        return _shared(limits, why_shared(around))
    network = Network(place, around.network, networks_of(environ))
    try:
        network.start(stopping)
    except NoNetwork as error:
        return _shared(limits, f"one of their own cannot be made: {error}")
    stack.callback(network.stop)
    return StepBounds(limits, network, "", tuple(proxies(environ)))


def _shared(limits: Limits, why: str) -> StepBounds:
    say(f"builds: steps have the network of this machine: {why}")
    return StepBounds(limits, None, why)


@contextlib.contextmanager
def _said() -> Iterator[None]:
    try:
        yield
    except NoNetwork as error:
        raise NoProgram("BuildKit has no network", str(error)) from error
