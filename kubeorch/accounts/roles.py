"""Who may do what: roles in a team as an ordered table of verbs."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """viewer < editor < operator < admin; compare with `covers`, since the text has another order."""

    VIEWER = "viewer"
    EDITOR = "editor"
    OPERATOR = "operator"
    ADMIN = "admin"

    def covers(self, needed: Role) -> bool:
        """True when this role may do whatever `needed` may."""
        return RANK[self] >= RANK[needed]


RANK = {Role.VIEWER: 0, Role.EDITOR: 1, Role.OPERATOR: 2, Role.ADMIN: 3}

VERBS: dict[str, Role] = {
    "team.read": Role.VIEWER,
    "member.read": Role.VIEWER,
    "member.edit": Role.ADMIN,
    "invite.read": Role.ADMIN,
    "invite.edit": Role.ADMIN,
    "workflow.read": Role.VIEWER,
    "workflow.edit": Role.EDITOR,
    "workflow.delete": Role.EDITOR,
    "environment.read": Role.VIEWER,
    "environment.edit": Role.EDITOR,
    "environment.protect": Role.OPERATOR,
    "secret.edit": Role.EDITOR,
    "plan.approve": Role.OPERATOR,
    "trigger.edit": Role.EDITOR,
    "run.read": Role.VIEWER,
    "run.start": Role.EDITOR,
    "run.cancel": Role.EDITOR,
    "cluster.read": Role.VIEWER,
    "cluster.use": Role.EDITOR,
    "cluster.operate": Role.OPERATOR,
    "cluster.test": Role.EDITOR,
    "log.read": Role.VIEWER,
    "source.read": Role.VIEWER,
    "source.edit": Role.EDITOR,
    "build.read": Role.VIEWER,
    "build.start": Role.EDITOR,
    "terminal.open": Role.OPERATOR,
    "git.use": Role.EDITOR,
    "git.edit": Role.ADMIN,
    "registry.use": Role.EDITOR,
    "registry.edit": Role.ADMIN,
    "engine.edit": Role.ADMIN,
    "image.remove": Role.OPERATOR,
    "cluster.connect": Role.ADMIN,
    "cluster.edit": Role.ADMIN,
}
"""The least role in the owning team for each verb. An unknown verb is a KeyError: nothing is allowed by default."""
