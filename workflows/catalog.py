"""The catalog of kinds and relations: read once from `k8s_templates`, the same for every request."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import orjson

from kubeorch.base.digests import content_digest
from kubeorch.web.compression import gzip
from workflows.domain.kinds.catalog import Catalog, load_catalog

CATALOG_PATH = "/api/v1/catalog/"
"""Followed by the digest of its content: the address of one version of the catalog."""
TEMPLATES = Path(__file__).resolve().parent.parent / "k8s_templates"


@cache
def catalog() -> Catalog:
    """Kinds and relations. Raises what `load_catalog` raises when a template on disk is broken."""
    return load_catalog(TEMPLATES)


@cache
def catalog_json() -> tuple[bytes, str]:
    """The catalog as the API serves it, and the digest of that."""
    body = orjson.dumps(catalog().as_json())
    return body, content_digest(body)


@cache
def catalog_json_gzip() -> bytes:
    """The same as gzip, made once: 35 KB instead of 374."""
    return gzip(catalog_json()[0], level=9)


def catalog_digest_if_known() -> str | None:
    """The digest of the catalog; None while nobody has asked for that, so that the page need not wait for it."""
    return catalog_json()[1] if catalog_json.cache_info().currsize else None
