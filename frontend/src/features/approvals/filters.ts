import type { PlanDecision } from "@/contract";

/** Waiting, approved and to be run, or decided. */
export type Show = "" | "run" | "decided";

/** What the page's address says. */
export interface Filters {
  readonly show: Show;
  readonly q: string;
  readonly team: string;
  readonly environment: string;
  /** "me": only what waits for the person, or plans of theirs. */
  readonly whose: string;
  readonly state: PlanDecision["state"] | "";
  readonly sort: string;
}

export interface ListProps {
  readonly filters: Filters;
  readonly onClear: () => void;
  /** null: as it is sorted by itself. */
  readonly onSort: (sort: string | null) => void;
}

export const isFiltered = ({ q, team, environment, whose, state }: Filters): boolean =>
  [q, team, environment, whose, state].some((one) => one !== "");

/** The part of the question that all lists share. */
export const asked = ({ q, team, environment }: Filters) => ({
  q: q || undefined,
  team: team || undefined,
  environment: environment || undefined,
});
