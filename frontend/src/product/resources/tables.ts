import type { ComponentType } from "react";
import type { ResourceAddress } from "@/api";
import type { Cluster, Resource, ServedKind } from "@/contract";

export interface SectionProps {
  readonly cluster: Cluster;
}
/** One part of the page of a cluster; `path` is the last word of its address. */
export interface ClusterSection {
  readonly id: string;
  readonly label: string;
  readonly path: string;
  readonly Page: ComponentType<SectionProps>;
}

export interface ResourceTabProps extends ResourceAddress {
  readonly resource: Resource;
  /** The object itself: `resource.object`. */
  readonly object: Resource["object"];
}
/** One tab of the page of an object; `id` is in the address. */
export interface ResourceTab {
  readonly id: string;
  readonly label: string;
  readonly appliesTo: (kind: ServedKind) => boolean;
  readonly Tab: ComponentType<ResourceTabProps>;
}
