import { lazy } from "react";
import { WITH_LOGS } from "@/model/workloads";
import type { ResourceTab } from "@/product";

const always = () => true;
/** Kinds with CPU and memory of their own, as the address of an object names them. */
const USES: ReadonlySet<string> = new Set([
  ...["Node", "Pod", "Deployment.apps", "StatefulSet.apps", "DaemonSet.apps", "ReplicaSet.apps", "Job.batch"],
]);

/** The tabs of the page of an object, in their order; the first one opens. */
export const RESOURCE_TABS: readonly ResourceTab[] = [
  {
    id: "overview",
    label: "Overview",
    appliesTo: always,
    Tab: lazy(() => import("@/features/resources/tabs/OverviewTab")),
  },
  {
    id: "usage",
    label: "Usage",
    appliesTo: ({ id }) => USES.has(id),
    Tab: lazy(() => import("@/features/metrics/UsageTab")),
  },
  {
    id: "diagnosis",
    label: "Diagnosis",
    appliesTo: always,
    Tab: lazy(() => import("@/features/diagnosis/DiagnosisTab")),
  },
  {
    id: "yaml",
    label: "YAML",
    appliesTo: always,
    Tab: lazy(() => import("@/features/resources/tabs/YamlTab")),
  },
  {
    id: "events",
    label: "Events",
    appliesTo: always,
    Tab: lazy(() => import("@/features/resources/tabs/EventsTab")),
  },
  {
    id: "history",
    label: "History",
    appliesTo: always,
    Tab: lazy(() => import("@/features/resources/tabs/HistoryTab")),
  },
  {
    id: "relations",
    label: "Relations",
    appliesTo: always,
    Tab: lazy(() => import("@/features/resources/tabs/RelationsTab")),
  },
  {
    id: "logs",
    label: "Logs",
    appliesTo: ({ id }) => WITH_LOGS.has(id),
    Tab: lazy(() => import("@/features/logs/LogsTab")),
  },
  {
    id: "terminal",
    label: "Terminal",
    appliesTo: ({ id }) => id === "Pod",
    Tab: lazy(() => import("@/features/terminal/TerminalTab")),
  },
];
