import { useState } from "react";
import type { NewEnvironment } from "@/api";
import { slug } from "@/model/names";
import { useClusters } from "../queries/clusters";
import { firstCluster, type Place } from "./PlaceFields";

/**
 * The place that PlaceFields edits: the first ready cluster until one is chosen, and a namespace named after `title`.
 * `environment` is the place as the API takes it, named `name` or as its cluster; undefined when there is no cluster.
 */
export function usePlace(title: string, name?: string) {
  const { clusters } = useClusters();
  const [chosen, setPlace] = useState<Partial<Place>>({});
  const suggested = slug(title);
  const place: Place = { cluster: chosen.cluster || firstCluster(clusters), namespace: chosen.namespace ?? "" };
  const label = name ?? slug(clusters?.find((each) => each.id === place.cluster)?.name ?? "");
  const environment: NewEnvironment | undefined = place.cluster
    ? { name: label || "main", cluster: place.cluster, namespace: place.namespace.trim() || suggested || "default" }
    : undefined;
  return { place, setPlace, suggested, environment };
}
