import { lazy } from "react";
import type { ClusterSection } from "@/product";

/** The parts of the page of a cluster, in their order; the first one opens. */
export const CLUSTER_SECTIONS: readonly ClusterSection[] = [
  {
    id: "overview",
    label: "Overview",
    path: "overview",
    Page: lazy(() => import("@/features/clusters/sections/OverviewSection")),
  },
  {
    id: "resources",
    label: "Resources",
    path: "resources",
    Page: lazy(() => import("@/features/resources/ResourcesSection")),
  },
  {
    id: "marked",
    label: "Marked",
    path: "marked",
    Page: lazy(() => import("@/features/resources/MarkedSection")),
  },
  {
    id: "namespaces",
    label: "Namespaces",
    path: "namespaces",
    Page: lazy(() => import("@/features/resources/NamespacesSection")),
  },
  {
    id: "nodes",
    label: "Nodes",
    path: "nodes",
    Page: lazy(() => import("@/features/nodes/NodesSection")),
  },
  {
    id: "wrong",
    label: "What is wrong",
    path: "wrong",
    Page: lazy(() => import("@/features/diagnosis/WrongSection")),
  },
  {
    id: "access",
    label: "Access",
    path: "access",
    Page: lazy(() => import("@/features/clusters/sections/AccessSection")),
  },
];
