import type { Cluster } from "@/contract";

export function clusterError(cluster: Pick<Cluster, "error">): string | null {
  // The reasons that TLS gives end with a full stop of their own.
  return cluster.error?.detail.replace(/\.(?=;)/g, "") || null;
}

/** The sandbox first, then by name. */
export function byPlace(a: Cluster, b: Cluster): number {
  return Number(b.is_sandbox) - Number(a.is_sandbox) || a.name.localeCompare(b.name);
}

/** The newer of two states of a cluster: by `rev`, then by the last check, which does not change `rev`. */
function newest(a: Cluster, b: Cluster): Cluster {
  if (a.rev !== b.rev) return a.rev > b.rev ? a : b;
  return (a.last_checked_at ?? "") > (b.last_checked_at ?? "") ? a : b;
}

/** The clusters of the live topic, each in its newest known state. */
export function mergeClusters(listed: readonly Cluster[], live: readonly Cluster[]): Cluster[] {
  const byId = new Map(listed.map((cluster) => [cluster.id, cluster]));
  return live
    .map((cluster) => {
      const other = byId.get(cluster.id);
      return other ? newest(cluster, other) : cluster;
    })
    .sort(byPlace);
}

/** "building 3 of 5", for places with little space. */
export function progressWord(cluster: Cluster): string {
  const { progress, state } = cluster;
  if (state === "ready") return "ready";
  if (state === "failed") return "failed";
  if (!progress) return state;
  return progress.step && progress.steps ? `${progress.phase} ${progress.step} of ${progress.steps}` : progress.phase;
}

/** "region=eu, stage=prod" */
export function labelsText(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([key, value]) => (value ? `${key}=${value}` : key))
    .join(", ");
}

/** Labels as people type them; the server says which are none. */
export function labelsOf(text: string): Record<string, string> {
  const pairs = text
    .split(/[,\s]+/)
    .filter(Boolean)
    .map((pair) => {
      const [key = "", ...value] = pair.split("=");
      return [key, value.join("=")] as const;
    });
  return Object.fromEntries(pairs);
}

/** Cores and memory as people compare them: "12 CPU", "48 GiB". */
export function cpuText(millicores: number): string {
  return `${(millicores / 1000).toLocaleString("en-US", { maximumFractionDigits: 1 })} CPU`;
}
export function memoryText(bytes: number): string {
  const gib = bytes / 2 ** 30;
  return gib >= 1024
    ? `${(gib / 1024).toLocaleString("en-US", { maximumFractionDigits: 1 })} TiB`
    : `${gib.toLocaleString("en-US", { maximumFractionDigits: gib < 10 ? 1 : 0 })} GiB`;
}

export const EXPIRY_WORDS = {
  server_certificate: "The certificate of the API server",
  client_certificate: "The client certificate of the stored credentials",
  token: "The token of the stored credentials",
} as const;
const DAY_MS = 24 * 3600_000;
const WARN_DAYS = { server_certificate: 30, client_certificate: 30, token: 7 } as const;

/** What of the connection ends soon, or has ended; the first comes first. */
export function endingSoon(cluster: Pick<Cluster, "expires">, now: number): Cluster["expires"] {
  return cluster.expires
    .filter(({ what, at }) => Date.parse(at) - now < WARN_DAYS[what] * DAY_MS)
    .toSorted((a, b) => a.at.localeCompare(b.at));
}
