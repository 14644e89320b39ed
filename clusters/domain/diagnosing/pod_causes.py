"""What is said of a cause that keeps pods from starting, running or being ready: the cure, the field, the time of the
onset, and a change where one is safe. The causes and their sentences are those of the cards (`clusters.domain.causes`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from clusters.domain.causes import Diagnosis
from clusters.domain.diagnosing.cures import ARCHITECTURE, DOUBLED_MOST, EXIT_WORDS, IMAGE_CURES, WRONG_BINARY, doubled
from clusters.domain.diagnosing.finding import Finding, Fix, LogWanted, Proof, Setting
from clusters.domain.diagnosing.pod_view import PodView
from clusters.domain.diagnosing.scheduling import refusals_in, say, too_large, with_taints
from clusters.domain.diagnosing.surroundings import (
    Surroundings,
    containers_of,
    ref_of,
    spec_of,
    status_of,
    template_of,
    template_path,
)
from clusters.domain.objects import Manifest
from clusters.domain.quantity import is_quantity, parse_quantity
from clusters.domain.reading import integer, mapping, mappings, text


class PodCause:
    """One cause, found on one or several pods of a workload."""

    def __init__(
        self, kind: str, root: Manifest, pod: Manifest, same: Sequence[Diagnosis], many: str, seen: Surroundings
    ) -> None:
        self.kind, self.pod, self.seen = kind, pod, seen
        self.view = PodView(pod, template_of(kind, root) or pod)
        self.first = same[0]
        self.same = same
        self.sentence = same[0].sentence(many)
        self.ref = ref_of(kind, root)
        self.pod_name = text(mapping(pod.get("metadata")).get("name"))

    def finding(self) -> Finding:
        subject = self.first.key.partition(":")[0]
        rule = {
            "image": self._image,
            "config": self._config,
            "oom": self._memory,
            "oom_of_node": self._memory_of_node,
            "crash": self._crash,
            "start": self._start,
            "probe": self._probe,
            "pod": self._ended,
            "unschedulable": self._unschedulable,
        }.get(subject, self._event)
        return rule()

    # Rules

    def _image(self) -> Finding:
        container = self._container()
        message = self.first.evidence.message
        code, cure = "image.pull", "Read what the registry says, and correct the image or the access to it."
        if any(words in message for words in ARCHITECTURE):
            code = "image.architecture"
            machine = self._architecture()
            cure = f"Build the image for the architecture of the node{machine}, or choose nodes by kubernetes.io/arch."
        else:
            for words, (known, what) in IMAGE_CURES.items():
                if words in self.sentence:
                    code, cure = known, what
                    break
        fix = None
        if code == "image.never_pulled":
            fix = self._fix(container, "imagePullPolicy", "IfNotPresent", "Pull the image where it is not there")
        since = self._since_events("Failed", "ErrImageNeverPull", "InspectFailed")
        return self._found(code, cure, container, "image", state="waiting", since=since, fix=fix)

    def _config(self) -> Finding:
        message = self.first.evidence.message
        container = self._container()
        code, cure = "container.config", "Correct what the message names."
        if "not found" in message:
            code = "container.missing_object"
            cure = "Draw or create the ConfigMap or Secret that is named, or correct its name where it is read."
        elif "couldn't find key" in message:
            code = "container.missing_key"
            cure = "Add the key to the object that is named, or correct the key where it is read."
        elif "run as non-root" in message or "runAsNonRoot" in message:
            code = "container.runs_as_root"
            cure = "Set runAsUser to a user that is not root, or use an image that does not run as root."
        return self._found(code, cure, container, "env", state="waiting", since=self._since_events("Failed"))

    def _memory(self) -> Finding:
        container = self._container()
        limit = text(mapping(mapping(self.view.spec(container).get("resources")).get("limits")).get("memory"))
        fix = None
        if is_quantity(limit) and parse_quantity(limit) * 2 <= DOUBLED_MOST:
            wanted = doubled(limit)
            fix = self._fix(container, "resources.limits.memory", wanted, f"Raise the memory limit to {wanted}")
        cure = (
            f"Raise the memory limit, or have the program use less. {f'Its limit is {limit}.' if limit else ''}".strip()
        )
        code, since = "container.out_of_memory", self.view.ended_once()
        return self._found(code, cure, container, "resources.limits.memory", fix=fix, log=True, since=since)

    def _memory_of_node(self) -> Finding:
        cure = "Set a memory request and a limit that match what the program uses, or free memory on the node."
        code, at, since = "container.node_out_of_memory", "resources.requests.memory", self.view.ended_once()
        return self._found(code, cure, self._container(), at, log=True, since=since)

    def _crash(self) -> Finding:
        container = self._container()
        code = self.view.exit_code(container)
        cure = "Read the last lines of its log: the program ends by itself."
        known = EXIT_WORDS.get(code or 0)
        if code == 0:
            cure = "The program ends without an error, and is started again. Run a program that stays, or use a Job."
        elif self._failed_liveness():
            cure = "The liveness probe fails and the kubelet restarts it. Correct the probe, or give it more time."
        elif known:
            cure = f"Exit code {code}: {known}. The last lines of its log may say more."
        if WRONG_BINARY in self.first.evidence.message:
            return self._architecture_of_program(container)
        since = self.view.ended_once() or self._since_events("BackOff")
        return self._found("container.crash_loop", cure, container, "command", log=True, since=since)

    def _architecture_of_program(self, container: str) -> Finding:
        cure = f"Build the image for the architecture of the node{self._architecture()}."
        return self._found("image.architecture", cure, container, "image", log=True)

    def _start(self) -> Finding:
        container = self._container()
        cure = "Correct what the message names, which is mostly the command or a mounted path."
        if WRONG_BINARY in self.first.evidence.message:
            return self._architecture_of_program(container)
        return self._found("container.cannot_start", cure, container, "command", state="waiting", log=True)

    def _probe(self) -> Finding:
        _, probe, container = self.first.key.split(":", 2)
        name = container.removeprefix("container ")
        field = {"Liveness": "livenessProbe", "Startup": "startupProbe"}.get(probe, "readinessProbe")
        cure = {
            "livenessProbe": "The kubelet restarts the container. Correct the probe, or give it more time to answer.",
            "startupProbe": "The kubelet restarts the container. Give it more time (failureThreshold), or correct it.",
            "readinessProbe": "No Service sends it traffic. Correct the probe, or what the program answers.",
        }[field]
        spec = self.view.spec(name)
        asked = mapping(mapping(spec.get(field)).get("httpGet")) or mapping(mapping(spec.get(field)).get("tcpSocket"))
        port = asked.get("port")
        declared = [integer(row.get("containerPort")) for row in mappings(spec.get("ports"))]
        fix = None
        if isinstance(port, int) and declared and port not in declared:
            where = "httpGet" if mapping(spec.get(field)).get("httpGet") else "tcpSocket"
            cure = f"The probe asks port {port}, and the container declares {_list(declared)}. {cure}"
            if len(declared) == 1:
                fix = self._fix(name, f"{field}.{where}.port", declared[0], f"Have the probe ask port {declared[0]}")
        return self._found(
            f"probe.{probe.lower()}", cure, name, field, fix=fix, since=self._since_events("Unhealthy"), by_event=True
        )

    def _ended(self) -> Finding:
        reason = self.first.evidence.reason
        cure = {
            "Evicted": "The node ran short of a resource. Set requests that match what the pod uses, or free the node.",
            "DeadlineExceeded": "Raise activeDeadlineSeconds, or have the work end sooner.",
        }.get(reason, "Read what the node says; a controller makes a new pod where there is one.")
        return self._found(f"pod.{_snake(reason)}", cure, "", "", path="status.reason")

    def _unschedulable(self) -> Finding:
        message = self.first.evidence.message
        parts = with_taints(refusals_in(message), self.pod, self.seen)
        large = too_large(self.pod, self.seen)
        cures = dict.fromkeys(one.cure for one in sorted(parts, key=lambda one: -one.nodes) if one.cure)
        cure = "; ".join(cures) or "Read what the scheduler says."
        if "scheduling gates" in message:
            cure = "Whoever set its scheduling gates has to remove them."
        elif "PersistentVolumeClaim" in self.sentence or "persistentvolumeclaim" in message:
            cure = "See to the claim first: the pod waits for its volume."
        if large:
            cure = f"Lower the request: {large[0]}."
        code = f"unschedulable.{parts[0].code}" if len({one.code for one in parts}) == 1 else "unschedulable"
        field = "resources.requests" if "resources" in code else ""
        first = text(containers_of(self.pod)[0].get("name")) if containers_of(self.pod) else ""
        return self._found(
            code,
            cure,
            first if field else "",
            field,
            path="status.conditions[PodScheduled]",
            since=self.first.since,
            details=(*(say(one) for one in parts), *large),
        )

    def _event(self) -> Finding:
        """Volumes that cannot be mounted, a network that cannot be made, and pods that are refused."""
        reason = self.first.evidence.reason
        code, cure = {
            "FailedMount": ("volume.mount", "Correct what the message names: mostly an object or a key is missing."),
            "FailedAttachVolume": (
                "volume.attach",
                "Mostly another node holds the volume: wait, or end that pod.",
            ),
            "FailedCreatePodSandBox": ("pod.sandbox", "The node's network or runtime fails. Look at its CNI plugin."),
        }.get(reason, (f"pod.{_snake(reason)}", "Correct what the message names."))
        return self._found(code, cure, "", "", since=self._since_events(reason), by_event=True)

    # Parts

    def _found(
        self,
        code: str,
        cure: str,
        container: str,
        field: str,
        *,
        state: str = "",
        path: str = "",
        since: str = "",
        details: tuple[str, ...] = (),
        fix: Fix | None = None,
        log: bool = False,
        by_event: bool = False,
    ) -> Finding:
        wanted = (
            LogWanted(self.pod_name, container, previous=self.view.has_ended(container)) if log and container else None
        )
        return Finding(
            code=code,
            ref=self.ref,
            sentence=self.sentence,
            cure=cure,
            proofs=self._proofs(container, state, path, by_event=by_event),
            since=since,
            details=details,
            field=self._path(container, field) if container else "",
            fix=fix,
            log=wanted,
        )

    def _proofs(self, container: str, state: str, path: str, *, by_event: bool) -> tuple[Proof, ...]:
        found = []
        for one in self.same:
            evidence = one.evidence
            if by_event:
                found.append(
                    Proof(evidence.ref, evidence.message, event=evidence.reason, times=evidence.times, at=evidence.at)
                )
                continue
            where = (
                path or f"status.{self.view.statuses_of(container)}[{container}].{state or self.view.state(container)}"
            )
            words = f"{evidence.reason}: {evidence.message}" if evidence.message else evidence.reason
            found.append(Proof(evidence.ref, words, field=where, times=evidence.times, at=evidence.at))
        return tuple(found)

    def _container(self) -> str:
        """The name in "Container web" or "image:…"."""
        words = self.first.key.split(":")
        if words[0] == "image":
            image = self.first.key.removeprefix("image:")
            rows = [*containers_of(self.pod), *mappings(spec_of(self.pod).get("initContainers"))]
            return next((text(row.get("name")) for row in rows if row.get("image") == image), "")
        return words[1].rpartition(" ")[2]

    def _since_events(self, *reasons: str) -> str:
        """When the first event of this kind came; the cluster forgets events that did not come again for an hour."""
        times = [row.first_at for row in self.seen.events(self.pod, *reasons) if row.first_at]
        return min(times, default="")

    def _failed_liveness(self) -> bool:
        return any(
            row.message.startswith("Liveness probe failed") and self.seen.is_fresh(row)
            for row in self.seen.events(self.pod, "Unhealthy")
        )

    def _architecture(self) -> str:
        node = self.seen.find("Node", "", text(spec_of(self.pod).get("nodeName")))
        machine = text(mapping(status_of(node).get("nodeInfo")).get("architecture")) if node else ""
        return f" ({machine})" if machine else ""

    def _fix(self, container: str, field: str, value: Any, label: str) -> Fix | None:
        """A change of the template; of what a pod is by itself nothing of this can be changed."""
        if self.kind == "Pod":
            return None
        return Fix(self.ref, label, (Setting(self._path(container, field), value),))

    def _path(self, container: str, field: str) -> str:
        return f"{template_path(self.kind)}spec.{self.view.list_of(container)}[{container}].{field}"


def _list(numbers: Sequence[int]) -> str:
    return ", ".join(str(number) for number in numbers[:5])


def _snake(reason: str) -> str:
    return "".join(f"_{one.lower()}" if one.isupper() else one for one in reason).strip("_") or "ended"
