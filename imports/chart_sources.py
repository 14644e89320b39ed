"""Charts and kustomizations as sources: rendered by a job, so that the programs run where the worker does.

What is kept of them is sealed with the files: what was brought in, how it is rendered, and what that gave.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bson import ObjectId

from builds.registries.charts import check_address
from clusters import store as cluster_store
from clusters.connections import client_for
from clusters.kube.served import served_apis
from imports import store
from imports.chart_fetching import fetched_chart, wanted_of, with_dependencies
from imports.charts.helm import Settings, check_values
from imports.charts.making import chart_of, with_chart_rendered, with_kustomizations_built
from imports.charts.rendered import brought
from imports.charts.settings import check_release, release_name
from imports.domain.problems import ImportInvalid
from imports.domain.sources import SourceFile
from imports.fetching import Asked, Fetched, Fetcher, Fetching
from imports.intake import OWN
from kubeorch.accounts.principal import Principal
from kubeorch.base.errors import Forbidden, InvalidInput, Unavailable
from kubeorch.base.names import is_dns_label

DEFAULT_NAMESPACE = "default"
CHANGED = "render_with"
"""In what was asked for: how the chart is rendered, where that was changed since."""


def check_settings(principal: Principal, asked: Mapping[str, Any]) -> None:
    """Raises InvalidInput with the field, or NoSuchCluster."""
    if asked.get("release"):
        check_release(asked["release"], field="source.release")
    if asked.get("namespace") and not is_dns_label(asked["namespace"]):
        why = "a namespace has small letters, digits and -, 63 characters at most"
        raise InvalidInput(why, code="import.namespace", field="source.namespace")
    try:
        check_values(asked.get("values") or "", "values")
    except ImportInvalid as error:
        raise InvalidInput(error.detail, code=error.code, field="source.values") from error
    if asked.get("cluster"):
        cluster_store.find(asked["cluster"], principal)


def _check(principal: Principal, asked: Mapping[str, Any]) -> Asked:
    check_settings(principal, asked)
    if ("files" in asked) == bool(asked.get("url")):
        raise InvalidInput("give the files of a chart, or the address of one", code="import.source", field="source.url")
    if asked.get("url"):
        wanted = wanted_of(asked)
        check_address(wanted, field="source.url")
        if "?" in wanted.url or "#" in wanted.url:  # it may hold a token, and the address is shown
            cure = "take what follows ? or # out of the address; what signs in is given as credential"
            raise InvalidInput(cure, code="registry.address", field="source.url")
        name = asked.get("release") or wanted.chart or wanted.url.rstrip("/").rpartition("/")[2]
        return Asked(name, {})
    return Asked(asked.get("release") or "", {})


def _fetch(fetching: Fetching) -> Fetched:
    row = fetching.row
    kept = store.open_files(row) if row["sealed_files"] else []
    files, folder = brought(kept), _folder(fetching)
    if not files:
        fetching.say("fetching the chart")
        files = [fetched_chart(wanted_of(fetching.asked), fetching.check)]
    files = with_dependencies(files, folder, fetching.check, lambda name: fetching.say(f"fetching {name}"))
    fetching.say("rendering the chart")
    settings = _settings(fetching, files, folder)
    before = [file for file in kept if file.path.startswith(OWN)]
    made = with_chart_rendered([*files, *before], folder, settings, fetching.check)
    facts = {
        **row["facts"],
        store.CHART_NAME: _name(files, folder),
        "chart": {
            "url": str(fetching.asked.get("url") or "") if row["type"] == "chart" else "",
            "release": settings.release,
            "namespace": settings.namespace,
            "value_files": list(settings.value_files),
            "cluster": _asked(fetching).get("cluster"),
            "kube_version": settings.kube_version,
        },
    }
    return Fetched(made, "chart", facts, row["found"])


def _fetch_kustomization(fetching: Fetching) -> Fetched:
    fetching.say("building the kustomizations")
    row = fetching.row
    made = with_kustomizations_built(store.open_files(row), _folders(fetching), fetching.check)
    return Fetched(made, "kustomize", row["facts"], row["found"])


def _folders(fetching: Fetching) -> list[str] | None:
    """Where it lies among the files: as chosen of a repository, or as it was given."""
    if fetching.row["choice"] is not None:
        return list(fetching.row["choice"]["paths"])
    path = fetching.asked.get("path")
    return None if path is None else [path.strip("/")]


def _folder(fetching: Fetching) -> str | None:
    folders = _folders(fetching)
    if folders is not None and len(folders) > 1:
        raise InvalidInput("choose one chart", code="import.choice", field="paths")
    return None if folders is None else folders[0]


def _asked(fetching: Fetching) -> Mapping[str, Any]:
    """How the chart is to be rendered, as it was said last."""
    found: Mapping[str, Any] = fetching.asked.get(CHANGED) or fetching.asked
    return found


def _settings(fetching: Fetching, files: Sequence[SourceFile], folder: str | None) -> Settings:
    asked = _asked(fetching)
    version, apis = _cluster(fetching, asked.get("cluster"))
    named = _name(files, folder)
    return Settings(
        release=asked.get("release") or (release_name(named) if named else "release"),
        namespace=asked.get("namespace") or DEFAULT_NAMESPACE,
        values=(asked["values"],) if asked.get("values") else (),
        value_files=tuple(asked.get("value_files") or ()),
        kube_version=version,
        api_versions=tuple(apis),
    )


def _name(files: Sequence[SourceFile], folder: str | None) -> str:
    try:
        return chart_of(files, folder).name
    except ImportInvalid:  # it is said when the chart is rendered
        return ""


def _cluster(fetching: Fetching, cluster_id: str | None) -> tuple[str, list[str]]:
    """The version of the cluster that a chart is meant for, and what it serves, as far as it answers.

    Whoever asks must still be allowed to use it: that is asked now.
    """
    if not cluster_id:
        return "", []
    cluster = cluster_store.find(cluster_id, fetching.principal)
    if not cluster_store.is_usable(cluster, ObjectId(fetching.row["team_id"])):
        raise Forbidden("the team of this import may not use the cluster", code="cluster.not_usable")
    try:
        return str(cluster["version"] or ""), served_apis(client_for(cluster["_id"]))
    except Unavailable:
        return str(cluster["version"] or ""), []


CHART = Fetcher(_check, _fetch)
KUSTOMIZE = Fetcher(lambda principal, asked: Asked("", {}), _fetch_kustomization)
