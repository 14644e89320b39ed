"""What a cluster says of its kinds: OpenAPI v3 documents, one for each group and version, kept by their digest.

Source: Kubernetes documentation, "The Kubernetes API", OpenAPI V3: `/openapi/v3` names them with their digests.
"""

from __future__ import annotations

import re
import zlib
from collections import OrderedDict
from collections.abc import Hashable, Mapping
from threading import Lock
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

import orjson

from clusters.domain.reading import mapping, text
from clusters.kube.client import KubeClient
from clusters.kube.errors import ApiNotFound

INDEX = "/openapi/v3"
KEPT_BYTES = 24 * 1024 * 1024
"""Compressed documents of all clusters; a cluster of today has about 1 MB."""
GROUPS_MOST = 2000
_VERSIONS = re.compile(r"(?:api/v[a-z0-9]{1,62}|apis/[a-z0-9.-]{1,253}/v[a-z0-9]{1,62})")
_DIGEST = re.compile(r"[0-9A-Za-z_-]{8,256}")
Schemas = Mapping[str, Mapping[str, Any]]
"""Definitions by name, as `io.k8s.api.apps.v1.Deployment`."""


class Documents(NamedTuple):
    """The documents of a cluster: the digest by API version; "" where the cluster gives none."""

    digests: Mapping[str, str]

    def versions_of(self, group: str) -> list[str]:
        """The API versions in which the group is served."""
        return sorted(one for one in self.digests if (one.partition("/")[0] if "/" in one else "") == group)


def documents(client: KubeClient) -> Documents:
    """Which API versions the cluster describes. Raises API errors."""
    paths = mapping(client.request("GET", INDEX)[1].get("paths"))
    found: dict[str, str] = {}
    for path, entry in list(paths.items())[:GROUPS_MOST]:
        if not _VERSIONS.fullmatch(path):
            continue
        query = parse_qs(urlsplit(text(mapping(entry).get("serverRelativeURL"))).query)
        digest = (query.get("hash") or [""])[0]
        found[path.partition("/")[2]] = digest if _DIGEST.fullmatch(digest) else ""
    return Documents(found)


class _Kept:
    """Documents by (cluster, API version, digest); those asked for least lately are dropped first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = Lock()
        self._by_key: OrderedDict[Hashable, bytes] = OrderedDict()
        self._size = 0

    def get(self, key: Hashable) -> bytes | None:
        with self._lock:
            found = self._by_key.get(key)
            if found is not None:
                self._by_key.move_to_end(key)
            return found

    def put(self, key: Hashable, content: bytes) -> None:
        with self._lock:
            self._size += len(content) - len(self._by_key.pop(key, b""))
            self._by_key[key] = content
            while self._size > self._most and self._by_key:
                _, dropped = self._by_key.popitem(last=False)
                self._size -= len(dropped)


_kept = _Kept(KEPT_BYTES)


def schemas_of(client: KubeClient, cluster: Hashable, api_version: str, digest: str) -> Schemas:
    """The definitions of an API version; {} where the cluster has none. `cluster` is whose they are.

    A document that is kept is not asked for again while its digest is the same. Raises API errors.
    """
    key = (cluster, api_version, digest)
    kept = _kept.get(key) if digest else None
    if kept is None:
        path = f"{INDEX}/api/{api_version}" if "/" not in api_version else f"{INDEX}/apis/{api_version}"
        try:
            answer = client.request("GET", path, query={"hash": digest} if digest else None)[1]
        except ApiNotFound:
            return {}
        kept = zlib.compress(orjson.dumps(mapping(mapping(answer.get("components")).get("schemas"))), 1)
        if digest:
            _kept.put(key, kept)
    found: Schemas = orjson.loads(zlib.decompress(kept))
    return found
