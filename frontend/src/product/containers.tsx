import { useQuery } from "@tanstack/react-query";
import { createContext, useContext, type ComponentType } from "react";
import { fetchContainers, type ResourceAddress } from "@/api";

/** What looks into the containers of an object, for features that show objects. */
export interface Inside {
  readonly Logs: ComponentType<ResourceAddress>;
  readonly Shells: ComponentType<ResourceAddress>;
}
const InsideContext = createContext<Inside | null>(null);

export const InsideProvider = InsideContext.Provider;
export const useInside = (): Inside | null => useContext(InsideContext);

const OLD_AFTER_MS = 10_000;

/** The containers of an object as they are now. */
export const useContainers = (address: ResourceAddress) =>
  useQuery({
    queryKey: ["containers", address],
    queryFn: ({ signal }) => fetchContainers(address, signal),
    staleTime: OLD_AFTER_MS,
    refetchInterval: OLD_AFTER_MS,
    retry: false,
  });
