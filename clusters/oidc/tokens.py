"""The token of a sign-in, renewed before it ends: by one process at a time, for every cluster that uses it.

Providers may take a refresh token once only, so two processes must not send the same one.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Lock

from bson import ObjectId

from clusters.domain.ways import CredentialsInvalid
from clusters.oidc import store
from clusters.oidc.provider import Client, ProviderUnavailable, SignInEnded, Tokens, refreshed
from kubeorch.base.clock import now
from kubeorch.base.errors import KubeOrchError, NotFound

SPARE = timedelta(seconds=60)
SPARE_OF_LIFE = 3
"""A token is renewed SPARE before it ends, or a third of its life where that is less."""
RENEWING = timedelta(seconds=20)
"""How long a process may take to renew; longer than a provider may."""
WAIT_S = 10.0
LOOK_EVERY_S = 0.1
DOUBT_AFTER = timedelta(minutes=5)
"""A token that is younger is not renewed because an API server refuses it: the fault is not the token's then."""
AGAIN_AFTER = timedelta(seconds=15)
"""How long a failure to renew is left alone."""


class NoSignIn(NotFound):
    code = "oidc.no_sign_in"

    def __init__(self) -> None:
        super().__init__("the sign-in of this cluster is gone; enter a refresh token of its identity provider again")


def sign_in(
    team_id: ObjectId,
    person_id: ObjectId,
    client: Client,
    refresh_token: str,
    *,
    has_it: Callable[[store.SignIn], bool],
) -> store.SignIn:
    """The sign-in of a person at a provider: one that they have, or a new one with this refresh token.

    What another person of the team has signed in is given only where `has_it`: the server that the tokens are for has
    them already. Another client secret or authority than the stored one is tried at the provider, and stored for all
    clusters of the sign-in. Raises CredentialsInvalid without any, and what `provider.refreshed` raises.
    """
    known = [one for one in store.find_of(team_id, client.issuer, client.client_id) if not one["ended"]]
    if not refresh_token:
        for found in known:
            if person_id in found.get("people", ()):
                return _as_entered(found, client)
            if has_it(found):
                if _differs(found, client):
                    raise CredentialsInvalid(
                        "refresh_token",
                        "enter a refresh token: the client secret or the authority of the provider is another one than "
                        "that of the sign-in, which somebody else has made",
                    )
                return found
        raise CredentialsInvalid(
            "refresh_token",
            "enter a refresh token: you have not signed in there, and a sign-in of somebody else is sent to no server "
            "that does not have it yet",
        )
    given = store.given_digest(team_id, client.issuer, client.client_id, refresh_token)
    for found in known:
        if found["given"] == given:
            store.add_person(found["_id"], person_id)
            return _as_entered(found, client)
    return store.save_new(team_id, person_id, client, given, refreshed(client, refresh_token))


def _differs(found: store.SignIn, client: Client) -> bool:
    """Whether a secret or an authority was entered that is not the stored one; what was left empty stays."""
    stored = store.client_of(found, store.secrets_of(found))
    is_other_secret = client.client_secret and client.client_secret != stored.client_secret
    return bool(is_other_secret or (client.ca_data and client.ca_data != stored.ca_data))


def _as_entered(found: store.SignIn, client: Client) -> store.SignIn:
    """The sign-in with the secret and the authority that were entered, once the provider has taken them."""
    if not _differs(found, client):
        return found
    if not store.claim(found, until=now() + RENEWING):
        raise ProviderUnavailable(f"another process asks {found['issuer']} for new tokens; try again in a moment")
    secrets = store.secrets_of(found)
    stored = store.client_of(found, secrets)
    entered = replace(
        stored,
        client_secret=client.client_secret or stored.client_secret,
        ca_data=client.ca_data or stored.ca_data,
    )
    try:
        tokens = refreshed(entered, secrets["refresh_token"])
        _require_same_account(found, tokens)
    except BaseException:
        store.give_back(found)
        raise
    changed = store.note_changed(found, entered, tokens)
    if changed is None:
        raise ProviderUnavailable(f"the sign-in at {found['issuer']} was changed meanwhile; try again")
    return changed


