/** What became of the keys of an import, in the words of the page. */
import type { Import, ImportDecision, LedgerEntry, Place, Sameness, Trial } from "@/contract";
import { plural } from "./words";

export type Outcome = LedgerEntry["outcome"];

/** Of each outcome: a shape, a colour and a word. */
export const OUTCOMES = {
  decision: { mark: "?", tone: "warn", word: "needs a decision" },
  dropped: { mark: "−", tone: "bad", word: "dropped" },
  approximated: { mark: "≈", tone: "busy", word: "approximated" },
  converted: { mark: "✓", tone: "ok", word: "converted" },
  left_out: { mark: "·", tone: "idle", word: "left out" },
} as const satisfies Record<Outcome, { mark: string; tone: "ok" | "busy" | "warn" | "bad" | "idle"; word: string }>;

/** "1 needs a decision", "2 need a decision". */
export const outcomeWord = (outcome: Outcome, count: number): string =>
  outcome === "decision" && count !== 1 ? "need a decision" : OUTCOMES[outcome].word;

/** Of each state of an import: a shape, a colour and a word. */
export const IMPORT_STATES = {
  fetching: { mark: "◌", tone: "busy", word: "fetching" },
  choosing: { mark: "?", tone: "warn", word: "to choose" },
  ready: { mark: "✓", tone: "ok", word: "converted" },
  refused: { mark: "■", tone: "bad", word: "refused" },
  canceled: { mark: "−", tone: "idle", word: "canceled" },
} as const satisfies Record<
  Import["state"],
  { mark: string; tone: "ok" | "busy" | "warn" | "bad" | "idle"; word: string }
>;

export const ALL_OUTCOMES = Object.keys(OUTCOMES) as Outcome[];

/** How many keys have each outcome, those that the ledger leaves off among them. */
export const countsOf = ({ counts }: Pick<Import, "counts">): Record<Outcome, number> => ({
  decision: 0,
  dropped: 0,
  approximated: 0,
  converted: 0,
  left_out: 0,
  ...counts,
});

/** "compose.yaml:12". */
export const placeWord = ({ path, line }: Place): string => (line > 0 ? `${path}:${line}` : path);

/** Several places, the lines of each file in order: `compose.yaml:31, 35, compose.override.yaml:4`. */
export function placesWord(places: readonly Place[]): string {
  const lines = new Map<string, Set<number>>();
  for (const { path, line } of places) lines.set(path, (lines.get(path) ?? new Set()).add(line));
  return [...lines]
    .map(([path, found]) => {
      const own = [...found].filter((line) => line > 0).sort((one, other) => one - other);
      return own.length > 0 ? `${path}:${own.join(", ")}` : path;
    })
    .join(", ");
}

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

export interface LedgerRow {
  readonly entry: LedgerEntry;
  /** Keys and items below it that say nothing else. */
  readonly folded: number;
}

/** Entries without the keys and items that became what the key above them became. */
export function rowsOf(entries: readonly LedgerEntry[]): LedgerRow[] {
  const saying = ({ outcome, became, why }: LedgerEntry): string => JSON.stringify([outcome, became, why]);
  const keyOf = ({ place }: LedgerEntry, path: readonly string[]): string => JSON.stringify([place?.path, path]);
  const known = new Map(entries.map((entry) => [keyOf(entry, entry.path), entry]));
  const above = (entry: LedgerEntry): LedgerEntry | null => {
    const found = known.get(keyOf(entry, entry.path.slice(0, -1)));
    return found && saying(found) === saying(entry) ? found : null;
  };
  const folded = new Map<LedgerEntry, number>();
  const left = entries.filter((entry) => {
    let top = above(entry);
    if (!top) return true;
    for (let next: LedgerEntry | null = top; next; next = above(next)) top = next;
    folded.set(top, (folded.get(top) ?? 0) + 1);
    return false;
  });
  return left.map((entry) => ({ entry, folded: folded.get(entry) ?? 0 }));
}

