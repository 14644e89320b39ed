"""The StorageClasses of a cluster: who makes the volume that a claim waits for."""

from __future__ import annotations

import threading

from clusters.domain.observed import ClaimStatus, ObservedObject, StorageClassStatus


class StorageClasses:
    """Safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_name: dict[str, ObservedObject] = {}

    def add(self, seen: ObservedObject) -> None:
        with self._lock:
            self._by_name[seen.name] = seen

    def remove(self, seen: ObservedObject) -> None:
        """Take out this very one; another of the same name may be there by now."""
        with self._lock:
            if seen.name in self._by_name and self._by_name[seen.name].uid == seen.uid:
                del self._by_name[seen.name]

    def why_no_volume(self, claim: ClaimStatus) -> str:
        """Why nobody makes a volume for a claim that waits for one; "" where somebody may."""
        name = claim.storage_class
        if not claim.names_class:
            return "it names no StorageClass, and the cluster has no default one"
        if not name:
            return "no PersistentVolume fits it, and it names no StorageClass that makes one"
        found = self._find(name)
        if found is None:
            return f"StorageClass {name} does not exist"
        if found.provisioner == "kubernetes.io/no-provisioner":
            return f"no PersistentVolume of StorageClass {name} fits it, and nothing makes one"
        return ""

    def provisioner(self, storage_class: str) -> str:
        """What makes the volumes of that class; "" where that is not known."""
        found = self._find(storage_class)
        return found.provisioner if found is not None else ""

    def waits_for_consumer(self, storage_class: str) -> bool:
        """Whether a claim of that class gets its volume only when a pod uses it."""
        found = self._find(storage_class)
        return found is not None and found.waits_for_consumer

    def _find(self, name: str) -> StorageClassStatus | None:
        with self._lock:
            seen = self._by_name.get(name)
        return seen.status if seen is not None and isinstance(seen.status, StorageClassStatus) else None
