/** The API starts details in lower case, to follow a colon; on their own they become sentences. */
export function sentence(text: string): string {
  const trimmed = text.trim();
  if (!trimmed) return "";
  const upper = capital(trimmed);
  return /[.!?:]$/.test(upper) ? upper : `${upper}.`;
}

/** "a, b, a" → ["a", "b"]. */
export const splitTags = (text: string): string[] => [
  ...new Set(
    text
      .split(",")
      .map((tag) => tag.trim())
      .filter(Boolean),
  ),
];

/** Begins with a capital letter, unless it begins with a name: what has more than letters in it, or a colon behind it. */
export function capital(text: string): string {
  const isWord = /^\p{L}[\p{L}'’]*[,;.!?]?(\s|$)/u.test(text);
  return isWord ? text.charAt(0).toUpperCase() + text.slice(1) : text;
}

/** "1 object", "2 objects". */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** "1 Ingress", "2 NetworkPolicies", "3 Endpoints": objects of a kind, called as Kubernetes calls it. */
export function objectsOf(count: number, kind: string): string {
  if (/(ss|x|ch|sh)$/.test(kind)) return plural(count, kind, `${kind}es`);
  if (/[^aeiou]y$/.test(kind)) return plural(count, kind, `${kind.slice(0, -1)}ies`);
  return plural(count, kind, kind.endsWith("s") ? kind : undefined);
}
