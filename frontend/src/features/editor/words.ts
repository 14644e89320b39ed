/** Texts that several parts of the editor share. */
import type { NodeStatus } from "@/contract";
import { sentence } from "@/model/words";
import { relativeTime } from "@/ui";

export function ageText(at: string | number): string {
  return relativeTime(typeof at === "number" ? at : Date.parse(at), Date.now());
}

/** Why a status may be out of date, as a sentence: in the server's words where it gives any. */
export function whyStale({ stale_reason }: Pick<NodeStatus, "stale_reason">): string {
  return sentence(stale_reason || "The cluster has not answered since then");
}
