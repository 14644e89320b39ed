"""Audit rows of signed-in people; what is done before signing in calls `kubeorch.web.auditing` itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pymongo.client_session import ClientSession
from rest_framework.request import Request

from kubeorch.accounts.authentication import me
from kubeorch.web import auditing


def audit(
    request: Request,
    action: str,
    *,
    team_id: object = None,
    target: Mapping[str, Any] | None = None,
    session: ClientSession | None = None,
) -> None:
    """Record that the person behind `request` has done `action` (`team.create`) to `target`, in the transaction of a
    session that is given."""
    principal = me(request)
    auditing.record(
        action,
        actor_id=principal.user_id,
        actor=principal.email,
        team_id=team_id,
        target=target,
        request=request._request,
        session=session,
    )
