/** A plan that takes over objects which are there already, in words. */
import type { Plan, PlanObject } from "@/contract";

const OURS =
  /^metadata\.(labels|annotations)(\.app$|\[(app|app\.kubernetes\.io\/(name|managed-by)|kubeorch\.dev\/.+)\]$)/;

/** Whether only labels of KubeOrch would change. */
export const staysAsItIs = ({ fields, field_counts: counts, error }: PlanObject): boolean =>
  error === null &&
  fields.filter(({ band }) => band === "acts").every(({ path }) => OURS.test(path)) &&
  fields.filter(({ band }) => band === "acts").length === counts.acts;

export interface Adoption {
  /** Objects that the run takes over. */
  readonly taken: readonly PlanObject[];
  /** Those of them that would change beside our labels. */
  readonly changing: readonly PlanObject[];
  /** Drawn objects that are not taken over: new ones, and those of others. */
  readonly others: readonly PlanObject[];
}

export function adoptionOf({ objects }: Pick<Plan, "objects">): Adoption {
  const taken = objects.filter(({ adopts }) => adopts !== null);
  const others = objects.filter(({ adopts, effect }) => adopts === null && effect !== "unchanged");
  return { taken, changing: taken.filter((one) => !staysAsItIs(one)), others };
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
      const had = found.get(name);
      const objects = [...(had?.objects ?? []), { object, fields, count }];
      found.set(name, { name, leaves, repeats, objects, count: (had?.count ?? 0) + count });
    }
  return [...found.values()].toSorted((a, b) => Number(b.leaves) - Number(a.leaves) || b.count - a.count);
}
