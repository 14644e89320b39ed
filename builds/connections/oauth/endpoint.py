"""What a git server's token endpoint is asked, by the rules and bounds of every question to a git server."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from builds.connections import store
from builds.connections.client import in_our_words
from builds.connections.errors import (
    GitHostBusy,
    GitHostOther,
    GitHostUnavailable,
    SignedOut,
    SignInRefused,
)
from builds.connections.oauth.grant_store import Begun
from builds.connections.providers.table import LABELS
from builds.connections.store import GitConnection
from builds.domain.git_servers import GitProvider, address_of_url
from builds.domain.git_sign_ins import SIGN_INS, Tokens, refusal_of, tokens_of
from builds.registries.exchanges import Answer, Exchanges
from kubeorch.base.clock import now

ANSWER_MAX_BYTES = 64 * 1024
QUESTION_S = 10.0


def exchanged(row: GitConnection, begun: Begun, code: str) -> Tokens:
    """Tokens for the code that a browser has brought.

    Raises SignInRefused, Unsealable and the errors of a git host.
    """
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": begun.redirect,
        "code_verifier": begun.verifier,
    }
    answer, told = _asked(row, form)
    found = tokens_of(told, now())
    if answer.status in (200, 201) and "error" not in told and found is not None:
        return found
    host = address_of_url(row["address"]).host
    match refusal_of(told, GitProvider(row["provider"]), is_renewal=False):
        case "ended":
            raise SignInRefused(f"{host} does not take the code that it gave; sign in again", field="code")
        case "client":
            raise _wrong_client(host)
        case "redirect":
            raise SignInRefused(
                f"{host} does not know {begun.redirect} as an address of this client; enter it there exactly so",
                field="code",
            )
        case _:
            raise _unclear(row, host, answer)


def refreshed(row: GitConnection, refresh: str) -> Tokens:
    """New tokens for a refresh token, which may be used up by that.

    Raises SignedOut, SignInRefused (the client), Unsealable and the errors of a git host.
    """
    answer, told = _asked(row, {"grant_type": "refresh_token", "refresh_token": refresh})
    found = tokens_of(told, now(), refresh)
    if answer.status in (200, 201) and "error" not in told and found is not None:
        return found
    host = address_of_url(row["address"]).host
    match refusal_of(told, GitProvider(row["provider"]), is_renewal=True):
        case "ended":
            raise SignedOut(host, has_ended=True)
        case "client":
            raise _wrong_client(host)
        case _:
            raise _unclear(row, host, answer)


def _asked(row: GitConnection, form: Mapping[str, str]) -> tuple[Answer, Mapping[str, Any]]:
    provider, address, oauth = GitProvider(row["provider"]), address_of_url(row["address"]), row.get("oauth")
    client_id, secret = oauth["client_id"] if oauth else "", store.secrets_of(row).token
    client = {"client_id": client_id, "client_secret": secret}
    headers = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}
    if SIGN_INS[provider].is_basic:
        client = {}
        shown = f"{quote(client_id, safe='')}:{quote(secret, safe='')}"
        headers["Authorization"] = f"Basic {b64encode(shown.encode()).decode()}"
    url = f"{address.url}{SIGN_INS[provider].token}"
    with (
        Exchanges(
            most_bytes=ANSWER_MAX_BYTES, authority=row["ca"], authority_host=address.host, stays=True
        ) as exchanges,
        in_our_words(address.host, LABELS[provider]),
    ):
        body = urlencode({**form, **client}).encode()
        answer = exchanges.ask("POST", url, headers=headers, body=body, wall_s=QUESTION_S)
    try:
        told = json.loads(answer.content)
    except (ValueError, RecursionError):
        told = None
    return answer, told if isinstance(told, dict) else {}


def _wrong_client(host: str) -> SignInRefused:
    return SignInRefused(f"{host} does not take this client; check client ID and secret, and enter them again")


def _unclear(row: GitConnection, host: str, answer: Answer) -> Exception:
    if answer.status == 429:
        return GitHostBusy(host, None, None)
    if answer.status >= 500:
        return GitHostUnavailable(f"{host} has a trouble of its own (status {answer.status}); try again later")
    return GitHostOther(host, LABELS[GitProvider(row["provider"])])
