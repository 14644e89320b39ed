"""The container of a service: image, commands, user, rights and what else runs with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from imports.domain.convert.hooks import convert_post_start, convert_pre_stop
from imports.domain.convert.images import facts_of
from imports.domain.convert.labels import refused_key
from imports.domain.convert.units import (
    quantity,
    size_bytes,
    text_of,
    unexpanded,
    whole_number,
    whole_seconds,
    words_of,
)
from imports.domain.convert.work import Workload
from kubeorch.base.names import is_label_value
from workflows.domain.kinds.formats import is_capability, is_image

_PULL = {"always": "Always", "never": "Never", "missing": "IfNotPresent", "if_not_present": "IfNotPresent"}
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
_USERS = {"root": 0, "nobody": 65534}
"""Names that mean the same number in nearly every image."""


def convert_image(workload: Workload) -> None:
    """The image of a service that is not built here. One with only `build` gets the name that Compose gives its image,
    to be replaced."""
    if workload.source is not None:
        return
    spec, service = workload.spec, workload.service
    image = text_of(spec.get("image"))
    if "build" in spec or not image:
        default = image or f"{workload.work.model.get('name', 'app')}-{service}"
        question = f"Which image does {service} run?"
        paths = [workload.path("build"), workload.path("image")]
        id_ = f"service/{service}/image"
        chosen = workload.work.ask(id_, "images", question, (), default, paths, format_="image") or default
        workload.parameters["image"] = chosen
        why = f"{chosen} has to be in a registry that the cluster can read"
        if workload.work.decided(id_):
            workload.converted("build", to="image", why=f"replaced by the image {chosen}, as you decided")
        elif "build" in spec:
            workload.open("build", to="image", why="; ".join(one for one in (workload.not_built, why) if one))
        workload.converted("image", to="image")
        return
    workload.parameters["image"] = image
    if is_image(image):
        workload.converted("image", to="image")
    else:
        workload.open("image", to="image", why=f"{image[:60]!r} is not the name of an image; correct it")


def _pull_policy(workload: Workload, value: Any) -> None:
    policy = _PULL.get(text_of(value))
    if workload.source is not None and policy != "Always":
        workload.converted("pull_policy", why="a run takes the newest build of the source, from the registry")
    elif policy is not None:
        workload.parameters["image_pull_policy"] = policy
        workload.converted("pull_policy", to="image_pull_policy")
    elif text_of(value) == "build":
        workload.approximated("pull_policy", why="a cluster builds no images; it pulls what is in the registry")
    else:
        workload.parameters["image_pull_policy"] = "Always"
        workload.approximated(
            "pull_policy", to="image_pull_policy", why="a cluster pulls at every start; it knows no age of images"
        )


def _entrypoint(workload: Workload, value: Any) -> None:
    words = words_of(value)
    if words:
        workload.parameters["command"] = [unexpanded(word) for word in words]
        workload.converted("entrypoint", to="command")
    elif value is None:
        workload.converted("entrypoint", why="null: that of the image")
    else:
        command = words_of(workload.spec.get("command"))
        if command:
            workload.converted("entrypoint", to="command", why="no ENTRYPOINT: the command is run by itself")
        else:
            workload.dropped("entrypoint", why="a pod cannot clear the ENTRYPOINT of an image without a command")


def _command(workload: Workload, value: Any) -> None:
    words = [unexpanded(word) for word in words_of(value)]
    if not words:
        workload.converted("command", why="empty: that of the image")
        return
    cleared = "entrypoint" in workload.spec and workload.spec["entrypoint"] is not None
    field = "command" if cleared and not words_of(workload.spec["entrypoint"]) else "args"
    workload.parameters[field] = words
    workload.converted("command", to=field)


def _working_dir(workload: Workload, value: Any) -> None:
    directory = text_of(value)
    if directory.startswith("/"):
        workload.parameters["working_dir"] = directory
        workload.converted("working_dir", to="working_dir")
    else:
        workload.dropped("working_dir", why="Kubernetes needs an absolute path; that of the image holds")


def _user(workload: Workload, value: Any) -> None:
    """`user`, as numbers. Names are known only inside the image. Source: Kubernetes API reference, SecurityContext."""
    user, _, group = text_of(value).partition(":")
    numbers = {"run_as_user": _number(user), "run_as_group": _number(group)}
    if numbers["run_as_user"] is None:
        id_ = f"service/{workload.service}/user"
        question = f"What is the numeric id of the user {user[:60]} in the image of {workload.service}?"
        answer = workload.work.ask(id_, "kinds", question, (), "", [workload.path("user")])
        numbers["run_as_user"] = _number(answer)
    if numbers["run_as_user"] is None:
        workload.open("user", why=f"Kubernetes needs the number of the user {user[:60]}; until then that of the image")
        return
    given = {name: number for name, number in numbers.items() if number is not None}
    workload.parameters.update(given)
    workload.converted("user", to=tuple(given))


def _number(name: str) -> int | None:
    if (number := whole_number(name)) is not None and number < 2**32:
        return number
    return _USERS.get(name)


def own_group(workload: Workload) -> int | None:
    """The group that has to own what is mounted, so that the program can write to it; None for root."""
    user = workload.parameters.get("run_as_user")
    if user is not None:
        return int(workload.parameters.get("run_as_group", user)) or None
    return facts_of(text_of(workload.spec.get("image"))).fs_group


def _capabilities(parameter: str) -> Callable[[Workload, Any], None]:
    key = "cap_add" if parameter == "capabilities_add" else "cap_drop"

    def convert(workload: Workload, value: Any) -> None:
        for index, one in enumerate(value or ()):
            name = text_of(one).upper().removeprefix("CAP_")
            if is_capability(name):
                workload.add(parameter, name)
                workload.converted(key, index, to=parameter)
            else:
                workload.dropped(key, index, why=f"{name[:60]!r} is not a Linux capability")
        workload.converted(key, to=parameter, whole=False)

    return convert


def _security_opt(workload: Workload, value: Any) -> None:
    """Source: Docker docs, "docker container run", section "Security configuration"."""
    workload.converted("security_opt", whole=False)
    for index, one in enumerate(value or ()):
        name, _, setting = text_of(one).replace("=", ":", 1).partition(":")
        at = ("security_opt", index)
        if name == "no-new-privileges":
            workload.parameters["allow_privilege_escalation"] = setting == "false"
            workload.converted(*at, to="allow_privilege_escalation")
        elif (name, setting) == ("seccomp", "unconfined"):
            workload.parameters["seccomp_profile"] = "Unconfined"
            workload.converted(*at, to="seccomp_profile")
        elif (name, setting) == ("apparmor", "unconfined"):
            workload.pod("securityContext")["appArmorProfile"] = {"type": "Unconfined"}
            workload.converted(*at, to=workload.pod_field("securityContext", "appArmorProfile"))
        elif name == "label" and ":" in setting and setting.partition(":")[0] in ("user", "role", "type", "level"):
            key, _, content = setting.partition(":")
            workload.pod("securityContext", "seLinuxOptions")[key] = content
            workload.converted(*at, to=workload.pod_field("securityContext", "seLinuxOptions", key))
        elif (name, setting) == ("label", "disable"):
            workload.pod("securityContext", "seLinuxOptions")["type"] = "spc_t"
            field = workload.pod_field("securityContext", "seLinuxOptions", "type")
            workload.approximated(*at, to=field, why="spc_t is the type that SELinux does not confine")
        else:
            workload.dropped(*at, why="the profile has to be installed on the nodes of the cluster first")


def _sysctls(workload: Workload, value: Any) -> None:
    given = value.items() if isinstance(value, Mapping) else (text_of(one).split("=", 1) for one in value or ())
    rows = [{"name": text_of(name), "value": text_of(setting)} for name, setting in given]
    if rows:
        workload.pod("securityContext")["sysctls"] = rows
    workload.approximated(
        "sysctls",
        to=workload.pod_field("securityContext", "sysctls"),
        why="set for the whole pod; the kubelet refuses those that are not known as safe, unless told otherwise",
    )


def _flag(key: str, parameter: str) -> Callable[[Workload, Any], None]:
    def convert(workload: Workload, value: Any) -> None:
        if value:
            workload.parameters[parameter] = True
        workload.converted(key, to=parameter)

    return convert


def _init(workload: Workload, value: Any) -> None:
    if not value:
        workload.converted("init", why="false, as in Kubernetes")
        return
    workload.pod()["shareProcessNamespace"] = True
    field = workload.pod_field("shareProcessNamespace")
    workload.approximated(
        "init", to=field, why="the pause process of the pod reaps ended processes instead of docker-init"
    )


def _stop_grace_period(workload: Workload, value: Any) -> None:
    workload.parameters["termination_grace_s"] = whole_seconds(value)
    workload.converted("stop_grace_period", to="termination_grace_s")


def _stop_signal(workload: Workload, value: Any) -> None:
    if text_of(value) in ("SIGTERM", "TERM", "15"):
        workload.converted("stop_signal", why="SIGTERM, as in Kubernetes")
    else:
        why = f"a pod gets the STOPSIGNAL of its image; write STOPSIGNAL {text_of(value)[:20]} into the Dockerfile"
        workload.dropped("stop_signal", why=why)


def _shm_size(workload: Workload, value: Any) -> None:
    size = size_bytes(value)
    row = {"name": "shm", "type": "empty_dir", "medium": "Memory", "mount_path": "/dev/shm"}  # noqa: S108 - in the container
    if size:
        row["size_limit"] = quantity(size)
    workload.add("volumes", row)
    workload.converted("shm_size", to="volumes")


def _platform(workload: Workload, value: Any) -> None:
    system, _, rest = text_of(value).partition("/")
    architecture, _, variant = rest.partition("/")
    if not is_label_value(system) or not is_label_value(architecture):
        workload.dropped("platform", why=f"{text_of(value)[:60]!r} is not the label of a node")
        return
    selector = workload.parameters.setdefault("node_selector", {})
    selector["kubernetes.io/os"] = system
    if architecture:
        selector["kubernetes.io/arch"] = _ARCHITECTURES.get(architecture, architecture)
    if variant:
        workload.approximated("platform", to="node_selector", why=f"nodes have no label for the variant {variant[:20]}")
    else:
        workload.converted("platform", to="node_selector")


def _annotations(workload: Workload, value: Any) -> None:
    workload.converted("annotations", to="pod_annotations", whole=False)
    rows = value.items() if isinstance(value, Mapping) else (text_of(one).split("=", 1) for one in value or ())
    for key, *content in rows:
        if refusal := refused_key(text_of(key)):
            workload.dropped("annotations", key, why=refusal)
        else:
            text = text_of(content[0]) if content else ""
            workload.parameters.setdefault("pod_annotations", {})[text_of(key)] = text
            workload.converted("annotations", key, to="pod_annotations")


def _runtime(workload: Workload, value: Any) -> None:
    workload.dropped(
        "runtime", why=f"the cluster needs a RuntimeClass for {text_of(value)[:40]}; set it under Runtime class"
    )


CONVERTERS: Mapping[str, Callable[[Workload, Any], None]] = {
    "pull_policy": _pull_policy,
    "entrypoint": _entrypoint,
    "command": _command,
    "working_dir": _working_dir,
    "user": _user,
    "cap_add": _capabilities("capabilities_add"),
    "cap_drop": _capabilities("capabilities_drop"),
    "security_opt": _security_opt,
    "sysctls": _sysctls,
    "privileged": _flag("privileged", "privileged"),
    "read_only": _flag("read_only", "read_only_root_filesystem"),
    "stdin_open": _flag("stdin_open", "stdin"),
    "tty": _flag("tty", "tty"),
    "init": _init,
    "stop_grace_period": _stop_grace_period,
    "stop_signal": _stop_signal,
    "shm_size": _shm_size,
    "platform": _platform,
    "annotations": _annotations,
    "runtime": _runtime,
    "post_start": convert_post_start,
    "pre_stop": convert_pre_stop,
}
"""By the key of a service. `user` stands before what reads it."""
