"""Why an Ingress leads nowhere: its class, its controller, its backends, its certificates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from clusters.domain.diagnosing import services
from clusters.domain.diagnosing.finding import Finding, Fix, Proof, Setting, Severity
from clusters.domain.diagnosing.policies import of_pods_behind
from clusters.domain.diagnosing.surroundings import Surroundings, ref_of, spec_of, status_of
from clusters.domain.objects import Manifest, Ref
from clusters.domain.reading import mapping, mappings, text

DEFAULT_CLASS = "ingressclass.kubernetes.io/is-default-class"
OLD_CLASS = "kubernetes.io/ingress.class"
EXPIRES_WITHIN_S = 14 * 86400.0


def of_ingress(one: Manifest, seen: Surroundings) -> list[Finding]:
    """Source: Kubernetes docs, "Ingress", sections "Ingress class" and "TLS"."""
    return [*_class(one, seen), *_backends(one, seen), *_certificates(one, seen)]


def _class(one: Manifest, seen: Surroundings) -> Iterator[Finding]:
    ref = ref_of("Ingress", one)
    chosen = text(spec_of(one).get("ingressClassName"))
    old = text(mapping(mapping(one.get("metadata")).get("annotations")).get(OLD_CLASS))
    has_address = bool(mappings(mapping(status_of(one).get("loadBalancer")).get("ingress")))
    if not seen.knows("IngressClass") or has_address:
        return
    classes = seen.all("IngressClass")
    names = sorted(ref_of("IngressClass", row).name for row in classes)
    only = names[0] if len(names) == 1 else ""
    fix = Fix(ref, f"Use the class {only}", (Setting("spec.ingressClassName", only),)) if only else None
    if chosen and chosen not in names:
        yield Finding(
            code="ingress.class_missing",
            ref=ref,
            sentence=f"The cluster has no IngressClass {chosen}",
            cure=f"Choose one that exists ({', '.join(names)})." if names else "Install an ingress controller.",
            proofs=(Proof(ref, f"ingressClassName: {chosen}", field="spec.ingressClassName"),),
            field="spec.ingressClassName",
            fix=fix,
        )
    elif not chosen and not old and not any(_is_default(row) for row in classes):
        yield Finding(
            code="ingress.no_class",
            ref=ref,
            sentence="The Ingress names no class, and the cluster has no default one",
            cure=f"Set ingressClassName to one of {', '.join(names)}." if names else "Install an ingress controller.",
            severity=Severity.WARNING,  # some controllers serve what names no class
            proofs=(Proof(ref, "no ingressClassName", field="spec.ingressClassName"),),
            field="spec.ingressClassName",
            fix=fix,
        )
    elif not seen.is_new(one):
        controller = next(
            (text(spec_of(row).get("controller")) for row in classes if ref_of("IngressClass", row).name == chosen), ""
        )
        who = f"The controller {controller}" if controller else "The controller of its class"
        yield Finding(
            code="ingress.no_controller",
            ref=ref,
            sentence=f"{who} has given the Ingress no address",
            cure="If it is not reached, check that the ingress controller runs, and what its log says of this Ingress. "
            "Some controllers serve an Ingress without ever writing an address.",
            severity=Severity.WARNING,
            proofs=(Proof(ref, "no address", field="status.loadBalancer.ingress"),),
            since=seen.since(one),
        )


def _is_default(row: Manifest) -> bool:
    return mapping(mapping(row.get("metadata")).get("annotations")).get(DEFAULT_CLASS) == "true"


def _backends(one: Manifest, seen: Surroundings) -> Iterator[Finding]:
    ref = ref_of("Ingress", one)
    asked: set[tuple[str, str]] = set()
    for place, backend in _all_backends(spec_of(one)):
        service = mapping(backend.get("service"))
        name = text(service.get("name"))
        port = mapping(service.get("port"))
        wanted = port.get("number", port.get("name"))
        if not name or (name, str(wanted)) in asked:
            continue
        asked.add((name, str(wanted)))
        if seen.lacks("Service", ref.namespace, name):
            yield Finding(
                code="ingress.backend_missing",
                ref=ref,
                sentence=f"The Service {name} that the Ingress routes to does not exist",
                cure="Draw or create the Service, or correct the name of the backend.",
                proofs=(Proof(ref, f"service.name: {name}", field=f"{place}.service.name"),),
                field=f"{place}.service.name",
            )
            continue
        found = seen.find("Service", ref.namespace, name)
        if found is None:
            continue
        yield from of_pods_behind("Ingress", one, found, _pods_of(found, seen), seen)
        yield from _behind(ref, place, found, seen)
        rows = mappings(spec_of(found).get("ports"))
        if any(wanted in (row.get("port"), row.get("name")) for row in rows):
            continue
        listed = ", ".join(str(row.get("port")) for row in rows)
        fix = None
        if len(rows) == 1:
            number = rows[0].get("port")
            setting = Setting(f"{place}.service.port", {"number": number})
            fix = Fix(ref, f"Route to port {number}", (setting,), ref_of("Service", found))
        yield Finding(
            code="ingress.backend_port",
            ref=ref,
            sentence=f"The Service {name} has no port {wanted}; it has {listed}",
            cure="Correct the port of the backend.",
            proofs=(
                Proof(ref, f"port: {wanted}", field=f"{place}.service.port"),
                Proof(ref_of("Service", found), f"ports: {listed}", field="spec.ports"),
            ),
            field=f"{place}.service.port",
            fix=fix,
        )


def _behind(ref: Ref, place: str, service: Manifest, seen: Surroundings) -> Iterator[Finding]:
    """Why its Service leads nowhere: requests are answered by the controller alone, with an error."""
    name = ref_of("Service", service).name
    for why in services.of_service(service, seen):
        if why.severity is Severity.ERROR or why.code == "service.scaled_to_zero":
            yield Finding(
                code="ingress.backend_dead",
                ref=ref,
                sentence=f"Its Service {name} leads nowhere: {why.sentence}",
                cure=f"See what is wrong with Service {name}: {why.cure}",
                severity=why.severity,
                proofs=(Proof(ref, f"service.name: {name}", field=f"{place}.service.name"), *why.proofs),
                since=why.since,
                field=f"{place}.service.name",
            )
            return


def _pods_of(service: Manifest, seen: Surroundings) -> list[Manifest]:
    return seen.selected("Pod", ref_of("Service", service).namespace, mapping(spec_of(service).get("selector")))


def _all_backends(spec: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if spec.get("defaultBackend"):
        yield "spec.defaultBackend", mapping(spec.get("defaultBackend"))
    for index, rule in enumerate(mappings(spec.get("rules"))):
        for at, path in enumerate(mappings(mapping(rule.get("http")).get("paths"))):
            yield f"spec.rules[{index}].http.paths[{at}].backend", mapping(path.get("backend"))


def _certificates(one: Manifest, seen: Surroundings) -> Iterator[Finding]:
    ref = ref_of("Ingress", one)
    for index, row in enumerate(mappings(spec_of(one).get("tls"))):
        name, place = text(row.get("secretName")), f"spec.tls[{index}].secretName"
        if not name:
            hosts = ", ".join(_hosts(row)) or "every host"
            yield Finding(
                code="ingress.tls_unnamed",
                ref=ref,
                sentence=f"TLS names no Secret with a certificate for {hosts}",
                cure="Name a Secret of type kubernetes.io/tls, unless the controller has a certificate of its own that "
                "browsers trust.",
                severity=Severity.WARNING,
                proofs=(Proof(ref, "no secretName", field=place),),
                field=place,
            )
        if seen.lacks("Secret", ref.namespace, name):
            yield Finding(
                code="ingress.tls_missing",
                ref=ref,
                sentence=f"The Secret {name} with its certificate does not exist",
                cure="Create a Secret of type kubernetes.io/tls, or have cert-manager make it.",
                proofs=(Proof(ref, f"secretName: {name}", field=place),),
                field=place,
            )
        ends = seen.expiries.get((ref.namespace, name))
        if ends is None:
            continue
        left_s = (ends - seen.now).total_seconds()
        if left_s > EXPIRES_WITHIN_S:
            continue
        at = ends.strftime("%Y-%m-%dT%H:%M:%SZ")
        over = left_s <= 0
        when = "has expired" if over else f"expires in {left_s / 86400:.0f} days"
        yield Finding(
            code="certificate.expired" if over else "certificate.expires",
            ref=ref,
            sentence=f"Its certificate in Secret {name} {when}",
            cure="Renew the certificate. If cert-manager makes it, see why it did not.",
            severity=Severity.ERROR if over else Severity.WARNING,
            proofs=(Proof(ref_of("Ingress", one), f"not after {at}", field=place, at=at),),
            since=at if over else "",
            field=place,
        )


def _hosts(row: Mapping[str, Any]) -> list[str]:
    hosts = row.get("hosts")
    return [text(host)[:253] for host in hosts[:5]] if isinstance(hosts, list) else []
