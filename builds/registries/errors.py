"""What can go wrong with a registry, as people read it. Of what a registry said one bounded line is repeated."""

from __future__ import annotations

from collections.abc import Mapping

from builds.git.errors import NEVER_ALLOWED
from kubeorch.base.errors import InvalidInput, NotFound, Unavailable


class RegistryRefused(InvalidInput):
    """What is at an address is not there, is too large, or may not be read."""

    code = "registry.refused"


class RegistryAddressRefused(InvalidInput):
    """The host, or an address its name has, is not allowed."""

    code = "registry.address_refused"

    def __init__(self, *, is_plain: bool = False, is_never: bool = False) -> None:
        super().__init__(
            "a registry is spoken to without TLS only where an administrator allows the network; use TLS"
            if is_plain
            else NEVER_ALLOWED
            if is_never
            else "this host is in a network that registries may not be in; an administrator can allow it with "
            "KUBEORCH_GIT_NETWORKS",
            field="host",
        )
        self.is_plain = is_plain
        self.is_never = is_never


class RegistryUnavailable(Unavailable):
    """The server does not answer, or broke off."""

    code = "registry.unavailable"


class RegistryUnresolved(RegistryUnavailable):
    code = "registry.unresolved"

    def __init__(self, host: str) -> None:
        super().__init__(f"the name {host} was not found; check it, and the DNS or proxy of the machine that asks")


class RegistryTimeout(RegistryUnavailable):
    code = "registry.timeout"

    def __init__(self, host: str) -> None:
        super().__init__(f"{host} does not answer in time; check that it runs and that this server may reach it")


class RegistryUntrusted(RegistryUnavailable):
    """TLS fails."""

    code = "registry.untrusted"


class RegistryBusy(RegistryUnavailable):
    """429."""

    code = "registry.busy"

    def __init__(self, host: str, retry_after_s: float | None) -> None:
        wait = f" in {retry_after_s:.0f} s" if retry_after_s else " later"
        super().__init__(f"{host} takes no more requests for now; try again{wait}", retry_after_s=retry_after_s)


class NotARegistry(RegistryUnavailable):
    """Something answers, and not as a registry does. Nothing of what it says is shown."""

    code = "registry.not_a_registry"

    def __init__(self, host: str) -> None:
        super().__init__(f"what answers at {host} is not an image registry; check host and port")


class CredentialsRefused(InvalidInput):
    """401."""

    code = "registry.credentials"

    def __init__(self, host: str, *, has_credentials: bool, said: str = "") -> None:
        super().__init__(
            f"{host} does not accept this user name and password{said}; enter them anew, or make a new token"
            if has_credentials
            else f"{host} does not let this be read without signing in; add the registry with its credentials",
            field="secret",
        )


class NotPermitted(InvalidInput):
    """403: it knows the account, which may not."""

    code = "registry.not_permitted"

    def __init__(self, host: str, said: str = "") -> None:
        super().__init__(f"{host} does not let this account do that{said}; give the account or its token the right")


class NothingThere(NotFound):
    """404."""

    code = "registry.nothing_there"

    def __init__(self, host: str, what: str) -> None:
        super().__init__(f"{host} has no {what}; check the name, and that the credentials may see it")


class DeletesNothing(RegistryRefused):
    """Whatever the account may: images are not deleted there by the interface of registries."""

    code = "registry.deletes_nothing"

    def __init__(self, host: str) -> None:
        super().__init__(f"{host} deletes nothing; switch deleting on in its configuration, or remove images there")


class RealmRefused(InvalidInput):
    """A registry wants its credentials to be sent to somebody else."""

    code = "registry.realm"

    def __init__(self, host: str, realm_host: str) -> None:
        super().__init__(
            f"{host} asks to send its credentials to {realm_host[:100] or 'an address that is none'}, which is not of "
            "the same site or without TLS; nothing was sent. Use the registry's own name",
            field="host",
        )


_CERTIFICATES: Mapping[int, tuple[str, str]] = {
    9: ("is not valid yet", "check the clocks of both machines"),
    10: ("has expired", "renew it on that server"),
    62: ("is for other names", "use a name that is in the certificate"),
    64: ("is for other addresses", "use a name or an address that is in the certificate"),
}
"""By OpenSSL's X509_V_ERR codes."""


def untrusted(host: str, error: BaseException) -> RegistryUntrusted:
    """What TLS says, from an error that has OpenSSL's own among its causes."""
    cause: BaseException | None = error
    for _ in range(8):
        code = getattr(cause, "verify_code", None)
        if isinstance(code, int):
            why, cure = _CERTIFICATES.get(
                code,
                (
                    "is signed by an authority that is not known here",
                    "give its certificate authority as PEM",
                ),
            )
            return RegistryUntrusted(f"the certificate of {host} {why}; {cure}", field="ca")
        cause = cause.__cause__ or cause.__context__ if cause is not None else None
    return RegistryUntrusted(
        f"{host} does not speak TLS there, or not as we do; check host and port, or use “Speak to it without TLS”",
        field="host",
    )
