import { Undo2 } from "lucide-react";
import { useState } from "react";
import { Link, useNavigate } from "react-router";
import { asProblem } from "@/api";
import type { DriftRow } from "@/contract";
import { MAKE_AGAIN, MISSING } from "@/model/driftWords";
import { STAYS_A_MANAGER } from "@/model/fieldChoices";
import { covers, roleIn } from "@/model/roles";
import { plural, sentence } from "@/model/words";
import {
  AddedNote,
  ContestNote,
  HealingNote,
  ProtectedNote,
  useDecide,
  useProtected,
  useSession,
  type DriftDecision,
} from "@/product";
import { Button, ConfirmDialog, ErrorState, Facts, RelativeTime, SidePanel } from "@/ui";
import { DriftField } from "./DriftField";

/** One object that others have changed or deleted: each field, who changed it, and what becomes of it. */
export function DriftPanel({ row, onClose }: { row: DriftRow; onClose: () => void }) {
  const { ref, workflow, environment, contested, fields, reason, healing, added } = row;
  const navigate = useNavigate();
  const user = useSession().data?.user;
  const decide = useDecide({ environmentId: environment.id, onRun: (run) => void navigate(`/runs/${run.id}`) });
  const [asking, setAsking] = useState<"revert" | "adopt" | null>(null);
  const place = { workflowId: workflow.id, environmentId: environment.id };
  const guarded = useProtected(place);
  const mayDecide = covers(roleIn(user, row.team_id), "editor");
  const isMissing = row.state === "missing";
  const carryOut = (decision: DriftDecision) => decide.mutate(decision, { onSuccess: () => setAsking(null) });
  const problem = decide.error ? asProblem(decide.error) : null;
  const refused = problem && (
    <ErrorState inline title="Nothing was changed" reason={problem.besides([])} details={problem.describe()} />
  );
  return (
    <SidePanel name="drift" title={ref.name} subtitle={ref.kind} onClose={onClose} min={340} max={640} initial={480}>
      <div className="flex flex-col gap-4 p-4">
        {mayDecide && (fields.length > 0 || isMissing) && (
          <div className="flex flex-wrap gap-2">
            {guarded === null && (
              <Button
                tone="primary"
                size="sm"
                icon={<Undo2 size={14} aria-hidden />}
                disabled={decide.isPending}
                onClick={() => setAsking("revert")}
              >
                {isMissing ? MAKE_AGAIN : "Revert"}…
              </Button>
            )}
            {!isMissing && (
              <Button size="sm" disabled={decide.isPending} onClick={() => setAsking("adopt")}>
                Adopt into the workflow…
              </Button>
            )}
          </div>
        )}
        {mayDecide && guarded !== null && <ProtectedNote name={guarded} {...place} />}
        {asking === null && refused}
        {isMissing && <p className="text-13">{MISSING}</p>}
        {reason && <ErrorState inline title="Not known" reason={sentence(reason)} />}
        {contested && <ContestNote contested={contested} />}
        {healing && <HealingNote healing={healing} />}
        {fields.length > 0 && (
          <section>
            <h3 className="mb-1 text-12 font-medium text-muted">{plural(fields.length, "field")}</h3>
            <ul aria-label="Fields" className="rounded border border-line bg-surface">
              {fields.map((field) => (
                <DriftField
                  key={field.path}
                  field={field}
                  busy={decide.isPending}
                  guarded={guarded !== null}
                  onDecide={mayDecide ? (choice) => carryOut({ type: "settle", ref, path: field.path, choice }) : null}
                />
              ))}
            </ul>
          </section>
        )}
        <AddedNote added={added} />
        <Facts
          rows={[
            ["Workflow", workflow.name],
            ["Environment", environment.name],
            Boolean(ref.namespace) && [
              "Namespace",
              <span key="namespace" className="font-mono text-12 break-all">
                {ref.namespace}
              </span>,
            ],
            ["Since", <RelativeTime key="since" at={row.since} />],
            row.as_of !== null && ["As of", <RelativeTime key="as-of" at={row.as_of} />],
          ]}
        />
        <Link
          to={`/workflows/${workflow.id}?environment=${environment.id}&node=${encodeURIComponent(row.node_id)}`}
          className="w-fit rounded-sm text-13 font-medium text-accent-text hover:underline"
        >
          Show on the canvas
        </Link>
      </div>
      {asking && (
        <ConfirmDialog
          open
          onOpenChange={(open) => !open && setAsking(null)}
          tone="primary"
          title={
            asking === "adopt"
              ? `Adopt the values of ${ref.name}`
              : `${isMissing ? MAKE_AGAIN : "Revert"} ${ref.name} in ${environment.name}`
          }
          description={
            asking === "adopt"
              ? `The values of the cluster go into the graph of ${workflow.name}. Nothing is applied now. ${STAYS_A_MANAGER}`
              : isMissing
                ? `A run makes ${ref.kind} ${ref.name} as it was applied last.`
                : `A run applies ${ref.kind} ${ref.name} as it was applied last, and takes its fields from whoever holds them.`
          }
          confirmLabel={asking === "adopt" ? "Adopt" : isMissing ? MAKE_AGAIN : "Revert"}
          busy={decide.isPending}
          onConfirm={() => carryOut({ type: asking, ref })}
          error={refused}
        >
          {fields.length > 0 && (
            <ul className="max-h-56 overflow-y-auto rounded border border-line bg-sunken">
              {fields.map((field) => (
                <DriftField key={field.path} field={field} isBack={asking === "revert"} busy onDecide={null} />
              ))}
            </ul>
          )}
        </ConfirmDialog>
      )}
    </SidePanel>
  );
}
