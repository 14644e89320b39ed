const OFFERED_MOST = 8;

/** Namespaces to choose from beside those that are `named`: what is typed last narrows them until it is one itself. */
export function namespacesToOffer(known: readonly string[], named: readonly string[]): string[] {
  const part = partOf(known, named);
  const others = known.filter((one) => !one.startsWith("kube-") && !named.includes(one) && one.includes(part));
  return others.slice(0, OFFERED_MOST);
}

/** `named` with one of those that were offered, in the place of the part of it that was typed. */
export function withNamespace(known: readonly string[], named: readonly string[], one: string): string[] {
  const part = partOf(known, named);
  return [...(part && one.includes(part) ? named.slice(0, -1) : named), one];
}

function partOf(known: readonly string[], named: readonly string[]): string {
  const last = named.at(-1) ?? "";
  return known.includes(last) ? "" : last;
}
