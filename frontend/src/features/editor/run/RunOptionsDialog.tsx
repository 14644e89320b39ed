import { Play } from "lucide-react";
import { useState } from "react";
import { Field, FormDialog, Input } from "@/ui";
import type { RunOptions } from "./useRunWorkflow";

const DEFAULT_MIN = 10;
const MOST_MIN = 120;

/** Asks how long a run may wait for its objects. */
export function RunOptionsDialog({
  environment,
  onRun,
  onClose,
}: {
  environment: string;
  onRun: (options: RunOptions) => void;
  onClose: () => void;
}) {
  const [minutes, setMinutes] = useState(String(DEFAULT_MIN));
  const given = Number(minutes.replace(",", "."));
  const fits = minutes.trim() !== "" && given * 60 >= 5 && given <= MOST_MIN;
  return (
    <FormDialog
      title={`Run in ${environment}`}
      size="sm"
      submit={`Run in ${environment}`}
      icon={<Play size={14} aria-hidden />}
      disabled={!fits}
      onSubmit={() => fits && onRun({ deadline_s: Math.round(given * 60) })}
      onClose={onClose}
    >
      <Field
        label="Give up after (minutes)"
        help="How long the objects may take to become healthy, counted from when all are applied. After that the run has failed, and is rolled back where the environment asks for it. What does not pass by itself, such as an image that does not exist, is given up earlier."
        error={fits ? undefined : `Between 5 seconds (0.1) and ${MOST_MIN} minutes.`}
      >
        <Input autoFocus inputMode="decimal" value={minutes} onChange={(event) => setMinutes(event.target.value)} />
      </Field>
    </FormDialog>
  );
}
