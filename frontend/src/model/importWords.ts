/** What became of the keys of an import, in the words of the page. */
import type { ImportDecision, LedgerEntry, Place } from "@/contract";

export type Outcome = LedgerEntry["outcome"];

/** Of each outcome: a shape, a colour and a word. */
export const OUTCOMES = {
  decision: { mark: "?", tone: "warn", word: "by a decision" },
  dropped: { mark: "−", tone: "bad", word: "dropped" },
  approximated: { mark: "≈", tone: "busy", word: "approximated" },
  converted: { mark: "✓", tone: "ok", word: "converted" },
} as const satisfies Record<Outcome, { mark: string; tone: "ok" | "busy" | "warn" | "bad"; word: string }>;

export const ALL_OUTCOMES = Object.keys(OUTCOMES) as Outcome[];

/** "compose.yaml:12". */
export const placeWord = ({ path, line }: Place): string => (line > 0 ? `${path}:${line}` : path);

export interface LedgerGroup {
  readonly name: string;
  readonly entries: LedgerEntry[];
}

/** Entries by service, or by section where they belong to none; in the order of the files. */
export function groupsOf(entries: readonly LedgerEntry[]): LedgerGroup[] {
  const groups = new Map<string, LedgerEntry[]>();
  for (const entry of entries) {
    const [section = "", name] = entry.path;
    const group = isObject(entry) ? `${section} ${entry.path[2] ?? ""}` : inService(entry) ? (name ?? "") : section;
    const found = groups.get(group);
    if (found) found.push(entry);
    else groups.set(group, [entry]);
  }
  return [...groups].map(([name, found]) => ({ name, entries: found }));
}

const inService = ({ path }: LedgerEntry): boolean => path[0] === "services" && path.length > 1;
/** Of manifests: the path begins with kind, namespace and name. Sections of Compose have small letters. */
const isObject = ({ path }: LedgerEntry): boolean => /^[A-Z]/.test(path[0] ?? "");

/** The key without what its group says: "environment.DB_HOST"; the service or object itself is named so. */
export function keyWord(entry: LedgerEntry): string {
  const said = isObject(entry) ? 3 : inService(entry) ? 2 : 0;
  return entry.path.slice(said).join(".") || (isObject(entry) ? "object" : "service");
}

const TOPICS: Record<string, string> = {
  profiles: "Profiles",
  kinds: "Kinds of workloads",
  images: "Images",
  ports: "Ports and exposure",
  volumes: "Volumes",
  files: "Files",
  secrets: "Secrets and variables",
  order: "Order of start",
  networks: "Networks",
  health: "Health",
};

/** Decisions by topic, in the order in which they come. */
export function topicsOf(decisions: readonly ImportDecision[]): { title: string; decisions: ImportDecision[] }[] {
  const topics = new Map<string, ImportDecision[]>();
  for (const one of decisions) topics.set(one.topic, [...(topics.get(one.topic) ?? []), one]);
  return [...topics].map(([topic, found]) => ({ title: TOPICS[topic] ?? topic, decisions: found }));
}
