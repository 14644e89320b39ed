"""Variables that an application wants, as its plan, its Dockerfile and examples of its environment name them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from builds.domain.detection.fields import is_secret_name
from builds.domain.detection.findings import Need, Proposal
from builds.domain.detection.languages.common import lines_with
from builds.domain.detection.plan import is_variable
from builds.domain.detection.tree import Tree, join

NEEDS_MOST = 100
EXAMPLES = (".env.example", ".env.sample", ".env.template", "env.example", ".env.dist")
_LINE = re.compile(r"^[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)[ \t]*=", re.MULTILINE)


def needs_of(tree: Tree, proposal: Proposal) -> tuple[Need, ...]:
    """NEEDS_MOST at most; of a name that is there twice the first."""
    found: dict[str, Need] = {}
    for need in (*_of_build(proposal), *_of_running(tree, proposal)):
        if len(found) == NEEDS_MOST:
            break
        found.setdefault(need.name, need)
    return tuple(found.values())


def _of_build(proposal: Proposal) -> Iterator[Need]:
    plan, facts, declared = proposal.plan, proposal.facts, proposal.declared
    if plan is not None:
        yield from (Need(name, "build", is_secret=False) for name in plan.variables)
        yield from (Need(name, "build", is_secret=True) for name in plan.secrets)
        return
    if facts is not None:
        lines = dict(zip(facts.secrets, facts.secret_lines, strict=False))
        for name in facts.secrets:
            if is_variable(name):
                yield Need(name, "build", is_secret=True, line=lines.get(name, 0))
        keys = zip(facts.ssh, facts.ssh_lines, strict=True)
        yield from (Need(name, "ssh", is_secret=True, line=line) for name, line in keys if is_variable(name))
    if declared is not None:
        yield from (Need(name, "build", is_secret=False, path=declared.file) for name in declared.build_variables)
        yield from (Need(name, "build", is_secret=True, path=declared.file) for name in declared.build_secrets)


def _of_running(tree: Tree, proposal: Proposal) -> Iterator[Need]:
    declared, plan = proposal.declared, proposal.plan
    if declared is not None:
        for name, value in declared.run_variables.items():
            is_secret = is_secret_name(name)  # a value in a file is known to all who read it; it is given anew
            yield Need(name, "run", is_secret=is_secret, value="" if is_secret else value, path=declared.file)
    if plan is not None and plan.output and plan.language != "java":
        return  # files alone: nothing of it reads a variable
    folders = dict.fromkeys((join(proposal.root, plan.app) if plan and plan.app else proposal.root, proposal.root))
    for folder in folders:
        for file in EXAMPLES:
            path = join(folder, file)
            for line, match in lines_with(tree.text(path), _LINE):
                if is_variable(match[1]):
                    yield Need(match[1], "run", is_secret=is_secret_name(match[1]), path=path, line=line)
