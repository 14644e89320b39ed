import { useInfiniteQuery } from "@tanstack/react-query";
import { fetchVersions } from "@/api";
import { workflowKey } from "./keys";

export const versionsKey = (workflowId: string) => [...workflowKey(workflowId), "versions"] as const;

export function useVersions(workflowId: string) {
  return useInfiniteQuery({
    queryKey: versionsKey(workflowId),
    refetchOnMount: "always", // a run makes a version
    queryFn: ({ pageParam, signal }) => fetchVersions(workflowId, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });
}
