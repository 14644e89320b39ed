import type { Cluster } from "@/contract";
import { clusterError } from "@/model/clusters";
import { StatusGlyph, useClusters, useNamespaces } from "@/product";
import { Field, Input, LinkButton, Select } from "@/ui";

export interface Place {
  cluster: string;
  namespace: string;
}

/** A DNS label from free text: what a namespace may be called. */
export function labelFrom(text: string): string {
  return text
    .toLowerCase()
    .normalize("NFKD")
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 63)
    .replace(/-+$/, "");
}

export const firstCluster = (clusters: readonly Cluster[] | undefined): string =>
  clusters?.find((each) => each.state === "ready")?.id ?? clusters?.[0]?.id ?? "";

/** Where a workflow runs: a cluster and a namespace in it. */
export function PlaceFields({
  place,
  onChange,
  suggested,
  errors,
}: {
  place: Place;
  onChange: (place: Place) => void;
  suggested: string;
  errors: { cluster?: string; namespace?: string };
}) {
  const { clusters } = useClusters();
  const chosen = clusters?.find((each) => each.id === place.cluster);
  const namespaces = useNamespaces(chosen?.state === "ready" ? chosen.id : undefined);
  const known = namespaces.data ?? [];
  const name = place.namespace || suggested;
  if (clusters && clusters.length === 0)
    return (
      <Field label="Cluster" help="A workflow can be drawn now and given a cluster later.">
        <LinkButton to="/clusters?connect=1" className="self-start">
          Connect a cluster
        </LinkButton>
      </Field>
    );
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <Field
        label="Cluster"
        error={
          errors.cluster ??
          (chosen?.state === "failed" ? (clusterError(chosen) ?? "This cluster does not answer.") : undefined)
        }
        help={
          chosen && chosen.state !== "ready" && chosen.state !== "failed"
            ? "Still starting; you can draw meanwhile and run when it is ready."
            : undefined
        }
      >
        <Select
          value={place.cluster}
          onChange={(cluster) => onChange({ ...place, cluster })}
          options={(clusters ?? []).map((each) => ({
            value: each.id,
            label: each.name,
            icon: <StatusGlyph status={each.state} word={false} size={12} />,
          }))}
        />
      </Field>
      <Field
        label="Namespace"
        error={errors.namespace}
        help={
          known.length > 0 && name
            ? known.includes(name)
              ? "Exists; objects are added beside what is there."
              : "Will be made by the first run."
            : "Made by the first run if it does not exist."
        }
      >
        <Input
          mono
          list="known-namespaces"
          value={place.namespace}
          placeholder={suggested}
          onChange={(event) => onChange({ ...place, namespace: event.target.value })}
        />
      </Field>
      <datalist id="known-namespaces">
        {known.map((each) => (
          <option key={each} value={each} />
        ))}
      </datalist>
    </div>
  );
}
