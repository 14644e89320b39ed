/** Words, order and bands of a plan: what a run would do, the most dangerous first. */
import type { Plan, PlanObject } from "@/contract";
import { plural, sentence } from "./words";

export type PlanTone = "ok" | "busy" | "warn" | "bad" | "idle" | "unknown";

/** What becomes of one object, as people ask: its effect, and with a change what that does to pods and data. */
export type PlanStance =
  | "refused"
  | "conflict"
  | "delete"
  | "data"
  | "recreate"
  | "downtime"
  | "restart"
  | "update"
  | "create"
  | "held"
  | "returned"
  | "unchanged";

/** A shape, a colour and a word: never the colour alone. */
export interface StanceLook {
  readonly mark: string;
  readonly tone: PlanTone;
  readonly word: string;
}

/** In the order of danger. */
export const STANCES: Readonly<Record<PlanStance, StanceLook>> = {
  refused: { mark: "×", tone: "bad", word: "refused" },
  conflict: { mark: "!", tone: "bad", word: "conflict" },
  delete: { mark: "−", tone: "bad", word: "delete" },
  data: { mark: "▼", tone: "bad", word: "loses data" },
  recreate: { mark: "±", tone: "warn", word: "recreate" },
  downtime: { mark: "▲", tone: "warn", word: "downtime" },
  restart: { mark: "↻", tone: "warn", word: "restart" },
  update: { mark: "~", tone: "busy", word: "update" },
  create: { mark: "+", tone: "ok", word: "create" },
  held: { mark: "‖", tone: "unknown", word: "held" },
  returned: { mark: "↩", tone: "unknown", word: "given back" },
  unchanged: { mark: "=", tone: "idle", word: "unchanged" },
};
const ORDER = Object.keys(STANCES) as PlanStance[];

/** What stays as it is in the cluster. */
const STAYS: ReadonlySet<PlanStance> = new Set(["held", "returned", "unchanged"]);

export function stanceOf({ effect, error, impact }: Pick<PlanObject, "effect" | "error" | "impact">): PlanStance {
  if (effect === "conflict") return "conflict";
  if (error) return "refused";
  if (effect === "keep") return "held";
  if (effect === "give_back") return "returned";
  if (effect === "update" && impact) {
    if (impact.level === "data" || impact.level === "downtime" || impact.level === "restart") return impact.level;
    if (impact.level === "recreate") return "recreate";
  }
  return effect;
}

/** Whether it is in the cluster and not in the workflow, so that the plan alone shows it. */
export const isOnlyLive = (effect: PlanObject["effect"]): boolean =>
  effect === "delete" || effect === "keep" || effect === "give_back";

/** "restarts 2 pods", "update": what is said on a card. */
export function stanceWord(object: Pick<PlanObject, "effect" | "error" | "impact">): string {
  const stance = stanceOf(object);
  if (stance !== "restart") return STANCES[stance].word;
  return object.impact?.pods ? `restarts ${plural(object.impact.pods, "pod")}` : "restarts pods";
}

export interface StanceCount extends StanceLook {
  readonly stance: PlanStance;
  readonly count: number;
  /** "3 create", "1 object restarts 4 pods". */
  readonly text: string;
}

/** How many objects of each stance, the most dangerous first; those without any are left out. */
export function stanceCounts(objects: readonly PlanObject[]): StanceCount[] {
  return ORDER.flatMap((stance) => {
    const found = objects.filter((object) => stanceOf(object) === stance);
    if (found.length === 0) return [];
    return [{ ...STANCES[stance], stance, count: found.length, text: countText(stance, found) }];
  });
}

function countText(stance: PlanStance, found: readonly PlanObject[]): string {
  const count = found.length;
  // The others are what a run does, in the mood of a list: "2 update, 1 delete".
  if (stance === "conflict") return plural(count, "conflict");
  if (stance !== "restart") return `${count} ${STANCES[stance].word}`;
  const pods = found.map((object) => object.impact?.pods ?? null);
  const who = count === 1 ? "1 object restarts" : `${count} objects restart`;
  return pods.includes(null) || pods.includes(0)
    ? `${who} pods`
    : `${who} ${plural(
        pods.reduce<number>((sum, each) => sum + (each ?? 0), 0),
        "pod",
      )}`;
}

/** "3 create, 2 update, 1 object restarts 4 pods, 1 delete, 2 held."; what is unchanged does not count. */
export function sayPlan(objects: readonly PlanObject[]): string {
  const said = stanceCounts(objects).filter(({ stance }) => stance !== "unchanged");
  if (said.every(({ stance }) => STAYS.has(stance)))
    return ["Nothing would change", ...said.map(({ text }) => text)].join(", ") + ".";
  return `${said.map(({ text }) => text).join(", ")}.`;
}

export interface PlanBands {
  /** What a run changes, or stumbles over; the most dangerous first. */
  readonly acting: readonly PlanObject[];
  /** No longer part of the workflow, and not deleted. */
  readonly held: readonly PlanObject[];
  /** Only fields that the API server or other managers write along would differ. */
  readonly bookkeeping: readonly PlanObject[];
  readonly untouched: readonly PlanObject[];
}

