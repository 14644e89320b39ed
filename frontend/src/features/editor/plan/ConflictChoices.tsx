import { useMutation } from "@tanstack/react-query";
import { Hand } from "lucide-react";
import { useState } from "react";
import { asProblem, settleDrift, type DriftChoice } from "@/api";
import type { Plan, PlanObject } from "@/contract";
import { FIELD_CHOICES } from "@/model/fieldChoices";
import { refKey } from "@/model/planWords";
import { plural, sentence } from "@/model/words";
import { ObjectLine } from "@/product";
import { Button, FormDialog, Segmented } from "@/ui";
import { changingGraph } from "../drift/useDrift";
import { useDocument, useEditor } from "../state/session";
import type { Planning } from "./usePlan";

interface Conflict {
  readonly key: string;
  readonly ref: PlanObject["ref"];
  readonly path: string;
  readonly manager: string;
}

/** So many are asked about at a time; planning again shows the others. Taking is for all that are left, so it waits. */
const ASKED = 50;
const CHOICES = (["take", "yield", "share"] as const).map((value) => ({
  value,
  label: FIELD_CHOICES[value].planned,
}));

/** Fields that other managers hold with other values: what becomes of each is chosen, and then it is planned again. */
export function ConflictChoices({ plan, planning }: { plan: Plan; planning: Planning }) {
  const readOnly = useDocument((state) => state.readOnly);
  const [open, setOpen] = useState(false);
  const conflicts = conflictsOf(plan);
  if (conflicts.length === 0 || readOnly) return null;
  return (
    <div className="flex shrink-0 items-center gap-2 border-b border-line bg-bad-soft px-3 py-1.5 text-12">
      <Hand size={14} className="shrink-0 text-bad" aria-hidden />
      <span className="min-w-0 flex-1">
        {plural(conflicts.length, "field is", "fields are")} managed by others with another value. A run would stop
        there.
      </span>
      <Button size="sm" onClick={() => setOpen(true)}>
        Choose what becomes of {conflicts.length === 1 ? "it" : "them"}…
      </Button>
      {open && <ChoiceDialog plan={plan} planning={planning} conflicts={conflicts} onClose={() => setOpen(false)} />}
    </div>
  );
}

function conflictsOf(plan: Plan): Conflict[] {
  return plan.objects.flatMap(({ ref, conflicts }) =>
    conflicts.flatMap(({ path, manager }) =>
      // An object that is wholly somebody else's cannot be shared; its row says so.
      path === "" ? [] : [{ key: `${refKey(ref)} ${path}`, ref, path, manager }],
    ),
  );
}

interface ChoiceDialogProps {
  readonly plan: Plan;
  readonly planning: Planning;
  readonly conflicts: readonly Conflict[];
  readonly onClose: () => void;
}

function ChoiceDialog({ plan, planning, conflicts, onClose }: ChoiceDialogProps) {
  const session = useEditor();
  const asked = conflicts.slice(0, ASKED);
  const [chosen, setChosen] = useState<Readonly<Record<string, DriftChoice>>>({});
  const choiceOf = ({ key }: Conflict): DriftChoice | null => chosen[key] ?? null;
  const settle = useMutation({
    mutationFn: async () => {
      for (const conflict of asked) {
        const choice = choiceOf(conflict);
        const decide = () => settleDrift(plan.environment.id, conflict.ref, conflict.path, choice ?? "take");
        if (choice === "share") await changingGraph(session, decide);
        if (choice === "yield") await decide();
      }
    },
    onSuccess: () => {
      const choices = asked.map(choiceOf);
      onClose();
      planning.choose(plan, { take: choices.includes("take"), share: choices.includes("share") });
    },
  });
  const isReady = asked.every((conflict) => choiceOf(conflict) !== null);
  return (
    <FormDialog
      size="lg"
      title="Fields that others manage"
      description="Choose for each field. Then it is planned again, and nothing runs before you say so."
      submit="Plan with these choices"
      busy={settle.isPending}
      disabled={!isReady}
      onSubmit={() => isReady && settle.mutate()}
      onClose={onClose}
      failure={
        settle.isError && { title: "A choice could not be made", reason: sentence(asProblem(settle.error).detail) }
      }
    >
      <ul className="flex flex-col gap-3">
        {asked.map((conflict) => {
          const choice = choiceOf(conflict);
          return (
            <li key={conflict.key} className="flex flex-col gap-1.5 rounded border border-line px-3 py-2">
              <p className="text-13">
                <ObjectLine
                  of={conflict.ref}
                  note={
                    <>
                      managed by <span className="font-mono">{conflict.manager}</span>
                    </>
                  }
                />
              </p>
              <p className="font-mono text-12 break-all">{conflict.path}</p>
              <Segmented
                label={`What becomes of ${conflict.path} of ${conflict.ref.name}`}
                value={choice ?? ("" as DriftChoice)}
                onChange={(next) => setChosen({ ...chosen, [conflict.key]: next })}
                options={conflicts.length > ASKED ? CHOICES.filter(({ value }) => value !== "take") : CHOICES}
              />
              <p className="min-h-4 text-12 text-muted">{choice && FIELD_CHOICES[choice].plannedEffect}</p>
            </li>
          );
        })}
      </ul>
      {conflicts.length > ASKED && (
        <p className="text-12 text-muted">{conflicts.length - ASKED} more are asked about once these are planned.</p>
      )}
    </FormDialog>
  );
}
