import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { cancelDrain, fetchNode, fetchNodes, fetchNodesUsage, setCordon, startDrain, type DrainOptions } from "@/api";

/** Nodes say something new every ten seconds or so; a drain every second. */
const SEEN_MS = 15_000;
const DRAINING_MS = 1_000;

export function useNodes(clusterId: string) {
  return useQuery({
    queryKey: ["nodes", clusterId],
    queryFn: ({ signal }) => fetchNodes(clusterId, signal),
    refetchInterval: SEEN_MS,
    retry: false,
  });
}

/** What the nodes use, in an answer of its own: where it comes late, the nodes are there already. */
export function useNodesUsage(clusterId: string) {
  return useQuery({
    queryKey: ["usage", clusterId, "nodes"],
    queryFn: ({ signal }) => fetchNodesUsage(clusterId, signal),
    refetchInterval: SEEN_MS,
    retry: false,
  });
}

export function useNode(clusterId: string, name: string) {
  return useQuery({
    queryKey: ["nodes", clusterId, name],
    queryFn: ({ signal }) => fetchNode(clusterId, name, signal),
    refetchInterval: ({ state }) => (state.data?.drain?.state === "running" ? DRAINING_MS : SEEN_MS),
    retry: false,
  });
}

/** Cordon, uncordon, drain and cancel: each tells the lists that it has changed a node. */
export function useNodeActs(clusterId: string, name: string) {
  const client = useQueryClient();
  const onSettled = () => client.invalidateQueries({ queryKey: ["nodes", clusterId] });
  return {
    cordon: useMutation({ mutationFn: (cordoned: boolean) => setCordon(clusterId, name, cordoned), onSettled }),
    drain: useMutation({ mutationFn: (options: DrainOptions) => startDrain(clusterId, name, options), onSettled }),
    cancel: useMutation({ mutationFn: () => cancelDrain(clusterId, name), onSettled }),
  };
}
