"""Reads a kubeconfig strictly: an address and credentials, and nothing that would make the server act.

Refused: programs to run (`exec`), plugins (`auth-provider`), file paths, proxies, passwords, impersonation. Connections
without TLS verification are accepted only where the caller allows them.
Source: Kubernetes docs, "kubeconfig (v1)"; kubectl runs `exec` entries with its own environment.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any

from clusters.domain.credentials import Credentials, KubeconfigInvalid, ascii_text, is_token
from clusters.domain.plugins import instead_of_auth_provider, instead_of_exec, sentence_of
from clusters.domain.server_address import check_server, is_host_name
from kubeorch.base.names import is_dns_label
from kubeorch.base.yaml import load_strict
from kubeorch.base.yaml_events import YamlInvalid
from kubeorch.base.yaml_writing import dump

MAX_BYTES = 256 * 1024
FLATTEN = "Make one with: kubectl config view --raw --flatten --minify"

_REFUSED: dict[str, dict[str, str]] = {
    "cluster": {
        "proxy-url": "proxies are not supported; use an address that can be reached directly",
        "certificate-authority": f"a file on your machine cannot be read here. {FLATTEN}",
    },
    "user": {
        "tokenFile": f"a file on your machine cannot be read here. {FLATTEN}",
        "client-certificate": f"a file on your machine cannot be read here. {FLATTEN}",
        "client-key": f"a file on your machine cannot be read here. {FLATTEN}",
        "username": "API servers no longer accept passwords; use a token or a client certificate",
        "password": "API servers no longer accept passwords; use a token or a client certificate",
        "as": "impersonation is not supported; use the credentials of that account itself",
        "as-uid": "impersonation is not supported; use the credentials of that account itself",
        "as-groups": "impersonation is not supported; use the credentials of that account itself",
        "as-user-extra": "impersonation is not supported; use the credentials of that account itself",
    },
}
_PLUGINS = {"exec": instead_of_exec, "auth-provider": instead_of_auth_provider}
_KNOWN = {
    "cluster": {
        *("server", "certificate-authority-data", "tls-server-name", "insecure-skip-tls-verify"),
        *("disable-compression", "extensions"),
    },
    "user": {"token", "client-certificate-data", "client-key-data", "extensions"},
    "context": {"cluster", "user", "namespace", "extensions"},
}


def parse_kubeconfig(
    text: str, *, context: str | None = None, allow_insecure: bool = False, allow_http: bool = False
) -> Credentials:
    """The credentials of one context: the one named, else the current one, else the only one.

    Raises KubeconfigInvalid saying what to change; with code `kubeconfig.context` and the names in
    `extra["contexts"]` when there is a choice to make. `allow_http` is for a server on loopback.
    """
    try:
        document = load_strict(text, max_bytes=MAX_BYTES, max_depth=20, max_nodes=5_000, max_aliases=50)
    except YamlInvalid as error:
        raise KubeconfigInvalid(f"the kubeconfig is not valid YAML: {error.detail}") from error
    if not isinstance(document, dict) or not isinstance(document.get("clusters"), list):
        raise KubeconfigInvalid(f"this is not a kubeconfig: it has no list of clusters. {FLATTEN}")
    if document.get("kind", "Config") != "Config" or document.get("apiVersion", "v1") != "v1":
        raise KubeconfigInvalid("this is not a kubeconfig: kind must be Config and apiVersion v1")
    chosen = _chosen_context(document, context)
    cluster = _part(document, "clusters", "cluster", chosen.get("cluster"))
    user = _part(document, "users", "user", chosen.get("user"), cluster)
    insecure = cluster.get("insecure-skip-tls-verify", False)
    if not isinstance(insecure, bool):
        raise KubeconfigInvalid("insecure-skip-tls-verify must be true or false")
    ca_data = _pem(cluster, "certificate-authority-data", "CERTIFICATE")
    if insecure and ca_data:
        raise KubeconfigInvalid(
            "insecure-skip-tls-verify and certificate-authority-data cannot be used together; remove one of them"
        )
    if insecure and not allow_insecure:
        raise KubeconfigInvalid(
            "insecure-skip-tls-verify turns the check of the server's certificate off: whoever stands between could "
            "take over the cluster. Replace it by certificate-authority-data, or allow it for this cluster "
            "(insecure: true)",
            code="kubeconfig.insecure",
        )
    token = _plain(user, "token")
    if token is not None and not is_token(token):
        raise KubeconfigInvalid("the token contains characters that a token cannot have; copy it again")
    certificate = _pem(user, "client-certificate-data", "CERTIFICATE")
    key = _pem(user, "client-key-data", "PRIVATE KEY")
    if bool(certificate) != bool(key):
        raise KubeconfigInvalid("client-certificate-data and client-key-data belong together; one is missing")
    if not token and not certificate:
        raise KubeconfigInvalid("the user of this context has neither a token nor a client certificate")
    server_name = _plain(cluster, "tls-server-name")
    if server_name is not None and not is_host_name(server_name):
        raise KubeconfigInvalid("tls-server-name is not a host name")
    return Credentials(
        server=check_server(_plain(cluster, "server") or "", allow_http=allow_http),
        ca_data=ca_data,
        token=token,
        client_cert_data=certificate,
        client_key_data=key,
        tls_server_name=server_name,
        insecure=insecure,
        namespace=_namespace(chosen),
    )


def kubeconfig_text(credentials: Credentials, *, name: str) -> str:
    """A kubeconfig of one context for kubectl; `parse_kubeconfig` reads it back."""
    cluster: dict[str, Any] = {"server": credentials.server}
    if credentials.ca_data:
        cluster["certificate-authority-data"] = base64.b64encode(credentials.ca_data).decode()
    if credentials.tls_server_name:
        cluster["tls-server-name"] = credentials.tls_server_name
    if credentials.insecure:
        cluster["insecure-skip-tls-verify"] = True
    user: dict[str, Any] = {}
    if credentials.token:
        user["token"] = credentials.token
    if credentials.client_cert_data and credentials.client_key_data:
        user["client-certificate-data"] = base64.b64encode(credentials.client_cert_data).decode()
        user["client-key-data"] = base64.b64encode(credentials.client_key_data).decode()
    return dump(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": name, "cluster": cluster}],
            "users": [{"name": name, "user": user}],
            "contexts": [
                {
                    "name": name,
                    "context": {"cluster": name, "user": name, "namespace": credentials.namespace or "default"},
                }
            ],
            "current-context": name,
        }
    )


def _chosen_context(document: Mapping[str, Any], wanted: str | None) -> Mapping[str, Any]:
    entries = document.get("contexts")
    named = [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []
    names = [str(entry.get("name"))[:253] for entry in named]
    if not named:
        raise KubeconfigInvalid(f"the kubeconfig has no context. {FLATTEN}")
    current = document.get("current-context")
    name = wanted or (str(current) if current else None) or (names[0] if len(names) == 1 else None)
    extra = {"contexts": names[:100]}
    if name is None:
        raise KubeconfigInvalid(
            "the kubeconfig has several contexts; choose one", code="kubeconfig.context", extra=extra
        )
    if names.count(name) != 1:
        reason = "no context" if name not in names else "more than one context"
        raise KubeconfigInvalid(
            f"the kubeconfig has {reason} of that name; choose another one", code="kubeconfig.context", extra=extra
        )
    context = named[names.index(name)].get("context")
    if not isinstance(context, dict):
        raise KubeconfigInvalid("the chosen context is empty")
    _only_known(context, "context")
    return context


def _part(
    document: Mapping[str, Any], plural: str, kind: str, name: object, cluster: Mapping[str, Any] | None = None
) -> Mapping[str, Any]:
    """The cluster or user that the context names, with nothing in it that we refuse. A user comes with its cluster."""
    entries = document.get(plural)
    found = [
        entry
        for entry in (entries if isinstance(entries, list) else [])
        if isinstance(entry, dict) and isinstance(name, str) and entry.get("name") == name
    ]
    if len(found) != 1 or not isinstance(found[0].get(kind), dict):
        raise KubeconfigInvalid(
            f"the chosen context names a {kind} that is not in the kubeconfig, or is there more than once"
        )
    part: Mapping[str, Any] = found[0][kind]
    if cluster is not None:
        _refuse_plugins(part, cluster)
    for key, why in _REFUSED.get(kind, {}).items():
        if part.get(key) not in (None, "", [], {}):
            raise KubeconfigInvalid(f"{key}: {why}", code=f"kubeconfig.{key.lower()}")
    passed = {*_REFUSED.get(kind, {}), *_PLUGINS}  # what is left of them is empty
    _only_known({key: value for key, value in part.items() if key not in passed}, kind)
    return part


def _refuse_plugins(user: Mapping[str, Any], cluster: Mapping[str, Any]) -> None:
    """What runs programs is answered with what it does, and with the way that works: `extra["instead"]`."""
    ca_data = _pem(cluster, "certificate-authority-data", "CERTIFICATE")
    where = {"server": (_plain(cluster, "server") or "")[:500], "ca": ascii_text(ca_data) or ""}
    for key, instead_of in _PLUGINS.items():
        if user.get(key):
            instead = instead_of(user[key], **where)
            raise KubeconfigInvalid(
                sentence_of(instead, key), code=f"kubeconfig.{key}", extra={"instead": instead.as_json()}
            )


def _only_known(part: Mapping[str, Any], kind: str) -> None:
    unknown = sorted({_key(key) for key in part if key not in _KNOWN[kind]})
    if unknown:
        raise KubeconfigInvalid(f"the {kind} has unknown entries: {', '.join(unknown[:10])}; remove them")


def _namespace(context: Mapping[str, Any]) -> str | None:
    namespace = _plain(context, "namespace")
    if namespace is not None and not is_dns_label(namespace):
        raise KubeconfigInvalid("the namespace of the context is not a name that a namespace can have")
    return namespace


def _key(key: object) -> str:
    """A key as it may be said again: whatever is not one may be a credential in the wrong place."""
    return (
        key if isinstance(key, str) and re.fullmatch(r"[A-Za-z][A-Za-z0-9-]{0,40}", key) else "one that is not a name"
    )


def _plain(part: Mapping[str, Any], key: str) -> str | None:
    value = part.get(key)
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise KubeconfigInvalid(f"{key} must be text")
    return value


def _pem(part: Mapping[str, Any], key: str, kind: str) -> bytes | None:
    value = _plain(part, key)
    if value is None:
        return None
    try:
        data = base64.b64decode("".join(value.split()), validate=True)
        text = data.decode("ascii")
    except (binascii.Error, ValueError):
        raise KubeconfigInvalid(f"{key} is not a PEM text in base64") from None
    if not re.search(rf"-----BEGIN (?:[A-Z]+ )?{kind}-----", text) or "\x00" in text:
        raise KubeconfigInvalid(f"{key} does not contain a {kind.lower()} in PEM form")
    return data
