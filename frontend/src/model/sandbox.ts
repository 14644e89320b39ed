/** How long the sandbox is at it, and how long that usually takes. */
import type { Cluster, ClusterPhase } from "@/contract";
import { plural } from "./words";

/** Of a machine like the ones we build on; a slow one takes longer, so it is said as usual, not as a promise. */
const USUAL: Partial<Record<ClusterPhase, string>> = {
  finding: "a few seconds",
  downloading: "1–3 min",
  building: "5–10 min",
  starting: "under 1 min",
};
/** A sandbox that was made longer ago is restarting: since when is not known. */
const FIRST_START_MS = 60 * 60_000;

/** "6 min so far, usually 5–10 min"; null when there is nothing to wait for. */
export function sayWait(cluster: Pick<Cluster, "state" | "progress" | "created_at">, now: number): string | null {
  const { state, progress } = cluster;
  if (state === "ready" || state === "failed") return null;
  const usual = progress && USUAL[progress.phase];
  const since = now - Date.parse(cluster.created_at);
  const minutes = Math.floor(since / 60_000);
  const elapsed =
    since >= 0 && since < FIRST_START_MS ? (minutes < 1 ? "under 1 min so far" : `${minutes} min so far`) : "";
  return [elapsed, usual && `usually ${usual}`].filter(Boolean).join(", ") || null;
}

/** "Sandbox is still building (2 of 5)". */
export function sayStage({ name, progress }: Pick<Cluster, "name" | "progress">): string {
  const doing = progress?.phase === "downloading" || progress?.phase === "building" ? progress.phase : "starting";
  const step =
    progress && progress.steps > 1 && progress.step > 0
      ? ` (${progress.step} of ${plural(progress.steps, "step")})`
      : "";
  return `The ${name} cluster is still ${doing}${step}`;
}

/** What is the matter with a sandbox that is not ready, in a headline. */
export function saySandbox({ state, progress }: Pick<Cluster, "state" | "progress">): string {
  if (state !== "failed") return "The sandbox is still building";
  return progress && progress.phase !== "failed" ? "The sandbox does not answer" : "The sandbox did not start";
}
