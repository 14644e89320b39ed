import type { Trigger } from "@/contract";
import { Checkbox, Field, Segmented } from "@/ui";

export type WhatValue = Pick<Trigger, "deploys" | "may_delete">;

const DEPLOYS = [
  { value: "deployed" as const, label: "What a person deployed" },
  { value: "saved" as const, label: "The saved graph" },
];
const EFFECT = {
  deployed: "The newest version that a person has deployed here: what is being drawn is left alone.",
  saved: "The graph as it is saved at that time, also while somebody edits it.",
} as const;

/** What the runs of a trigger deploy, and whether they may delete. */
export function WhatFields({ value, onChange }: { value: WhatValue; onChange: (value: WhatValue) => void }) {
  return (
    <>
      <Field label="Deploys" help={EFFECT[value.deploys]}>
        <div>
          <Segmented
            label="What it deploys"
            value={value.deploys}
            onChange={(deploys) => onChange({ ...value, deploys })}
            options={DEPLOYS}
          />
        </div>
      </Field>
      <Checkbox
        checked={value.may_delete}
        onChange={(may_delete) => onChange({ ...value, may_delete })}
        label="May delete objects"
        help="Within the deletion budget. Otherwise a run that would delete anything is held for a person."
      />
    </>
  );
}
