"""Bearer tokens: for scripts, and for signing in without a cookie."""

from __future__ import annotations

from datetime import timedelta

from bson import ObjectId

from kubeorch.accounts import store
from kubeorch.accounts.codes import LOGIN_TOKEN_NAME, new_token
from kubeorch.accounts.models import ApiToken
from kubeorch.accounts.principal import Principal
from kubeorch.base.clock import now
from kubeorch.base.digests import code_digest
from kubeorch.base.errors import Conflict
from kubeorch.mongo.client import Document
from kubeorch.mongo.ids import as_object_id

LOGIN_TOKEN_DAYS = 30
MAX_TOKEN_DAYS = 365
MAX_TOKENS = 100
HINT_LENGTH = 8


def new_login_token(user_id: object) -> tuple[Document, str]:
    """As `new_api_token`, for somebody who has just proved who they are."""
    return new_api_token(user_id, LOGIN_TOKEN_NAME, LOGIN_TOKEN_DAYS)


def new_api_token(user_id: object, name: str, days: int = LOGIN_TOKEN_DAYS) -> tuple[Document, str]:
    """A token's row and the token itself, which is shown this once.

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
        expires_at=now() + timedelta(days=days),
    )
    return store.find_token(made.pk), token


def revoke_token(principal: Principal, token_id: object) -> None:
    """End a token of the person at once. Raises NotFound."""
    store.delete_token(as_object_id(token_id, what="token"), ObjectId(principal.user_id))
