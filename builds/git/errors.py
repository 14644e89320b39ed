"""What can go wrong with a repository, as people read it. Of what a server said a bounded line is repeated at most."""

from __future__ import annotations

from collections.abc import Sequence

from kubeorch.base.errors import InvalidInput, Unavailable


class GitRefused(InvalidInput):
    """The repository cannot be read as it was asked for; trying again changes nothing."""

    code = "git.refused"


NEVER_ALLOWED = (
    "this host has an address that is never connected to: a link-local one, as that of cloud metadata, one of many "
    "machines, or one of none"
)


class GitAddressRefused(InvalidInput):
    """The host, or an address its name has, is not allowed."""

    code = "git.address_refused"

    def __init__(self, *, is_plain: bool = False, is_never: bool = False) -> None:
        cure = (
            "a repository is read over http only where an administrator allows the network; give its https address"
            if is_plain
            else NEVER_ALLOWED
            if is_never
            else "this host is in a network that git servers may not be in; an administrator can allow it with "
            "KUBEORCH_GIT_NETWORKS"
        )
        super().__init__(cure, field="source.url")
        self.is_plain = is_plain
        self.is_never = is_never


class GitDenied(InvalidInput):
    """No credential, or one that does not open this repository."""

    code = "git.denied"

    def __init__(self, *, has_credential: bool) -> None:
        detail = (
            "the server does not let this credential read the repository; check the address, and what the token or "
            "key may read"
            if has_credential
            else "there is no such repository, or it is not public; check the address, or give a token or key that may "
            "read it"
        )
        super().__init__(detail, field="source.credential" if has_credential else "source.url")


class GitRefUnknown(InvalidInput):
    """The repository has no such branch, tag or commit."""

    code = "git.ref"

    def __init__(self, ref: str, known: Sequence[str], *, hint: str = "") -> None:
        names = f"; it has {', '.join(known)}" if known else ""
        super().__init__(f"the repository has no branch or tag {ref!r}{names}{hint}", field="source.ref")


class GitTooLarge(InvalidInput):
    """More than is read of one commit."""

    code = "git.too_large"


class GitHostKeyChanged(InvalidInput):
    """The server's key is another one than the first time, or than the one that was given."""

    code = "git.host_key"

    def __init__(self, host: str, known: str) -> None:
        super().__init__(
            f"the key of {host} is not {known}, which was expected: somebody may be in between. If the key was "
            "changed on purpose, have the old one forgotten in the git connection of that server, or give the "
            "fingerprint of the new one",
            field="source.host_key",
        )


class GitUnavailable(Unavailable):
    """The server does not answer, or broke off."""

    code = "git.unavailable"


class GitMissing(Unavailable):
    """This machine has no git that can be used."""

    code = "git.missing"

    def __init__(self, why: str) -> None:
        super().__init__(f"{why}; an administrator has to install git 2.37 or newer, with ssh, where workers run")
