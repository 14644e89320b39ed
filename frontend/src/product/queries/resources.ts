import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { fetchPossibleActions, type ResourceAddress } from "@/api";
import { clustersKey } from "./keys";

export const resourceKey = ({ clusterId, kind, namespace, name }: ResourceAddress) =>
  [...clustersKey, clusterId, "resource", kind, namespace, name] as const;

/** What the person may do to the object; asked again when the object has changed. */
export function usePossibleActions(address: ResourceAddress, version: string) {
  return useQuery({
    queryKey: [...resourceKey(address), "actions", version],
    queryFn: ({ signal }) => fetchPossibleActions(address, signal),
    placeholderData: keepPreviousData,
  });
}