const RELATIONS: Record<string, string> = {
  routes: "routes to",
  exposes: "exposes",
  mounts: "is mounted into",
  sets_env: "sets variables of",
  stores: "stores data of",
  runs_as: "is the identity of",
  scales: "scales",
  selects: "protects",
  allows: "allows",
  after: "waits for",
  after_health: "waits for the health of",
  after_completion: "waits for the end of",
  builds: "builds the image of",
  forwards: "forwards to",
  attaches: "is attached to",
};

/** What a key or a variable became, in words: "web · image", "conf is mounted into web". */
export function becameWords(entry: Pick<LedgerEntry, "became">, graph: Import["graph"]): string[] {
  const nodes = graph?.nodes ?? [];
  const nameOf = (id: string): string => {
    const node = nodes.find((one) => one.id === id);
    if (!node) return id;
    const isAlone = nodes.filter(({ name }) => name === node.name).length === 1;
    return isAlone ? node.name : `${node.name} (${node.kind.replaceAll("_", " ")})`;
  };
  return entry.became.map(({ node_id, field }) => {
    const edge = graph?.edges.find(({ id }) => field === `edges.${id}`);
    if (edge)
      return `${nameOf(edge.source)} ${RELATIONS[edge.relation] ?? edge.relation.replaceAll("_", " ")} ${nameOf(edge.target)}`;
    if (field === "edges") return `${nameOf(node_id)} · its lines`;
    return `${nameOf(node_id)} · ${field.replace(/^parameters\./, "").replace(/^patch\./, "patch ")}`;
  });
}

/** A reason without the digest of a file, and that digest. */
export function reasonOf({ why }: LedgerEntry): { text: string; digest: string } {
  const digest = /sha256 [0-9a-f]{64}/.exec(why)?.[0] ?? "";
  const text = digest ? why.replace(digest, "").replace(/^[,;\s]+|[,;\s]+$/g, "") : why;
  return { text: text || (digest && "the content is the same"), digest };
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
  hooks: "Hooks",
  crds: "Custom resources",
  kustomization: "Kustomization",
  networks: "Networks",
  health: "Health",
};

/** Decisions by topic, in the order in which they come. */
export function topicsOf(decisions: readonly ImportDecision[]): { title: string; decisions: ImportDecision[] }[] {
  const topics = new Map<string, ImportDecision[]>();
  for (const one of decisions) topics.set(one.topic, [...(topics.get(one.topic) ?? []), one]);
  return [...topics].map(([topic, found]) => ({ title: TOPICS[topic] ?? topic, decisions: found }));
}

type Verdict = Trial["objects"][number]["verdict"];

/** What a cluster says of an object, the worst first. */
export const VERDICTS = {
  refused: { mark: "×", tone: "bad", word: "refused" },
  conflict: { mark: "!", tone: "bad", word: "there already" },
  at_apply: { mark: "≈", tone: "warn", word: "proven when it is applied" },
  adopt: { mark: "↦", tone: "ok", word: "can be taken over" },
  proven: { mark: "✓", tone: "ok", word: "proven" },
} as const satisfies Record<Verdict, { mark: string; tone: "ok" | "warn" | "bad"; word: string }>;

/** How many objects of each verdict, without those of none. */
export const verdictCounts = ({ counts }: Pick<Trial, "counts">): { verdict: Verdict; count: number }[] =>
  (Object.keys(VERDICTS) as Verdict[]).flatMap((verdict) => {
    const count = counts[verdict] ?? 0;
    return count > 0 ? [{ verdict, count }] : [];
  });

/** The reason that several objects share of which only the apply proves anything: it is said once. */
export function sharedReason(objects: readonly Pick<Trial["objects"][number], "verdict" | "reason">[]): string {
  const found = new Map<string, number>();
  for (const { verdict, reason } of objects)
    if (verdict === "at_apply" && reason) found.set(reason, (found.get(reason) ?? 0) + 1);
  const [most] = [...found].toSorted(([, one], [, other]) => other - one);
  return most && most[1] > 1 ? most[0] : "";
}