export function planBands(objects: readonly PlanObject[]): PlanBands {
  const bandOf = (object: PlanObject): keyof PlanBands => {
    const stance = stanceOf(object);
    if (stance === "held" || stance === "returned") return "held";
    const isQuiet = stance === "update" || stance === "unchanged";
    if (isQuiet && object.field_counts.acts === 0 && object.field_counts.bookkeeping > 0) return "bookkeeping";
    return stance === "unchanged" ? "untouched" : "acting";
  };
  const inBand = (band: keyof PlanBands): PlanObject[] => objects.filter((object) => bandOf(object) === band);
  return {
    acting: inBand("acting").toSorted((a, b) => ORDER.indexOf(stanceOf(a)) - ORDER.indexOf(stanceOf(b))),
    held: inBand("held"),
    bookkeeping: inBand("bookkeeping"),
    untouched: inBand("untouched"),
  };
}

export interface PlanFilter {
  /** Words that all have to be found in kind, name, namespace or a path of a field. */
  readonly query: string;
  /** Empty: all. */
  readonly stances: ReadonlySet<PlanStance>;
}

export function filterPlan(objects: readonly PlanObject[], { query, stances }: PlanFilter): readonly PlanObject[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0 && stances.size === 0) return objects;
  return objects.filter((object) => {
    if (stances.size > 0 && !stances.has(stanceOf(object))) return false;
    const { kind, name, namespace } = object.ref;
    const text = [kind, name, namespace ?? "", ...object.fields.map((field) => field.path)].join("\n").toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** What people feel of it. */
const IMPACT: Readonly<Record<NonNullable<PlanObject["impact"]>["level"], string>> = {
  none: "",
  in_place: "",
  restart: "Restarts pods",
  recreate: "Deleted and created again",
  downtime: "Downtime",
  data: "Data is lost",
  unknown: "What it does to the pods is not known",
};

/** What its change does, in sentences: "Restarts 3 pods. …"; empty where nothing happens to it. */
export function sayEffect(object: Pick<PlanObject, "effect" | "error" | "impact" | "reason">): string {
  const stance = stanceOf(object);
  if (stance === "unchanged" || stance === "conflict") return "";
  if (stance === "held" || stance === "returned") return sentence(object.reason);
  const { impact } = object;
  const why = saysWhyInShort(object) ? object.reason : "";
  if (impact?.level === "restart") {
    const felt = impact.pods === null ? IMPACT.restart : `Restarts ${plural(impact.pods, "pod")}`;
    return [why, impact.reason ? `${felt}: ${impact.reason}` : felt].map(sentence).filter(Boolean).join(" ");
  }
  return [why, impact ? IMPACT[impact.level] : "", impact?.reason ?? ""].map(sentence).filter(Boolean).join(" ");
}

/** Whether the reason belongs to the short words of an object: of what is made or goes it may be that it was renamed. */
export function saysWhyInShort({ effect, error, reason }: Pick<PlanObject, "effect" | "error" | "reason">): boolean {
  return (effect === "create" || effect === "delete") && reason !== "" && reason !== error?.detail;
}

/** "takes over 1 field, leaves 2 to others, adopts 1": what was chosen for fields that others manage. */
export function sayChoices(choices: Plan["choices"]): string {
  const counts = { take: 0, yield: 0, share: 0 };
  for (const { choice } of choices) counts[choice] += 1;
  const said = [
    counts.take > 0 && `takes over ${plural(counts.take, "field")}`,
    counts.yield > 0 && `leaves ${plural(counts.yield, "field")} to others`,
    counts.share > 0 && `adopts ${plural(counts.share, "field")}`,
  ];
  return said.filter(Boolean).join(", ");
}

/** The code of an object that is there and somebody else's. */
export const FOREIGN = "object.foreign";

/** What has to be decided or changed before it can run, whoever approves it; null where nothing has to. */
export function planUndecided({ objects }: Pick<Plan, "objects">): string | null {
  const stances = new Set(objects.map(stanceOf));
  if (objects.some(({ error }) => error?.code === FOREIGN))
    return "Objects of it are there already and are not this workflow's. Take them over, or rename their nodes.";
  if (stances.has("conflict")) return "Other managers hold fields of it. Choose what becomes of them first.";
  return stances.has("refused") ? "The cluster would refuse an object. Change the workflow." : null;
}

type Judged = Pick<Plan, "still_true" | "objects" | "approval">;

/** Why a run of it would fail or is not offered; null when it can be run. */
export function planHindrance({ still_true, objects, approval }: Judged): string | null {
  if (!still_true) return "The cluster has changed since. Plan again.";
  const undecided = planUndecided({ objects });
  if (undecided !== null) return undecided;
  if (!approval.required || approval.state === "approved") return null;
  if (approval.state === "withdrawn") return "This plan was withdrawn. Ask for its approval again, or plan anew.";
  return approval.state === "refused"
    ? "This plan was refused. Change the workflow and plan again."
    : "The environment is protected. Another person has to approve this plan first.";
}

/** One object among all: the same in every plan of an environment. */
export function refKey({ api_version, kind, namespace, name }: PlanObject["ref"]): string {
  return `${api_version}/${kind}/${namespace ?? ""}/${name}`;
}
