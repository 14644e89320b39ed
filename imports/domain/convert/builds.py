"""Images that a project builds: each becomes a source of the team, drawn as a node, or an image that is there.

A source needs a repository: that of the files, or one that the service names itself. Source: Compose Build
Specification.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from imports.domain.convert.build_places import NotBuilt, home_of, place_of
from imports.domain.convert.build_values import BuildPlace, BuildSource, Origin
from imports.domain.convert.units import text_of
from imports.domain.convert.work import Work, Workload
from imports.domain.drafts import DraftNode
from imports.domain.ledger import Became, Outcome
from kubeorch.base.secrecy import is_secret

PLATFORMS = ("linux/amd64", "linux/arm64")
_MACHINES = {"x86_64": "amd64", "amd64/v1": "amd64", "aarch64": "arm64", "arm64/v8": "arm64", "aarch64/v8": "arm64"}
ARGS_MOST = 100
VALUE_MOST = 32 * 1024
TOGETHER_MOST = 500_000
"""As `builds.domain.sources`, which a command in a shell need not load."""
_HOW = (("build", "Build it of the repository"), ("image", "Use an image that is there already"))
_KEPT = (
    ("seal", "Sealed, as a secret of the build: a step reads it with RUN --mount=type=secret"),
    ("plain", "It is not a secret: as a build argument, which everybody who has the image can read"),
)
_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,254}\Z")
_SAID: Mapping[str, tuple[Outcome, str]] = {
    "additional_contexts": (
        Outcome.DROPPED,
        "a build has the files below its context alone; keep these there, or let COPY --from name an image",
    ),
    "secrets": (
        Outcome.DROPPED,
        "give the source a secret variable of that name: RUN --mount=type=secret reads it under that id",
    ),
    "ssh": (
        Outcome.DROPPED,
        "let the source use the deploy key of its connection, or give it a variable for SSH of that name: steps that"
        " mount SSH sign in with it, and never see it",
    ),
    "cache_from": (Outcome.CONVERTED, "the engine keeps a cache of its own"),
    "cache_to": (Outcome.CONVERTED, "the engine keeps a cache of its own"),
    "no_cache": (Outcome.APPROXIMATED, "builds use the cache; build without it where every step has to run anew"),
    "pull": (Outcome.CONVERTED, "base images are looked up in their registry at each build"),
    "tags": (Outcome.APPROXIMATED, "each build gets tags of its own; a run takes an image by its digest"),
    "labels": (Outcome.DROPPED, "write labels of the image into the Dockerfile, as LABEL"),
    "network": (Outcome.DROPPED, "steps have the network of the engine"),
    "extra_hosts": (Outcome.DROPPED, "steps resolve names as the engine does"),
    "entitlements": (Outcome.DROPPED, "steps of a build get no further rights"),
    "privileged": (Outcome.DROPPED, "steps of a build get no further rights"),
    "shm_size": (Outcome.DROPPED, "the engine sets the limits of steps"),
    "ulimits": (Outcome.DROPPED, "the engine sets the limits of steps"),
    "isolation": (Outcome.DROPPED, "it exists on Windows alone"),
    "provenance": (Outcome.DROPPED, "the engine decides what an image says of how it was made"),
    "sbom": (Outcome.DROPPED, "the engine decides what an image says of what it holds"),
}
"""Keys of `build` that a source does not have."""


def settle_builds(work: Work, origin: Origin | None) -> None:
    """Give each service that is built here its source: `Workload.source`. The others name an image."""
    building = [one for one in work.workloads.values() if isinstance(one.spec.get("build"), Mapping)]
    home = home_of(work, building, origin) if building else None
    nodes: dict[tuple[Any, ...], DraftNode] = {}
    built: dict[str, Workload] = {}
    for workload in building:
        try:
            place = place_of(workload, home)
        except NotBuilt as error:
            workload.not_built = str(error)
            continue
        question = f"How does {workload.service} get its image?"
        paths = [workload.path("build")]
        if work.ask(f"service/{workload.service}/build", "images", question, _HOW, "build", paths) == "build":
            _build(workload, place, nodes)
            for image in (text_of(workload.spec.get("image")), _usual(work, workload.service)):
                built.setdefault(image, workload)
    built.pop("", None)
    for workload in work.workloads.values():
        other = built.get(text_of(workload.spec.get("image")))
        if other is not None and "build" not in workload.spec and other.source is not None:
            _take(workload, other.source, f"the image that {other.service} builds")


def _usual(work: Work, service: str) -> str:
    """The name that Compose gives to the image of a service that names none."""
    return f"{text_of(work.model.get('name')) or 'app'}-{service}"


def _build(workload: Workload, place: BuildPlace, nodes: dict[tuple[Any, ...], DraftNode]) -> None:
    """Draw the source of one service, or the one that another service has just so."""
    work, build = workload.work, workload.spec["build"]
    args, secrets = _arguments(workload, build.get("args") or {})
    platform = _platform(workload, build)
    key = (place, platform, tuple(sorted(args.items())), tuple(sorted(secrets.items())))
    node = nodes.get(key)
    if node is None:
        project = text_of(work.model.get("name")) or "app"
        wanted = workload.service if workload.service == project else f"{project}-{workload.service}"
        name = work.draft.free_name("sources", wanted)
        node = work.draft.add("source", name, wanted_id=f"source-{workload.node.name}", place=_written(workload))
        node.parameters["source"] = name
        nodes[key] = node
        work.sources[node.id] = BuildSource(node.id, name, place, platform, args, secrets)
    became = (Became(node.id, "parameters.source"),)
    where = f"{place.repository}{f', {place.ref}' if place.ref else ''}, {place.root or 'at its top'}"
    add = work.verdicts.add
    add(workload.path("build"), Outcome.CONVERTED, became, f"built of {where}", whole=False)
    for part in ("context", "dockerfile", "target"):
        add(workload.path("build", part), Outcome.CONVERTED, became)
    if place.text and "dockerfile_inline" not in build:
        why = (
            "it is outside of the context: its text is kept with the source, and later changes of the file are not seen"
        )
        add(workload.path("build", "dockerfile"), Outcome.APPROXIMATED, became, why)
    add(workload.path("build", "dockerfile_inline"), Outcome.CONVERTED, became, "kept with the source")
    for part in build:
        if part in _SAID:
            outcome, why = _SAID[part]
            add(workload.path("build", part), outcome, (), why)
    _take(workload, node, "each build has a name of its own, and a run takes it by its digest")


def _written(workload: Workload) -> Any:
    return workload.work.place(workload.path("build"))


def _take(workload: Workload, node: DraftNode, why: str) -> None:
    """Let the container of a service run the image of a source."""
    work = workload.work
    workload.source = node
    work.draft.connect(node.id, workload.node.id, "builds")
    work.verdicts.add(workload.path("image"), Outcome.CONVERTED, (Became(node.id, "parameters.source"),), why)


def _arguments(workload: Workload, given: Mapping[str, Any]) -> tuple[dict[str, str], dict[str, str]]:
    """(arguments, secrets) of a build. What looks like a secret is one, unless somebody says otherwise."""
    work, args, secrets = workload.work, dict[str, str](), dict[str, str]()
    for name, value in given.items():
        at, text = ("build", "args", name), text_of(value)
        if not _KEY.match(name) or len(args) + len(secrets) >= ARGS_MOST:
            workload.dropped(*at, why=f"a build takes {ARGS_MOST} arguments at most, called by letters, digits and _")
        elif len(text.encode()) > VALUE_MOST or "\x00" in text:
            workload.dropped(*at, why=f"an argument has {VALUE_MOST:,} bytes at most, and no NUL; keep it in a file")
        elif _bytes({**args, **secrets, name: text}) > TOGETHER_MOST:
            why = f"arguments have {TOGETHER_MOST:,} bytes together at most; keep large values in files"
            workload.dropped(*at, why=why)
        elif is_secret(name, text) or work.secrets.is_value(text):
            question = f"The build of {workload.service} gets {name}, which looks like a secret. How is it kept?"
            id_ = f"build/{workload.service}/{name}"
            if work.ask(id_, "secrets", question, _KEPT, "seal", [workload.path(*at)]) == "plain":
                args[name] = text
                workload.converted(*at, why="an argument of the build")
            elif text:
                secrets[name] = text
                why = f"sealed: a step reads it with RUN --mount=type=secret,id={name}, and ARG {name} is empty"
                workload.approximated(*at, why=why)
            else:
                workload.open(*at, why=f"{name} is blank; give the source a secret variable of that name")
        else:
            args[name] = text
            workload.converted(*at, why="an argument of the build")
    return args, secrets


def _bytes(values: Mapping[str, str]) -> int:
    return sum(len(key.encode()) + len(value.encode()) for key, value in values.items())


def _as_printed(platform: str) -> str:
    """A platform as engines print it. Source: containerd, platforms, "Normalize"."""
    system, _, machine = platform.partition("/")
    return f"{system}/{_MACHINES.get(machine, machine)}" if machine else platform


def _platform(workload: Workload, build: Mapping[str, Any]) -> str:
    """One that is built for; "" for that of the engine."""
    given = [_as_printed(text_of(one)) for one in build.get("platforms") or ()]
    own = _as_printed(text_of(workload.spec.get("platform")))
    wanted = [one for one in dict.fromkeys([own, *given]) if one in PLATFORMS]
    if own and own not in PLATFORMS:
        built_for = wanted[0] if wanted else "the engine"
        why = f"its pods are for {own[:60]}, its image for {built_for}; a source takes {' or '.join(PLATFORMS)}"
        workload.approximated("build", why=why)
    if given:
        if len(given) == 1 and wanted == given:
            workload.converted("build", "platforms", why="the platform of the source")
        elif wanted:
            why = f"a source is built for one platform: {wanted[0]}"
            workload.approximated("build", "platforms", why=why)
        else:
            why = f"built for the platform of the engine; a source takes {' or '.join(PLATFORMS)}"
            workload.dropped("build", "platforms", why=why)
    return wanted[0] if wanted else ""
