"""What engines that somebody has stored have in common, wherever they run."""

from __future__ import annotations

from abc import ABC, abstractmethod

from builds.domain.engines import engine_of_service
from builds.engines.protocol import Readiness
from builds.engines.services import client, store
from builds.engines.services.nature import nature_in
from kubeorch.base.errors import KubeOrchError

AWAY = ("engine.unreachable", "cluster.unavailable", "cluster.timeout", "cluster.unresolved")
"""What passes by itself, as when an API server is upgraded: builds wait for it. No code of a refusal is among them."""


class StoredEngine(ABC):
    """By its row, as the last trial left that."""

    def __init__(self, row: store.Service) -> None:
        self._row = row

    @property
    def id(self) -> str:
        return engine_of_service(self._row["_id"])

    @property
    def version(self) -> str:
        nature = nature_in(self._row)
        return f"buildkit {nature.version} on {nature.platform}"

    def look(self) -> Readiness:
        trouble = self._row["trouble"]
        if trouble is not None:
            return Readiness(False, (trouble["detail"],))
        return Readiness(True, self._facts())

    def check(self) -> Readiness:
        try:
            client.buildctl()
            self._reach()
        except client.ClientComing as coming:
            return Readiness(False, (coming.detail,), is_coming=True)
        except KubeOrchError as error:
            is_away = error.code in AWAY
            return Readiness(False, (f"{self._row['name']}: {error.detail}",), is_coming=is_away)
        return Readiness(True, self._facts())

    @abstractmethod
    def _facts(self) -> tuple[str, ...]:
        """What is known of where it is."""

    @abstractmethod
    def _reach(self) -> None:
        """Raises what stands in the way of an order."""
