"""What a repository says itself, laid over what was found: its own word counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from builds.domain.detection.declared import Declared
from builds.domain.detection.dockerfiles import is_floating, proposal_of
from builds.domain.detection.fields import is_secret_name
from builds.domain.detection.findings import Builder, Notes, Proposal, Reason
from builds.domain.detection.plan import MANAGERS, Plan, PlanInvalid
from builds.domain.detection.titles import title_of
from builds.domain.detection.tree import Tree, join
from builds.domain.detection.versions import GO, JAVA, NODE, PHP, PYTHON, RUBY

_USUAL = {"node": NODE, "python": PYTHON, "go": GO, "java": JAVA, "ruby": RUBY, "php": PHP}


def proposed(tree: Tree, declared: Declared, found: Sequence[Proposal], warnings: list[Reason]) -> Proposal | None:
    """The proposal of one declared application. None, and a warning, where there is nothing to build."""
    proposal = _built(tree, declared, found, warnings)
    if proposal is None:
        return None
    settled = {name for name in ("port", "start", "build", "version", "output") if getattr(declared, name)}
    port = declared.port or proposal.port
    return replace(
        proposal,
        name=declared.name,
        port=port,
        declared=declared,
        reasons=(Reason("the repository says so itself", declared.file, 1), *proposal.reasons),
        questions=tuple(
            one
            for one in proposal.questions
            if one.field not in settled and one.field.removeprefix("arguments.") not in declared.arguments
        ),
        warnings=(
            *proposal.warnings,
            *(Reason(text, declared.file, line) for line, text in declared.warnings),
            *(
                Reason(f"{name} looks like a secret, so the value in the file is not taken", declared.file)
                for name in declared.run_variables
                if is_secret_name(name)
            ),
        ),
    )


def _built(tree: Tree, declared: Declared, found: Sequence[Proposal], warnings: list[Reason]) -> Proposal | None:
    if declared.builder == "image":
        floats = (
            [Reason("its tag may mean another image tomorrow; name a version", declared.file)]
            if is_floating(declared.image)
            else []
        )
        return Proposal(f"Image {declared.image}", "", "", "image", image=declared.image, warnings=tuple(floats))
    if declared.builder == "dockerfile":
        path = join(declared.root, declared.dockerfile or "Dockerfile")
        if not tree.has(path):
            warnings.append(Reason(f"{declared.name}: there is no {path}", declared.file))
            return None
        return replace(
            proposal_of(tree, path, target=declared.target),
            root=declared.root,
            dockerfile=declared.dockerfile or "Dockerfile",
        )
    base = next((one for one in found if one.root == declared.root and _suits(one, declared)), None)
    if base is None and not declared.language:
        place = declared.root or "the top folder"
        warnings.append(
            Reason(f"{declared.name}: nothing that can be built was found in {place}; name its language", declared.file)
        )
        return None
    try:
        plan = _planned(declared, base.plan if base else None)
    except PlanInvalid as error:
        warnings.append(Reason(f"{declared.name}: {error.detail}", declared.file))
        return None
    if plan is None:
        return base
    builder: Builder = "static" if plan.language == "static" else "written"
    if base is None:
        notes = Notes()
        notes.because(f"{declared.file} names the language")
        return Proposal(title_of(plan), "", declared.root, builder, plan=plan, port=plan.port)
    return replace(base, title=title_of(plan), plan=plan, builder=builder)


def _suits(one: Proposal, declared: Declared) -> bool:
    if declared.builder == "" and not declared.language:
        return True
    return one.plan is not None and (not declared.language or one.plan.language == declared.language)


def _planned(declared: Declared, plan: Plan | None) -> Plan | None:
    """The plan with what is declared in place of what was found. Raises PlanInvalid."""
    if plan is None and not declared.language:
        return None
    if plan is None:
        usual = _USUAL.get(declared.language)
        manager = MANAGERS[declared.language][0]
        version = declared.version or (usual.usual if usual else "")
        plan = Plan(language=declared.language, version=version, manager=manager)  # type: ignore[arg-type]
    values: dict[str, Any] = {
        name: value
        for name in ("version", "install", "build", "start", "output", "port")
        if (value := getattr(declared, name))
    }
    values["variables"] = tuple(dict.fromkeys((*plan.variables, *declared.build_variables)))
    values["secrets"] = declared.build_secrets
    return replace(plan, **values)
