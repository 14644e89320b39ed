import { useQueries } from "@tanstack/react-query";
import { fetchInventory } from "@/api";
import type { Environment, InventoryItem } from "@/contract";

export interface OwnedItem extends InventoryItem {
  /** "cluster/namespace" */
  readonly place: string;
}

export interface MadeNamespace {
  readonly name: string;
  readonly cluster: string;
}

/** All objects that a workflow owns in its environments, fetched each time. */
export function useOwned(environments: readonly Environment[]) {
  return useQueries({
    queries: environments.map((environment) => ({
      queryKey: ["environments", environment.id, "inventory"],
      queryFn: ({ signal }: { signal: AbortSignal }) => fetchInventory(environment.id, signal),
      staleTime: 0,
      // A dialog lists what there is now, never what was there when it was open before.
      gcTime: 0,
    })),
    combine: (inventories) => ({
      owned: inventories.flatMap((each, index): OwnedItem[] => {
        const environment = environments[index];
        if (!environment) return [];
        const place = `${environment.cluster.name}/${environment.namespace}`;
        return (each.data?.results ?? []).map((item) => ({ ...item, place }));
      }),
      /** Namespaces that runs have made: nothing deletes them. */
      namespaces: inventories.flatMap((each, index): MadeNamespace[] => {
        const [name, cluster] = [each.data?.made_namespace, environments[index]?.cluster.name];
        return name && cluster ? [{ name, cluster }] : [];
      }),
      isPending: inventories.some((each) => each.isPending),
      error: inventories.find((each) => each.error)?.error ?? null,
      refetch: () => inventories.forEach((each) => void each.refetch()),
    }),
  });
}
