import type { ReactNode } from "react";
import { cx } from "@/ui";

/**
 * One glyph a kind, 24-grid, 1.5 stroke like lucide's. Workloads are built of boxes, network of arrows, config of
 * sheets, storage of drums.
 */
const GLYPHS: Record<string, ReactNode> = {
  deployment: (
    <>
      <rect x="4" y="9" width="11" height="11" rx="2" />
      <path d="M8 9V6a2 2 0 0 1 2-2h8a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2h-3" />
      <path d="M7.5 14.5h4M9.5 12.5v4" />
    </>
  ),
  source: (
    <>
      <circle cx="7" cy="5.5" r="2" />
      <circle cx="7" cy="18.5" r="2" />
      <circle cx="17" cy="8.5" r="2" />
      <path d="M7 7.5v9M17 10.5c0 3.2-2.2 4.3-5 4.6-2.4.3-4.4.7-5 1.4" />
    </>
  ),
  statefulset: (
    <>
      <rect x="4" y="9" width="11" height="11" rx="2" />
      <path d="M8 9V6a2 2 0 0 1 2-2h8a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2h-3" />
      <ellipse cx="9.5" cy="12.7" rx="2.7" ry="1.2" />
      <path d="M6.8 12.7v3.2c0 .7 1.2 1.2 2.7 1.2s2.7-.5 2.7-1.2v-3.2" />
    </>
  ),
  daemonset: (
    <>
      <rect x="3.5" y="4" width="7" height="7" rx="1.5" />
      <rect x="13.5" y="4" width="7" height="7" rx="1.5" />
      <path d="M7 11v3.5M17 11v3.5M3.5 17.5h17M7 14.5v3M17 14.5v3" />
      <path d="M5 20.5h14" />
    </>
  ),
  replicaset: (
    <>
      <rect x="4" y="9" width="11" height="11" rx="2" />
      <path d="M8 9V6a2 2 0 0 1 2-2h8a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2h-3" />
    </>
  ),
  pod: (
    <>
      <path d="m12 3 7.5 4.3v8.6L12 20.5l-7.5-4.6V7.3z" />
      <path d="m4.7 7.5 7.3 4.2 7.3-4.2M12 11.7v8.6" />
    </>
  ),
  job: (
    <>
      <rect x="4" y="4" width="16" height="16" rx="2" />
      <path d="M8 8.5h4M8 12h3M8 15.5h2M13 14.5l2 2 3-4" />
    </>
  ),
  cronjob: (
    <>
      <path d="M19.5 10.5A8 8 0 1 0 11 20" />
      <path d="M11.5 7.5V12l-2.5 2" />
      <path d="m14.5 18 2 2 4-4.5" />
    </>
  ),
  service: (
    <>
      <circle cx="12" cy="6" r="2.5" />
      <circle cx="5.5" cy="18" r="2.5" />
      <circle cx="18.5" cy="18" r="2.5" />
      <path d="M12 8.5V12M12 12H5.5v3.5M12 12h6.5v3.5" />
    </>
  ),
  ingress: (
    <>
      <path d="M13 4h5a2 2 0 0 1 2 2v12a2 2 0 0 1-2 2h-5" />
      <path d="M3.5 12H15M11 8l4 4-4 4" />
    </>
  ),
  gateway: (
    <>
      <path d="M4.5 20V11a7.5 7.5 0 0 1 15 0v9M4.5 20h3M16.5 20h3" />
      <path d="M12 20v-9M8.5 14.5 12 11l3.5 3.5" />
    </>
  ),
  httproute: (
    <>
      <path d="M3.5 12H9l5-5.500h6.500M9 12l5 5.500h6.500" />
      <path d="m17.500 3.500 3 3-3 3M17.500 14.500l3 3-3 3" />
    </>
  ),
  networkpolicy: (
    <>
      <path d="M12 3.5 5 6v5.5c0 4.4 3 7.7 7 9 4-1.300 7-4.600 7-9V6z" />
      <path d="M8.500 12h7M13 9.500l2.500 2.500L13 14.500" />
    </>
  ),
  configmap: (
    <>
      <path d="M7 3.500h7l4.500 4.500v11a1.500 1.500 0 0 1-1.500 1.500H7A1.500 1.500 0 0 1 5.500 19V5A1.500 1.500 0 0 1 7 3.500z" />
      <path d="M14 3.500V8h4.500M9 12h2M13.500 12H15M9 15.500h2M13.500 15.500H15" />
    </>
  ),
  secret: (
    <>
      <rect x="4.500" y="10.500" width="15" height="10" rx="2" />
      <path d="M8 10.500V7.500a4 4 0 0 1 8 0v3M12 14.500v2.500" />
    </>
  ),
  persistentvolumeclaim: (
    <>
      <ellipse cx="12" cy="6" rx="7.500" ry="2.500" />
      <path d="M4.500 6v12c0 1.400 3.400 2.500 7.500 2.500s7.500-1.100 7.500-2.500V6" />
      <path d="M4.500 12c0 1.400 3.400 2.500 7.500 2.500s7.500-1.100 7.500-2.500" />
    </>
  ),
  storageclass: (
    <>
      <ellipse cx="12" cy="5.500" rx="7" ry="2.300" />
      <path d="M5 5.500v4c0 1.300 3.100 2.300 7 2.300s7-1 7-2.300v-4M5 14.500v4c0 1.300 3.100 2.300 7 2.300s7-1 7-2.300v-4" />
    </>
  ),
  serviceaccount: (
    <>
      <circle cx="10" cy="8" r="3.500" />
      <path d="M3.500 20c.4-3.700 3-6 6.500-6 1.300 0 2.500.3 3.500.9" />
      <circle cx="16.500" cy="17.500" r="1.800" />
      <path d="m17.900 16.300 2.600-2.600" />
    </>
  ),
  role: (
    <>
      <circle cx="8" cy="15.500" r="4" />
      <path d="m11 12.500 8-8M16 7.500l2.500 2.500M13.500 10l2 2" />
    </>
  ),
  rolebinding: (
    <>
      <path d="M10 14a4 4 0 0 0 5.700 0l3-3a4 4 0 0 0-5.700-5.700l-1 1" />
      <path d="M14 10a4 4 0 0 0-5.700 0l-3 3A4 4 0 0 0 11 18.700l1-1" />
    </>
  ),
  horizontalpodautoscaler: (
    <>
      <rect x="9" y="9" width="6" height="6" rx="1.500" />
      <path d="M6 12H2.500M4.500 9.500 2 12l2.500 2.500M18 12h3.500M19.500 9.500 22 12l-2.500 2.500M12 6V3.500M12 18v2.500" />
    </>
  ),
  poddisruptionbudget: (
    <>
      <path d="M12 3.500 5 6v5.500c0 4.400 3 7.700 7 9 4-1.300 7-4.600 7-9V6z" />
      <rect x="9" y="9" width="6" height="6" rx="1.200" />
    </>
  ),
  namespace: (
    <path d="M8.500 4H6a2 2 0 0 0-2 2v2.500M15.500 4H18a2 2 0 0 1 2 2v2.500M8.500 20H6a2 2 0 0 1-2-2v-2.500M15.500 20H18a2 2 0 0 0 2-2v-2.500M9 12h6" />
  ),
  node: (
    <>
      <rect x="3.500" y="4.500" width="17" height="6" rx="1.500" />
      <rect x="3.500" y="13.500" width="17" height="6" rx="1.500" />
      <path d="M7 7.500h.01M7 16.500h.01M11 7.500h6M11 16.500h6" />
    </>
  ),
  manifest: (
    <>
      <path d="M7 3.500h7l4.500 4.500v11a1.500 1.500 0 0 1-1.500 1.500H7A1.500 1.500 0 0 1 5.500 19V5A1.500 1.500 0 0 1 7 3.500z" />
      <path d="M14 3.500V8h4.500M10 12l-2 2.200 2 2.200M14 12l2 2.200-2 2.200" />
    </>
  ),
  custom: (
    <>
      <path d="M12 3.500 20 8v8l-8 4.500L4 16V8z" />
      <circle cx="12" cy="12" r="3" />
    </>
  ),
};

const ALIAS: Record<string, string> = {
  pvc: "persistentvolumeclaim",
  persistentvolume: "persistentvolumeclaim",
  hpa: "horizontalpodautoscaler",
  pdb: "poddisruptionbudget",
  clusterrole: "role",
  clusterrolebinding: "rolebinding",
  endpointslice: "service",
  endpoints: "service",
  ingressclass: "ingress",
  "config-map": "configmap",
  "network-policy": "networkpolicy",
  "service-account": "serviceaccount",
};

/** `kind` is a catalog id or a Kubernetes kind, in any case. Unknown kinds get the hexagon of a custom resource. */
export function KindIcon({ kind, size = 16, className }: { kind: string; size?: number; className?: string }) {
  const key = kind.toLowerCase().replaceAll("_", "");
  const glyph = GLYPHS[key] ?? GLYPHS[ALIAS[key] ?? ""] ?? GLYPHS[key.replaceAll("-", "")] ?? GLYPHS.custom;
  return (
    <svg
      viewBox="0 0 24 24"
      width={size}
      height={size}
      fill="none"
      stroke="currentColor"
      strokeWidth={1.5}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden
      className={cx("shrink-0", className)}
    >
      {glyph}
    </svg>
  );
}
