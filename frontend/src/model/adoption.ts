/** A plan that takes over objects which are there already, in words. */
import type { Plan, PlanObject } from "@/contract";
import { FOREIGN } from "./planWords";
import { plural, sentence } from "./words";

const OURS =
  /^metadata\.(labels|annotations)(\.app$|\[(app|app\.kubernetes\.io\/(name|managed-by)|kubeorch\.dev\/.+)\]$)/;

/** Whether only labels of KubeOrch would change. */
export const staysAsItIs = ({ fields, field_counts: counts, error }: PlanObject): boolean =>
  error === null &&
  fields.filter(({ band }) => band === "acts").every(({ path }) => OURS.test(path)) &&
  fields.filter(({ band }) => band === "acts").length === counts.acts;

/** Objects that are there and no environment's, in a plan that takes none over. */
export const takeableOf = ({ objects, options }: Pick<Plan, "objects" | "options">): readonly PlanObject[] =>
  options.adopt
    ? []
    : objects.filter(({ error }) => error?.code === FOREIGN && !error.detail.includes("another environment"));

/** "Taken over from kubectl apply, 12 fields. Argo CD stays an owner.": who has an object before it is taken over. */
export function sayAdopts({ moves }: NonNullable<PlanObject["adopts"]>): string {
  const [givers, stay] = [moves.filter(({ leaves }) => leaves), moves.filter(({ leaves }) => !leaves)];
  const from = givers.map(({ name, count }) => `${name}, ${plural(count, "field")}`).join("; ");
  const said = [from ? `taken over from ${from}` : "taken over; nobody manages fields of it"];
  if (stay.length > 0) said.push(`${stay.map(({ name }) => name).join(" and ")} stays an owner beside KubeOrch`);
  return said.map(sentence).join(" ");
}

export interface Adoption {
  /** Objects that the run takes over. */
  readonly taken: readonly PlanObject[];
  /** Those of them that would change beside our labels. */
  readonly changing: readonly PlanObject[];
  /** Those that cannot be taken over as they are: others hold fields of them with other values, or it is refused. */
  readonly stopped: readonly PlanObject[];
  /** Drawn objects that are not taken over: new ones, and those of others. */
  readonly others: readonly PlanObject[];
}

export function adoptionOf({ objects }: Pick<Plan, "objects">): Adoption {
  const taken = objects.filter(({ adopts }) => adopts !== null);
  const others = objects.filter(({ adopts, effect }) => adopts === null && effect !== "unchanged");
  const stopped = taken.filter(({ error }) => error !== null);
  return { taken, changing: taken.filter((one) => !stopped.includes(one) && !staysAsItIs(one)), stopped, others };
}

export interface ManagerMoves {
  readonly name: string;
  readonly leaves: boolean;
  readonly repeats: boolean;
  /** Fields that change hands, by object. */
  readonly objects: readonly {
    readonly object: PlanObject;
    readonly fields: readonly string[];
    readonly count: number;
  }[];
  readonly count: number;
}

/** Who has what of the objects that are taken over; those who give most first, and last those who stay. */
export function movesOf(taken: readonly PlanObject[]): ManagerMoves[] {
  const found = new Map<string, ManagerMoves>();
  for (const object of taken)
    for (const { name, leaves, repeats, fields, count } of object.adopts?.moves ?? []) {
      if (leaves && count === 0) continue; // an entry without fields goes, and nothing changes hands
      const had = found.get(name);
      const objects = [...(had?.objects ?? []), { object, fields, count }];
      found.set(name, { name, leaves, repeats, objects, count: (had?.count ?? 0) + count });
    }
  return [...found.values()].toSorted((a, b) => Number(b.leaves) - Number(a.leaves) || b.count - a.count);
}
