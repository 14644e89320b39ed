"""Why a claim has no volume."""

from __future__ import annotations

from collections.abc import Iterator

from clusters.domain.diagnosing.finding import Finding, Fix, Proof, Setting, Severity
from clusters.domain.diagnosing.surroundings import Surroundings, condition, ref_of, spec_of, status_of
from clusters.domain.objects import Manifest
from clusters.domain.reading import mapping, mappings, text
from clusters.domain.refusals import refusal_words

DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"


def of_claim(one: Manifest, seen: Surroundings) -> list[Finding]:
    """Source: Kubernetes docs, "Persistent Volumes", sections "Class" and "Binding"."""
    phase = status_of(one).get("phase")
    if phase == "Lost":
        ref = ref_of("PersistentVolumeClaim", one)
        return [
            Finding(
                code="claim.lost",
                ref=ref,
                sentence="The volume of the claim is gone, and its data with it",
                cure="Restore the volume from a backup, or make a new claim.",
                proofs=(Proof(ref, "phase: Lost", field="status.phase"),),
            )
        ]
    if phase == "Bound":
        return list(_resizing(one))
    return list(_pending(one, seen))


def _pending(one: Manifest, seen: Surroundings) -> Iterator[Finding]:
    ref = ref_of("PersistentVolumeClaim", one)
    spec = spec_of(one)
    name = spec.get("storageClassName")
    classes = seen.all("StorageClass")
    names = sorted(ref_of("StorageClass", row).name for row in classes)
    default = next((ref_of("StorageClass", row).name for row in classes if _is_default(row)), "")
    since = seen.since(one)
    pending = Proof(ref, "phase: Pending", field="status.phase")
    if spec.get("volumeName"):
        if seen.is_new(one):
            return
        yield Finding(
            code="claim.volume_taken",
            ref=ref,
            sentence=f"The claim names the volume {spec['volumeName']}, which is not bound to it",
            cure="See whether that PersistentVolume exists, is Available, and fits in size and access modes.",
            proofs=(pending, Proof(ref, f"volumeName: {spec['volumeName']}", field="spec.volumeName")),
            since=since,
            field="spec.volumeName",
        )
        return
    if isinstance(name, str) and name and seen.lacks("StorageClass", "", name):
        fix = None
        if default:
            fix = Fix(ref, f"Use the default class {default}", (Setting("spec.storageClassName", default),))
        yield Finding(
            code="claim.class_missing",
            ref=ref,
            sentence=f"The cluster has no StorageClass {name}",
            cure=f"Choose one that exists: {', '.join(names)}." if names else "Install a storage provisioner.",
            proofs=(pending, Proof(ref, f"storageClassName: {name}", field="spec.storageClassName")),
            since=since,
            field="spec.storageClassName",
            fix=fix,
        )
        return
    if name is None and seen.knows("StorageClass") and not default:
        yield Finding(
            code="claim.no_class",
            ref=ref,
            sentence="The claim names no StorageClass, and the cluster has no default one",
            cure=f"Choose one of {', '.join(names)}." if names else "Install a storage provisioner.",
            proofs=(pending,),
            since=since,
            field="spec.storageClassName",
        )
        return
    chosen = seen.find("StorageClass", "", name if isinstance(name, str) and name else default)
    failed = [row for row in seen.events(one, "ProvisioningFailed") if seen.is_fresh(row, 3600)]
    if failed:
        yield Finding(
            code="claim.provisioning_failed",
            ref=ref,
            sentence=f"No volume can be provisioned: {refusal_words(failed[0].message)}",
            cure="Correct what the provisioner names, mostly the size, the access modes or its own rights.",
            proofs=(
                pending,
                *(Proof(ref, row.message, event=row.reason, times=row.times, at=row.last_at) for row in failed[:3]),
            ),
            since=min((row.first_at for row in failed if row.first_at), default=""),
        )
        return
    users = [pod for pod in seen.all("Pod", ref.namespace) if _mounts(pod, ref.name)]
    waits = chosen is not None and chosen.get("volumeBindingMode") == "WaitForFirstConsumer"
    if waits and not _selected_node(one):
        found = _waiting(one, users, seen)
        if found is not None:
            yield found
        return
    if seen.is_new(one):
        return
    if not users and chosen is None and not seen.knows("StorageClass"):
        yield _unknown(one, pending, "its StorageClass could not be read", since)
        return
    maker = f"The provisioner {text(chosen.get('provisioner'))}" if chosen else "Nobody"
    yield Finding(
        code="claim.pending",
        ref=ref,
        sentence=f"{maker} has {'not ' if chosen else ''}made a volume for the claim",
        cure="Check that the provisioner of its StorageClass runs, or make a PersistentVolume that fits.",
        severity=Severity.ERROR if users else Severity.WARNING,
        proofs=(pending,),
        since=since,
    )