def _require_same_account(found: store.SignIn, tokens: Tokens) -> None:
    if found.get("sub", tokens.sub) != tokens.sub:
        raise ProviderUnavailable(f"{found['issuer']} answers with the token of another account")


class Bearer:
    """Gives the token of one sign-in; shared by the threads of a process."""

    def __init__(self, sign_in_id: ObjectId) -> None:
        self._sign_in_id = sign_in_id
        self._lock = Lock()
        self._token = ""
        self._good_until: datetime | None = None

    def __call__(self) -> str:
        """Raises NoSignIn, SignInEnded, ProviderUnavailable, Unsealable."""
        with self._lock:
            if self._good_until is not None and now() < self._good_until:
                return self._token
            self._token, self._good_until = _current(self._sign_in_id)
            return self._token

    def refused(self, token: str) -> bool:
        """Told that an API server takes the token no more, before its end, as after its provider has replaced its keys
        or ended the session. Whether there is another by now, or may be: then ask again with that."""
        with self._lock:
            if token != self._token:
                return True
            if not _doubted(self._sign_in_id, token):
                return False
            self._good_until = None
            return True


_bearers: dict[ObjectId, Bearer] = {}
_bearers_lock = Lock()


def bearer_of(sign_in_id: ObjectId) -> Bearer:
    """The one of this process, so that clusters of the same sign-in share its token."""
    with _bearers_lock:
        return _bearers.setdefault(sign_in_id, Bearer(sign_in_id))


def _current(sign_in_id: ObjectId) -> tuple[str, datetime]:
    """A token that is good now, and until when it need not be asked for again."""
    give_up_at = time.monotonic() + WAIT_S
    while True:
        found = store.find(sign_in_id)
        if found is None:
            raise NoSignIn
        moment = now()
        renew_at = found["expires_at"] - min(SPARE, (found["expires_at"] - found["refreshed_at"]) / SPARE_OF_LIFE)
        if moment < renew_at:
            return store.secrets_of(found)["id_token"], renew_at
        if found["ended"]:
            raise SignInEnded(found["issuer"], found["error"])
        if _failed_just_now(found, moment):
            return _while_it_lasts(found, moment)
        if store.claim(found, until=moment + RENEWING):
            _renew(found)
            continue
        if moment < found["expires_at"] - timedelta(seconds=5):  # another process renews it
            return store.secrets_of(found)["id_token"], moment + timedelta(seconds=1)
        if time.monotonic() > give_up_at:
            raise ProviderUnavailable(f"{found['issuer']} takes long to give a new token; try again in a moment")
        time.sleep(LOOK_EVERY_S)


def _doubted(sign_in_id: ObjectId, token: str) -> bool:
    """Whether the stored token is another one by now; where it may be the token's fault, it is renewed first."""
    found = store.find(sign_in_id)
    if found is None or found["ended"]:
        return False
    if store.secrets_of(found)["id_token"] != token:
        return True
    moment = now()
    if moment - found["refreshed_at"] < DOUBT_AFTER or _failed_just_now(found, moment):
        return False
    if not store.claim(found, until=moment + RENEWING):
        return False
    _renew(found)
    again = store.find(sign_in_id)
    return again is not None and store.secrets_of(again)["id_token"] != token


def _renew(found: store.SignIn) -> None:
    secrets = store.secrets_of(found)
    try:
        tokens = refreshed(store.client_of(found, secrets), secrets["refresh_token"])
        _require_same_account(found, tokens)
    except KubeOrchError as error:
        store.note_failed(found, error.detail, ended=isinstance(error, SignInEnded))
        return
    store.note_renewed(found, secrets["client_secret"], tokens)


def _failed_just_now(found: store.SignIn, moment: datetime) -> bool:
    failed_at = found.get("failed_at")
    return failed_at is not None and bool(found["error"]) and moment < failed_at + AGAIN_AFTER


def _while_it_lasts(found: store.SignIn, moment: datetime) -> tuple[str, datetime]:
    if moment < found["expires_at"]:
        return store.secrets_of(found)["id_token"], min(found["expires_at"], moment + timedelta(seconds=5))
    raise ProviderUnavailable(found["error"])