const samePlace = (one: Place, other: Place): boolean =>
  one.path === other.path && one.line === other.line && one.column === other.column;

/** The key that stands at a place. */
export const entryAt = (ledger: readonly LedgerEntry[], place: Place): LedgerEntry | undefined =>
  ledger.find((entry) => entry.place && samePlace(entry.place, place));

/** Why a cluster does not take what stands at a place. */
export const refusalsAt = ({ objects }: Pick<Trial, "objects">, place: Place | null): string[] =>
  objects.flatMap((one) =>
    one.verdict === "refused" && place && one.place && samePlace(one.place, place) ? [one.reason] : [],
  );

/** The question about a place: about just it, else about something of its line. */
export const decisionAt = (decisions: readonly ImportDecision[], place: Place): ImportDecision | undefined =>
  decisions.find(({ places }) => places.some((one) => samePlace(one, place))) ??
  decisions.find(({ places }) => places.some(({ path, line }) => path === place.path && line === place.line));

/** The whole key: "services.web.dns.1". */
export const keyPath = ({ path }: LedgerEntry): string => path.join(".");

const REFUSED: Partial<Record<Import["source"]["type"], string>> = {
  git: "The repository could not be imported",
  namespace: "The namespace could not be read",
  chart: "The chart could not be rendered",
  kustomize: "The kustomization could not be built",
};

/** What failed, above the reason. */
export const refusedWords = ({ source }: Pick<Import, "source">): string =>
  REFUSED[source.type] ?? "The files could not be converted";

/** Where an import came from, in a few words: `github.com/shop/app · main`, `sandbox · shop`, `2 files`. */
export function fromWords({ source }: Pick<Import, "source">): string {
  const { git, namespace, chart, files } = source;
  if (git) {
    const place = git.url.replace(/^[a-z+]+:\/\/(?:[^@/]*@)?/, "").replace(/\.git$/, "");
    return [place, git.path, git.found_at.replace(/^(branch|tag) /, "") || git.commit?.slice(0, 7)]
      .filter(Boolean)
      .join(" · ");
  }
  if (namespace) return `${namespace.cluster.name} · ${namespace.namespace}`;
  if (chart?.url) return chart.url.replace(/^[a-z+]+:\/\//, "");
  return plural(files.length, "file");
}

export type Compared = Sameness["items"][number];

/** Of each verdict on what runs: a shape, a colour and a word. */
export const SAMENESS = {
  broken: { mark: "≠", tone: "bad", word: "differs" },
  unknown: { mark: "?", tone: "warn", word: "could not be asked" },
  kept: { mark: "✓", tone: "ok", word: "as Compose gives it" },
} as const satisfies Record<Compared["verdict"], { mark: string; tone: "ok" | "warn" | "bad"; word: string }>;

const PROMISES = {
  variable: "has the variable",
  file: "has the file",
  folder: "can write to",
  name: "reaches",
  order: "started after",
} as const satisfies Record<Compared["topic"], string>;

/** "has the variable", of what is compared. */
export const topicWord = ({ topic }: Pick<Compared, "topic">): string => PROMISES[topic];

/** How a comparison ended, in one sentence. */
export function samenessWords({ counts, items }: Pick<Sameness, "counts" | "items">): string {
  const { broken = 0, unknown = 0, kept = 0 } = counts;
  if (items.length === 0) return "The Compose files promise nothing that can be compared";
  if (broken === 0 && unknown === 0) return `All ${plural(kept, "item")} are as Compose gives them`;
  const rest = [
    broken > 0 && `${broken} ${broken === 1 ? "differs" : "differ"}`,
    unknown > 0 && `${unknown} could not be asked`,
  ].filter(Boolean);
  return `${kept} of ${plural(items.length, "item")} are as Compose gives them, ${rest.join(" and ")}`;
}
