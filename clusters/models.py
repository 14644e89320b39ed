"""The clusters people connected: shape and constraints. `store.py` reads and writes the collection."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from kubeorch.accounts.models import Team, User
from kubeorch.base.clock import now

STATES = [(state, state) for state in ("pending", "connecting", "ready", "failed")]


class Cluster(models.Model):
    name = models.CharField(max_length=63)
    team = models.ForeignKey(Team, null=True, on_delete=models.PROTECT, related_name="+")
    """None for the sandbox, which belongs to the instance."""
    shared = models.BooleanField(default=False)
    """Every team may use it."""
    is_sandbox = models.BooleanField(default=False)
    server = models.CharField(max_length=500, blank=True)
    auth = models.CharField(max_length=16, blank=True)
    """`token` or `certificate`."""
    credentials = models.BinaryField(null=True)
    """Sealed; bound to this row and to the server's address."""
    state = models.CharField(max_length=16, choices=STATES, default="pending")
    progress = models.JSONField(null=True)
    error = models.JSONField(null=True)
    version = models.CharField(max_length=64, blank=True)
    last_checked_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=now)
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    updated_at = models.DateTimeField(default=now)
    rev = models.BigIntegerField(default=1)

    class Meta:
        db_table = "clusters"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["team", "name"], name="cluster_team_name"),
            models.UniqueConstraint(fields=["is_sandbox"], condition=Q(is_sandbox=True), name="cluster_one_sandbox"),
        ]

    def __str__(self) -> str:
        return self.name
