"""The catalog of kinds and relations: read once from `k8s_templates`, the same for every request."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import orjson

from kubeorch.base.digests import content_digest
from workflows.domain.kinds.catalog import Catalog, load_catalog

TEMPLATES = Path(__file__).resolve().parent.parent / "k8s_templates"


@cache
def catalog() -> Catalog:
    """Kinds and relations. Raises what `load_catalog` raises when a template on disk is broken."""
    return load_catalog(TEMPLATES)


@cache
def catalog_json() -> tuple[bytes, str]:
    """The catalog as the API serves it, and its entity tag (quoted)."""
    body = orjson.dumps(catalog().as_json())
    return body, f'"{content_digest(body)}"'
