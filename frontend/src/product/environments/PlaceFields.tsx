import type { ReactNode } from "react";
import type { Cluster, Environment } from "@/contract";
import { clusterError } from "@/model/clusters";
import { Field, Input, LinkButton, Select } from "@/ui";
import { useClusters, useNamespaces } from "../queries/clusters";
import { StatusGlyph } from "../StatusGlyph";

export interface Place {
  cluster: string;
  /** Empty: the one that is suggested. */
  namespace: string;
}

/** The default of a team where it is ready, else the first that is ready. */
export const firstCluster = (clusters: readonly Cluster[] | undefined): string => {
  const ready = clusters?.filter((each) => each.state === "ready");
  return (ready?.find((each) => each.is_default) ?? ready?.[0] ?? clusters?.[0])?.id ?? "";
};

/** Where a workflow runs: a cluster and a namespace in it. */
export function PlaceFields({
  place,
  onChange,
  suggested,
  errors,
  fixed,
  others = [],
  inside = "Objects are added to what it holds.",
}: {
  place: Place;
  onChange: (place: Place) => void;
  suggested: string;
  errors: { cluster?: string; namespace?: string };
  /** Why the place cannot be changed. */
  fixed?: ReactNode;
  /** What a namespace that exists means. */
  inside?: string;
  /** Where the workflow runs already. */
  others?: readonly Pick<Environment, "name" | "cluster" | "namespace">[];
}) {
  const { clusters } = useClusters();
  const chosen = clusters?.find((each) => each.id === place.cluster);
  const namespaces = useNamespaces(chosen?.state === "ready" ? chosen.id : undefined);
  const known = namespaces.data ?? [];
  const name = place.namespace.trim() || suggested;
  const neighbour = others.find((each) => each.cluster.id === place.cluster && each.namespace === name);
  if (clusters && clusters.length === 0)
    return (
      <Field label="Cluster" help="A workflow can be made now and given a cluster later.">
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
          (chosen?.state === "failed" ? (clusterError(chosen) ?? "The cluster does not respond.") : undefined)
        }
        help={
          chosen && chosen.state !== "ready" && chosen.state !== "failed"
            ? "Still starting. You can draw now and run when it is ready."
            : undefined
        }
      >
        <Select
          disabled={Boolean(fixed)}
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
          fixed
            ? undefined
            : known.length > 0 && name
              ? known.includes(name)
                ? `Exists. ${inside}`
                : "The first run creates it."
              : "The first run creates it if it does not exist."
        }
      >
        <Input
          mono
          readOnly={Boolean(fixed)}
          list={fixed ? undefined : "known-namespaces"}
          value={place.namespace}
          placeholder={suggested}
          onChange={(event) => onChange({ ...place, namespace: event.target.value })}
        />
      </Field>
      {fixed && <p className="-mt-2 text-12 text-muted sm:col-span-2">{fixed}</p>}
      {neighbour && !fixed && (
        <p role="status" className="-mt-2 text-12 text-warn sm:col-span-2">
          Environment {neighbour.name} runs in the same namespace. An object belongs to one environment, so runs of the
          other are refused.
        </p>
      )}
      <datalist id="known-namespaces">
        {known.map((each) => (
          <option key={each} value={each} />
        ))}
      </datalist>
    </div>
  );
}
