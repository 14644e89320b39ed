import { plural } from "@/model/words";
import { ConfirmDialog, ErrorState } from "@/ui";
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
  onConfirm,
  onClose,
}: ConfirmDeletionsProps) {
  const { deletions, kept } = asked;
  const count = deletions.length;
  const losesData = deletions.some((each) => each.holds_data);
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Delete ${plural(count, "object")} in ${environment}?`}
      description="They are no longer in the workflow. Everything else is applied."
      confirmLabel={`Delete ${plural(count, "object")} and ${verb.toLowerCase()}`}
      busy={busy}
      onConfirm={() => onConfirm(count)}
      typeToConfirm={losesData ? environment : undefined}
      removed={deletions.map(({ ref, holds_data }) => (
        <ObjectLine key={keyOf(ref)} of={ref} note={holds_data ? "with its data" : undefined} bad={holds_data} />
      ))}
      kept={kept.map(({ ref, reason }) => (
        <ObjectLine key={keyOf(ref)} of={ref} note={reason} />
      ))}
      error={error && <ErrorState inline title="The run was not started" reason={error} />}
    />
  );
}

const keyOf = (ref: { kind: string; namespace: string | null; name: string }) =>
  `${ref.kind}/${ref.namespace ?? ""}/${ref.name}`;
