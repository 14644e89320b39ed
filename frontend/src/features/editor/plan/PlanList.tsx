import { useState } from "react";
import type { Plan, PlanObject } from "@/contract";
import { cardIdOf } from "@/model/markedGraph";
import { filterPlan, planBands, refKey, type PlanStance } from "@/model/planWords";
import { Button, SearchInput, SidePanel } from "@/ui";
import { DiffChoice, useDiffMode } from "../changes/DiffChoice";
import type { DiffMode } from "../changes/FieldDiff";
import { useView } from "../state/session";
import { Fold } from "./Fold";
import { PlanRow } from "./PlanRow";
import { UndoList } from "./UndoList";

/** Rows at a time; with their fields they are large. */
const ROWS = 100;

const BANDS = [
  ["acting", "What changes"],
  ["held", "What stays behind"],
  ["bookkeeping", "Bookkeeping only"],
  ["untouched", "Unchanged"],
] as const;

interface PlanListProps {
  readonly plan: Plan;
  readonly stances: ReadonlySet<PlanStance>;
}

/**
 * Every object of a plan: what acts, what stays behind, what is only bookkeeping, what is untouched; each with its count,
 * and how all of it is taken back.
 */
export function PlanList({ plan, stances }: PlanListProps) {
  const [query, setQuery] = useState("");
  const [mode, chooseMode] = useDiffMode();
  const found = filterPlan(plan.objects, { query, stances });
  const bands = planBands(found);
  const isFiltered = found.length < plan.objects.length;
  return (
    <SidePanel
      name="editor.plan"
      title="Plan"
      min={340}
      max={1100}
      initial={440}
      actions={<DiffChoice mode={mode} onChange={chooseMode} />}
    >
      <div className="sticky top-0 z-10 border-b border-line bg-surface px-4 py-2">
        <SearchInput label="Find an object or a field" value={query} onChange={setQuery} />
        {isFiltered && (
          <p role="status" className="mt-1 text-12 text-muted">
            {found.length} of {plan.objects.length} objects
          </p>
        )}
      </div>
      {BANDS.map(([band, title]) => (
        <Band
          key={band}
          title={title}
          objects={bands[band]}
          mode={mode}
          startsOpen={band === "acting" || band === "held"}
          isFiltered={isFiltered}
        />
      ))}
      {!isFiltered && <UndoList undo={plan.undo} />}
    </SidePanel>
  );
}

interface BandProps {
  readonly title: string;
  readonly objects: readonly PlanObject[];
  readonly mode: DiffMode;
  readonly startsOpen: boolean;
  /** What was looked for is shown, wherever it is. */
  readonly isFiltered: boolean;
}

function Band({ title, objects, mode, startsOpen, isFiltered }: BandProps) {
  const [toggled, setToggled] = useState<boolean | null>(null);
  const [most, setMost] = useState(ROWS);
  const hasSelected = useView(({ selectedNodes }) => {
    const [only] = selectedNodes;
    return selectedNodes.length === 1 && objects.some((object) => cardIdOf(object) === only);
  });
  if (objects.length === 0) return null;
  const open = toggled ?? (startsOpen || isFiltered || hasSelected);
  const left = objects.length - most;
  return (
    <Fold
      title={title}
      count={objects.length}
      open={open}
      onToggle={setToggled}
      more={
        left > 0 && (
          <div className="border-b border-line p-2 text-center">
            <Button size="sm" onClick={() => setMost(most + ROWS)}>
              Show {Math.min(ROWS, left)} more of {left}
            </Button>
          </div>
        )
      }
    >
      {objects.slice(0, most).map((object) => (
        <PlanRow key={refKey(object.ref)} object={object} mode={mode} />
      ))}
    </Fold>
  );
}
