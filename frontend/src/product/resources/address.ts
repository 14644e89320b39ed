import type { ResourceAddress } from "@/api";

/** The page of one object. */
export const resourcePath = ({ clusterId, kind, namespace, name }: ResourceAddress): string =>
  `/clusters/${clusterId}/resources/${kind}/${namespace || "-"}/${encodeURIComponent(name)}`;

/** Deployment.apps, from the apiVersion and kind of an object or an owner reference. */
export function kindId(apiVersion: string, kind: string): string {
  const [group] = apiVersion.includes("/") ? apiVersion.split("/") : [""];
  return group ? `${kind}.${group}` : kind;
}
