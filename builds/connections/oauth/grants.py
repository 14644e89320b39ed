"""The token of a sign-in, renewed before it ends: by one process at a time, whatever of the product needs it."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

from builds.connections import store
from builds.connections.errors import GitHostUnavailable, SignedOut
from builds.connections.oauth import grant_store
from builds.connections.oauth.endpoint import refreshed
from builds.connections.providers.protocol import Login
from builds.connections.store import GitConnection, GrantState, Trouble
from builds.domain.git_servers import address_of_url
from kubeorch.base.clock import now
from kubeorch.base.errors import KubeOrchError

RENEWING = timedelta(seconds=20)
"""How long a process may take to renew; longer than a server may."""
AGAIN_AFTER = timedelta(seconds=15)
"""How long a failure to renew is left alone while the token still serves."""
REFUSED_FOR = timedelta(minutes=5)
"""How long a server's refusals may be a trouble of its own; and what was renewed since is not renewed for them."""
SERVES = timedelta(seconds=60)
"""What has less of its life left is waited for."""
WAIT_S = 10.0
LOOK_EVERY_S = 0.1


def login_of(row: GitConnection) -> Login:
    """As whom its server is asked. Raises SignedOut, SignInRefused, Unsealable and the errors of a git host."""
    state = row.get("grant_state")
    if state is not None and _is_due(state, now()):
        row = _with_fresh(row)
    grant = grant_store.grant_of(row)
    if grant is None:
        raise signed_out(row)
    return Login(token=grant.access)


def forget_login(row: GitConnection) -> None:
    """Its server took the token no more: whoever needs one next gets another.

    What cannot be renewed would end by that, and a server in trouble refuses tokens that are good: it is tried on, and
    ends where it is refused still after REFUSED_FOR.
    """
    state, grant = row.get("grant_state"), grant_store.grant_of(row)
    if state is None or grant is None:
        return
    refused_at = state.get("refused_at")
    if grant.refresh or (refused_at is not None and now() - refused_at >= REFUSED_FOR):
        grant_store.renew_soon(row, state)
    elif refused_at is None:
        grant_store.note_refused(row, state, now())


def keep_login(row: GitConnection) -> None:
    """Its server took the token: what it refused before was its own trouble."""
    if (state := row.get("grant_state")) and state.get("refused_at") is not None:
        grant_store.note_refused(row, state, None)


def forget_by_git(row: GitConnection) -> None:
    """Git was refused with the token, which may be for the repository alone: what can be renewed is, unless it has just
    been, and anything else stays."""
    state, grant = row.get("grant_state"), grant_store.grant_of(row)
    if state is not None and grant is not None and grant.refresh and now() - state["renewed_at"] >= REFUSED_FOR:
        grant_store.renew_soon(row, state)


def renew(row: GitConnection) -> GitConnection:
    """Get new tokens now, unless another process does. One without a refresh token serves as it is, and is not asked
    for again. Raises as `login_of`."""
    state, grant = row.get("grant_state"), grant_store.grant_of(row)
    if state is not None and grant is not None and not grant.refresh:
        grant_store.put_off(row, state, None)
        return row
    if not grant_store.claim(row, lasts=RENEWING):
        return row
    return _renewed(row) or row


def with_tried_client(row: GitConnection) -> GitConnection:
    """The row with new tokens, got as the client that it has, which need not be stored: only so its server says whether
    it takes that one. Tokens that cannot be renewed stay. Raises as `login_of`."""
    grant = grant_store.grant_of(row)
    if grant is None or not grant.refresh:
        return row
    found = None
    if grant_store.claim(row, lasts=RENEWING):
        found = _renewed(row, serves_on=False)
    if found is None:
        raise _busy(row)
    return {**row, "grant": found.get("grant"), "grant_state": found.get("grant_state")}


def _with_fresh(row: GitConnection) -> GitConnection:
    """The row with tokens that serve: by this process, or by the one that is at it."""
    until = time.monotonic() + WAIT_S
    while True:
        row = store.of_team(row["_id"], row["team_id"])
        state = row.get("grant_state")
        if state is None or not _is_due(state, now()):
            return row
        if grant_store.claim(row, lasts=RENEWING):
            if found := _renewed(row):
                return found
        elif _serves(state):
            return row
        if time.monotonic() > until:
            raise _busy(row)
        time.sleep(LOOK_EVERY_S)


def _busy(row: GitConnection) -> GitHostUnavailable:
    host = address_of_url(row["address"]).host
    return GitHostUnavailable(f"the sign-in at {host} is being renewed, which takes long; try again in a moment")


def _renewed(row: GitConnection, *, serves_on: bool = True) -> GitConnection | None:
    """Of one that was claimed; None where somebody has signed in anew meanwhile. With `serves_on` a failure is none
    while the token serves."""
    state, grant = row.get("grant_state"), grant_store.grant_of(row)
    if state is None or grant is None:
        return None
    if not grant.refresh:
        raise _ended(row, state)
    try:
        tokens = refreshed(row, grant.refresh)
    except SignedOut:
        raise _ended(row, state) from None
    except KubeOrchError:
        serves = serves_on and _serves(state)
        grant_store.give_back(row, state, busy_for=AGAIN_AFTER if serves else None)
        if serves:
            return row
        raise
    return grant_store.keep(row, state, tokens)


def _ended(row: GitConnection, state: GrantState) -> SignedOut:
    error = SignedOut(address_of_url(row["address"]).host, has_ended=True)
    grant_store.end(row, state, Trouble(code=error.code, detail=error.detail))
    return error


def signed_out(row: GitConnection) -> SignedOut:
    """Why nobody is signed in with it."""
    trouble = row["trouble"]
    has_ended = trouble is not None and trouble["code"] == SignedOut.code
    return SignedOut(address_of_url(row["address"]).host, has_ended=has_ended)


def _is_due(state: GrantState, at: datetime) -> bool:
    return state["renew_from"] is not None and state["renew_from"] <= at


def _serves(state: GrantState) -> bool:
    return state["ends_at"] is None or state["ends_at"] > now() + SERVES
