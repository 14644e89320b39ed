"""What an engine of a row said of itself in its last test."""

from __future__ import annotations

from builds.domain.engines import Nature
from builds.engines.services.store import Service


def nature_in(row: Service) -> Nature:
    found = row["nature"]
    return Nature(
        found["version"],
        tuple(found["platforms"]),
        found["executor"],
        found["snapshotter"],
        found["network"],
        found["process_mode"],
    )
