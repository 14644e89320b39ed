"""Everything that is stored sealed: what has to be sealed anew when the key changes."""

from __future__ import annotations

from builds.connections import store as git_connections
from builds.detecting import store as detections
from builds.engines.services import store as build_engines
from builds.pushes import store as pushes
from builds.registries import store as registries
from builds.sources import store as sources
from clusters import store as clusters
from clusters.oidc import store as sign_ins
from imports import store as imports
from kubeorch.mongo.resealing import SealedField
from workflows.environments import secret_store as secret_values
from workflows.runs import secret_store as run_secrets
from workflows.triggers import actions as triggers

SEALED: tuple[SealedField, ...] = (
    *clusters.SEALED,
    *sign_ins.SEALED,
    *secret_values.SEALED,
    *run_secrets.SEALED,
    *triggers.SEALED,
    *imports.SEALED,
    *registries.SEALED,
    *build_engines.SEALED,
    *git_connections.SEALED,
    *sources.SEALED,
    *pushes.SEALED,
    *detections.SEALED,
)
