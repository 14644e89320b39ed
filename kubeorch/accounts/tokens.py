"""Bearer tokens: for scripts, and for signing in without a cookie."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import ceil

from bson import ObjectId

from kubeorch.accounts import store
from kubeorch.accounts.codes import LOGIN_TOKEN_NAME, new_token
from kubeorch.accounts.models import ApiToken
from kubeorch.accounts.principal import Principal
from kubeorch.accounts.scope import check_scope
from kubeorch.accounts.token_scopes import TokenScope
from kubeorch.base.clock import now
from kubeorch.base.digests import code_digest
from kubeorch.base.errors import Conflict, InvalidInput
from kubeorch.mongo.client import Document
from kubeorch.mongo.ids import as_object_id

LOGIN_TOKEN_DAYS = 30
DEFAULT_TOKEN_DAYS = 90
MAX_TOKEN_DAYS = 365
MAX_TOKENS = 100
HINT_LENGTH = 8


def new_login_token(user_id: object) -> tuple[Document, str]:
    """As `new_api_token`, for somebody who has just proved who they are."""
    return new_api_token(user_id, LOGIN_TOKEN_NAME)


def new_token_of(
    principal: Principal, name: str, *, days: int | None = None, scope: TokenScope = TokenScope.FULL
) -> tuple[Document, str]:
    """A token that a person asks for; it can do no more, and lasts no longer, than the token that asks.

    Without `days` it lasts 90, or as long as the token that asks. Raises TokenTooNarrow, InvalidInput or Conflict.
    """
    expires_at = now() + timedelta(days=days or DEFAULT_TOKEN_DAYS)
    credential = principal.credential
    if credential is not None:
        check_scope(credential, scope)
        if credential.expires_at is not None:
            most_days = ceil((credential.expires_at - now()) / timedelta(days=1))
            if days is not None and days > most_days:
                raise _outlives(credential.expires_at, most_days)
            expires_at = min(expires_at, credential.expires_at)
    return new_api_token(principal.user_id, name, expires_at, scope)


def new_api_token(
    user_id: object, name: str, expires_at: datetime | None = None, scope: TokenScope = TokenScope.FULL
) -> tuple[Document, str]:
    """A token's row and the token itself, which is shown this once; it lasts 30 days unless `expires_at` is given.

    A person has 100 tokens at most; the oldest token of a sign-in makes room. Raises Conflict when there is none.
    """
    owner = ObjectId(str(user_id))
    is_full = ApiToken.objects.filter(user_id=owner, expires_at__gt=now()).count() >= MAX_TOKENS
    if is_full and not store.delete_oldest_login_token(owner):
        raise Conflict(f"you have {MAX_TOKENS} tokens; revoke one first", code="token.too_many")
    token = new_token()
    made = ApiToken.objects.create(
        user_id=owner,
        name=name,
        hash=code_digest(token),
        hint=token[:HINT_LENGTH],
        scope=scope.value,
        expires_at=expires_at or now() + timedelta(days=LOGIN_TOKEN_DAYS),
    )
    return store.find_token(made.pk), token


def _outlives(end: datetime, most_days: int) -> InvalidInput:
    return InvalidInput(
        f"the token that asks ends on {end:%Y-%m-%d}, and a token that it makes cannot last longer; choose {most_days}"
        " or less, or make the token on the page",
        code="token.outlives",
        field="expires_in_days",
    )


def revoke_token(principal: Principal, token_id: object) -> None:
    """End a token of the person at once. Raises NotFound."""
    store.delete_token(as_object_id(token_id, what="token"), ObjectId(principal.user_id))
