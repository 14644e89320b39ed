/** Words about drift: who has a field now, and what becomes of it by each choice. */
import type { DriftedObject } from "@/contract";
import { plural, sentence } from "./words";

/** Of one node, as the live topic of its environment tells. */
export interface NodeDrift {
  /** Fields that differ from what was applied. */
  readonly count: number;
  /** Two managers overwrite each other. */
  readonly contested: boolean;
  /** Objects that are not in the cluster any more. */
  readonly missing: number;
  readonly at: string | null;
}

type DriftedField = DriftedObject["fields"][number];

/** "kubectl edit"; null where nobody owns the field any more. */
export function whoHas({ known, manager }: Pick<DriftedField, "known" | "manager">): string | null {
  return known?.name || manager || null;
}

/** "2 fields changed by others", "1 object deleted by others", "two managers overwrite each other". */
export function sayDrift({ count, contested, missing }: NodeDrift): string {
  if (contested) return "two managers overwrite each other";
  const changed = count > 0 || missing === 0 ? [`${plural(count, "field")} changed by others`] : [];
  return [...(missing > 0 ? [`${plural(missing, "object")} deleted by others`] : []), ...changed].join(", ");
}

/** What a run does about an object that others have deleted. */
export const MAKE_AGAIN = "Make it again";
export const MISSING = "It was applied and is not in the cluster any more. Who deleted it is not known.";

/** "left to kubectl patch". */
export const sayLeft = (name: string): string => `left to ${name}`;

/** "2 fields left to kubectl patch", "1 field left to others". */
export function sayYielded(yielded: readonly { readonly name: string }[]): string {
  const names = [...new Set(yielded.map(({ name }) => name || "others"))];
  return `${plural(yielded.length, "field")} ${sayLeft(names.length === 1 ? (names[0] ?? "others") : "others")}`;
}

const ADDED_NAMED = 3;

/** ("2 fields added by kubectl patch", "data.EXTRA, metadata.annotations.team"). */
export function sayAdded({ count, fields }: DriftedObject["added"]): { count: string; names: string } {
  const who = [...new Set(fields.map(({ name }) => name))];
  const named = fields.slice(0, ADDED_NAMED).map(({ path }) => path);
  const more = count - named.length;
  return {
    count: `${plural(count, "field")} added by ${who.slice(0, ADDED_NAMED).join(", ") || "others"}`,
    names: named.join(", ") + (more > 0 ? ` and ${more} more` : ""),
  };
}

/** "Self-heal has stopped: Secrets are put back by people alone." */
export function sayHealing({ state, reason }: Pick<NonNullable<DriftedObject["healing"]>, "state" | "reason">): string {
  return sentence(`Self-heal ${state === "waits" ? "waits" : "has stopped"}: ${reason}`);
}

/** The end of a field's path, which tells it from others: "containers[name=web].image". */
export function inShort(path: string): string {
  const parts = path.match(/[^.[\]]+(?:\[[^\]]*\])*|\[[^\]]*\]/g) ?? [path];
  return parts.length <= 2 ? path : `…${parts.slice(-2).join(".")}`;
}
