"""What would break where, as the API shows it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflows.fits.checking import Fit


def fit_json(cluster: Mapping[str, Any], fit: Fit) -> dict[str, Any]:
    return {
        "cluster": str(cluster["_id"]),
        "name": cluster["name"],
        "namespace": fit.namespace,
        "state": fit.state,
        "reason": fit.reason,
        "problems": [
            {
                "node_id": one.node_id or None,
                "ref": one.ref.as_json() if one.ref else None,
                "path": one.misfit.path,
                "level": one.misfit.level,
                "code": one.misfit.code,
                "detail": one.misfit.detail,
            }
            for one in fit.found
        ],
    }
