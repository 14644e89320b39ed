"""What can go wrong with a connection and with the server behind it, as people read it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from builds.git.errors import NEVER_ALLOWED
from kubeorch.base.errors import Conflict, InvalidInput, NotFound, Unavailable

NAMES_SHOWN = 10


class ConnectionNotFound(NotFound):
    """No such connection in the team."""

    code = "git_connection.not_found"

    def __init__(self) -> None:
        super().__init__("there is no such git connection; it may have been removed", field="connection")


class ConnectionElsewhere(InvalidInput):
    """A repository that is not on the connection's server: its credential is not for it."""

    code = "git_connection.elsewhere"

    def __init__(self, address: str, field: str = "connection") -> None:
        super().__init__(
            f"this connection is for {address}, and the repository is not there; choose another connection, or none",
            field=field,
        )


class NoDeployKey(InvalidInput):
    """An SSH address, and nothing to open it with."""

    code = "git_connection.no_key"

    def __init__(self) -> None:
        super().__init__(
            "over SSH a repository is read with a deploy key, and this connection has none; add one to it, or use the "
            "https address of the repository",
            field="connection",
        )


class ConnectionInvalid(InvalidInput):
    """A field cannot be accepted. The message never quotes a secret."""

    code = "git_connection.invalid"

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(detail, field=field)


class AppRefused(InvalidInput):
    """GitHub gives no token to an App, or not for that installation."""

    code = "git_connection.app"

    def __init__(self, detail: str) -> None:
        super().__init__(detail, field="private_key")


class SignedOut(InvalidInput):
    """Nobody has signed in with it, or the server takes what was given no more."""

    code = "git_connection.signed_out"

    def __init__(self, host: str, *, has_ended: bool) -> None:
        super().__init__(
            f"the sign-in at {host} has ended there; an administrator of the team signs in again, on the page Git "
            "connections"
            if has_ended
            else f"nobody has signed in at {host} with this connection yet; an administrator of the team does, on the "
            "page Git connections",
            field="connection",
        )
        self.has_ended = has_ended


class SignInNotTaken(InvalidInput):
    """What somebody's sign-in has given is refused, and cannot be renewed."""

    code = "git_connection.sign_in_not_taken"

    def __init__(self, host: str) -> None:
        super().__init__(
            f"{host} does not take what the sign-in has given; try again in some minutes, and if it stays, an "
            "administrator of the team signs in again, on the page Git connections",
            field="connection",
        )


class SignInRefused(InvalidInput):
    """The server gives no token for a code, or not to this client."""

    code = "git_connection.sign_in"

    def __init__(self, detail: str, *, field: str = "client_secret") -> None:
        super().__init__(detail, field=field)


class SignInLapsed(Conflict):
    """What comes back from the server is not an answer to what was begun."""

    code = "git_connection.sign_in_lapsed"

    def __init__(self) -> None:
        super().__init__(
            "this sign-in was not begun by you, was begun more than ten minutes ago, or has been answered already; "
            "sign in again"
        )


class ConnectionNameTaken(Conflict):
    code = "git_connection.name_taken"

    def __init__(self) -> None:
        super().__init__("your team has a git connection of that name already; choose another name", field="name")


class ConnectionChanged(Conflict):
    """Somebody else changed or removed it in between."""

    code = "git_connection.changed"

    def __init__(self) -> None:
        super().__init__("this git connection was changed in the meantime; look at it again")


class TooManyConnections(Conflict):
    code = "git_connection.too_many"

    def __init__(self, most: int) -> None:
        super().__init__(f"a team may have {most} git connections; remove one it no longer needs")


class TooManyKeys(Conflict):
    """Old and new stand beside each other, and no third one."""

    code = "git_connection.too_many_keys"

    def __init__(self) -> None:
        super().__init__(
            "there are two deploy keys already; remove the old one once the new one is known to the server"
        )


class ConnectionInUse(Conflict):
    """Sources name it."""

    code = "git_connection.in_use"

    def __init__(self, names: Sequence[str], cure: str) -> None:
        more = f" and {len(names) - NAMES_SHOWN:,} more" if len(names) > NAMES_SHOWN else ""
        super().__init__(
            f"it is used by the sources {', '.join(names[:NAMES_SHOWN])}{more}; {cure}",
            extra={"sources": list(names)},
        )


class ConnectionNotWorking(InvalidInput):
    """Nothing was stored."""

    code = "git_connection.test_failed"


class GitHostRefused(InvalidInput):
    """What the server answers is too large, leads elsewhere, or is not what was asked for."""

    code = "git_host.refused"


class GitHostAddressRefused(InvalidInput):
    """The host, or an address its name has, is not allowed."""

    code = "git_host.address_refused"

    def __init__(self, *, is_plain: bool, is_never: bool = False) -> None:
        super().__init__(
            "a git server is spoken to without TLS only where an administrator allows the network; give its https "
            "address"
            if is_plain
            else NEVER_ALLOWED
            if is_never
            else "this host is in a network that git servers may not be in; an administrator can allow it with "
            "KUBEORCH_GIT_NETWORKS",
            field="address",
        )


class NoListing(InvalidInput):
    """The server has no interface but git's own."""

    code = "git_host.no_listing"

    def __init__(self, what: str) -> None:
        super().__init__(f"this connection speaks git alone, which has no list of {what}; write the address yourself")


class GitHostCredential(InvalidInput):
    """401."""

    code = "git_host.credential"

    def __init__(self, host: str, *, has_credential: bool, said: str = "") -> None:
        super().__init__(
            f"{host} does not accept this token{said}; it was mistyped, has expired or was revoked: make a new one"
            if has_credential
            else f"{host} shows this only to those who sign in; give a token",
            field="token",
        )


class GitHostNotPermitted(InvalidInput):
    """403: it knows the token, which may not."""

    code = "git_host.not_permitted"

    def __init__(self, host: str, cure: str, said: str = "") -> None:
        super().__init__(f"{host} does not let this token do that{said}; {cure}", field="token")


class GitHostNothing(NotFound):
    """404."""

    code = "git_host.nothing_there"

    def __init__(self, host: str, what: str) -> None:
        super().__init__(f"{host} has no {what}, or does not show it to this token; check the name")


class GitHostUnavailable(Unavailable):
    """The server does not answer, or has a trouble of its own."""

    code = "git_host.unavailable"


class GitHostUnresolved(GitHostUnavailable):
    code = "git_host.unresolved"


class GitHostTimeout(GitHostUnavailable):
    code = "git_host.timeout"


class GitHostUntrusted(GitHostUnavailable):
    """TLS fails."""

    code = "git_host.untrusted"


class GitHostOther(GitHostUnavailable):
    """Something answers, and not as this provider does. Nothing of what it says is shown."""

    code = "git_host.other"

    def __init__(self, host: str, provider: str) -> None:
        super().__init__(
            f"what answers at {host} is not {provider}; check the address, or choose another provider", field="address"
        )


class GitHostBusy(GitHostUnavailable):
    """It has counted too many requests of this account."""

    code = "git_host.rate_limited"

    def __init__(self, host: str, until: datetime | None, wait_s: float | None) -> None:
        when = f" until {until:%H:%M} UTC ({_words(wait_s)})" if until and wait_s else " for now; try again later"
        super().__init__(f"{host} takes no more requests of this account{when}", retry_after_s=wait_s)


def _words(wait_s: float) -> str:
    minutes = round(wait_s / 60)
    if minutes < 1:
        return "in less than a minute"
    return "in a minute" if minutes == 1 else f"in {minutes} minutes"
