"""The Gateway API on a control plane of the tests, as a cluster has it once somebody has installed it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from kubeorch.base.yaml import load_all_strict
from tests.support.control_plane import ApiServer
from tests.support.wait import until

FOLDER = "GATEWAY_API_CRDS"
"""The variable that names a folder with the definitions of the Gateway API itself."""
_NAMES = ("gateways", "httproutes")


def install_gateway_api(plane: ApiServer) -> None:
    for definition in _definitions():
        plane.apply(definition)
    for name in _NAMES:
        until(lambda name=name: _is_served(plane, name), what=f"{name} are served")  # type: ignore[misc]


def _definitions() -> list[Any]:
    given = os.environ.get(FOLDER)
    if not given:
        return load_all_strict(Path(__file__).with_suffix(".yaml").read_bytes())
    paths = (Path(given) / f"gateway.networking.k8s.io_{name}.yaml" for name in _NAMES)
    return [one for path in paths for one in load_all_strict(path.read_bytes()) if one]


def _is_served(plane: ApiServer, name: str) -> bool:
    status, _ = plane.call("GET", f"/apis/gateway.networking.k8s.io/v1/{name}")
    return status == 200
