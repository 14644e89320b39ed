"""What the programs in a kubeconfig do, and how the same cluster is connected without running them.

A server that ran them would run whatever a kubeconfig names, with all of its secrets. What they need (a browser, a
cloud's own login, a person) is not there either. Source: Kubernetes docs, "Authenticating", client-go credential
plugins; the programs' own documentation.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from clusters.domain.reading import mapping, text

_ADDRESS = re.compile(r"https://[A-Za-z0-9.\-\[\]:]{1,260}(?:/[A-Za-z0-9._~/-]{0,200})?")
_CLIENT = re.compile(r"[A-Za-z0-9._:@/-]{1,200}")
_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----\n?")
"""What is said again of a kubeconfig: nothing that could hold a password, or be anything else."""


@dataclass(frozen=True, slots=True)
class Instead:
    """The way that works for the same cluster, with what the kubeconfig already says of it."""

    plugin: str
    """Its name if it is a known one, else "exec" or "auth-provider": what a kubeconfig says there may be anything."""
    does: str
    """What the program does, as the rest of a sentence: "asks AWS for …"."""
    way: str
    """`service_account` or `oidc`: see clusters/domain/ways.py."""
    server: str = ""
    ca: str = ""
    """PEM."""
    issuer: str = ""
    client_id: str = ""

    def as_json(self) -> dict[str, str]:
        return asdict(self)


_BY_PROGRAM: Mapping[str, str] = {
    "aws": "asks AWS for a token of 15 minutes, with the AWS login of your machine",
    "aws-iam-authenticator": "signs a token of 15 minutes with the AWS login of your machine",
    "gke-gcloud-auth-plugin": "asks Google Cloud for an access token, with the gcloud login of your machine",
    "gcloud": "asks Google Cloud for an access token, with the gcloud login of your machine",
    "az": "asks Azure for a token, with the Azure login of your machine",
    "kubelogin": "asks Microsoft Entra ID for a token, with the Azure login of your machine",
    "doctl": "asks DigitalOcean for a token, with the doctl login of your machine",
    "oci": "asks Oracle Cloud for a token, with the oci login of your machine",
    "ibmcloud": "asks IBM Cloud for a token, with the ibmcloud login of your machine",
    "tsh": "asks Teleport for a client certificate, with the tsh login of your machine",
    "pinniped": "signs you in through a browser on your machine",
    "vault": "asks Vault for a token, with the vault login of your machine",
    "rancher": "asks Rancher for a token, with the rancher login of your machine",
}
_PROVIDERS = frozenset({"azure", "gcp", "openstack"})
_OIDC = "signs you in at {issuer} through a browser on your machine"


def instead_of_exec(entry: object, *, server: str, ca: str) -> Instead:
    """For a user with `exec`; `server` and `ca` are those of its cluster."""
    given, server, ca = mapping(entry), _shown(_ADDRESS, server), _certificates(ca)
    program = text(given.get("command")).replace("\\", "/").rsplit("/", 1)[-1].removesuffix(".exe")
    arguments = [text(one) for one in rows] if isinstance(rows := given.get("args"), list) else []
    issuer = _shown(_ADDRESS, _option(arguments, "--oidc-issuer-url"))
    if issuer or program == "kubectl-oidc_login" or "oidc-login" in arguments[:1]:
        return Instead(
            "kubectl oidc-login",
            _OIDC.format(issuer=issuer or "an OpenID Connect provider"),
            "oidc",
            server,
            ca,
            issuer,
            _shown(_CLIENT, _option(arguments, "--oidc-client-id")),
        )
    if program not in _BY_PROGRAM:
        return Instead("exec", "runs a program on your machine that prints credentials", "service_account", server, ca)
    return Instead(program, _BY_PROGRAM[program], "service_account", server, ca)


def instead_of_auth_provider(entry: object, *, server: str, ca: str) -> Instead:
    """For a user with `auth-provider`, which kubectl itself no longer has for clouds."""
    given, server, ca = mapping(entry), _shown(_ADDRESS, server), _certificates(ca)
    name = text(given.get("name"))
    config = mapping(given.get("config"))
    if name == "oidc":
        issuer = _shown(_ADDRESS, text(config.get("idp-issuer-url")))
        does = f"keeps the sign-in at {issuer or 'an OpenID Connect provider'} of kubectl"
        return Instead(name, does, "oidc", server, ca, issuer, _shown(_CLIENT, text(config.get("client-id"))))
    known = name if name in _PROVIDERS else "auth-provider"
    return Instead(known, "asks a cloud for a token, with the login of your machine", "service_account", server, ca)


def sentence_of(instead: Instead, key: str) -> str:
    cure = (
        "connect with OIDC instead: issuer, client and a refresh token"
        if instead.way == "oidc"
        else "connect with a service account instead: we write the manifest, and the command that gives its token"
    )
    what = f"{key}: {instead.plugin} {instead.does}"
    return f"{what}; that program does not run on this server. For the same cluster, {cure}"


def _shown(rule: re.Pattern[str], value: str) -> str:
    return value if rule.fullmatch(value) else ""


def _certificates(pem: str) -> str:
    return "".join(_CERTIFICATE.findall(pem))


def _option(arguments: Sequence[Any], name: str) -> str:
    """The value of `--name=value` or `--name value`."""
    for number, one in enumerate(arguments):
        if one.startswith(f"{name}="):
            return str(one[len(name) + 1 :])
        if one == name and number + 1 < len(arguments):
            return str(arguments[number + 1])
    return ""
