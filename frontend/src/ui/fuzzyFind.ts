import { defaultFilter } from "cmdk";

export interface Searchable<T> {
  readonly item: T;
  /** Texts to search, the most important first. From the third on (descriptions) only whole substrings count. */
  readonly texts: readonly string[];
}

/**
 * The entries that match a few letters, best first; every word of the query must match. An empty query matches all, in
 * order.
 */
export function fuzzyFind<T>(query: string, entries: readonly Searchable<T>[]): T[] {
  const words = query.split(/\s+/).filter(Boolean);
  if (words.length === 0) return entries.map((entry) => entry.item);
  return entries
    .map(({ item, texts }) => ({ item, score: words.reduce((score, word) => score * best(word, texts), 1) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .map(({ item }) => item);
}

function best(word: string, texts: readonly string[]): number {
  return Math.max(
    0,
    ...texts.map((text, rank) => (rank < 2 ? defaultFilter(text, word) : holds(text, word)) / 2 ** rank),
  );
}

function holds(text: string, word: string): number {
  return text.toLowerCase().includes(word.toLowerCase()) ? 0.5 : 0;
}
