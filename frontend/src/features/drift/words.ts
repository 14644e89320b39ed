import type { DriftRow } from "@/contract";
import { whoHas } from "@/model/driftWords";
import { refKey } from "@/model/planWords";

/** One object in one environment. */
export const keyOf = ({ environment, ref }: Pick<DriftRow, "environment" | "ref">): string =>
  `${environment.id}/${refKey(ref)}`;

/** "kubectl edit, argocd" */
export const managersOf = (fields: DriftRow["fields"]): string =>
  [...new Set(fields.map((field) => whoHas(field) ?? "not known"))].slice(0, 3).join(", ");
