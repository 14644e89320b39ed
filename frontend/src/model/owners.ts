/** Who owns the fields of a node's objects, for the fields of its form. */
import type { OwnedField } from "@/contract";
import { shortCommit } from "./images";

/** One owner of a field of the form. */
export interface FieldOwner {
  readonly owner: OwnedField;
  /** Of a map or a list: what of it is theirs, "EXTRA"; empty where the field is one value. */
  readonly keys: readonly string[];
}

/**
 * The owners of a field of the form, each once, those who are not us first. `apiPath` is as the catalog has it
 * (`spec.template.spec.containers[].image`), which stands for the container that is called as the node is.
 */
export function ownersAt(owned: readonly OwnedField[], apiPath: string, nodeName: string): FieldOwner[] {
  const found = new Map<string, { owner: OwnedField; keys: string[] }>();
  for (const field of owned) {
    const below = belowField(field.path, apiPath, nodeName);
    if (below === null) continue;
    const key = `${field.manager} ${field.subresource}`;
    const known = found.get(key) ?? { owner: field, keys: [] };
    if (below && !known.keys.includes(below)) known.keys.push(below);
    if ((field.at ?? "") > (known.owner.at ?? "")) known.owner = field;
    found.set(key, known);
  }
  return [...found.values()].toSorted((a, b) => Number(isOurs(a.owner)) - Number(isOurs(b.owner)));
}

/**
 * What of a field of the form stands at the path of an object: "" for the field itself, "EXTRA" for a key of it, null
 * for what is no part of it.
 */
export function belowField(path: string, apiPath: string, nodeName: string): string | null {
  const container = /\.containers\[name=([^\]]*)\]/.exec(path)?.[1];
  if (container !== undefined && container !== nodeName && apiPath.includes(".containers[]")) return null;
  const plain = path.replace(/\[[^\]]*\]/g, "[]");
  if (plain === apiPath) return "";
  if (!plain.startsWith(`${apiPath}.`) && !plain.startsWith(`${apiPath}[`)) return null;
  // As many steps of the path as the field has, with what stands in their brackets.
  const steps = path.match(/\.?[^.[\]]+|\[[^\]]*\]/g) ?? [];
  const own = apiPath.match(/\.?[^.[\]]+|\[\]/g)?.length ?? 0;
  const first = steps[own] ?? "";
  return first.replace(/^\.|^\[=?|\]$/g, "").replace(/^name=/, "");
}

export const isOurs = ({ known }: Pick<OwnedField, "known">): boolean => known.sort === "ours";

/** "run #5 (v3) by Ada", "run #5 (v3) by Ada, build #7 of shop at 3f9ac21", "kubectl edit". */
export function sayOwner(owner: Pick<OwnedField, "known" | "run" | "manager" | "built">): string {
  const { known, run, manager, built } = owner;
  if (!run) return known.name || manager;
  return `run #${run.number} (v${run.version}) by ${run.by.name}${built ? `, ${sayBuilt(built)}` : ""}`;
}

/** "build #7 of shop at 3f9ac21". */
export function sayBuilt({ source, number, commit }: NonNullable<OwnedField["built"]>): string {
  return `build #${number} of ${source}${commit && ` at ${shortCommit(commit)}`}`;
}
