"""A Kubernetes API client on urllib3 and orjson: JSON in, dicts out, nothing modelled.

The `kubernetes` package costs 43 MB and a quarter of a second to import; here it serves as the oracle in
tests only. Credentials stay in memory: client certificates pass through an anonymous file.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from clusters.domain.managers import FIELD_MANAGER
from clusters.domain.objects import Manifest
from clusters.domain.reading import mapping, mappings, text
from clusters.kube.discovery import Discovery, Resource
from clusters.kube.errors import (
    AnswerTooLarge,
    ApiNotFound,
    ClusterTimeout,
    ClusterUnavailable,
    Expired,
    NothingServed,
    NotKubernetes,
    UnknownKind,
)
from clusters.kube.holding import TooMuch
from clusters.kube.lately import Lately
from clusters.kube.transport import Transport

if TYPE_CHECKING:
    from clusters.domain.credentials import Credentials
    from clusters.domain.objects import Ref

Manifests = list[Manifest]

PAGE = 500
LIST_PAGES = 1000
LIST_ITEMS = 50_000
LIST_BYTES = 64 * 1024 * 1024
METADATA_LIST = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json"
METADATA_ONE = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json"


@dataclass(frozen=True, slots=True)
class Applied:
    """What server-side apply answered."""

    object: Manifest
    created: bool


class KubeClient(Transport):
    """One cluster, in Kubernetes' own verbs."""

    def __init__(self, credentials: Credentials, **options: Any) -> None:
        """`options` are those of Transport."""
        super().__init__(credentials, **options)
        self._discovery = Discovery()
        self.lately = Lately()
        """Of this one and of those made of it by `while_alive` and `acting_as`."""

    # The API server

    def is_ready(self, *, timeout_s: float = 2.0) -> bool:
        """Whether /readyz answers 200; False as well when nothing listens."""
        try:
            return self.exchange("GET", "/readyz", timeout_s=timeout_s)[0] == 200
        except ClusterUnavailable:
            return False

    def version(self, *, timeout_s: float | None = None) -> str:
        """Its version, such as v1.36.3. Raises NotKubernetes when something else answers."""
        with self._telling.of("/version"):
            version = self.request("GET", "/version", timeout_s=timeout_s)[1].get("gitVersion")
            if not isinstance(version, str) or not version:
                raise NotKubernetes
            return version

    # Objects

    def resource(self, api_version: str, kind: str) -> Resource:
        """Raises UnknownKind; for a kind that is not in the common table the cluster is asked once."""
        return self._discovery.resource(api_version, kind, lambda path: self.request("GET", path)[1])

    def forget_resource(self, api_version: str, kind: str) -> None:
        """Ask the cluster again which resource serves the kind."""
        self._discovery.forget(api_version, kind)

    def path_of(self, ref: Ref) -> str:
        return self.resource(ref.api_version, ref.kind).path(ref.namespace, ref.name)

    def apply(
        self,
        manifest: Manifest,
        *,
        field_manager: str = FIELD_MANAGER,
        force: bool = False,
        uid: str | None = None,
        dry_run: bool = False,
        guard: Callable[[], None] | None = None,
    ) -> Applied:
        """Server-side apply. With `uid` only that very object is changed, never another one of the same name.

        With `dry_run` the API server answers what it would store, and stores nothing.

        Raises FieldConflict when others manage fields with other values, ApiConflict for another uid, ApiInvalid with
        the API server's causes, and UnknownKind for a kind whose definition has gone.
        """
        metadata = manifest["metadata"]
        resource = self.resource(manifest["apiVersion"], manifest["kind"])
        if uid:
            manifest = {**manifest, "metadata": {**metadata, "uid": uid}}
        query = {"fieldManager": field_manager, "fieldValidation": "Strict", "force": "true" if force else "false"}
        if dry_run:
            query["dryRun"] = "All"
        try:
            status, answer = self.request(
                "PATCH",
                resource.path(metadata.get("namespace"), metadata["name"]),
                body=_json_as_yaml(manifest),
                query=query,
                headers={"Content-Type": "application/apply-patch+yaml"},
                guard=guard,
                name=f"{manifest['kind']} {metadata['name']}",
            )
        except NothingServed as gone:
            self.forget_resource(resource.api_version, resource.kind)
            raise UnknownKind(resource.api_version, resource.kind) from gone
        return Applied(answer, created=status == 201)

    def get(self, ref: Ref, *, metadata_only: bool = False) -> Manifest | None:
        """The object, or None when there is none."""
        headers = {"Accept": METADATA_ONE} if metadata_only else None
        try:
            return self.request("GET", self.path_of(ref), headers=headers, name=f"{ref.kind} {ref.name}")[1]
        except ApiNotFound:
            return None

    def delete(
        self,
        ref: Ref,
        *,
        uid: str | None = None,
        version: str | None = None,
        guard: Callable[[], None] | None = None,
    ) -> bool:
        """Ask for deletion of the very object `uid`, and only as it was at the resourceVersion `version` where one is
        given; True when it is gone at once or was gone already.

        False: it waits for finalizers. Raises ApiConflict when another object has its name by now, or it has changed.
        """
        body: Manifest = {"apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": "Background"}
        if expected := {key: value for key, value in (("uid", uid), ("resourceVersion", version)) if value}:
            body["preconditions"] = expected
        try:
            _, answer = self.request("DELETE", self.path_of(ref), body=body, guard=guard, name=f"{ref.kind} {ref.name}")
        except ApiNotFound:
            return True
        if answer.get("kind") == "Status":
            return True
        held = mapping(answer.get("metadata")).get("finalizers") or mapping(answer.get("spec")).get("finalizers")
        return not held and not _is_graceful(answer)  # a Namespace has its finalizers in its spec

    def list(
        self,
        api_version: str,
        kind: str,
        *,
        namespace: str | None = None,
        metadata_only: bool = False,
        timeout_s: float | None = None,
    ) -> tuple[Manifests, str]:
        """All objects, page by page, and the list's resourceVersion. Items carry no apiVersion and kind.

        `timeout_s` (Limits.list_s) is for all pages together, Limits.answer_s for each. Raises TooMuch beyond
        LIST_BYTES, LIST_ITEMS or LIST_PAGES; an answer that is too large is asked for again in smaller pages.
        """
        path = self.resource(api_version, kind).path(namespace)
        headers = {"Accept": METADATA_LIST} if metadata_only else None
        size = PAGE
        query = {"limit": str(size)}
        total_s = self.limits.list_s if timeout_s is None else timeout_s
        until = time.monotonic() + total_s
        allowance = self.allowance(total_s)
        items: Manifests = []
        for _ in range(LIST_PAGES):
            left_s = until - time.monotonic()
            if left_s <= 0:
                raise ClusterTimeout
            allowance.grant(min(self.limits.answer_s, left_s), self.limits.answer_bytes)
            try:
                _, page = self.request(
                    "GET", path, query=query, headers=headers, allowance=allowance, name=f"{kind} objects"
                )
            except Expired:
                if "continue" not in query:
                    raise
                # The snapshot behind the pages is compacted away: once more, whole.
                query = {key: value for key, value in query.items() if key not in ("continue", "limit")}
                items = []
                continue
            except AnswerTooLarge:
                if size == 1:
                    raise
                size = max(1, size // 8)
                query["limit"] = str(size)
                continue
            items.extend(dict(item) for item in mappings(page.get("items")) if isinstance(item.get("metadata"), dict))
            if allowance.received > LIST_BYTES or len(items) > LIST_ITEMS:
                break
            metadata = mapping(page.get("metadata"))
            if not (token := text(metadata.get("continue"))):
                return items, text(metadata.get("resourceVersion"))
            query["continue"] = token
        raise TooMuch(f"the cluster has more objects of kind {kind} than can be looked at in one go")


_READ_OTHERWISE = re.compile(rb"\x7f|\xc2[\x80-\x9f]|\xe2\x80[\xa8\xa9]|\xef\xbb\xbf|\xef\xbf[\xbe\xbf]")
"""In UTF-8: characters that JSON takes as they are and YAML folds as line ends, drops or refuses."""


def _json_as_yaml(manifest: Manifest) -> bytes:
    """JSON that a YAML parser reads as the same values; the API server reads applied objects as YAML."""
    return _READ_OTHERWISE.sub(lambda found: b"\\u%04x" % ord(found[0].decode()), orjson.dumps(manifest))


def _is_graceful(answer: Manifest) -> bool:
    """Whether a deleted object stays until its grace period ends (pods)."""
    metadata = answer.get("metadata") or {}
    return bool(metadata.get("deletionTimestamp")) and bool(metadata.get("deletionGracePeriodSeconds"))
