import { defaultFilter } from "cmdk";

export interface Searchable<T> {
  readonly item: T;
  /** Texts to look in, the most telling first; from the third on (descriptions), only words that stand in them count. */
  readonly texts: readonly string[];
}

/** What fits a few letters, best first: all words of the query must be found. Everything, in order, for none. */
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
