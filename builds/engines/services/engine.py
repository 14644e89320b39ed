"""A BuildKit service as an engine: each order is a buildctl that ends with the thread that gave it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

from builds.domain.engines import Address
from builds.engines.command import Files, command_of, write_files
from builds.engines.orders import Orders
from builds.engines.protocol import BuildOrder, Outcome, Said
from builds.engines.services import client, store, testing
from builds.engines.services.nature import nature_in
from builds.engines.services.stored import StoredEngine
from clusters.kube.allowance import Allowance
from kubeorch.processes.scratch import scratch_folder

REACH_S = 12.0


class ServiceEngine(StoredEngine):
    """For one job; an order belongs to the thread that started it."""

    def __init__(self, row: store.Service) -> None:
        super().__init__(row)
        self._orders = Orders()

    def _facts(self) -> tuple[str, ...]:
        return facts_of(self._row)

    def _reach(self) -> None:
        testing.reach(service_of(self._row), Allowance(REACH_S, 0))

    def start(self, order: BuildOrder) -> None:
        """Raises Unavailable where it cannot be reached, and Unsealable."""
        if order.name in self._orders:
            return
        service = service_of(self._row)
        path, url = str(client.buildctl()), testing.reach(service, Allowance(REACH_S, 0))
        with contextlib.ExitStack() as stack:
            files = Files(stack.enter_context(scratch_folder("order")))
            write_files(order, files)
            access = client.write_access(service.material, service.name, files)
            command = command_of(order, files, path, url, access=access)
            self._orders.begin(order, command, files, stack, without_proxy=client.ip_of(url))

    def follow(self, name: str, after: int, check: Callable[[], None]) -> Iterator[Said | Outcome]:
        return self._orders.follow(name, after, check)

    def cancel(self, name: str) -> None:
        self._orders.cancel(name)

    def clean(self, name: str) -> None:
        self._orders.clean(name)


def service_of(row: store.Service) -> testing.Service:
    """Raises Unsealable."""
    return testing.Service(Address(row["host"], row["port"]), row["server_name"], store.material_of(row))


def facts_of(row: store.Service) -> tuple[str, ...]:
    """What it is, in words."""
    nature = nature_in(row)
    return (f"BuildKit {nature.version} at {Address(row['host'], row['port'])}, for {nature.platform}",)
