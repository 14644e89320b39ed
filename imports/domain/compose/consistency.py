"""What must fit together in a model.

Source: Compose Specification, 05-services.md; Docker Compose where it is silent.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from imports.domain.compose.tree import Node
from imports.domain.problems import ImportInvalid
from imports.domain.sources import Place

_BUILT_OTHERWISE = ("rebuild", "restart")


def check_consistency(model: Node, inactive: Node) -> None:
    """Every reference leads to something, and no two attributes contradict each other.

    Raises ImportInvalid for the first that does not hold.
    """
    services: dict[str, Node] = model.value["services"].value
    for name, service in services.items():
        for why, node in _wrongs(name, service, model, inactive):
            raise ImportInvalid(f"services.{name} {why}", node.where, code="import.inconsistent")
    for name, secret in _section(model, "secrets").items():
        if not secret.at("external") and not secret.at("file") and not secret.at("environment"):
            raise ImportInvalid(f"secrets.{name} needs file or environment", secret.where, code="import.missing")
    _check_order(services)
    _check_container_names(services)


def _section(model: Node, name: str) -> dict[str, Node]:
    found = model.value.get(name)
    return found.value if found else {}


def _wrongs(name: str, service: Node, model: Node, inactive: Node) -> Iterator[tuple[str, Node]]:
    written = service.value
    if not any(written.get(key) for key in ("image", "build", "provider")):
        yield "has no image and no build; write one of them", service
    yield from _wrongs_of_build(service, model)
    if service.at("network_mode") and service.at("networks"):
        yield "has network_mode and networks; keep one", written["network_mode"]
    yield from _unknown(service, model)
    test = service.at("healthcheck") and written["healthcheck"].at("test")
    if test and test[0].value not in ("CMD", "CMD-SHELL", "NONE"):
        yield "has a healthcheck.test that does not begin with CMD, CMD-SHELL or NONE", test[0]
    for other, need in (service.at("depends_on") or {}).items():
        if other in model.value["services"].value:
            continue
        profiles = inactive.value[other].at("profiles") if other in inactive.value else None
        if profiles is None:
            yield f"depends on {other!r}, which is not a service", need
        elif need.at("required"):
            names = ", ".join(profile.value for profile in profiles)
            yield (
                f"depends on {other!r}, which runs only with a profile ({names}); turn it on, or write required: false",
                need,
            )
    mode = service.at("network_mode") or ""
    if mode.startswith("service:") and mode.removeprefix("service:") not in model.value["services"].value:
        yield f"has {mode!r} as network_mode, which is not a service that runs", written["network_mode"]
    yield from _wrongs_of_scale(service)
    for watch in (written["develop"].at("watch") or ()) if service.at("develop") else ():
        if not watch.at("target") and watch.at("action") not in _BUILT_OTHERWISE:
            yield "has a develop.watch that needs a target", watch
    yield from _doubled(service)


def _wrongs_of_build(service: Node, model: Node) -> Iterator[tuple[str, Node]]:
    build = service.value.get("build")
    if build is None:
        return
    if build.at("dockerfile") and build.at("dockerfile_inline"):
        yield "has dockerfile and dockerfile_inline; keep one", build
    for context in (build.at("additional_contexts") or {}).values():
        if isinstance(context.value, str) and context.value.startswith("service:"):
            target = model.value["services"].value.get(context.value.removeprefix("service:"))
            if target is None or not target.at("build"):
                yield f"has the context {context.value!r}, which is not a service with a build", context
    platforms = [platform.value for platform in build.at("platforms") or ()]
    if platforms and service.at("platform") and service.at("platform") not in platforms:
        yield f"has a platform that is not among build.platforms ({', '.join(platforms)})", service.value["platform"]
    for secret in build.at("secrets") or ():
        if secret.at("source") not in _section(model, "secrets"):
            yield f"refers to the secret {secret.at('source')!r}, which is not defined", secret


def _unknown(service: Node, model: Node) -> Iterator[tuple[str, Node]]:
    for key in ("networks", "models"):
        for name, node in (service.at(key) or {}).items():
            if name not in _section(model, key):
                yield f"refers to {name!r} in {key}, which is not defined", node
    for mount in service.at("volumes") or ():
        source = mount.at("source")
        if mount.at("type") == "volume" and source and source not in _section(model, "volumes"):
            yield f"refers to the volume {source!r}, which is not defined; add it under volumes", mount
    for key in ("configs", "secrets"):
        for node in service.at(key) or ():
            if node.at("source") not in _section(model, key):
                yield f"refers to {node.at('source')!r} in {key}, which is not defined", node


def _wrongs_of_scale(service: Node) -> Iterator[tuple[str, Node]]:
    scale = service.at("scale")
    deploy = service.value.get("deploy")
    replicas = deploy.at("replicas") if deploy else None
    if deploy and scale is not None:
        if replicas is not None and replicas != scale:
            yield "has scale and deploy.replicas that differ", service.value["scale"]
        deploy.value["replicas"] = service.value["scale"]
    for key, value in (("scale", scale), ("deploy.replicas", replicas)):
        if value is not None and value < 0:
            yield f"has {key} below 0", service
    wanted = scale if scale is not None else replicas
    if wanted is not None and wanted > 1 and service.at("container_name"):
        yield "has a container_name and more than one replica; names are unique", service.value["container_name"]
    for key, part, same in (
        ("cpus", "limits", "cpus"),
        ("mem_limit", "limits", "memory"),
        ("mem_reservation", "reservations", "memory"),
        ("pids_limit", "limits", "pids"),
    ):
        found = deploy.value["resources"].value.get(part) if deploy else None
        if found and service.at(key) and found.at(same) != service.at(key):
            yield f"has {key} and deploy.resources.{part}.{same} that differ", service.value[key]


def _doubled(service: Node) -> Iterator[tuple[str, Node]]:
    mounted: dict[Any, Place] = {}
    mounts = [(item.value.partition(":")[0], item) for item in service.at("tmpfs") or ()]
    mounts += [(item.at("target"), item) for item in service.at("volumes") or ()]
    for target, item in mounts:
        if target in mounted:
            yield f"mounts {target} twice, first in line {mounted[target].line}", item
        mounted[target] = item.where


def _check_order(services: dict[str, Node]) -> None:
    """Raises ImportInvalid where services wait for one another."""
    needs = {name: list(service.at("depends_on") or ()) for name, service in services.items()}
    done: set[str] = set()
    for start in services:
        way: dict[str, Iterator[str]] = {}
        stack = [start] if start not in done else []
        while stack:
            name = stack[-1]
            following = next(way.setdefault(name, iter(needs.get(name, ()))), None)
            if following is None:
                done.add(stack.pop())
                del way[name]
            elif following in way:
                circle = " → ".join([*stack[stack.index(following) :], following])
                where = services[name].value["depends_on"].value[following].where
                raise ImportInvalid(f"services wait for one another: {circle[:300]}", where, code="import.cycle")
            elif following not in done and following in services:
                stack.append(following)


def _check_container_names(services: dict[str, Node]) -> None:
    names: dict[str, str] = {}
    for name, service in services.items():
        container = service.at("container_name")
        if container and container in names:
            raise ImportInvalid(
                f"services.{name} has the container_name of {names[container]}, and names are unique",
                service.value["container_name"].where,
                code="import.inconsistent",
            )
        if container:
            names[container] = name