def _waiting(one: Manifest, users: list[Manifest], seen: Surroundings) -> Finding | None:
    """Of a class that makes a volume only for the node of the first pod, as long as none was chosen.

    Source: Kubernetes docs, "Storage Classes", section "Volume binding mode".
    """
    ref, since = ref_of("PersistentVolumeClaim", one), seen.since(one)
    pending = Proof(ref, "phase: Pending", field="status.phase")
    for pod in users:
        row = condition(pod, "PodScheduled")
        if row.get("status") != "False":
            continue
        pod_ref = ref_of("Pod", pod)
        why = text(row.get("message")).partition(" preemption: ")[0].rstrip(". ")
        return Finding(
            code="claim.waits_for_pod",
            ref=ref,
            sentence=f"Its volume is made once pod {pod_ref.name} has a node, and no node takes the pod: {why}",
            cure=f"See what keeps pod {pod_ref.name} from being scheduled.",
            severity=Severity.WARNING,
            proofs=(pending, Proof(pod_ref, why, field="status.conditions[PodScheduled]")),
            since=text(row.get("lastTransitionTime")),
        )
    if users or seen.is_new(one):
        return None  # its pod is being looked at, or may still come
    if not seen.knows("Pod"):
        return _unknown(one, pending, "pods could not be read, so whether one uses the claim is not known", since)
    return Finding(
        code="claim.unused",
        ref=ref,
        sentence="No pod uses the claim yet, and its StorageClass makes the volume only then",
        cure="Connect a workload to it, or leave it until one needs it.",
        severity=Severity.WARNING,
        proofs=(pending, Proof(ref, "WaitForFirstConsumer", field="spec.storageClassName")),
        since=since,
    )


def _unknown(one: Manifest, pending: Proof, why: str, since: str) -> Finding:
    return Finding(
        code="claim.pending",
        ref=ref_of("PersistentVolumeClaim", one),
        sentence=f"The claim has no volume yet; {why}",
        cure="See its events. Some classes make a volume only once a pod that uses the claim has a node.",
        severity=Severity.WARNING,
        proofs=(pending,),
        since=since,
    )


def _selected_node(one: Manifest) -> str:
    """The node that the scheduler chose for the pod; the provisioner is asked then."""
    return text(mapping(mapping(one.get("metadata")).get("annotations")).get("volume.kubernetes.io/selected-node"))


def _resizing(one: Manifest) -> Iterator[Finding]:
    row = condition(one, "FileSystemResizePending")
    if row.get("status") == "True":
        ref = ref_of("PersistentVolumeClaim", one)
        yield Finding(
            code="claim.resize_pending",
            ref=ref,
            sentence="The volume has grown, its file system grows when a pod is started that mounts it",
            cure="Restart the pod that uses it.",
            severity=Severity.WARNING,
            proofs=(Proof(ref, text(row.get("message")), field="status.conditions[FileSystemResizePending]"),),
            since=text(row.get("lastTransitionTime")),
        )


def _mounts(pod: Manifest, claim: str) -> bool:
    rows = mappings(spec_of(pod).get("volumes"))
    return any(mapping(row.get("persistentVolumeClaim")).get("claimName") == claim for row in rows)


def _is_default(row: Manifest) -> bool:
    return mapping(mapping(row.get("metadata")).get("annotations")).get(DEFAULT_CLASS) == "true"
