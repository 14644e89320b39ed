"""Which directory of a volume each service mounts: an import makes one where an image needs an empty directory.

It is taken back for all services that mount the volume, or for none, so that they see the same files as the pods do.
"""

from __future__ import annotations

from typing import Any

from imports.domain.exporting.compose_rest import literal

_INNER = "data"
"""The directory that an import makes."""


class InnerDirectories:
    """The mounts of one file, by volume."""

    def __init__(self) -> None:
        self._mounts: dict[str, list[tuple[dict[str, Any], str]]] = {}
        self._made: set[str] = set()
        """Volumes that some service mounts where its image needs an empty directory."""

    def add(self, volume: str, row: dict[str, Any], inner: str, *, needs_empty: bool) -> None:
        """`row` is the mount as it is written in Compose's words, `inner` the directory that the pods mount."""
        self._mounts.setdefault(volume, []).append((row, inner.strip("/")))
        if needs_empty:
            self._made.add(volume)

    def write(self) -> None:
        """Write into the rows what Compose has to say of the directories, once all mounts are known."""
        for volume, mounts in self._mounts.items():
            is_taken_back = volume in self._made and all(f"{inner}/".startswith(f"{_INNER}/") for _, inner in mounts)
            for row, inner in mounts:
                own = inner.removeprefix(_INNER).strip("/") if is_taken_back else inner
                if own:
                    row["volume"] = {"subpath": literal(own)}
