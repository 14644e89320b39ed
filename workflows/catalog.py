"""The catalog of kinds and relations: made once, the same for every request."""

from __future__ import annotations

from functools import cache

import orjson

from kubeorch.base.digests import content_digest
from kubeorch.web.compression import gzip
from workflows.compiled_catalog import compiled_catalog
from workflows.domain.kinds.catalog import Catalog
from workflows.kept_catalog import kept_catalog

CATALOG_PATH = "/api/v1/catalog/"
"""Followed by the digest of its content: the address of one version of the catalog."""


@cache
def catalog() -> Catalog:
    """Kinds and relations. Raises what `compiled_catalog` raises when a template on disk is broken."""
    return kept_catalog() or compiled_catalog()


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
