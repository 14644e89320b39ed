import type { Import } from "@/contract";
import type { FirstPlace } from "@/product";

/** What is in the namespace that was chosen, where that is the one the import was read from. */
export function insideOf({ source }: Import, { environment }: FirstPlace): string | undefined {
  const from = source.namespace;
  const isSame = from && environment?.cluster === from.cluster.id && environment.namespace === from.namespace;
  return isSame
    ? "Its objects are those that were read: the workflow takes them over once you have seen a plan."
    : undefined;
}
