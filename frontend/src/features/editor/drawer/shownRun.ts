/** Which run the drawer shows, its tab and its body alike. */
import type { Run } from "@/contract";
import { useLiveRun } from "@/product";
import { useRunLive } from "../live";
import { useView } from "../state/session";

type Numbered = Pick<Run, "id" | "number">;

interface Known<R extends Numbered> {
  /** The run of the environment whose turn came last. */
  readonly newest: R | undefined;
  /** What this person started last. */
  readonly startedId: string | null;
  /** The same, once it is known. */
  readonly started: R | undefined;
  readonly chosenId: string | null;
}

/** The run that the person chose; else the one they started, until a later one has its turn; else the newest. */
export function shownRunId<R extends Numbered>({ newest, startedId, started, chosenId }: Known<R>): string | null {
  if (chosenId !== null) return chosenId;
  if (startedId === null || (newest && started && newest.number >= started.number)) return newest?.id ?? null;
  return startedId;
}

export interface ShownRun {
  /** Null where the environment has no run. */
  readonly id: string | null;
  /** Undefined until it is loaded. */
  readonly run: Run | undefined;
  /** A later run, where the person looks at an earlier one. */
  readonly newer: Run | undefined;
}

export function useShownRun(): ShownRun {
  const newest = useRunLive();
  const startedId = useView((state) => state.runId);
  const chosen = useView((state) => state.chosenRun);
  const chosenId = chosen && chosen.instead === startedId ? chosen.id : null;
  const started = useLiveRun(startedId ?? "").run;
  const id = shownRunId<Run>({ newest, startedId, started, chosenId });
  const loaded = useLiveRun(id === startedId || id === newest?.id ? "" : (id ?? "")).run;
  const run = id === newest?.id ? newest : id === startedId ? started : loaded;
  return { id, run, newer: newest && run && newest.number > run.number ? newest : undefined };
}
