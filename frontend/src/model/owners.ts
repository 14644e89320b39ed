/** Who owns the fields of a node's objects, for the fields of its form. */
import type { OwnedField } from "@/contract";

/**
 * The owners of a field of the form, each once, those who are not us first. `apiPath` is as the catalog has it
 * (`spec.template.spec.containers[].image`), which stands for the container that is called as the node is.
 */
export function ownersAt(owned: readonly OwnedField[], apiPath: string, nodeName: string): OwnedField[] {
  const found = new Map<string, OwnedField>();
  for (const field of owned) {
    const container = /\.containers\[name=([^\]]*)\]/.exec(field.path)?.[1];
    if (container !== undefined && container !== nodeName && apiPath.includes(".containers[]")) continue;
    const path = field.path.replace(/\[[^\]]*\]/g, "[]");
    const isAt = path === apiPath || path.startsWith(`${apiPath}.`) || path.startsWith(`${apiPath}[`);
    const key = `${field.manager} ${field.subresource}`;
    const known = found.get(key);
    if (isAt && (!known || (field.at ?? "") > (known.at ?? ""))) found.set(key, field);
  }
  return [...found.values()].toSorted((a, b) => Number(isOurs(a)) - Number(isOurs(b)));
}

export const isOurs = ({ known }: Pick<OwnedField, "known">): boolean => known.sort === "ours";

/** "run #5 (v3) by Ada", "kubectl edit". */
export function sayOwner({ known, run, manager }: Pick<OwnedField, "known" | "run" | "manager">): string {
  if (run) return `run #${run.number} (v${run.version}) by ${run.by.name}`;
  return known.name || manager;
}
