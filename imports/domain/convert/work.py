"""What all subjects share while one project is converted: the model, the draft, verdicts, decisions and answers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from imports.domain.convert.build_values import BuildSource
from imports.domain.convert.decisions import Answers, Choice, Decision, answer_to
from imports.domain.convert.secret_texts import SecretTexts
from imports.domain.drafts import Draft, DraftNode
from imports.domain.ledger import Became, Outcome, Path, Verdicts
from imports.domain.sources import FileTree, Place
from kubeorch.base.records import draft, field

POD_PATHS: Mapping[str, tuple[str, ...]] = {
    "cronjob": ("spec", "jobTemplate", "spec", "template", "spec"),
}
_POD_PATH = ("spec", "template", "spec")


@draft
class Work:
    """One conversion in progress. `files` are those beside the Compose files, `secret_values` never enter the draft."""

    model: Mapping[str, Any]
    places: Mapping[Path, Place]
    files: FileTree
    answers: Answers
    root: str
    """The absolute path that the model gives the folder of what was brought in."""
    variables: Mapping[str, str]
    """Values of variables of the project that are set."""
    secrets: SecretTexts
    shared: Collection[str]
    """Values that stand in several texts; see `shared_values`."""
    draft: Draft = field(default_factory=Draft)
    verdicts: Verdicts = field(default_factory=Verdicts)
    decisions: dict[str, Decision] = field(default_factory=dict)
    secret_values: dict[str, dict[str, bytes]] = field(default_factory=dict)
    to_generate: dict[str, dict[str, str]] = field(default_factory=dict)
    workloads: dict[str, Workload] = field(default_factory=dict)
    sources: dict[str, BuildSource] = field(default_factory=dict)
    """By their nodes."""
    hosts: dict[str, str] = field(default_factory=dict)
    """Services that become containers in the pods of another one, by their names."""
    identities: dict[str, str] = field(default_factory=dict)
    """ServiceAccounts that were made for the pods of a service."""
    moved: dict[str, str] = field(default_factory=dict)
    """Nodes that became a container of another node, by their ids."""

    def ask(
        self,
        id_: str,
        topic: str,
        question: str,
        choices: Iterable[tuple[str, str]],
        default: str,
        paths: Iterable[Path],
        *,
        format_: str = "",
        possible: Collection[str] = (),
    ) -> str:
        """The answer to a question, which is listed with the places of `paths`. Raises AnswerInvalid."""
        offered = tuple(Choice(value, label) for value, label in choices)
        answer = answer_to(self.answers, id_, offered, default, format_, possible)
        places = tuple(dict.fromkeys(place for path in paths if (place := self.place(path)) is not None))
        self.decisions[id_] = Decision(id_, topic, question, offered, default, answer, places, format_)
        return answer

    def place(self, path: Path) -> Place | None:
        """Where a path of the model was written, or the nearest thing around it."""
        for length in range(len(path), 0, -1):
            if (found := self.places.get(path[:length])) is not None:
                return found
        return None

    def inside(self, path: str) -> str | None:
        """A path of the model as one in the folder of what was brought in, "" for the folder; None outside of it."""
        if path == self.root:
            return ""
        start = self.root.rstrip("/") + "/"
        return path.removeprefix(start) if path.startswith(start) else None

    def pod_of(self, service: str) -> Workload:
        """The service in whose pods it runs: itself, or its host."""
        return self.workloads[self.hosts.get(service, service)]

    def section(self, name: str) -> Mapping[str, Any]:
        """`volumes`, `networks`, `configs` or `secrets` of the top level."""
        found = self.model.get(name)
        return found if isinstance(found, Mapping) else {}

    def decided(self, id_: str) -> bool:
        """Whether a person has answered this decision, so that its outcome is no longer open."""
        return id_ in self.answers


@draft
class Workload:
    """One service and the node that it becomes."""

    work: Work
    service: str
    spec: Mapping[str, Any]
    kind: str
    node: DraftNode
    ports: dict[tuple[int, str], str] = field(default_factory=dict)
    """(port, protocol) → name, of all ports known of the container."""
    secret: DraftNode | None = None
    """The Secret of its variables, once it has one."""
    source: DraftNode | None = None
    """The source whose image its container runs."""
    not_built: str = ""
    """Why the image that it would build has to be named."""
    keeps_data: bool = False
    """Whether it mounts a claim."""
    one_writer: bool = False
    """Whether it mounts a claim that one node at a time can mount."""

    volume_names: dict[str, str] = field(default_factory=dict)
    """Of the volumes of its pods, by what each is."""

    __eq__ = object.__eq__
    __hash__ = object.__hash__

    def volume_name(self, thing: str, wanted: str) -> str:
        """The name of a volume of its pods: one of its own for each thing, however alike their names are."""
        if thing not in self.volume_names:
            self.volume_names[thing] = self.work.draft.free_name(f"volumes of {self.node.id}", wanted)
        return self.volume_names[thing]

    def init_name(self, wanted: str) -> str:
        """A name for one more init container of its pods."""
        return self.work.draft.free_name(f"init containers of {self.node.id}", wanted)

    def own_image(self, container: str) -> dict[str, Any]:
        """The image of the service for a further container of its pod: a parameter, or one more that a source gives."""
        if self.source is None:
            return {"image": self.parameters["image"]}
        edge = self.work.draft.between(self.source.id, self.node.id, "builds")
        if edge is not None:
            edge.parameters.setdefault("containers", [self.node.name]).append(container)
        return {}

    @property
    def is_job(self) -> bool:
        return self.kind in ("job", "cronjob")

    @property
    def parameters(self) -> dict[str, Any]:
        return self.node.parameters

    def path(self, *keys: str | int) -> Path:
        return ("services", self.service, *keys)

    def became(self, *fields: str) -> tuple[Became, ...]:
        """Parameters of this node by name; a name that begins with `patch.` stands for itself."""
        return tuple(
            Became(self.node.id, one if one.startswith(("patch.", "edges.")) else f"parameters.{one}") for one in fields
        )

    def converted(self, *keys: str | int, to: str | tuple[str, ...] = (), why: str = "", whole: bool = True) -> None:
        self._add(Outcome.CONVERTED, keys, to, why, whole)

    def approximated(self, *keys: str | int, to: str | tuple[str, ...] = (), why: str, whole: bool = True) -> None:
        self._add(Outcome.APPROXIMATED, keys, to, why, whole)

    def dropped(self, *keys: str | int, why: str) -> None:
        self._add(Outcome.DROPPED, keys, (), why, True)

    def open(self, *keys: str | int, to: str | tuple[str, ...] = (), why: str) -> None:
        """Somebody should decide; `why` says what holds until then."""
        self._add(Outcome.DECISION, keys, to, why, True)

    def _add(
        self, outcome: Outcome, keys: tuple[str | int, ...], to: str | tuple[str, ...], why: str, whole: bool
    ) -> None:
        fields = (to,) if isinstance(to, str) else to
        self.work.verdicts.add(self.path(*keys), outcome, self.became(*fields), why, whole=whole)

    def pod(self, *keys: str) -> dict[str, Any]:
        """The part of the node's patch below the spec of its pods, made where it is missing."""
        at: dict[str, Any] = self.node.patch
        for key in (*POD_PATHS.get(self.kind, _POD_PATH), *keys):
            at = at.setdefault(key, {})
        return at

    def pod_field(self, *keys: str) -> str:
        """The name of such a part for the ledger."""
        return ".".join(("patch", *POD_PATHS.get(self.kind, _POD_PATH), *keys))

    def add(self, parameter: str, *items: Any) -> None:
        """Append to a parameter that is a list."""
        self.parameters.setdefault(parameter, []).extend(items)
