import { useState } from "react";
import type { NewEnvironment } from "@/api";
import type { Named } from "@/contract";
import { slug } from "@/model/names";
import { useClusters } from "../queries/clusters";
import { firstCluster, type Place } from "./PlaceFields";

interface Where {
  readonly cluster: Pick<Named, "id">;
  readonly namespace: string;
}

/**
 * The place that PlaceFields edits: that of `environment`, else the default or first ready cluster until one is chosen, and a
 * namespace named after `title`. `chosen` is the place as the API takes it; undefined when there is no cluster.
 */
export function usePlace(title: string, environment?: Where) {
  const { clusters } = useClusters();
  const [given, setPlace] = useState<Partial<Place>>(
    environment ? { cluster: environment.cluster.id, namespace: environment.namespace } : {},
  );
  const suggested = environment?.namespace ?? slug(title);
  const place: Place = { cluster: given.cluster || firstCluster(clusters), namespace: given.namespace ?? "" };
  const chosen = place.cluster
    ? { cluster: place.cluster, namespace: place.namespace.trim() || suggested || "default" }
    : undefined;
  return { place, setPlace, suggested, chosen };
}

/** The same for the first environment of a workflow, which is named after its cluster. */
export function useFirstPlace(title: string, at?: Where) {
  const { clusters } = useClusters();
  const { chosen, ...fields } = usePlace(title, at);
  const name = slug(clusters?.find((each) => each.id === chosen?.cluster)?.name ?? "") || "main";
  const environment: NewEnvironment | undefined = chosen && { name, ...chosen };
  return { ...fields, environment };
}

export type FirstPlace = ReturnType<typeof useFirstPlace>;
