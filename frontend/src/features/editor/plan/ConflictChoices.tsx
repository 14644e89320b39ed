import { Hand } from "lucide-react";
import { Fragment, useState } from "react";
import type { DriftChoice } from "@/api";
import type { Plan, PlanObject } from "@/contract";
import { FIELD_CHOICES } from "@/model/fieldChoices";
import { refKey } from "@/model/planWords";
import { plural } from "@/model/words";
import { ObjectLine, valueText } from "@/product";
import { Button, FormDialog, Segmented } from "@/ui";
import { useDocument } from "../state/session";
import type { Planning } from "./usePlan";

interface Conflict {
  readonly key: string;
  readonly ref: PlanObject["ref"];
  readonly path: string;
  readonly manager: string;
  /** Null where the plan does not list the field. */
  readonly values: { readonly live: unknown; readonly drawn: unknown } | null;
}

/** So many are asked about at a time; planning again shows the others. */
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
  return plan.objects.flatMap(({ ref, conflicts, fields }) =>
    conflicts.flatMap(({ path, manager }) => {
      // An object that is wholly somebody else's cannot be shared; its row says so.
      if (path === "") return [];
      const field = fields.find((each) => each.path === path);
      const values = field ? { live: field.before, drawn: field.after } : null;
      return [{ key: `${refKey(ref)} ${path}`, ref, path, manager, values }];
    }),
  );
}

interface ChoiceDialogProps {
  readonly plan: Plan;
  readonly planning: Planning;
  readonly conflicts: readonly Conflict[];
  readonly onClose: () => void;
}

/** The three choices, explained; then each field with both of its values, and what it will be. */
function ChoiceDialog({ plan, planning, conflicts, onClose }: ChoiceDialogProps) {
  const asked = conflicts.slice(0, ASKED);
  const [chosen, setChosen] = useState<Readonly<Record<string, DriftChoice>>>({});
  const choices = asked.flatMap(({ key, ref, path }) => {
    const choice = chosen[key];
    return choice === undefined ? [] : [{ ref, path, choice }];
  });
  const isReady = choices.length === asked.length;
  const ofAll = new Set(choices.map(({ choice }) => choice));
  return (
    <FormDialog
      size="lg"
      title="Fields that others manage"
      description="Choose for each field. Then it is planned again: nothing is decided, and nothing runs, before you run that plan."
      submit="Plan with these choices"
      busy={false}
      disabled={!isReady}
      onSubmit={() => {
        if (!isReady) return;
        onClose();
        planning.choose(plan, choices);
      }}
      onClose={onClose}
    >
      <dl className="grid gap-x-3 gap-y-1 rounded bg-sunken px-3 py-2 text-12 sm:grid-cols-[max-content_1fr]">
        {CHOICES.map(({ value, label }) => (
          <Fragment key={value}>
            <dt className="font-medium">{label}</dt>
            <dd className="text-muted max-sm:mb-1.5">{FIELD_CHOICES[value].plannedEffect}</dd>
          </Fragment>
        ))}
      </dl>
      {asked.length > 1 && (
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1.5 px-3 text-12">
          <span className="text-muted">All {asked.length} fields</span>
          <Segmented
            label="What becomes of all fields"
            value={isReady && ofAll.size === 1 ? [...ofAll][0]! : ("" as DriftChoice)}
            onChange={(next) => setChosen(Object.fromEntries(asked.map(({ key }) => [key, next])))}
            options={CHOICES}
          />
        </div>
      )}
      <ul className="flex flex-col gap-2">
        {asked.map((conflict) => (
          <ChoiceRow
            key={conflict.key}
            conflict={conflict}
            choice={chosen[conflict.key] ?? null}
            onChoose={(next) => setChosen({ ...chosen, [conflict.key]: next })}
          />
        ))}
      </ul>
      {conflicts.length > ASKED && (
        <p className="text-12 text-muted">{conflicts.length - ASKED} more are asked about once these are planned.</p>
      )}
    </FormDialog>
  );
}

interface ChoiceRowProps {
  readonly conflict: Conflict;
  readonly choice: DriftChoice | null;
  readonly onChoose: (choice: DriftChoice) => void;
}

function ChoiceRow({ conflict: { ref, path, manager, values }, choice, onChoose }: ChoiceRowProps) {
  const chosen = values && choice && (choice === "take" ? values.drawn : values.live);
  return (
    <li className="flex flex-col gap-1.5 rounded border border-line px-3 py-2">
      <p className="text-13">
        <ObjectLine
          of={ref}
          note={
            <>
              managed by <span className="font-mono">{manager}</span>
            </>
          }
        />
      </p>
      <p className="font-mono text-12 break-all">{path}</p>
      {values && (
        <dl className="grid grid-cols-[max-content_1fr] gap-x-3 text-12">
          <dt className="text-muted">in the cluster</dt>
          <dd className="min-w-0 font-mono wrap-anywhere">{valueText(values.live)}</dd>
          <dt className="text-muted">in the workflow</dt>
          <dd className="min-w-0 font-mono wrap-anywhere">{valueText(values.drawn)}</dd>
        </dl>
      )}
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1.5">
        <Segmented
          label={`What becomes of ${path} of ${ref.name}`}
          value={choice ?? ("" as DriftChoice)}
          onChange={onChoose}
          options={CHOICES}
        />
        {values && choice && (
          <span role="status" className="min-w-0 text-12 text-muted">
            {choice === "take" ? "becomes" : "stays"} <span className="font-mono text-text">{valueText(chosen)}</span>
          </span>
        )}
      </div>
    </li>
  );
}
