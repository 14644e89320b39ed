"""One download within bounds, from addresses that were judged."""

from __future__ import annotations

from collections.abc import Mapping

from builds.registries.exchanges import Answer, Check, Exchanges


def downloaded(url: str, *, most_bytes: int, check: Check, headers: Mapping[str, str] | None = None) -> Answer:
    """GET it. `check` is called again and again; what it raises ends the download.

    Raises the errors of `builds.registries.errors`, and what `check` raises.
    """
    with Exchanges(most_bytes=most_bytes, check=check) as exchanges:
        return exchanges.ask("GET", url, headers=headers)
