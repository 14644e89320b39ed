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
    if chosen is not None and chosen.get("volumeBindingMode") == "WaitForFirstConsumer" and not users:
        yield Finding(
            code="claim.unused",
            ref=ref,
            sentence="No pod uses the claim yet, and its StorageClass makes the volume only then",
            cure="Connect a workload to it, or leave it until one needs it.",
            severity=Severity.WARNING,
            proofs=(
                pending,
                Proof(ref_of("StorageClass", chosen), "WaitForFirstConsumer", field="volumeBindingMode"),
            ),
            since=since,
        )
        return
    if seen.is_new(one):
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
