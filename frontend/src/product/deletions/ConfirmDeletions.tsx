import { plural } from "@/model/words";
import { Checkbox, ConfirmDialog, ErrorState } from "@/ui";
import { ObjectLine } from "../ObjectLine";
import type { DeletionsAsked } from "./asked";

export interface ConfirmDeletionsProps {
  asked: DeletionsAsked;
  /** Name of the environment: "prod". */
  environment: string;
  /** What starts: "Run" or "Retry". */
  verb?: string;
  busy?: boolean;
  /** Why the confirmed run was refused. */
  error?: string | null;
  /** Asks whether data goes too; null where that cannot be chosen. */
  data?: { readonly checked: boolean; readonly onChange: (checked: boolean) => void } | null;
  /** `count` goes to the server as `confirm_deletions`. */
  onConfirm: (count: number) => void;
  onClose: () => void;
}

/** Asks before a run deletes objects: which ones, what stays in the cluster, and why. Typed where data may be lost. */
export function ConfirmDeletions({
  asked,
  environment,
  verb = "Run",
  busy,
  error,
  data = null,
  onConfirm,
  onClose,
}: ConfirmDeletionsProps) {
  const { deletions, kept } = asked;
  const count = deletions.length;
  const holding = [...deletions, ...kept].filter((each) => each.holds_data);
  const losesData = deletions.some((each) => each.holds_data);
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      tone={count === 0 ? "primary" : "danger"}
      title={
        count === 0
          ? `Keep ${holding.map(({ ref }) => ref.name).join(", ")} in ${environment}?`
          : `Delete ${plural(count, "object")} in ${environment}?`
      }
      description={
        count === 0
          ? "No longer in the workflow, and kept for the data. Everything else is applied."
          : `${count === 1 ? "It is" : "They are"} no longer in the workflow. Everything else is applied.${
              asked.above
                ? ` That is more than the ${asked.budget ?? 0} that may go without this question. Type how many are deleted.`
                : ""
            }`
      }
      confirmLabel={
        count === 0
          ? `Keep the data and ${verb.toLowerCase()}`
          : `Delete ${plural(count, "object")} and ${verb.toLowerCase()}`
      }
      busy={busy}
      onConfirm={() => onConfirm(count)}
      typeToConfirm={losesData ? environment : asked.above ? String(count) : undefined}
      removed={deletions.map(({ ref, holds_data }) => (
        <ObjectLine key={keyOf(ref)} of={ref} note={holds_data ? "with its data" : undefined} bad={holds_data} />
      ))}
      kept={kept.map(({ ref, reason }) => (
        <ObjectLine key={keyOf(ref)} of={ref} note={reason} />
      ))}
      children={
        data && (
          <Checkbox
            checked={data.checked}
            onChange={data.onChange}
            disabled={busy}
            label={`Delete the data too (${holding.map(({ ref }) => ref.name).join(", ")})`}
            help="Volumes and what is on them cannot be restored."
          />
        )
      }
      error={error && <ErrorState inline title="The run was not started" reason={error} />}
    />
  );
}

const keyOf = (ref: { kind: string; namespace: string | null; name: string }) =>
  `${ref.kind}/${ref.namespace ?? ""}/${ref.name}`;
