"""Addresses of sources and their calls, as the API shows them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from builds.pushes.store import PushAddress, PushCall
from kubeorch.base.clock import iso


def address_json(address: PushAddress) -> dict[str, Any]:
    return {
        "enabled": address["enabled"],
        "signed": "signing_key" in address,
        "made_at": iso(address["made_at"]),
        "made_by": {"id": str(address["made_by"]), "name": address["made_by_name"]},
    }


def pushes_json(address: PushAddress | None, calls: Sequence[PushCall]) -> dict[str, Any]:
    return {"address": address_json(address) if address is not None else None, "calls": [_call(one) for one in calls]}


def _call(call: PushCall) -> dict[str, Any]:
    build = call["build"]
    return {
        "at": iso(call["at"]),
        "count": call["count"],
        "outcome": call["outcome"],
        "reason": call["reason"],
        "build": {"id": str(build["id"]), "number": build["number"]} if build is not None else None,
        "push": dict(call["push"]),
    }
