/** Words about drift: who has a field now, and what becomes of it by each choice. */
import type { DriftedObject } from "@/contract";
import { plural } from "./words";

/** Of one node, as the live topic of its environment tells. */
export interface NodeDrift {
  /** Fields that differ from what was applied. */
  readonly count: number;
  /** Two managers overwrite each other. */
  readonly feud: boolean;
  readonly at: string | null;
}

type DriftedField = DriftedObject["fields"][number];

/** "kubectl edit"; null where nobody owns the field any more. */
export function whoHas({ known, manager }: Pick<DriftedField, "known" | "manager">): string | null {
  return known?.name || manager || null;
}

/** "2 fields changed by others", "overwritten by two managers". */
export function sayDrift({ count, feud }: NodeDrift): string {
  return feud ? "two managers overwrite each other" : `${plural(count, "field")} changed by others`;
}
