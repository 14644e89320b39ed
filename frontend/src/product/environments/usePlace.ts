import { useState } from "react";
import type { NewEnvironment } from "@/api";
import type { Named } from "@/contract";
import { freeNamespace, slug } from "@/model/names";
import { useClusters } from "../queries/clusters";
import { useWorkflows } from "../queries/workflows";
import { firstCluster, type Place } from "./PlaceFields";

interface Where {
  readonly cluster: Pick<Named, "id">;
  readonly namespace: string;
}

/**
 * The place that PlaceFields edits: that of `environment`, else the default or first ready cluster until one is chosen, and a
 * namespace named after `title` in which none of `others` runs. `chosen` is the place as the API takes it; undefined when there is no cluster.
 */
export function usePlace(title: string, environment?: Where, others: readonly Where[] = []) {
  const { clusters } = useClusters();
  const [given, setPlace] = useState<Partial<Place>>(
    environment ? { cluster: environment.cluster.id, namespace: environment.namespace } : {},
  );
  const place: Place = { cluster: given.cluster || firstCluster(clusters), namespace: given.namespace ?? "" };
  const suggested = environment?.namespace ?? freeNamespace(slug(title), place.cluster, others);
  const chosen = place.cluster
    ? { cluster: place.cluster, namespace: place.namespace.trim() || suggested || "default" }
    : undefined;
  return { place, setPlace, suggested, chosen };
}

/** The same for the first environment of a workflow, which is named after its cluster. */
export function useFirstPlace(title: string, at?: Where) {
  const { clusters } = useClusters();
  const others = useWorkflows({}).data?.pages.flatMap(({ results }) => results.flatMap((one) => one.environments));
  const { chosen, ...fields } = usePlace(title, at, others);
  const name = slug(clusters?.find((each) => each.id === chosen?.cluster)?.name ?? "") || "main";
  const environment: NewEnvironment | undefined = chosen && { name, ...chosen };
  return { ...fields, environment };
}

export type FirstPlace = ReturnType<typeof useFirstPlace>;
