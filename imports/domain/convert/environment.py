"""Variables of containers: plain ones in the node, secrets as keys of a Secret whose values stay outside the graph."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from imports.domain.convert.names import Names
from imports.domain.convert.units import text_of, unexpanded
from imports.domain.convert.variables import Blank
from imports.domain.convert.work import Workload
from imports.domain.drafts import DraftNode
from imports.domain.ledger import Became, Outcome
from kubeorch.base.names import is_env_name
from kubeorch.base.secrecy import is_secret, is_secret_name, login_of

_HOW = (
    ("seal", "Keep the value of the file, sealed and outside the workflow"),
    ("ask", "Ask for the value at the first run"),
    ("generate", "Make a random value"),
    ("plain", "No secret: keep it in the workflow as text"),
    ("leave", "Leave the variable out, as Compose does where nothing sets it"),
)


def convert_environment(
    workload: Workload, environment: Mapping[str, Any], names: Names, blanks: Mapping[str, Blank]
) -> None:
    """Exactly the variables that Compose would give the container. `blanks`: those that lack a value, and why."""
    workload.converted("environment", to="env", whole=False)
    for name, value in environment.items():
        if not is_env_name(name):
            workload.dropped("environment", name, why="Kubernetes does not accept a variable of this name")
        elif workload.work.secrets.first(name) is not None:
            workload.dropped("environment", name, why="its name has the value of a secret in it")
        elif value is None and name not in blanks:
            _unset(workload, name)
        elif value is None:
            _unset_secret(workload, name, blanks[name])
        else:
            _variable(workload, name, text_of(value), names, blanks.get(name))


def _unset(workload: Workload, name: str) -> None:
    id_ = f"env/{workload.service}/{name}"
    question = f"{name} of {workload.service} is taken from the shell that runs Compose. What is its value?"
    value = workload.work.ask(id_, "secrets", question, (), "", [workload.path("environment", name)])
    if not value:
        workload.open("environment", name, why=f"{name} has no value here, so the container does not get it")
    elif is_secret(name, value) or workload.work.secrets.is_value(value):
        in_secret(workload, name, value)
    else:
        workload.parameters.setdefault("env", {})[name] = unexpanded(value)
        workload.converted("environment", name, to=f"env.{name}", why="with the value that you gave")


def _unset_secret(workload: Workload, name: str, blank: Blank) -> None:
    """A secret that the file passes on from a shell that does not have it: Compose leaves the variable out."""
    how = _ask_how(workload, name, "", blank, is_unset=True)
    if how == "leave":
        workload.open("environment", name, why=f"{name} has no value here, so the container does not get it")
    elif how == "plain":
        workload.parameters.setdefault("env", {})[name] = ""
        workload.converted("environment", name, to=f"env.{name}", why="empty, as you decided")
    else:
        in_secret(workload, name, None, blank.variable if how == "generate" else None)


def _variable(workload: Workload, name: str, value: str, names: Names, blank: Blank | None) -> None:
    written = names.rewrite(value, name)
    at = ("environment", name)
    if is_secret(name, value) or workload.work.secrets.is_value(value):
        how = _ask_how(workload, name, value, blank)
        if how != "plain":
            made_for = (blank.variable if blank else f"{workload.service}/{name}") if how == "generate" else None
            in_secret(workload, name, written if how == "seal" else None, made_for)
            return
    workload.parameters.setdefault("env", {})[name] = unexpanded(written)
    if not value and is_secret_name(name):
        why = "the value is blank; give one, or have one made"
        if blank is not None and not blank.whole:
            why = f"the value is blank, since {blank.variable} is not set; set it, for it stands in other texts, too"
        workload.open(*at, to=f"env.{name}", why=why)
    elif written != value:
        workload.approximated(*at, to=f"env.{name}", why="with the name that resolves in the cluster")
    else:
        workload.converted(*at, to=f"env.{name}")


def _ask_how(workload: Workload, name: str, value: str, blank: Blank | None, *, is_unset: bool = False) -> str:
    """Where the value of a secret is kept: a choice of `_HOW`. Nothing is kept where the file has no value, and only
    what the file passes on without one, `is_unset`, can be left out."""
    question = f"{name} of {workload.service} looks like a secret. Where is its value kept?"
    default = "seal" if value else "plain"
    if blank is not None:
        question = f"{name} of {workload.service} is blank, since {blank.variable} is not set."
        question += " Where does its value come from?"
        default = "plain" if not blank.whole else "generate" if blank.sets_up else "ask"
        if is_unset and default != "generate":
            default = "leave"
    left_out = {*(() if value else ("seal",)), *(() if is_unset else ("leave",))}
    elsewhere = value and (value in workload.work.shared or not is_secret_name(name) or login_of(value))
    if elsewhere or (blank is not None and not blank.whole):
        left_out.add("generate")
        question += " A random value is not offered: the value, or a part of it, stands elsewhere, too."
    return workload.work.ask(
        f"secret/{workload.service}/{name}",
        "secrets",
        question,
        [row for row in _HOW if row[0] not in left_out],
        default,
        [workload.path("environment", name)],
        possible=[value for value, _ in _HOW],
    )


def in_secret(workload: Workload, name: str, value: str | None, origin: str | None = None) -> None:
    """One more key of the Secret of a service: with a value to be sealed, one to be made, or one to be asked for."""
    node = _secret_of(workload)
    node.parameters["keys"].append(name)
    work = workload.work
    why = "the value is asked for at the first run"
    if value is not None:
        work.secret_values.setdefault(node.id, {})[name] = value.encode()
        why = "the value is sealed, and not in the workflow"
    elif origin is not None:
        work.to_generate.setdefault(node.id, {})[name] = origin
        why = "a random value is made for it"
    became = (Became(node.id, "parameters.keys"),)
    work.verdicts.add(workload.path("environment", name), Outcome.CONVERTED, became, why)


def _secret_of(workload: Workload) -> DraftNode:
    """The Secret of a service, made and connected at the first use."""
    if workload.secret is None:
        draft = workload.work.draft
        name = draft.free_name("Secret", f"{workload.node.name}-env")
        workload.secret = draft.add("secret", name, parameters={"keys": []}, place=workload.node.place)
        draft.connect(workload.secret.id, workload.node.id, "sets_env")
    return workload.secret
