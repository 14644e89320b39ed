"""Which kind of workload a service becomes, and its node."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from imports.domain.convert.images import DATA_PATH, facts_of
from imports.domain.convert.units import seconds, text_of, whole_number
from imports.domain.convert.work import Work, Workload
from workflows.domain.kinds.formats import FORMATS

_KINDS = (
    ("deployment", "Deployment: runs all the time, replicas are alike"),
    ("statefulset", "StatefulSet: runs all the time, one pod at a time owns the data"),
    ("daemonset", "DaemonSet: one pod on every node"),
    ("job", "Job: runs once to its end"),
    ("cronjob", "CronJob: runs to its end on a schedule"),
)
_LONG_NAMES = {"statefulset": 52, "cronjob": 52}
"""Longest names of these kinds, since their pods are named after them."""
_ONE_SHOT = re.compile(
    r"(?:^|[\s/_.:-])(?:migrate|migrations?|db[:_-]migrate|createbuckets?|create-buckets?|init-?db|certonly|seed)(?:$|[\s_.:-])"
)
"""Words in a name or a command of what people run once."""
_SERVING = re.compile(
    r"(?:^|[\s/_.:-])(?:workers?|consumers?|celery|beat|sidekiq|rq|servers?|serve|runserver|gunicorn|uvicorn|daemon|scheduler"
    r"|listen(?:er)?|watch(?:er)?|proxy|agent|bot|queue:work|horizon)(?:$|[\s_.:-])"
)
"""Words in a name or a command of what runs until it is stopped."""
_SHELLS = frozenset(("sh", "bash", "ash", "dash", "zsh"))
_LINKS = re.compile(r"[;&|\n]+")
"""Between the commands of a script."""
_ADDRESS = re.compile(r":[0-9]+\Z|://")
_PROGRAM_MOST, _SCRIPT_MOST = 6, 2000
"""Words of a command that are looked at, and characters of each."""
_SERVERS = frozenset(("mysqld", "mariadbd", "mongod", "redis-server", "postgres", "docker-entrypoint.sh"))
"""Programs that are servers, whatever their image is called."""
_CLIENTS = frozenset(("mysql", "mariadb", "mongo"))
"""Programs that are called as the image of their server, and speak to one."""
_KOMPOSE_KINDS = {
    "deployment": "deployment",
    "replicationcontroller": "deployment",  # what replaced it
    "daemonset": "daemonset",
    "statefulset": "statefulset",
}


def add_workload(work: Work, name: str, spec: Mapping[str, Any], *, waited_for_end: bool) -> Workload:
    """The node of one service. `waited_for_end`: another one starts when this one has ended successfully."""
    default, reason = _default_kind(work, name, spec, waited_for_end)
    kind = work.ask(
        f"service/{name}/kind", "kinds", f"What does the service {name} become?", _KINDS, default, [("services", name)]
    )
    if kind != default:
        reason = "as you decided"
    wanted = text_of((spec.get("labels") or {}).get("kompose.service.name_override")) or name
    node_name = work.draft.free_name("pods", wanted, max_length=_LONG_NAMES.get(kind, 63))
    place = work.place(("services", name))
    node = work.draft.add(kind, node_name, wanted_id=node_name, place=place)
    workload = Workload(work, name, spec, kind, node)
    if kind == "cronjob":
        node.parameters["schedule"] = _schedule(workload)
    if wanted != name:
        reason += f"; called {node_name} by the label kompose.service.name_override"
    elif node_name != name:
        reason += f"; called {node_name}, since Kubernetes does not accept the name {name[:60]}"
    workload.converted(why=f"{kind}: {reason}", whole=False)
    return workload


def _default_kind(work: Work, name: str, spec: Mapping[str, Any], waited_for_end: bool) -> tuple[str, str]:
    """The kind and why. Source of the first rules: kompose's user guide, section "Labels"."""
    labels = spec.get("labels") or {}
    deploy = spec.get("deploy") or {}
    mode = deploy.get("mode", "")
    if "kompose.cronjob.schedule" in labels:
        return "cronjob", "it has the label kompose.cronjob.schedule"
    if (asked := _KOMPOSE_KINDS.get(text_of(labels.get("kompose.controller.type")).lower())) is not None:
        return asked, "it has the label kompose.controller.type"
    if mode.endswith("-job"):
        return "job", f"deploy.mode is {mode}"
    if mode == "global":
        return "daemonset", "deploy.mode is global"
    if waited_for_end:
        return "job", "another service waits until it has completed"
    restart = _ends(spec)
    sign = _runs_on(name, spec, restart) if restart else ""
    if restart and not sign:
        return "job", restart
    if not restart and "restart" not in spec and not deploy.get("restart_policy") and _looks_one_shot(name, spec):
        return "job", "its name or command is that of a program that runs once"
    if facts_of(text_of(spec.get("image"))).stores and _keeps_data(spec):
        return "statefulset", "its image stores data, and it has a volume"
    return "deployment", f"it runs all the time: {sign}" if sign else "it runs all the time"


def _ends(spec: Mapping[str, Any]) -> str:
    """Why it is not started again when it ends well; "" where nobody said so: without `restart`, nobody chose."""
    condition = ((spec.get("deploy") or {}).get("restart_policy") or {}).get("condition", "")
    if condition in ("none", "on-failure"):
        return f"deploy.restart_policy.condition is {condition}"
    restart = text_of(spec.get("restart"))
    if restart == "no" or restart.startswith("on-failure"):
        return f"restart is {restart}"
    return ""


