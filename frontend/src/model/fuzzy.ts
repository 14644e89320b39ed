/** Finding by a few letters: every letter of the query in order, better when they start words or stand together. */

/** How well `query` fits `text`; null when it does not. Spaces, dashes and case do not matter. */
export function fuzzyScore(query: string, text: string): number | null {
  const wanted = squeeze(query);
  if (wanted === "") return 0;
  const lower = text.toLowerCase();
  let score = 0;
  let from = 0;
  let previous = -2;
  for (const letter of wanted) {
    let at = lower.indexOf(letter, from);
    if (at === -1) return null;
    // A letter that starts a word is worth a look further on.
    const atWord = wordStart(text, lower, letter, from);
    if (at !== previous + 1 && atWord !== -1) at = atWord;
    score += at === previous + 1 ? 8 : startsWord(text, at) ? 6 : 1;
    score -= Math.min(3, (at - from) * 0.2);
    previous = at;
    from = at + 1;
  }
  if (squeeze(text).startsWith(wanted)) score += 20;
  return score - text.length * 0.05;
}

export interface Searchable<T> {
  readonly item: T;
  /** Texts to look in, the most telling first. */
  readonly texts: readonly string[];
}

export function fuzzyFind<T>(query: string, entries: readonly Searchable<T>[]): T[] {
  if (squeeze(query) === "") return entries.map((entry) => entry.item);
  const hits: { item: T; score: number; order: number }[] = [];
  entries.forEach((entry, order) => {
    let best: number | null = null;
    entry.texts.forEach((text, rank) => {
      const score = fuzzyScore(query, text);
      if (score === null) return;
      // A long description holds most letters somewhere: only words that really stand in it count.
      if (rank > 1 && !squeeze(text).includes(squeeze(query))) return;
      best = Math.max(best ?? -Infinity, score - rank * 12);
    });
    if (best !== null) hits.push({ item: entry.item, score: best, order });
  });
  return hits.sort((a, b) => b.score - a.score || a.order - b.order).map((hit) => hit.item);
}

function squeeze(text: string): string {
  return text.toLowerCase().replace(/[\s\-_./]+/g, "");
}

function startsWord(text: string, at: number): boolean {
  if (at === 0) return true;
  const before = text.charAt(at - 1);
  const here = text.charAt(at);
  return /[\s\-_./]/.test(before) || (here !== here.toLowerCase() && before === before.toLowerCase());
}

function wordStart(text: string, lower: string, letter: string, from: number): number {
  for (let at = lower.indexOf(letter, from); at !== -1; at = lower.indexOf(letter, at + 1)) {
    if (startsWord(text, at)) return at;
  }
  return -1;
}
