import type { Logs } from "@/contract";
import { api } from "./client";
import type { ResourceAddress } from "./resources";

/** Where the logs of an object are: a pod's own, or those of all pods of a workload. */
export const logsPath = ({ clusterId, kind, namespace, name }: ResourceAddress): string =>
  kind === "Pod"
    ? `clusters/${clusterId}/pods/${namespace}/${name}/logs`
    : `clusters/${clusterId}/workloads/${kind}/${namespace}/${name}/logs`;

/** The containers of an object, without a line of what they wrote. */
export const fetchContainers = async (address: ResourceAddress, signal?: AbortSignal) =>
  (await api.get<Logs>(logsPath(address), { tail: 0 }, signal)).sources;