def _runs_on(name: str, spec: Mapping[str, Any], restart: str) -> str:
    """What says that it runs until it is stopped, though it is not started again when it ends well; "" for nothing.

    To start again what failed is what people want of servers, too, so that on-failure alone says little.
    """
    for key in ("ports", "expose"):
        if spec.get(key):
            return f"it has {key}"
    replicas = (spec.get("deploy") or {}).get("replicas", spec.get("scale"))
    if (whole_number(text_of(replicas)) or 0) > 1:
        return "several of it run at once"
    if "on-failure" not in restart or _looks_one_shot(name, spec):
        return ""
    if spec.get("healthcheck"):
        return "it has a healthcheck"
    program = _program(spec)
    if any(_SERVING.search(word[:2000].lower()) for word in (name, *program)):
        return "its name or command is that of a program that runs until it is stopped"
    image = text_of(spec.get("image"))
    return "its image is that of a server" if facts_of(image).ports and _is_server_of(image, program) else ""


def _program(spec: Mapping[str, Any]) -> list[str]:
    """The words that say which program a container runs: its name and a few after it, without options, what is given to
    them, and addresses. Of a script that a shell is given it is the last command."""
    words = [text_of(word)[-_SCRIPT_MOST:] for key in ("entrypoint", "command") for word in spec.get(key) or ()]
    if words and words[0].rsplit("/", 1)[-1] in _SHELLS:
        script = next((word for word in words[1:] if not word.startswith("-")), "")
        words = _LINKS.split(script.strip(" \n;&|"))[-1].split()
        words = words[1:] if words[:1] == ["exec"] else words
    found = words[:1] if words and not words[0].startswith("-") else []
    for before, word in pairwise(words[:_PROGRAM_MOST]):
        if not word.startswith("-") and not _ADDRESS.search(word) and (not before.startswith("-") or "=" in before):
            found.append(word)
    return found


def _is_server_of(image: str, program: Sequence[str]) -> bool:
    """Whether an image that holds a server runs it: with no command of its own, or with that of the server."""
    name = image.partition("@")[0].rsplit("/", 1)[-1].partition(":")[0].lower()
    return not program or program[0].rsplit("/", 1)[-1].lower() in {name, f"{name}-server", *_SERVERS} - _CLIENTS


def _looks_one_shot(name: str, spec: Mapping[str, Any]) -> bool:
    if spec.get("ports") or spec.get("expose") or spec.get("healthcheck"):
        return False
    words = [name, *(text_of(word) for key in ("entrypoint", "command") for word in spec.get(key) or ())]
    return any(_ONE_SHOT.search(word[:2000].lower()) for word in words[:50])


def _keeps_data(spec: Mapping[str, Any]) -> bool:
    return any(
        one.get("type") == "volume" or (one.get("type") == "bind" and DATA_PATH.search(text_of(one.get("target"))))
        for one in spec.get("volumes") or ()
        if not one.get("read_only")
    )


def _schedule(workload: Workload) -> str:
    labelled = text_of((workload.spec.get("labels") or {}).get("kompose.cronjob.schedule"))
    return workload.work.ask(
        f"service/{workload.service}/schedule",
        "kinds",
        f"When does {workload.service} run?",
        (),
        labelled if FORMATS["cron"].accepts(labelled) else "@daily",
        [workload.path("labels", "kompose.cronjob.schedule")],
        format_="cron",
    )


def convert_restart(workload: Workload, value: Any) -> None:
    """`restart` of a service. Source: Compose Specification, 05-services.md, section "restart"."""
    policy, _, attempts = text_of(value).partition(":")
    if workload.is_job:
        if policy in ("always", "unless-stopped"):
            workload.approximated(
                "restart", to="restart_policy", why="a Job ends; it is started again only if it fails"
            )
            workload.parameters["restart_policy"] = "OnFailure"
            return
        workload.parameters["restart_policy"] = "OnFailure" if policy == "on-failure" else "Never"
        fields = ["restart_policy"]
        if policy == "no":
            workload.parameters["backoff_limit"] = 0
            fields.append("backoff_limit")
        elif (number := whole_number(attempts)) is not None:
            workload.parameters["backoff_limit"] = number
            fields.append("backoff_limit")
        workload.converted("restart", to=tuple(fields))
    elif policy in ("always", "unless-stopped"):
        workload.converted("restart", why=f"a {workload.kind} starts its containers again whenever they end")
    else:
        workload.approximated(
            "restart", why=f"a {workload.kind} starts its containers again whenever they end, also when they end well"
        )


def convert_restart_policy(workload: Workload, policy: Mapping[str, Any]) -> None:
    """`deploy.restart_policy`, which wins over `restart`."""
    at = ("deploy", "restart_policy")
    condition = text_of(policy.get("condition")) or "any"
    if workload.is_job:
        workload.parameters["restart_policy"] = "Never" if condition == "none" else "OnFailure"
        workload.converted(*at, to="restart_policy", whole=False)
        workload.converted(*at, "condition", to="restart_policy")
        if condition == "none":
            workload.parameters["backoff_limit"] = 0
        if "max_attempts" in policy:
            workload.parameters["backoff_limit"] = int(policy["max_attempts"])
            workload.converted(*at, "max_attempts", to="backoff_limit")
    else:
        workload.converted(*at, whole=False)
        if condition == "any":
            workload.converted(*at, "condition", why="containers are started again whenever they end")
        else:
            workload.approximated(
                *at, "condition", why=f"a {workload.kind} starts its containers again also when they end well"
            )
        if "max_attempts" in policy:
            workload.dropped(
                *at, "max_attempts", why="Kubernetes starts a container again without end, ever more slowly"
            )
    if "delay" in policy:
        why = f"Kubernetes waits 10 s, then twice as long each time, instead of {seconds(policy['delay'])} s"
        workload.approximated(*at, "delay", why=why)
    if "window" in policy:
        workload.dropped(*at, "window", why="Kubernetes decides by itself whether a start went well: by the probes")
