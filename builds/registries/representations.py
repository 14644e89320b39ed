"""Registries and images as the API shows them: never a password."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from bson import ObjectId

from builds.domain.expiry import near_of
from builds.domain.fitting import Fit, fit_of
from builds.domain.images import Image
from builds.registries.answers import Login
from builds.registries.choices import Choice
from builds.registries.embedded.known import Seen
from builds.registries.looking import Described
from builds.registries.store import Registry, pulls_of
from builds.registries.testing import Report
from clusters.kube.probing import Certificate
from kubeorch.base.clock import iso, now


def registry_json(row: Registry, team_names: Mapping[ObjectId, str], *, may_edit: bool) -> dict[str, Any]:
    team_id = row["team_id"]
    return {
        "id": str(row["_id"]),
        "team": {"id": str(team_id), "name": team_names.get(team_id, "")} if team_id else None,
        "name": row["name"],
        "provider": row["provider"],
        "host": row["host"],
        "path_prefix": row["path_prefix"],
        "plain_http": row["plain_http"],
        "ca": row["ca"],
        "username": row["username"],
        "has_secret": row["sealed"] is not None,
        "pulls": pulls_of(row),
        "pull_username": row.get("pull_username", ""),
        "has_pull_secret": row.get("pull_sealed") is not None,
        "expires_at": iso(row.get("expires_at")),
        **near_of(row.get("expires_at"), now()),
        "is_default": row["is_default"],
        "state": row["state"],
        "may_push": row["may_push"],
        "error": row["trouble"],
        "checked_at": iso(row["checked_at"]),
        "created_at": iso(row["created_at"]),
        "may_edit": may_edit,
        "rev": row["rev"],
    }


def embedded_json(seen: Seen, team_ids: Iterable[ObjectId], names: Mapping[ObjectId, str]) -> dict[str, Any]:
    """With what these teams store."""
    return {
        "state": seen.state,
        "message": seen.message,
        "detail": seen.detail,
        "address": seen.address,
        "is_loopback": seen.is_loopback,
        "ca": seen.authority,
        "takes_images": seen.takes_images,
        "size_bytes": seen.stored.size_bytes,
        "most_bytes": seen.stored.most_bytes,
        "team_most_bytes": seen.stored.team_most_bytes,
        "repositories": seen.stored.repositories,
        "images": seen.stored.images,
        "teams": [
            {"id": str(one), "name": names.get(one, ""), "size_bytes": seen.stored.teams.get(str(one), 0)}
            for one in team_ids
        ],
    }


def login_json(registry: str, team_id: ObjectId, login: Login, until_s: int) -> dict[str, Any]:
    """The only answer with a password, of a person for some days."""
    return {
        "registry": registry,
        "prefix": f"{registry}/{team_id}/",
        "username": login.username,
        "password": login.secret,
        "ends_at": iso(datetime.fromtimestamp(until_s, UTC)),
    }


def report_json(report: Report) -> dict[str, Any]:
    return {
        "ok": report.failure is None,
        "may_push": report.may_push,
        "steps": [asdict(step) for step in report.steps],
        "certificate": _certificate_json(report.certificate),
    }


def image_json(image: Image, described: Described, row: Registry | None, fit: Fit | None) -> dict[str, Any]:
    return {
        "image": str(image),
        "pinned": f"{image.repository}@{described.digest}",
        "digest": described.digest,
        "created_at": iso(described.created_at),
        "builds": [
            {
                "platform": str(one.platform),
                "digest": one.digest,
                "size_bytes": one.size_bytes,
                "created_at": iso(one.created_at),
            }
            for one in described.builds
        ],
        "registry": {"id": str(row["_id"]), "name": row["name"]} if row else None,
        "fit": asdict(fit) if fit else None,
    }


def choice_json(choice: Choice, nodes: Sequence[str] | None) -> dict[str, Any]:
    """`nodes` are the processors of a cluster's nodes, one each; None where no cluster was named."""
    found = choice.found
    fit = fit_of(found.platforms, nodes) if found and nodes is not None else None
    return {
        "tag": choice.tag,
        "digest": found.digest if found else "",
        "size_bytes": found.size_bytes if found else None,
        "created_at": iso(found.created_at) if found else None,
        "platforms": [str(one) for one in found.platforms] if found else [],
        "fit": asdict(fit) if fit else None,
        "error": choice.error,
    }


def _certificate_json(found: Certificate | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {**asdict(found), "not_before": iso(found.not_before), "not_after": iso(found.not_after)}
