"""From a project, as Compose resolves it, to the draft of a workflow, with a ledger of every key and decisions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from imports.domain.compose.load import Project
from imports.domain.convert import containers, deploy, network_settings
from imports.domain.convert.build_values import BuildSource, Origin
from imports.domain.convert.builds import settle_builds
from imports.domain.convert.claims import Claims
from imports.domain.convert.configs import Configs
from imports.domain.convert.decisions import Answers, Decision, profile_id
from imports.domain.convert.depends import convert_depends_on, convert_links, ended_services
from imports.domain.convert.environment import convert_environment
from imports.domain.convert.files import ContentNodes
from imports.domain.convert.gate import masked_decisions, masked_ledger, masked_services, withhold
from imports.domain.convert.health import convert_healthcheck
from imports.domain.convert.joining import ask_pods, join_pods
from imports.domain.convert.labels import convert_labels
from imports.domain.convert.ledgers import ServiceRow, ledger_of, service_rows
from imports.domain.convert.names import Names, names_of, settle_names, write_names
from imports.domain.convert.network_groups import network_groups
from imports.domain.convert.networks import convert_aliases, convert_networks
from imports.domain.convert.ports import add_service, convert_exposure, convert_ports
from imports.domain.convert.said_secrets import texts_in
from imports.domain.convert.secret_texts import secret_texts, shared_values
from imports.domain.convert.services import add_workload, convert_restart
from imports.domain.convert.settling import keep_texts, settle
from imports.domain.convert.sharing import share_volumes
from imports.domain.convert.unsupported import DROPPED, NO_EFFECT
from imports.domain.convert.variables import Blank, VariableRow, blanks_of, variable_rows
from imports.domain.convert.volumes import Mounts
from imports.domain.convert.work import Work, Workload
from imports.domain.drafts import Draft
from imports.domain.layout import layout
from imports.domain.ledger import Ledger, Outcome, Path
from imports.domain.problems import ImportInvalid
from imports.domain.sources import FileTree
from kubeorch.base.records import field, record
from workflows.domain.graphs.limits import MAX_NODES
from workflows.domain.kinds.catalog import Catalog

MOUNTS_MOST = 500
"""Of a service, of each sort."""
TEXT_MOST = 10_000_000
"""Characters of all values, counting every use of an alias."""

_CONVERTERS: Mapping[str, Callable[[Workload, Any], None]] = {
    **containers.CONVERTERS,
    **deploy.CONVERTERS,
    **network_settings.CONVERTERS,
    "restart": convert_restart,
    "healthcheck": convert_healthcheck,
    "labels": convert_labels,
}
"""Keys of a service that speak for themselves, in the order in which they are converted."""


@record
class Conversion:
    """What a project became.

    `secret_values` are bytes by node and key, to be sealed: they are not in the draft. `to_generate` has, by node and
    key, a name: keys with one name get one random value.
    """

    draft: Draft
    services: tuple[ServiceRow, ...]
    decisions: tuple[Decision, ...]
    secret_values: Mapping[str, Mapping[str, bytes]]
    to_generate: Mapping[str, Mapping[str, str]]
    sources: tuple[BuildSource, ...]
    built: Mapping[str, str]
    """The source of each service that is built, by service: the id of its node."""
    not_built: Mapping[str, str]
    """Why services whose image would be built have to name one, by service."""
    groups: Mapping[str, str]
    """The frames in which nodes stand: the networks of the project, where it has several."""
    told: Callable[[], Ledger] = field(compare=False)
    listed: Callable[[Ledger], tuple[VariableRow, ...]] = field(compare=False)
    masked: Callable[[str], str] = field(compare=False)
    """A text for people to read, with dots for every value of a secret."""

    @cached_property
    def ledger(self) -> Ledger:
        """What became of every key. Made when it is asked for: it takes a fifth of the time of the rest."""
        return self.told()

    @cached_property
    def variables(self) -> tuple[VariableRow, ...]:
        return self.listed(self.ledger)

    def graph(self, catalog: Catalog) -> dict[str, Any]:
        """The raw graph with positions, as `parse_graph` reads it."""
        kinds = [(node.id, catalog.kinds[node.kind].kind) for node in self.draft.nodes.values()]
        edges = [(edge.source, edge.target) for edge in self.draft.edges]
        return self.draft.graph(layout(kinds, edges, self.groups), self.groups)

    def as_json(self) -> dict[str, Any]:
        """The report. It has no value of a secret."""
        return {
            "counts": self.ledger.counts(),
            "services": [one.as_json() for one in self.services],
            "entries": [one.as_json() for one in self.ledger.entries],
            "decisions": [one.as_json() for one in self.decisions],
            "variables": [one.as_json() for one in self.variables],
            "sealed": {node_id: sorted(values) for node_id, values in self.secret_values.items()},
            "sources": [one.as_json() for one in self.sources],
            "generated": {node_id: sorted(keys) for node_id, keys in self.to_generate.items()},
        }


def _check_size(project: Project, services: Mapping[str, Any]) -> None:
    """Refuse early what no graph and no pod can hold. Raises ImportInvalid."""
    if len(services) > MAX_NODES:
        detail = f"{len(services):,} services; a graph has {MAX_NODES:,} nodes at most. Import it in parts"
        raise ImportInvalid(detail, project.places.get(("services",)), code="import.too_large")
    for name, spec in services.items():
        for key in ("volumes", "configs", "secrets", "tmpfs"):
            if len(spec.get(key) or ()) > MOUNTS_MOST:
                detail = f"{name} has more than {MOUNTS_MOST} {key}, more than a pod is given. Remove some"
                raise ImportInvalid(detail, project.places.get(("services", name, key)), code="import.too_large")
    if sum(map(len, texts_in(project.model))) > TEXT_MOST:
        detail = f"more than {TEXT_MOST:,} characters, counting every use of an alias; import the services in parts"
        raise ImportInvalid(detail, project.places.get(("services",)), code="import.too_large")


def convert(project: Project, files: FileTree, answers: Answers, origin: Origin | None = None) -> Conversion:
    """Convert a project. `files` has what its services mount; `answers` may have any of the decisions. `origin` is the
    repository that the files are from, where that is known.

    Equal input gives an equal result. Raises AnswerInvalid, and ImportInvalid for what is too large.
    """
    services: Mapping[str, Any] = project.model.get("services") or {}
    _check_size(project, services)
    texts = secret_texts(project, _kept_plain(answers))
    shared = shared_values(project.model, texts)
    work = Work(project.model, project.places, files, answers, project.root, _values(project), texts, shared)
    _ask_profiles(work, project)
    ended = ended_services(project.model)
    for name, spec in services.items():
        if "provider" in spec:
            work.verdicts.add(("services", name), Outcome.DROPPED, (), DROPPED["provider"])
        else:
            work.workloads[name] = add_workload(work, name, spec, waited_for_end=name in ended)
    share_volumes(work)
    work.hosts = ask_pods(work)
    names = names_of(work)
    settle_names(work, names)
    settle_builds(work, origin)
    blanks = blanks_of(project)
    for workload in work.workloads.values():
        _convert_service(workload, names, blanks.get(workload.service, {}))
    contents = ContentNodes(work)
    mounts = Mounts(Claims(work), contents)
    configs = Configs(work, contents)
    for workload in work.workloads.values():
        mounts.convert(workload)
        for section in ("configs", "secrets"):
            configs.convert(workload, section)
        convert_ports(workload, names)
        settle(workload)
    for workload in work.workloads.values():
        convert_exposure(workload, add_service(workload, names))
    convert_aliases(work, names)
    for workload in work.workloads.values():
        convert_depends_on(workload, names)
        convert_links(work, workload)
    convert_networks(work)
    _convert_rest(work)
    withhold(work, project)
    keep_texts(work.draft)
    join_pods(work)
    return Conversion(
        work.draft,
        masked_services(service_rows(project, work), work.secrets),
        masked_decisions(work.decisions.values(), work.secrets),
        work.secret_values,
        work.to_generate,
        tuple(work.sources.values()),
        {one.service: one.source.id for one in work.workloads.values() if one.source is not None},
        {one.service: one.not_built for one in work.workloads.values() if one.not_built},
        network_groups(work),
        lambda: masked_ledger(ledger_of(project, work), work.secrets),
        lambda ledger: variable_rows(project, ledger, work.secrets),
        work.secrets.masked,
    )


def _ask_profiles(work: Work, project: Project) -> None:
    """Profiles are chosen before the files are read: an answer counts when they are read the next time.

    One that an answer has chosen is asked about as well, so that the answer can be taken back.
    """
    services: dict[str, list[Path]] = {}
    for section, specs in (("services", project.model.get("services") or {}), ("inactive", project.inactive)):
        for name, spec in specs.items():
            for profile in spec.get("profiles") or ():
                if section == "inactive" or profile_id(profile) in work.answers:
                    services.setdefault(profile, []).append((section, name))
    for profile, paths in services.items():
        question = f"The profile {profile} has {', '.join(str(name) for _, name in paths[:8])}. Import it?"
        choices = (("no", "No"), ("yes", "Yes"))
        work.ask(profile_id(profile), "profiles", question, choices, "no", paths)


def _kept_plain(answers: Answers) -> list[tuple[str, str]]:
    """(service, variable) of which somebody has said that they hold no secret."""
    found = (id_.split("/", 2) for id_, answer in answers.items() if answer == "plain" and id_.startswith("secret/"))
    return [(parts[1], parts[2]) for parts in found if len(parts) == 3]


def _values(project: Project) -> dict[str, str]:
    return {one.name: one.value for one in project.variables if one.value is not None}


def _convert_service(workload: Workload, names: Names, blanks: Mapping[str, Blank]) -> None:
    spec = workload.spec
    containers.convert_image(workload)
    for key, convert_key in _CONVERTERS.items():
        if key in spec:
            convert_key(workload, spec[key])
    for key in spec:
        if key in DROPPED:
            workload.dropped(key, why=DROPPED[key])
    for key, why in NO_EFFECT.items():
        workload.converted(key, why=why)
    convert_environment(workload, spec.get("environment") or {}, names, blanks)
    write_names(workload, names)


def _convert_rest(work: Work) -> None:
    """What stands beside services, and is not used by one."""
    add = work.verdicts.add
    for key in work.model:
        path = (key,)
        if key == "name":
            add(path, Outcome.CONVERTED, (), "the name of the workflow")
        elif key == "models":
            add(path, Outcome.DROPPED, (), DROPPED["models"])
        elif not key.startswith("x-"):
            add(path, Outcome.CONVERTED, (), whole=False)
    for section in ("volumes", "configs", "secrets"):
        for name in work.section(section):
            if work.verdicts.of((section, name)) is None:
                add((section, name), Outcome.CONVERTED, (), "no service uses it")
