"""Charts as archives, from a repository over HTTP or an OCI registry.

Sources: Helm docs, "The Chart Repository Guide" and "Use OCI-based registries"; OCI Distribution Specification 1.1.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from builds.domain.challenges import may_be_sent
from builds.domain.semver import newest
from builds.registries.downloads import downloaded
from builds.registries.errors import RealmRefused, RegistryRefused
from builds.registries.exchanges import Answer, Check, joined, parts_of, place_of_url
from kubeorch.base.errors import InvalidInput
from kubeorch.base.yaml import load_strict

INDEX_MAX_BYTES = 40_000_000
ENTRY_MAX_BYTES = 4_000_000
MANIFEST_MAX_BYTES = 4_000_000
_LAYERS = ("application/vnd.cncf.helm.chart.content.v1.tar+gzip", "application/tar+gzip")
_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
_CHALLENGE = re.compile(r'(realm|service|scope)="([^"]{0,2000})"')
_OCI = re.compile(r"oci://([A-Za-z0-9.\-]+(?::\d{1,5})?|\[[0-9a-fA-F:]+\](?::\d{1,5})?)/([a-z0-9._\-/]{1,255})\Z")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}\Z")
_PLAIN_HOSTS = ("localhost", "127.0.0.1", "[::1]")
"""Read without TLS, as container engines do."""
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Wanted:
    """A chart of a repository. `url` is `oci://host/path/chart`, or that of a repository that has `chart`."""

    url: str
    chart: str = ""
    version: str = ""
    """A version or a range; without it, the newest."""
    username: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Archive:
    """A chart as its repository has it."""

    name: str
    version: str
    content: bytes = field(repr=False)


def check_address(wanted: Wanted, *, field: str) -> None:
    """Raises InvalidInput for what is not an address of a chart."""
    parts = parts_of(wanted.url)
    if parts.scheme == "oci" and not _OCI.match(wanted.url):
        raise InvalidInput("write a chart in a registry as oci://host/path/chart", code="registry.address", field=field)
    if parts.scheme not in ("oci", "https", "http") or not parts.hostname:
        cure = "give https://host/path of a repository of charts, or oci://host/path/chart"
        raise InvalidInput(cure, code="registry.address", field=field)
    if parts.username is not None or parts.password is not None:
        cure = "take name and password out of the address, and give them as credential"
        raise InvalidInput(cure, code="registry.address", field=field)
    if parts.scheme != "oci" and not wanted.chart and not _is_archive(wanted.url):
        cure = "name the chart that is meant of this repository"
        raise InvalidInput(cure, code="registry.chart", field="source.chart")


def chart_archive(wanted: Wanted, *, most_bytes: int, check: Check) -> Archive:
    """The archive of a chart, with its digest checked where the repository tells one.

    Raises RegistryRefused, RegistryAddressRefused, Unavailable, and what `check` raises.
    """
    if wanted.url.startswith("oci://"):
        return _from_registry(wanted, most_bytes, check)
    own = _basic(wanted)
    if not wanted.chart:
        name = urlsplit(wanted.url).path.rpartition("/")[2]
        return Archive(name.rpartition(".")[0], "", _found(wanted.url, own, most_bytes, check).content)
    base = wanted.url.rstrip("/") + "/"
    index = _found(urljoin(base, "index.yaml"), own, INDEX_MAX_BYTES, check)
    rows = _entry(index.content, wanted.chart)
    version = newest((str(row.get("version")) for row in rows), wanted.version)
    if version is None:
        raise _no_version(wanted, [str(row.get("version")) for row in rows])
    row = next(one for one in rows if str(one.get("version")) == version)
    urls = row.get("urls")
    if not isinstance(urls, list) or not urls or not isinstance(urls[0], str):
        raise RegistryRefused(f"the repository says of {wanted.chart} {version} not where it is")
    target = joined(base, urls[0])
    same = place_of_url(target) == place_of_url(base)
    if place_of_url(base)[0] == "https" and place_of_url(target)[0] != "https":
        raise RegistryRefused(f"the repository has {wanted.chart} {version} at an address without TLS")
    content = _found(target, own if same else {}, most_bytes, check).content
    _check_digest(content, str(row.get("digest") or ""), wanted.chart)
    return Archive(wanted.chart, version, content)


def _is_archive(url: str) -> bool:
    return urlsplit(url).path.endswith((".tgz", ".tar.gz"))


def _basic(wanted: Wanted) -> dict[str, str]:
    if not wanted.password:
        return {}
    pair = f"{wanted.username}:{wanted.password}".encode()
    return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}


def _found(url: str, headers: Mapping[str, str], most_bytes: int, check: Check) -> Answer:
    return _there(url, downloaded(url, most_bytes=most_bytes, check=check, headers=headers))


def _there(url: str, answer: Answer) -> Answer:
    """Raises RegistryRefused unless it is what was asked for."""
    host = urlsplit(url).hostname
    if answer.status in (401, 403):
        raise RegistryRefused(f"{host} does not let this be read; check the address, or give a credential")
    if answer.status == 404:
        raise RegistryRefused(f"{host} has nothing at {urlsplit(url).path[:200]}; check the address")
    if answer.status != 200:
        raise RegistryRefused(f"{host} answers with status {answer.status}")
    return answer


def _entry(index: bytes, chart: str) -> list[dict[str, Any]]:
    """The rows of one chart in an index, which may have thousands of others: only its own lines are read as YAML."""
    own = b"\n".join(_lines_of(index, chart))
    if len(own) > ENTRY_MAX_BYTES:
        raise RegistryRefused(f"the index says too much of {chart}")
    rows = load_strict(own, max_bytes=ENTRY_MAX_BYTES, max_nodes=200_000) if own else None
    rows = next(iter(rows.values()), None) if isinstance(rows, dict) else None
    if not isinstance(rows, list):
        raise RegistryRefused(f"the repository has no chart {chart}; check the name")
    return [row for row in rows if isinstance(row, dict)]


def _lines_of(index: bytes, chart: str) -> Iterator[bytes]:
    """The lines below `entries` that belong to the chart. Source: Helm docs, "The index file"."""
    names = {f"{quote}{chart}{quote}:".encode() for quote in ("", '"', "'")}
    inside, indent, taking = False, None, False
    for line in index.splitlines():
        text = line.strip()
        if not text or text.startswith(b"#"):
            continue
        depth = len(line) - len(line.lstrip(b" "))
        if depth == 0:
            inside, taking = text == b"entries:", False
            continue
        if not inside:
            continue
        indent = depth if indent is None else indent
        if depth == indent and not text.startswith(b"-"):
            taking = text in names
        if taking:
            yield line


def _from_registry(wanted: Wanted, most_bytes: int, check: Check) -> Archive:
    found = _OCI.match(wanted.url)
    if found is None:
        raise RegistryRefused("write a chart in a registry as oci://host/path/chart")
    host, path = found[1], found[2].strip("/")
    scheme = "http" if re.sub(r":\d+\Z", "", host) in _PLAIN_HOSTS else "https"
    registry = _Registry(f"{scheme}://{host}/v2/{path}", path, wanted, check)
    version = _exact(wanted.version) or _newest_tag(registry, wanted)
    manifest = _json(registry.get(f"manifests/{version}", MANIFEST_MAX_BYTES, {"Accept": _MANIFEST}).content)
    layers = manifest.get("layers") if isinstance(manifest, dict) else None
    for layer in layers if isinstance(layers, list) else ():
        if isinstance(layer, dict) and layer.get("mediaType") in _LAYERS and _DIGEST.match(str(layer.get("digest"))):
            content = registry.get(f"blobs/{layer['digest']}", most_bytes).content
            _check_digest(content, str(layer["digest"]), path)
            return Archive(path.rpartition("/")[2], version.replace("_", "+"), content)
    raise RegistryRefused(f"what {host} has at {path} {version} is not a chart")


def _exact(version: str) -> str:
    """The tag of a whole version; "" for a range. Source: Helm docs, "OCI": `+` is `_` in a tag."""
    return version.replace("+", "_") if re.match(r"v?\d+\.\d+\.\d+([-+][0-9A-Za-z.+-]*)?\Z", version) else ""


def _newest_tag(registry: _Registry, wanted: Wanted) -> str:
    tags = _json(registry.get("tags/list", MANIFEST_MAX_BYTES).content).get("tags")
    names = [str(tag).replace("_", "+") for tag in tags] if isinstance(tags, list) else []
    version = newest(names, wanted.version)
    if version is None:
        raise _no_version(wanted, names)
    return version.replace("+", "_")


@dataclass(slots=True)
class _Registry:
    """One repository of a registry, with the token that it asked for."""

    base: str
    path: str
    wanted: Wanted
    check: Check
    authorization: dict[str, str] = field(default_factory=dict, repr=False)

    def get(self, path: str, most_bytes: int, headers: Mapping[str, str] | None = None) -> Answer:
        url = f"{self.base}/{path}"

        def asked() -> Answer:
            own = {**(headers or {}), **self.authorization}
            return downloaded(url, most_bytes=most_bytes, check=self.check, headers=own)

        answer = asked()
        if answer.status == 401 and not self.authorization:
            self.authorization = self._authorized(answer.headers.get("www-authenticate", ""))
            answer = asked() if self.authorization else answer
        return _there(url, answer)

    def _authorized(self, challenge: str) -> dict[str, str]:
        """What a registry asks for. Source: Distribution, "Token Authentication Specification"."""
        basic = _basic(self.wanted)
        if not challenge.lower().startswith("bearer"):
            return basic
        asked = dict(_CHALLENGE.findall(challenge))
        realm = asked.get("realm", "")
        if basic and not may_be_sent(self.base, realm):
            raise RealmRefused(parts_of(self.base).hostname or "", parts_of(realm).hostname or "")
        query = {"service": asked.get("service", ""), "scope": f"repository:{self.path}:pull"}
        answer = _found(
            f"{realm}{'&' if '?' in realm else '?'}{urlencode(query)}", basic, MANIFEST_MAX_BYTES, self.check
        )
        said = _json(answer.content)
        token = said.get("token") or said.get("access_token")
        return {"Authorization": f"Bearer {token}"} if isinstance(token, str) and token.isascii() else basic


def _json(content: bytes) -> dict[str, Any]:
    try:
        found = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise RegistryRefused("the registry answers with what is not JSON") from error
    return found if isinstance(found, dict) else {}


def _check_digest(content: bytes, digest: str, what: str) -> None:
    wanted = digest.removeprefix("sha256:").lower()
    if wanted and hashlib.sha256(content).hexdigest() != wanted:
        raise RegistryRefused(f"what was sent of {what} does not have the digest that its repository tells")


def _no_version(wanted: Wanted, known: Sequence[str]) -> RegistryRefused:
    some = ", ".join(known[:_SHOWN]) or "none"
    return RegistryRefused(
        f"there is no version {wanted.version or 'without a pre-release'} of {wanted.chart or wanted.url}; there are "
        f"{some}{' and others' if len(known) > _SHOWN else ''}"
    )
