import { lazy } from "react";
import type { ResourceTab } from "@/product";

const always = () => true;

/** The tabs of the page of an object, in their order; the first one opens. */
export const RESOURCE_TABS: readonly ResourceTab[] = [
  {
    id: "overview",
    label: "Overview",
    appliesTo: always,
    Tab: lazy(() => import("@/features/resources/tabs/OverviewTab")),
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
    id: "relations",
    label: "Relations",
    appliesTo: always,
    Tab: lazy(() => import("@/features/resources/tabs/RelationsTab")),
  },
];
